"""The index that the export makes for the browser."""

from __future__ import annotations

import json

import pytest

from rulescope.api.models import SearchDocument
from rulescope.web.search_index import FIELDS, search_files, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Impacket's wmiexec", ["impacket", "s", "impacket's", "wmiexec"]),
        ("\\cmd.exe", ["cmd", "exe", "cmd.exe", "\\cmd.exe"]),
        ("EventCode=1", ["eventcode", "1", "eventcode=1"]),
        ("T1021.002", ["t1021", "002", "t1021.002"]),
        ("<EventID>1<", ["eventid", "1", "<eventid>1<"]),
        ('("quoted",)', ["quoted"]),
        ("&1", ["1", "&1"]),
        ("-k", ["k", "-k"]),
        (" ... ", []),
        ("Größe", ["größe"]),
        ("a" * 100, ["a" * 80]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert list(words_of(text, True)) == expected


def document(**changes: object) -> SearchDocument:
    values: dict[str, object] = {
        "slug": "a", "title": "Title", "description": "It's a \\ 'test'", "identifiers": ("1.2",), "language": "spl",
        "repository": "shop", "parse": "full", "techniques": ("T1033", "Some name"), "tactics": ("Discovery",),
        "events": ("Sysmon 1 Process creation",), "indicators": ("process=(?i)cmd\\.exe",), "terms": ("<EventID>1<",),
        "macros": ("get_data",),
    }  # fmt: skip
    return SearchDocument(**{**values, **changes})  # type: ignore[arg-type]


def received(files: dict[str, bytes], name: str) -> object:
    """What a script hands over, read as a browser would: a string literal, then JSON."""
    text = files[name].decode().partition(",'")[2].removesuffix("');\n")
    return json.loads(text.replace("\\'", "'").replace("\\\\", "\\"))


def test_the_index_has_minisearchs_form() -> None:
    files = dict(search_files([document(), document(slug="b", title="Title title")]))
    assert set(files) == {"search/index-0.js", "search/texts-0.js", "search/rules.js", "search/manifest.js"}
    terms = dict(received(files, "search/index-0.js"))  # type: ignore[call-overload]
    title = str(FIELDS.index("title"))
    values = str(FIELDS.index("values"))
    assert terms["title"] == {title: {"0": 1, "1": 2}}
    assert terms["cmd.exe"] == {values: {"0": 1, "1": 1}}
    assert values in terms["<eventid>1<"]
    rules = received(files, "search/rules.js")
    assert isinstance(rules, dict)
    assert rules["slug"] == ["a", "b"]
    assert rules["techniques"] == [["T1033"], ["T1033"]]
    assert rules["averages"][int(title)] == 1
    texts = received(files, "search/texts-0.js")
    assert isinstance(texts, list)
    assert texts[0]["description"] == "It's a \\ 'test'"


def test_no_rules_make_an_empty_index() -> None:
    files = dict(search_files([]))
    assert set(files) == {"search/rules.js", "search/manifest.js"}
