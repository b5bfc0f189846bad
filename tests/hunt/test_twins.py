"""The Armory writes many detections twice, for Splunk and for Snowflake: on the same process events both must find the
same. Where they do not, `twin_differences.toml` says which and why, from reading the two rules and the events."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from rulescope import ir
from rulescope.corpus import read_corpus
from rulescope.corpus.macro_libraries import pack_macros
from rulescope.engines.duckdb import Limits
from rulescope.engines.sql.context import EventsTable, Options
from rulescope.errors import Refusal
from rulescope.hunt.knowledge import Knowledge, Logs, knowledge_for, logs_of
from rulescope.hunt.search import run_search
from rulescope.hunt.settings import Settings
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.ir import stages
from rulescope.languages.registry import parser_of
from rulescope.languages.spl import MacroLibrary
from rulescope.logs import load_logs
from rulescope.text import Source

SHARED = Path(os.environ.get("RULESCOPE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
RULES = SHARED / "rules" / "armory"
EVENTS = [SHARED / "events" / name for name in ("impacket", "evtx_to_attack", "sigma_regression")]
DIFFERENCES = Path(__file__).parent / "twin_differences.toml"
SNOWFLAKE = "crowdstrikefdr_process"
LOGS = {"sysmon": ("Microsoft-Windows-Sysmon/Operational", "1"), "winevent": ("Security", "4688")}
OPTIONS = Options(now=0.0, time_zone="UTC")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not RULES.exists(), reason="the Armory lies beside the project"),
]


@dataclass(frozen=True)
class Twin:
    detection: str
    log: str
    splunk: str
    snowflake: str


def twins() -> list[Twin]:
    """Pairs of queries by detection: the file's name ends in `-splunk-<log>.yml` and `-snowflake-<table>.yml`."""
    queries: dict[tuple[str, str], str] = {}
    for rule in read_corpus([RULES]).rules:
        name = Path(rule.info.path).stem
        for mark in ("-splunk-", "-snowflake-"):
            stem, found, variant = name.partition(mark)
            if found:
                queries[stem, mark.strip("-") + "-" + variant.strip()] = rule.query_text
    return [
        Twin(stem, log, queries[stem, f"splunk-{log}"], query)
        for (stem, variant), query in sorted(queries.items())
        if variant == f"snowflake-{SNOWFLAKE}"
        for log in LOGS
        if (stem, f"splunk-{log}") in queries
    ]


@pytest.fixture(scope="module")
def process_events() -> Iterator[dict[str, Logs]]:
    """The process events of each log, each in an hour of its own: rules that group by time see one at a time."""
    with load_logs(EVENTS) as store:
        loaded = logs_of(store)
        found: dict[str, Logs] = {}
        for name, (channel, number) in LOGS.items():
            table = f"twins_{name}"
            store.connection.execute(
                f'CREATE TEMP TABLE "{table}" AS SELECT * REPLACE (CAST(_row AS DOUBLE) * 3600 AS _time)'
                f' FROM "{store.table}" WHERE _channel = ? AND _event_id = ?',
                [channel, number],
            )
            events = EventsTable(table, loaded.events.fields, loaded.events.hidden, loaded.events.row)
            found[name] = Logs(store.connection, events, store)
        yield found


@cache
def macros() -> MacroLibrary:
    return MacroLibrary(tuple(pack_macros()))


def hour(time: float) -> int:
    return int(time // 3600)


def splunk_hours(query: str, logs: Logs, knowledge: Knowledge) -> set[int] | None:
    """The hours of the events that the search finds; None where its result has no time."""
    parsed = parser_of("spl")(Source(query), macros())
    result = run_search(parsed.expanded, logs, options=OPTIONS, knowledge=knowledge, limits=Limits(60, 0))
    if not result.rows:
        return set()
    return {hour(row["_time"]) for row in result.rows} if all("_time" in row for row in result.rows) else None


def without_window(pipeline: ir.Pipeline) -> ir.Pipeline:
    """The query without its window of two hours, which the Splunk twin gets from its schedule instead."""
    return replace(pipeline, stages=tuple(_without_window(stage) for stage in pipeline.stages))


def _without_window(stage: ir.Stage) -> ir.Stage:
    if isinstance(stage, stages.Where) and isinstance(stage.predicate, ir.And):
        kept = tuple(part for part in stage.predicate.operands if not _is_window(part))
        return replace(stage, predicate=ir.And(kept, stage.predicate.span))
    return stage


def _is_window(predicate: ir.Predicate) -> bool:
    return (
        isinstance(predicate, ir.Test)
        and isinstance(predicate.expression, ir.Binary)
        and any(isinstance(side, ir.Call) for side in (predicate.expression.left, predicate.expression.right))
        and "event_time" in repr(predicate)
    )


def snowflake_hours(query: str, logs: Logs, knowledge: Knowledge) -> set[int]:
    parsed = parser_of("snowflake")(Source(query), None)
    vocabulary = vocabulary_of("snowflake")
    pipeline = bind_tables(without_window(parsed.expanded), "snowflake")
    result = run_search(
        pipeline, logs, options=OPTIONS, knowledge=knowledge, limits=Limits(60, 0), vocabulary=vocabulary
    )
    return {hour(row["event_time"]) for row in result.rows}


def differences(process_events: dict[str, Logs]) -> tuple[dict[tuple[str, str], tuple[set[int], set[int]]], int]:
    """For each pair that differs, the events that only Splunk's finds and those that only Snowflake's finds; and how
    many pairs were compared."""
    found: dict[tuple[str, str], tuple[set[int], set[int]]] = {}
    compared = 0
    knowledge = {name: knowledge_for(Settings(), logs) for name, logs in process_events.items()}
    for twin in twins():
        # Without its store nothing is asked of what no event has, which takes longer than the searches.
        logs = replace(process_events[twin.log], store=None)
        try:
            theirs = snowflake_hours(twin.snowflake, logs, knowledge[twin.log])
            mine = splunk_hours(twin.splunk, logs, knowledge[twin.log])
        except Refusal:
            continue
        if mine is None:
            continue
        compared += 1
        if mine != theirs:
            found[twin.detection, twin.log] = (mine - theirs, theirs - mine)
    return found, compared


def test_twins_find_the_same_but_where_their_authors_differ(process_events: dict[str, Logs]) -> None:
    listed = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))
    found, compared = differences(process_events)
    known = {(one["detection"], one["log"]): (one["splunk"], one["snowflake"]) for one in listed["difference"]}
    assert {key: (len(mine), len(theirs)) for key, (mine, theirs) in found.items()} == known
    assert compared == listed["compared"]
    assert all(one["cause"] in listed["causes"] for one in listed["difference"])
