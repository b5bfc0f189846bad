"""Regular expressions that explode: bounded in time, counted, and said with their place."""

from __future__ import annotations

import json
import time

import pytest

from json_rows import load_rows
from rulescope.engines.duckdb import Limits
from rulescope.engines.sql.context import Options
from rulescope.errors import LimitError
from rulescope.hunt.search import SearchResult, run_search
from rulescope.languages.spl import parse_search

# Every way to part the letters is tried before the b says no. The look-ahead keeps it from RE2, which is linear.
EXPLODING = "^(a+)+$(?!z)"


def run(text: str, texts: list[str], limits: Limits = Limits()) -> SearchResult:  # noqa: B008
    rows = [{"_time": number, "x": value, "_raw": value} for number, value in enumerate(texts)]
    logs = load_rows("\n".join(json.dumps(row) for row in rows))
    return run_search(parse_search(text).expanded, logs, options=Options(now=1_700_000_000.0), limits=limits)


@pytest.mark.parametrize(
    "stages",
    [
        f'where match(x, "{EXPLODING}")',
        f'regex x="{EXPLODING}"',
        f'eval y=replace(x, "{EXPLODING}", "-") | where y="-"',
        f'rex field=x "(?<y>{EXPLODING})" | search y=*',
        f'rex mode=sed field=x "s/{EXPLODING}/-/" | search x="-"',
    ],
)
def test_a_pattern_that_is_given_up_is_said_with_its_place(stages: str) -> None:
    texts = ["aaa", "b", "a" * 40 + "b", "a" * 41 + "b"]
    search = f"x=* | {stages} | table _time"
    result = run(search, texts)
    assert result.rows == ({"_time": 0},)
    (found,) = result.diagnostics
    assert (found.code, found.severity) == ("RUN109", "warning")
    assert EXPLODING in found.message
    assert "2 values" in found.message
    assert EXPLODING in search[found.span.start : found.span.end]


def test_a_pattern_that_is_not_given_up_is_no_news() -> None:
    result = run(f'x=* | where match(x, "{EXPLODING}") | table _time', ["aaa", "b"])
    assert result.rows == ({"_time": 0},)
    assert result.diagnostics == ()


def test_what_one_search_gave_up_is_not_said_of_the_next() -> None:
    search = f'x=* | where match(x, "{EXPLODING}") | table _time'
    assert run(search, ["a" * 40 + "b"]).diagnostics
    assert not run(search, ["aaa"]).diagnostics


def test_patterns_out_of_events_are_counted_too() -> None:
    rows = [EXPLODING, *["a" * 40 + "b" + str(number) for number in range(3)]]
    result = run("x=* | eventstats last(x) AS p | where match(x, p) | stats count", rows)
    assert result.rows == ({"count": 0},)
    assert [found.code for found in result.diagnostics] == ["RUN109"]


def test_many_values_that_explode_end_at_the_time_limit() -> None:
    texts = ["a" * 60 + "b" + str(number) for number in range(4000)]
    start = time.process_time()
    with pytest.raises(LimitError):
        run(f'x=* | where match(x, "{EXPLODING}") | stats count', texts, Limits(seconds=0.5))
    # A few tens of milliseconds a value: 64 of them pass between two looks at the clock.
    assert time.process_time() - start < 15


DEEP_JSON = "[" * 20_000 + "]" * 20_000
WIDE_JSON = json.dumps({f"k{number}": number for number in range(2_100)})
NESTED_JSON = '{"a":' * 120 + "1" + "}" * 120
NESTED_XML = "<a>" * 120 + "x" + "</a>" * 120


@pytest.mark.parametrize(
    ("stage", "text", "said"),
    [
        ("eval y=mvrange(0, 2000000)", "x", "mvrange makes at most 1,000,000 values"),
        ('eval y=mvrange(0, 2000000, "1s")', "x", "mvrange makes at most 1,000,000 values"),
        ('eval y=printf("%20000d", 1)', "x", "printf makes at most 10,000 characters"),
        ("spath input=x", WIDE_JSON, "2,000 keys are taken"),
        ("spath input=x", NESTED_JSON, "100 levels deep"),
        ("spath input=x", NESTED_XML, "100 levels deep"),
        ("spath input=x", DEEP_JSON, "JSON that nests some thousand levels deep"),
        ("spath input=x path={} output=y", DEEP_JSON, "JSON that nests some thousand levels deep"),
        ('eval y=json_extract(x, "{}")', DEEP_JSON, "JSON that nests some thousand levels deep"),
        ("eval y=json_array_to_mv(x)", DEEP_JSON, "JSON that nests some thousand levels deep"),
    ],
)
def test_a_bound_of_a_function_is_said_where_it_changes_the_result(stage: str, text: str, said: str) -> None:
    result = run(f"x=* | {stage} | table _time y", ["1", text])
    assert len(result.rows) == 2
    (message,) = [found.message for found in result.diagnostics if found.code == "RUN123"]
    assert said in message
    assert "value" in message
    assert {found.severity for found in result.diagnostics} == {"warning"}


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("eval y=mvcount(mvrange(0, 1000))", "x"),
        ('eval y=printf("%200d", 1)', "x"),
        ("spath input=x", json.dumps({f"k{number}": number for number in range(2_000)})),
        ("spath input=x", '{"a":' * 99 + "1" + "}" * 99),
        ('eval y=if(json_valid(x), "yes", "no")', "{"),
    ],
)
def test_what_a_bound_leaves_whole_is_no_news(stage: str, text: str) -> None:
    assert run(f"x=* | {stage} | stats count", ["1", text]).diagnostics == ()


def test_names_that_are_not_made_are_said() -> None:
    names = [f"n{number:04}" for number in range(1_001)]
    result = run("x=* | eval {x}=1 | stats sum(n0999) AS a", names)
    assert result.rows == ({"a": 1},)
    assert [found.code for found in result.diagnostics] == ["RUN103"]
    assert run("x=* | eval {x}=1 | stats sum(n0999) AS a", names[:1_000]).diagnostics == ()
