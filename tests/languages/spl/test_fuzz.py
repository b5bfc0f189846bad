"""Damaged searches end in a tree and diagnostics, never in an exception, a hang or a place outside the text.

A long run of the same: `bench/fuzz_spl.py`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from mutations import FRAGMENTS, KINDS, SEEDS, Edit, mutated, problems

from rulescope.corpus import read_corpus
from rulescope.ir import walk
from rulescope.languages.spl import parse_search, render_pipeline

EDITS = some.lists(
    some.builds(Edit, some.sampled_from(KINDS), some.floats(0, 1), some.sampled_from(FRAGMENTS)), min_size=1, max_size=8
)
QUICK = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
MANY = 50_000


@given(some.sampled_from(SEEDS), EDITS)
@QUICK
def test_damaged_search(seed: str, edits: list[Edit]) -> None:
    assert problems(mutated(seed, edits)) == []


@given(some.lists(some.sampled_from(FRAGMENTS), max_size=25))
@settings(QUICK, max_examples=400)
def test_heap_of_fragments(pieces: list[str]) -> None:
    assert problems("".join(pieces)) == []


@given(some.text(max_size=60))
@settings(QUICK, max_examples=150)
def test_any_text(text: str) -> None:
    assert problems(text) == []


@pytest.mark.corpus
def test_damaged_rules_of_the_corpora(shared: Path) -> None:
    texts = [rule.source.text for rule in read_corpus([shared / "rules" / "armory"]).rules]

    @given(some.sampled_from(texts[::7]), EDITS)
    @settings(QUICK, max_examples=200)
    def check(text: str, edits: list[Edit]) -> None:
        assert problems(mutated(text, edits)) == []

    check()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_beginning_of_a_search(seed: str) -> None:
    for length in range(0, len(seed), 5):
        assert problems(seed[:length]) == []


@pytest.mark.parametrize(
    "text",
    [
        "search " + "(" * 10_000 + "a" + ")" * 10_000,
        "| where " + "(" * 10_000 + "a=1" + ")" * 10_000,
        "| eval x=" + "f(" * 10_000,
        "search " + "NOT " * 10_000 + "a",
        "| where " + "NOT " * 10_000 + "a",
        "| eval x=" + "-" * 10_000 + "1",
        "search a=" + "(" * 10_000,
        "search a IN " + "(" * 10_000,
        "[" * 10_000 + "a" + "]" * 10_000,
        "| append " + "[| append " * 10_000,
        "search " + "[search a " * 10_000,
        '"' * 10_001,
        "'" * 10_001,
        "`" * 10_001,
        "| stats " + "sparkline(" * 10_000,
        "| streamstats reset_before=" + "(" * 10_000,
        "| transaction a startswith=" + "(" * 10_000,
        '| map search="' + '| map search=\\"' * 2_000,
        "| eval x=a" + "+b" * MANY,
        "| where a=1" + " OR a=1" * 10_000,
    ],
    ids=lambda text: text[:24],
)
def test_deep_and_long_nests_are_bounded(text: str) -> None:
    begun = time.process_time()
    parsed = parse_search(text)
    assert time.process_time() - begun < 5
    assert sum(1 for _ in walk.walk(parsed.pipeline)) >= 1
    render_pipeline(parsed.pipeline)


@pytest.mark.parametrize(
    "text",
    [
        "a|" * MANY,
        "|" * 100_000,
        "| head " * MANY,
        '`m("' + 'a"' * MANY,
        "`m(" + '"a",' * MANY,
        "`" + '"' * MANY,
        "`m" + " " * MANY + "x`",
        "`m(" + "(" * MANY + ")`",
        'search a="' + "\\" * MANY,
        "search " + "\\" * MANY + '"',
        "search " + "!a" * MANY,
        "search a=" + ":" * MANY + "x/",
        "search a=" + "*" * MANY + "x",
        "search a=" + "*x" * MANY,
        "search " + "a " * MANY,
        "a" + " " * MANY + "b" + " " * MANY + "c",
        "```" * MANY,
        "``` " * MANY + "`",
        "| rex " + " field=a" * MANY + " x",
        "| rex field=a x" + " field=a" * MANY,
        "| sort " + " d" * MANY + " x",
        "| eval " + "a " * MANY,
        '| where a like "' + "%_" * MANY + '"',
        "| stats " + "a" * MANY + "1_",
        "| stats count as " + "a(" * MANY,
        "| table " + "a(" * MANY,
        "| " + "a" * MANY,
        "".join(f"| x{n} " for n in range(20_000)),
        "| eval a=" + "+".join(f"f{n}()" for n in range(200)),
    ],
    ids=lambda text: f"{text[:16]}...{len(text)}",
)
def test_no_pattern_takes_more_than_its_time(text: str) -> None:
    begun = time.process_time()
    parse_search(text)
    assert time.process_time() - begun < 8


def test_search_of_twenty_megabytes_is_turned_away() -> None:
    begun = time.process_time()
    parsed = parse_search("a " * 10_000_000)
    assert time.process_time() - begun < 2
    assert parsed.status == "failed"
    assert [found.code for found in parsed.diagnostics] == ["SPL006"]


def test_findings_are_listed_up_to_a_bound() -> None:
    parsed = parse_search("a] " * 5_000)
    assert len(parsed.diagnostics) <= 201
    assert parsed.diagnostics[-1].code == "SPL007"


def test_search_is_read_where_the_stack_is_nearly_used_up() -> None:
    def deeper(levels: int) -> str:
        return deeper(levels - 1) if levels else parse_search("| where " + "(" * 100 + "a=1" + ")" * 100).status

    assert deeper(700) in ("full", "failed")
