"""What engines offer to those who run rules: plans that run and explain themselves, refusals, tables of support."""

from __future__ import annotations

import pytest

from json_events import load_events
from json_rows import load_rows
from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.duckdb.engine import DuckDBEngine
from rulescope.engines.engine import Engine
from rulescope.engines.options import Options
from rulescope.engines.reference import ReferenceEngine
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import DIALECTS, EVERY, dialect_of
from rulescope.engines.sql.support import support_of
from rulescope.errors import Refusal
from rulescope.languages.spl import parse_search

EVENTS = '{"_time": 1, "a": "x"}\n{"_time": 2, "a": "y"}\n{"_time": 3, "a": "x"}'
OPTIONS = Options(now=10.0)


def duckdb() -> Engine:
    logs = load_rows(EVENTS)
    database = Database(logs.connection)
    return DuckDBEngine(Context(OPTIONS, dialect_of("spl"), logs.events, database), database)


def reference() -> Engine:
    return ReferenceEngine("spl", load_events(EVENTS), OPTIONS)


@pytest.fixture(params=[duckdb, reference], ids=lambda make: make.__name__)
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def pipeline(text: str) -> ir.Pipeline:
    return parse_search(text).expanded


def test_a_plan_gives_rows_in_order_with_their_fields(engine: Engine) -> None:
    found = engine.plan(pipeline("search a=x | table _time, a")).run()
    assert found.fields == ("_time", "a")
    assert found.rows == ({"_time": 3, "a": "x"}, {"_time": 1, "a": "x"})
    assert not found.truncated


def test_more_rows_than_asked_for_are_said(engine: Engine) -> None:
    found = engine.plan(pipeline("search * | table a")).run(2)
    assert (len(found.rows), found.truncated) == (2, True)
    assert not engine.plan(pipeline("search * | table a")).run(3).truncated


def test_a_plan_explains_itself(engine: Engine) -> None:
    said = engine.plan(pipeline("search a=x | stats count by a")).explain()
    if engine.name == "duckdb":
        assert said.startswith("WITH") and "GROUP BY" in said
    else:
        assert said == "1. search: search a=x\n2. stats: stats count by a"


def test_what_can_not_be_run_is_refused_by_stage_and_place(engine: Engine) -> None:
    text = "search * | fit Model a"
    with pytest.raises(Refusal) as refusal:
        engine.plan(pipeline(text))
    assert refusal.value.stage == "fit"
    assert text[refusal.value.span[0] : refusal.value.span[1]].strip().startswith("fit")


def test_what_is_supported_is_in_the_table(engine: Engine) -> None:
    table = engine.support()
    assert table.of("stage", "Search") == table.of("function", "coalesce") == "simple"
    assert table.of("command", "fit") == table.of("function", "no_such_function") == "unsupported"
    assert "Stats" in set(table.names("stage", "simple"))


def test_compilers_that_only_refuse_support_nothing() -> None:
    kusto = support_of(dialect_of("kusto"))
    assert kusto.of("command", "invoke") == "unsupported"
    assert ("command", "invoke") in kusto.parts
    assert kusto.of("stage", "TableRows") == "simple"
    assert support_of(dialect_of("spl")).of("function", "cluster") == "unsupported"


@pytest.mark.parametrize("name", DIALECTS)
def test_every_language_has_the_operations_that_mean_the_same_in_all(name: str) -> None:
    table = support_of(dialect_of(name))
    assert EVERY.operations
    assert set(table.names("operation", "simple")) >= EVERY.operations.keys()


@pytest.mark.parametrize("name", DIALECTS)
def test_the_reference_reads_nothing_that_the_language_lacks(name: str) -> None:
    dialect = dialect_of(name)
    table = ReferenceEngine(name, (), OPTIONS).support()
    functions = set(table.names("function", "simple"))
    known = {*dialect.function_names(), *_AGGREGATES_AND_CLAUSES}
    assert functions - known == set()


_AGGREGATES_AND_CLAUSES = {"not"}
