"""Queries of languages over tables, run on events of tables that a test makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from json_rows import load_rows
from rulescope import ir
from rulescope.engines.sql.context import Options
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.search import run_search
from rulescope.hunt.table_binding import bind_tables, check_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.knowledge.log_tables import LogColumn, LogTable

# 2024-05-01T12:00:00Z, a Wednesday.
OPTIONS = Options(now=1_714_564_800.0, time_zone="UTC")


def log_table(language: str, name: str, columns: str) -> LogTable:
    """A table whose columns (`name: kind, …`) are raw fields of the same names."""
    pairs = [part.split(":") for part in columns.split(",")]
    return LogTable(language, name, (), tuple(LogColumn(column.strip(), kind.strip(), ()) for column, kind in pairs))


def run_over(
    pipeline: ir.Pipeline, language: str, events: str, table: Callable[[str], LogTable | None]
) -> list[dict[str, Any]]:
    """The rows of a query over events (JSON, one a line); `table` is what a name in it stands for. Raises `Refusal`."""
    bound = bind_tables(pipeline, language, lambda _, name: table(name))
    check_tables(bound)
    vocabulary = vocabulary_of(language)
    return list(
        run_search(bound, load_rows(events), options=OPTIONS, knowledge=Knowledge(), vocabulary=vocabulary).rows
    )


def check_rows(case: dict[str, Any], pipeline: ir.Pipeline, language: str) -> None:
    """Run a case that has `columns` and `events`: every table that it names holds these.

    `expect` are the ids of the rows left (a column `id` is added), `rows` the rows whole, in order.
    """
    columns = f"id: long, {case['columns']}"
    found = run_over(pipeline, language, case["events"], lambda name: log_table(language, name, columns))
    if "rows" in case:
        assert found == case["rows"]
    else:
        assert sorted(row["id"] for row in found) == case["expect"]
