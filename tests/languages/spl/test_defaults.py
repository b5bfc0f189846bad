"""Bounds and words that a search does not say are Splunk's, and set where its stages are made. Values are those of the
Search Reference, under each command's name; of append and join those of limits.conf."""

from __future__ import annotations

import pytest

from rulescope.ir import stages
from rulescope.languages.spl import parse_search


@pytest.mark.parametrize(
    ("written", "part", "value"),
    [
        ("sort a", "count", 10_000),
        ("sort a", "by_default", True),
        ("sort 0 a", "count", 0),
        ("sort 10000 a", "by_default", False),
        ("head", "count", 10),
        ("tail", "count", 10),
        ("top a", "limit", 10),
        ("rare a", "limit", 10),
        ("transpose", "count", 5),
        ("contingency a b", "max_rows", 100),
        ("contingency a b", "max_columns", 100),
        ("fieldsummary", "max_values", 100),
        ("transaction a", "max_events", 1000),
        ("extract", "limit", 50),
        ("extract", "max_length", 10_240),
        ('map search="search a"', "max_searches", 10),
        ('map maxsearches=0 search="search a"', "max_searches", 10),
        ("append [search a]", "most_rows", 50_000),
        ("join a [search a]", "most_rows", 50_000),
        ("top a", "count_field", "count"),
        ("top a", "percent_field", "percent"),
        ("top useother=t a", "other_name", "OTHER"),
        ("transpose", "column_name", "column"),
        ("contingency a b", "total_name", "TOTAL"),
        ("addtotals", "row_field", "Total"),
        ("addtotals col=t", "label", "Total"),
        ("addcoltotals", "label", "Total"),
        ("transaction a", "null_string", "NULL"),
        ("concurrency duration=d", "output", "concurrency"),
        ("convert ctime(t)", "time_format", "%m/%d/%Y %H:%M:%S"),
        ("makemv a", "delimiter", " "),
        ("mvcombine a", "delimiter", " "),
        ("fillnull", "value", "0"),
        ("rangemap field=a low=1-2", "default", "None"),
        ('xpath "//a"', "output", "xpath"),
        ("format", "column_separator", "AND"),
        ("format", "row_separator", "OR"),
        ("format", "empty", "NOT( )"),
    ],
)
def test_what_is_not_said(written: str, part: str, value: object) -> None:
    stage = parse_search(f"* | {written}").pipeline.stages[1]
    assert getattr(stage, part) == value


@pytest.mark.parametrize("command", ["chart", "timechart"])
def test_columns_of_a_split(command: str) -> None:
    (_, stage) = parse_search(f"* | {command} count by a").pipeline.stages
    assert isinstance(stage, stages.Chart | stages.TimeChart)
    assert stage.series == stages.SeriesOptions(other_name="OTHER", null_name="NULL", limit=10)
    assert stage.separator == ": "
