"""The lossless JSON form: the very same tree comes back, of every language, places and kinds of numbers included."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.corpus import read_corpus
from rulescope.corpus.macro_libraries import MacroLibraries
from rulescope.errors import InputError
from rulescope.hunt.bound_rule import read_query
from rulescope.ir.lossless import FORMAT, VERSION, read_tree, tree_json
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Source, Span

PROJECT = Path(__file__).resolve().parents[2]
FIRST_VERSION = Path(__file__).with_name("tree_version_1.json")
"""A document of the first version, of a search whose stages left out the most words."""


def differences(first: object, second: object) -> Iterator[str]:
    """Where two trees differ in any class, part, place, kind of number or text; nothing recurses."""
    waiting: list[tuple[object, object, str]] = [(first, second, "")]
    while waiting:
        one, other, place = waiting.pop()
        if type(one) is not type(other):
            yield f"{place}: {type(one).__name__} became {type(other).__name__}"
        elif isinstance(one, tuple):
            assert isinstance(other, tuple)
            if len(one) != len(other):
                yield f"{place}: {len(one)} became {len(other)}"
            waiting.extend((*pair, f"{place}[{number}]") for number, pair in enumerate(zip(one, other, strict=False)))
        elif dataclasses.is_dataclass(one):
            for part in dataclasses.fields(one):
                waiting.append((getattr(one, part.name), getattr(other, part.name), f"{place}.{part.name}"))
        elif repr(one) != repr(other):
            yield f"{place}: {one!r} became {other!r}"


def round_trip(tree: object) -> Any:
    return read_tree(json.loads(json.dumps(tree_json(tree))))


def texts_of_cases() -> Iterator[tuple[str, str]]:
    for language in sorted(LANGUAGES):
        for path in sorted((PROJECT / "conformance" / language).glob("*.toml")):
            for case in tomllib.loads(path.read_text("utf-8")).get("case", []):
                text = next((case[key] for key in ("search", "query", "rule") if isinstance(case.get(key), str)), None)
                if text is not None:
                    yield language, text


def test_every_case_comes_back() -> None:
    read = 0
    for language, text in texts_of_cases():
        parsed = parser_of(language)(Source(text), None)
        assert parsed.pipeline.language == language
        for pipeline in {id(one): one for one in (parsed.pipeline, parsed.expanded)}.values():
            assert not list(differences(pipeline, round_trip(pipeline))), text
        read += 1
    assert read > 1_500


@pytest.mark.slow
@pytest.mark.corpus
def test_every_rule_of_the_corpora_comes_back(shared: Path) -> None:
    corpus = read_corpus([shared / "rules"])
    macros = MacroLibraries(corpus.macros)
    stages_met: Counter[str] = Counter()
    expanded = 0
    for rule in corpus.rules:
        parsed = read_query(rule.source, rule.info.language, macros.of(rule.info.repository), rule.frame)
        trees = {id(one): one for one in (parsed.pipeline, parsed.expanded)}
        for pipeline in trees.values():
            assert not list(differences(pipeline, round_trip(pipeline))), rule.info.path
        stages_met.update({type(stage).__name__ for stage in parsed.expanded.stages})
        expanded += len(trees) > 1
    assert len(corpus.rules) > 10_000
    assert expanded > 1_000
    # Those that only the frame of a rule's file adds.
    assert {"Threshold", "NewTerms", "Suppress", "ThreatMatch"} <= stages_met.keys()


def test_a_document_of_the_first_version_is_still_read() -> None:
    document = json.loads(FIRST_VERSION.read_text("utf-8"))
    assert document["version"] == 1
    parsed = parser_of("spl")(Source(document["search"]), None)
    assert not list(differences(parsed.pipeline, read_tree(document)))


def test_operations_of_the_first_version_have_their_present_names() -> None:
    texts = [["Constant", {"value": "a"}], ["Constant", {"value": "b"}]]
    operation = ["Operation", {"name": "starts_with", "arguments": [{"node": 0}, {"node": 1}]}]
    tree = read_tree({"format": FORMAT, "version": 1, "nodes": [*texts, operation], "root": 2})
    assert tree == ir.Operation("has_start", (ir.Constant("a"), ir.Constant("b")))


def test_what_json_has_no_form_for() -> None:
    for value in (float("inf"), float("-inf"), -0.0, 1.0, 1, True, 2**70, "\ud800", None):
        tree = ir.Test(ir.Constant(value, Span(1, 2)), Span(0, 3))
        assert not list(differences(tree, round_trip(tree))), value
    assert repr(round_trip(ir.Constant(float("nan"))).value) == "nan"


def test_a_chain_of_thousands_comes_back() -> None:
    tree: ir.Expression = ir.FieldReference("a")
    for number in range(20_000):
        tree = ir.Binary("+", tree, ir.Constant(number))
    assert not list(differences(tree, round_trip(tree)))


WRONG = {
    "no object": [],
    "another format": {"format": "x", "version": VERSION, "nodes": [], "root": 0},
    "a later version": {"format": FORMAT, "version": 99, "nodes": [["Uniq", {}]], "root": 0},
    "no version": {"format": FORMAT, "version": True, "nodes": [["Uniq", {}]], "root": 0},
    "no nodes": {"format": FORMAT, "version": VERSION, "nodes": [], "root": 0},
    "a root that is none": {"format": FORMAT, "version": VERSION, "nodes": [["Uniq", {}]], "root": 1},
    "a truth value as root": {"format": FORMAT, "version": VERSION, "nodes": [["Uniq", {}]], "root": False},
    "a class that is none": {"format": FORMAT, "version": VERSION, "nodes": [["Popen", {}]], "root": 0},
    "a part that is none": {"format": FORMAT, "version": VERSION, "nodes": [["Uniq", {"x": 1}]], "root": 0},
    "a part that is missing": {"format": FORMAT, "version": VERSION, "nodes": [["And", {}]], "root": 0},
    "a node behind its own": {
        "format": FORMAT, "version": VERSION, "nodes": [["Not", {"operand": {"node": 1}}], ["Uniq", {}]], "root": 0,
    },
    "a value that is none": {
        "format": FORMAT, "version": VERSION, "nodes": [["Not", {"operand": {"x": 1}}]], "root": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_tree_is_said(what: str) -> None:
    with pytest.raises(InputError) as error:
        read_tree(WRONG[what])
    assert error.value.code == "RSC170"


def test_what_is_no_node_is_not_written() -> None:
    with pytest.raises(TypeError):
        tree_json(ir.Test(ir.Constant(object())))  # type: ignore[arg-type]
