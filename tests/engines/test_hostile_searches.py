"""Names and values that look like SQL stay names and values; searches have bounds."""

from __future__ import annotations

import json

import pytest

from json_rows import load_rows
from rulescope.engines.duckdb import Limits
from rulescope.engines.sql.context import Options
from rulescope.engines.sql.dialect import SPL
from rulescope.errors import LimitError, Refusal
from rulescope.hunt.search import SearchResult, run_search
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.functions import FUNCTIONS

HOSTILE = ['a"; DROP TABLE events; --', "x' OR 1=1 --", "_row", "select", "A b", ":x", "{f}", "a\\b"]


VALUES = [
    "",
    "abc",
    "1e308",
    "1e999",
    "-1e308",
    "9e18",
    "-1",
    "1.5",
    "\0",
    "(",
    "[1",
    "%",
    "-1d@x",
    "::/0",
    ["1", "x"],
    None,
]


WITHOUT_FIELDS = {
    *SPL.refused,
    *(name for name, (_, most) in FUNCTIONS.items() if most == 0),
    *("case", "if", "mvfilter", "searchmatch", "validate"),
}
"""Functions that are refused, take no argument, or want conditions: with fields alone none of them runs."""


def run(text: str, rows: list[dict[str, object]], limits: Limits = Limits()) -> SearchResult:  # noqa: B008
    logs = load_rows("\n".join(json.dumps(row) for row in rows))
    return run_search(parse_search(text).expanded, logs, options=Options(now=1_700_000_000.0), limits=limits)


@pytest.mark.parametrize("name", HOSTILE)
def test_fields_named_like_sql(name: str) -> None:
    rows: list[dict[str, object]] = [{"_time": 0, name: "v", "keep": "1"}, {"_time": 1, "keep": "2"}]
    found = run("search keep=*", rows).rows
    assert [row.get(name) for row in found] == [None, "v"]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_named_like_sql(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    result = run(f'search f="{quoted}" | stats count', [{"_time": 0, "f": value}, {"_time": 1, "f": "other"}])
    assert result.rows == ({"count": 1},)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_takes_any_value_of_an_event(name: str) -> None:
    rows: list[dict[str, object]] = [
        {"_time": 0, "a": VALUES[at], "b": VALUES[at * 3 % 16], "c": VALUES[at * 7 % 16]} for at in range(16)
    ]
    ran = False
    for count in range(1, 4):
        call = f"{name}({', '.join('abc'[:count])})"
        try:
            result = run(f"eval x=if(isnull({call}), 1, 0) | stats count", rows)
        except Refusal:
            continue
        ran = True
        assert result.rows == ({"count": 16},)
    assert ran is (name not in WITHOUT_FIELDS)


def test_numbers_beyond_every_double_can_be_series() -> None:
    rows: list[dict[str, object]] = [{"_time": 0, "n": "1e999", "u": "a"}, {"_time": 0, "n": "1", "u": "b"}]
    assert run("timechart span=1d sum(n) by u", rows).rows == ({"_time": 0, "b": 1},)


def test_names_that_differ_in_case_only() -> None:
    result = run("search * | table User user", [{"_time": 0, "User": "a", "user": "b"}])
    assert result.rows == ({"User": "a", "user": "b"},)


def test_the_result_is_cut_and_says_so() -> None:
    result = run("| makeresults count=50", [{"_time": 0}], Limits(rows=10))
    assert len(result.rows) == 10
    assert result.truncated


def test_a_search_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(LimitError):
        run(
            "| makeresults count=3000000 | eval k=1 | join max=0 k [| makeresults count=30000 | eval k=1, v=2]"
            " | stats sum(v)",
            [{"_time": 0}],
            Limits(seconds=0.3),
        )


def test_what_cannot_run_is_refused_by_name_and_place() -> None:
    with pytest.raises(Refusal) as caught:
        run("search a=1 | kmeans k=2 a", [{"_time": 0, "a": "1"}])
    assert caught.value.stage == "kmeans"
    assert caught.value.span.start > 0
