"""Sentences about stages: each language's own, and no word that only the tree has in any of them."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope import ir
from rulescope.analysis.explanation import explanation
from rulescope.ir.operations import OPERATIONS
from rulescope.ir.walk import walk
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Source

STEP = 4
"""One of so many conformance cases is read."""

TREE_WORDS = "|".join(("searchmatch", "timespan", *(name for name in OPERATIONS if "_" in name)))
INTERNAL = re.compile(rf"\b(?:{TREE_WORDS})\b|true\(\) is true|“”|\b(\w+) \1\b")
"""Words of the tree, empty quotes, and words that stand twice."""


def last_sentence(language: str, text: str) -> str:
    return explanation(parser_of(language)(Source(text), None).pipeline.stages[-1])


@pytest.mark.parametrize(
    ("language", "text", "sentence"),
    [
        (
            "eql",
            'sequence by h with maxspan=5m [process where a == "b"] by x [network where p == 443] by y'
            ' until [process where e == "end"] by x',
            "Looks for events with the same h in this order within 5 minutes: a process event whose a is b, by its x;"
            " then a network event whose p is 443, by its y; a process event whose e is end, by its x ends it before.",
        ),
        (
            "eql",
            "sequence [any where true] by x with runs=3 ![file where true] by y",
            "Looks for events that are linked by a key of each in this order: an event of any kind, by its x, 3 times"
            " in a row; then no file event, by its y.",
        ),
        (
            "kusto",
            "T | summarize arg_max(When, *) by User",
            "Groups by User and collects the row with the greatest When.",
        ),
        (
            "kusto",
            "T | summarize u=make_set(Uri, 1000), countif(x == 1) by c",
            "Groups by c and collects up to 1000 different values of Uri (as u) and the number of rows where x=1.",
        ),
        (
            "kusto",
            "T | join kind=leftanti (U) on User",
            "Keeps the rows that agree with no row of a subsearch in User.",
        ),
        (
            "kusto",
            "T | join kind=inner (U) on $left.a == $right.b",
            "Adds the fields of a subsearch's rows that agree in a (there b), dropping rows without a match.",
        ),
        (
            "spl",
            "search a=b | join type=left host [search c=d]",
            "Adds the fields of a subsearch's rows that agree in host, keeping rows without a match.",
        ),
        (
            "esql",
            "FROM l | STATS c = COUNT(*) WHERE a == 1 BY d",
            "Groups by d and collects the number of rows where a=1 (as c).",
        ),
    ],
)  # fmt: skip
def test_sentences_of_languages(language: str, text: str, sentence: str) -> None:
    assert last_sentence(language, text) == sentence


def cases(project: Path) -> Iterator[tuple[str, str]]:
    for language in sorted(LANGUAGES):
        for path in sorted((project / "conformance" / language).glob("*.toml")):
            for case in tomllib.loads(path.read_text("utf-8")).get("case", [])[::STEP]:
                text = next((case[key] for key in ("search", "query", "rule") if isinstance(case.get(key), str)), None)
                if text is not None:
                    yield language, text


def test_no_sentence_has_a_word_that_only_the_tree_has(project: Path) -> None:
    read = 0
    for language, text in cases(project):
        for stage in walk(parser_of(language)(Source(text), None).pipeline):
            if isinstance(stage, ir.Stage):
                said = explanation(stage)
                found = INTERNAL.search(said)
                assert found is None or found[0] in text or '""' in text or "''" in text, said
                read += 1
    assert read > 500
