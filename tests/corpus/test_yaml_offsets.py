"""Every character of a YAML value knows its place: over random text in every style, and in samples written by hand."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rulescope.text import Position, Source
from rulescope.text.yaml_document import YamlMapping, YamlScalar, load_yaml, scalar_source

# Pieces that matter to folding, quoting and escapes, and some characters beyond the Basic Multilingual Plane.
_PIECES = st.sampled_from(
    [
        "a",
        "bc ",
        " d",
        "\n",
        "\n\n",
        "  ",
        "'",
        "''",
        '"',
        "\\",
        "\\n",
        "| where x=1",
        "# no",
        ": ",
        "- ",
        "\t",
        "é",
        "😀",
    ]
    + ["`m(1)`", "\\\\", "{", "}", "[", "%", "@", "&amp;", "\x85", "\u2028", "x" * 30]
)
_TEXTS = st.lists(_PIECES, max_size=25).map("".join)
_LINES = st.lists(
    st.sampled_from(["a", "b c", "", "  in", "\tt", "'", '"', "\\", "# x", "😀", "long " * 6]), max_size=8
)


def _source(text: str, key: str = "search") -> Source:
    loaded = load_yaml(text)
    assert loaded.problems == []
    (document,) = loaded.documents
    assert isinstance(document, YamlMapping)
    node = document.entries[key]
    assert isinstance(node, YamlScalar)
    return scalar_source(text, node, "rule.yml")


def _check_every_character(source: Source) -> None:
    """Each character stands at its place as itself, as its escape, or as the break that it is folded from."""
    outer = source.file_text
    places = [source.file_offset(index) for index in range(len(source.text))]
    assert places == sorted(set(places)), "places must grow from character to character"
    for character, place in zip(source.text, places, strict=True):
        there = outer[place]
        if there != character:
            assert (there == "\\") or (there in "\r\n\x85" and character in " \n"), (character, there)


@settings(max_examples=400, deadline=None)
@given(_TEXTS, st.sampled_from([None, "'", '"', "|", ">"]), st.integers(20, 90))
def test_what_pyyaml_writes_is_mapped_character_by_character(text: str, style: str | None, width: int) -> None:
    written = yaml.dump(
        {"id": 1, "search": text, "z": "end"}, default_style=style, width=width, allow_unicode=True, sort_keys=False
    )
    source = _source(written)
    # PyYAML does not get every text back (a lone U+0085 becomes a space), so what it reads is the measure.
    assert source.text == yaml.load(written, Loader=yaml.CSafeLoader)["search"]
    _check_every_character(source)


@settings(max_examples=400, deadline=None)
@given(
    _LINES,
    st.sampled_from(["|", ">"]),
    st.sampled_from(["", "-", "+"]),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
)
def test_block_scalars_of_every_header(
    lines: list[str], style: str, chomping: str, indent: int, explicit: bool, windows: bool
) -> None:
    if not explicit and (not lines or any(line.startswith((" ", "\t")) for line in lines) or not any(lines)):
        explicit = True
    header = f"{style}{indent if explicit else ''}{chomping}  # note"
    text = f"search: {header}\n" + "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines) + "z: end\n"
    if windows:
        text = text.replace("\n", "\r\n")
    expected = yaml.load(text, Loader=yaml.CSafeLoader)["search"]
    source = _source(text)
    assert source.text == expected
    _check_every_character(source)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "b ", " c", "\\x41", "\\u00e9", "\\U0001F600", "\\n", "\\t", "\\\\", '\\"', "\\/"]),
        min_size=1,
    ),
    st.lists(st.sampled_from(["\n  ", "\n\n  ", "\\\n  ", " \n \n\t ", "\\\n\n  ", " "]), min_size=1),
)
def test_double_quoted_text_folded_by_hand(words: list[str], gaps: list[str]) -> None:
    body = "".join(word + gaps[index % len(gaps)] for index, word in enumerate(words))
    text = f'search: "{body}"\nz: end\n'
    source = _source(text)
    assert source.text == yaml.load(text, Loader=yaml.CSafeLoader)["search"]
    _check_every_character(source)


def test_a_single_quoted_query_over_lines() -> None:
    text = "id: 1\nsearch: 'index=a user=''x''\n  | stats count\n\n    by y'\n"
    source = _source(text)
    assert source.text == "index=a user='x' | stats count\nby y"
    assert source.position(0) == Position(2, 10)
    assert source.position(source.text.index("'")) == Position(2, 23), "the first of the two quotes"
    assert source.position(source.text.index("x'")) == Position(2, 25)
    assert source.position(source.text.index(" | stats")) == Position(2, 28), "the space stands for the break"
    assert source.position(source.text.index("|")) == Position(3, 3)
    assert source.position(source.text.index("\n")) == Position(4, 1), "the empty line"
    assert source.position(source.text.index("by")) == Position(5, 5)


def test_a_folded_query() -> None:
    text = "search: >-\n  index=a\n  | stats count\n\n  | where x\n     y\n"
    source = _source(text)
    assert source.text == "index=a | stats count\n| where x\n   y"
    assert source.position(source.text.index("| stats")) == Position(3, 3)
    assert source.position(source.text.index("| where")) == Position(5, 3)
    assert source.position(source.text.index("y")) == Position(6, 6)


def test_a_literal_query_inside_a_list() -> None:
    text = "rules:\n- name: a\n  search: |\n      index=a\n      | head 1\n"
    loaded = load_yaml(text)
    (document,) = loaded.documents
    node = document.entries["rules"].items[0].entries["search"]  # type: ignore[union-attr]
    source = scalar_source(text, node, "rule.yml")  # type: ignore[arg-type]
    assert source.text == "index=a\n| head 1\n"
    assert source.position(source.text.index("head")) == Position(5, 9)


def test_a_plain_query_over_lines() -> None:
    source = _source("search: index=a\n    | head 1\n\n    | tail 2\nz: end\n")
    assert source.text == "index=a | head 1\n| tail 2"
    assert source.position(source.text.index("tail")) == Position(4, 7)


@pytest.mark.corpus
def test_every_query_and_macro_of_the_corpora_is_mapped(shared) -> None:  # type: ignore[no-untyped-def]
    from rulescope.corpus import read_corpus

    corpus = read_corpus([shared / "rules" / "armory", shared / "rules" / "security_content"])
    for rule in corpus.rules:
        _check_every_character(rule.source)
    for macro in corpus.macros:
        assert macro.source is not None
        _check_every_character(macro.source)
