"""Every case of `conformance/{eql,kuery,lucene,esql}/rows*.toml`, and what fires over rows, run on the DuckDB engine.

`data` names events of the file's table `data`; `events` gives a case its own. `expect` are the ids of the rows left;
`rows` are the rows whole, in order, without `_time`; `refused` is what the refusal says.
"""

from __future__ import annotations

import json
import tomllib
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
from rulescope.languages.registry import parser_of
from rulescope.text import NO_SPAN, Source

PROJECT = Path(__file__).resolve().parents[2]
LANGUAGES = ("eql", "kuery", "lucene", "esql")
LEAST = 60
OPTIONS = Options(now=1_700_000_000.0, time_zone="UTC")


def cases() -> list[Any]:
    return [
        pytest.param(language, document.get("data", {}), case, id=f"{language}:{path.stem}:{case['id']}")
        for language in LANGUAGES
        for path in sorted((PROJECT / "conformance" / language).glob("rows*.toml"))
        for document in [tomllib.loads(path.read_text("utf-8"))]
        for case in document["case"]
    ]


def run(pipeline: Pipeline, events: str) -> list[dict[str, Any]]:
    return list(
        run_search(pipeline, load_rows(events), options=OPTIONS, knowledge=Knowledge(), vocabulary=ELASTIC).rows
    )


def rows_of(given: tuple[Stage, ...], events: str) -> list[dict[str, Any]]:
    return run(Pipeline(given), events)


@pytest.mark.parametrize(("language", "data", "case"), cases())
def test_rows(language: str, data: dict[str, str], case: dict[str, Any]) -> None:
    parsed = parser_of(language)(Source(case["query"]), None)
    assert parsed.status == "full", parsed.diagnostics
    events = case["events"] if "events" in case else data[case["data"]] if "data" in case else ""
    if "refused" in case:
        with pytest.raises(Refusal, match=case["refused"]):
            run(parsed.expanded, events)
        return
    found = run(parsed.expanded, events)
    if "rows" in case:
        assert [{name: value for name, value in row.items() if name != "_time"} for row in found] == json.loads(
            case["rows"]
        )
    else:
        assert sorted(row["id"] for row in found) == case["expect"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_row_cases_enough(language: str) -> None:
    assert sum(1 for case in cases() if case.values[0] == language) >= LEAST


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
