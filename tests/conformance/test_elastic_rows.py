"""Stages of Elastic's rules that no query says, and functions that the reference page lists, on the DuckDB engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from json_rows import load_rows
from rulescope import ir
from rulescope.corpus.date_math import read_date_math
from rulescope.engines.sql.context import Options
from rulescope.engines.sql.dialect import dialect_of
from rulescope.errors import Refusal
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.search import run_search
from rulescope.hunt.vocabularies import ELASTIC
from rulescope.ir import Pipeline, Stage, stages
from rulescope.languages.esql.functions import lowered_call
from rulescope.text import NO_SPAN

PROJECT = Path(__file__).resolve().parents[2]
OPTIONS = Options(now=1_700_000_000.0, time_zone="UTC")


def run(pipeline: Pipeline, events: str) -> list[dict[str, Any]]:
    return list(
        run_search(pipeline, load_rows(events), options=OPTIONS, knowledge=Knowledge(), vocabulary=ELASTIC).rows
    )


def rows_of(given: tuple[Stage, ...], events: str) -> list[dict[str, Any]]:
    return run(Pipeline(given), events)


LOGINS = "\n".join(
    f'{{"_time": {time}, "id": "e{time}", "user": "{user}", "host": "{host}"}}'
    for time, user, host in [(1, "ann", "a"), (2, "ann", "b"), (3, "ann", "a"), (4, "bob", "a"), (5, "bob", "a")]
)


def test_threshold_counts_each_group() -> None:
    found = rows_of((stages.Threshold(fields=("user",), count=3),), LOGINS)
    assert [(row["user"], row["count"]) for row in found] == [("ann", 3)]


def test_threshold_counts_different_values() -> None:
    found = rows_of((stages.Threshold(fields=("user",), count=1, cardinality=(("host", 2),)),), LOGINS)
    assert [row["user"] for row in found] == ["ann"]


def test_threshold_without_fields_counts_all() -> None:
    assert len(rows_of((stages.Threshold(fields=(), count=5),), LOGINS)) == 1
    assert rows_of((stages.Threshold(fields=(), count=6),), LOGINS) == []


def test_new_terms_are_those_not_seen_in_the_window() -> None:
    found = rows_of((stages.NewTerms(fields=("user", "host"), window=read_date_math("now-7d")),), LOGINS)
    assert [row["id"] for row in found] == ["e1", "e2", "e4"]
    again = rows_of(
        (stages.NewTerms(fields=("user",), window=read_date_math("now-1s")),),
        LOGINS.replace('"_time": 3', '"_time": 3.5'),
    )
    assert [row["id"] for row in again] == ["e1", "e3", "e4"]


def test_what_needs_other_data_is_refused() -> None:
    for stage, reason in (
        (stages.MachineLearning(jobs=("job",), threshold=50), "'job' learns and scores in Elasticsearch"),
        (stages.Command(name="exceptions", arguments=(stages.Argument("endpoint_list"),)), "'endpoint_list'.* Kibana"),
        (stages.Command(name="completion"), "language model"),
    ):
        with pytest.raises(Refusal, match=reason):
            rows_of((stage,), LOGINS)


def test_functions_that_the_reference_lists_run() -> None:
    page = (PROJECT / "docs" / "reference" / "elastic.md").read_text("utf-8")
    listed = page.partition("<!-- functions -->")[2].partition("<!-- end -->")[0]
    names = [name.strip().lower() for name in listed.split(",")]
    assert len(names) > 80 and names == sorted(names)
    for name in names:
        called = lowered_call(name, [ir.FieldReference("a"), ir.FieldReference("b")], NO_SPAN)
        esql = dialect_of("esql")
        runs = esql.operation_of(called.name) if isinstance(called, ir.Operation) else esql.function_of(called.function)
        assert runs is not None, name
