"""Every case of `conformance/leaves.toml`: a leaf of a predicate over values, all in one statement of the engine.

Other predicates over the same leaves are beside it: fields by pattern, and negation of the leaves.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from json_rows import load_rows
from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import sql
from rulescope.engines.sql.compiling import compile_pipeline, compile_predicate
from rulescope.engines.sql.context import Options
from rulescope.errors import Refusal
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.vocabularies import SPLUNK
from rulescope.ir import stages
from rulescope.ir.patterns import split_wildcards
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.times import written_time

CASES = tomllib.loads((Path(__file__).resolve().parents[2] / "conformance" / "leaves.toml").read_text("utf-8"))["case"]


def glob(text: str) -> ir.Glob:
    return ir.Glob(split_wildcards(text))


def leaf_of(case: dict[str, Any]) -> ir.Compare:
    given = dict(case["leaf"])
    globs = [case["glob"]] if "glob" in case else case.get("globs", [])
    values = (*(glob(text) for text in globs), *given.pop("values", ()))
    return ir.Compare(case["id"], values=values, **given)


def truth(
    predicates: list[ir.Predicate], events: list[dict[str, Any]], numbers: list[str], before: str = ""
) -> list[tuple[Any, ...]]:
    """Of each event what the predicates give: true, false or None.

    `numbers` are the fields that hold numbers, `before` are stages that the events go through.
    """
    logs = load_rows("\n".join(json.dumps(event) for event in events))
    read = [stages.Assignment(name, ir.Call("tonumber", (ir.FieldReference(name),))) for name in numbers]
    first = parse_search(before).expanded.stages if before else ()
    pipeline = ir.Pipeline((*((stages.Eval(assignments=tuple(read)),) if read else ()), *first))
    database = Database(logs.connection)
    try:
        context = SPLUNK.context(pipeline, logs.events, Knowledge(), Options(now=0.0, order="input"), database)
        frame = compile_pipeline(pipeline, context)
        nodes = [compile_predicate(one, frame, context, positive=False) for one in predicates]
        wanted = [sql("CAST(:x AS BOOLEAN)", x=node).as_(f"c{number}") for number, node in enumerate(nodes)]
        query = frame.source().select(*wanted).order_by(exp.column("_row"))
        return database.fetch(frame.program.assemble(query))
    finally:
        database.close()


def events_of(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    given = {case["id"]: json.loads(case["given"]) for case in cases}
    return [
        {name: values[row] for name, values in given.items() if row < len(values) and values[row] is not None}
        for row in range(max(map(len, given.values())))
    ]


@pytest.mark.parametrize("negated", [False, True])
def test_leaves(negated: bool) -> None:
    leaves: list[ir.Predicate] = [leaf_of(case) for case in CASES]
    predicates = [ir.Not(one) for one in leaves] if negated else leaves
    numbers = [case["id"] for case in CASES if case.get("numbers")]
    columns = list(zip(*truth(predicates, events_of(CASES), numbers), strict=True))
    found: dict[str, list[bool | None]] = {}
    wanted: dict[str, list[bool | None]] = {}
    for case, column in zip(CASES, columns, strict=True):
        expect = json.loads(case["expect"])
        assert case["why"] and len(expect) == len(json.loads(case["given"])), case["id"]
        found[case["id"]] = list(column[: len(expect)])
        wanted[case["id"]] = [None if one is None else one is not negated for one in expect]
    assert found == wanted


def test_fields_by_pattern() -> None:
    events = [{"src_ip": "a"}, {"dst_ip": "a"}, {"src_ip": "b", "dst_ip": "b"}, {"other": "a"}]
    predicates = [
        ir.Compare("*_ip", "eq", ("a",)),
        ir.Compare("*_ip", "exists"),
        ir.Compare("*_ip", "missing", missing="true"),
        ir.Compare("*_port", "eq", ("a",), missing="unknown"),
        ir.Compare("*_port", "missing"),
    ]
    assert truth(predicates, events, []) == [
        (True, True, False, None, True),
        (True, True, False, None, True),
        (False, True, False, None, True),
        (False, False, True, None, True),
    ]


def bound(name: str, value: str) -> ir.TimeBound:
    return ir.TimeBound(name, written_time(value))


def test_bounds_of_time() -> None:
    """The earliest time belongs to the range, the latest does not (Splunk, Search Manual, "Time modifiers")."""
    events = [{"_time": time} for time in (99, 100, 101, 200)]
    predicates = [
        bound("earliest", "100"),
        bound("latest", "100"),
        bound("STARTTIME", "100"),
        bound("endtime", "100"),
        bound("earliest", "0"),
        bound("latest", "now"),
        bound("_index_earliest", "100"),
    ]
    assert truth(predicates, events, []) == [
        (False, True, False, True, True, False, True),
        (True, False, True, False, True, False, True),
        (True, False, True, False, True, False, True),
        (True, False, True, False, True, False, True),
    ]


def test_alternatives_over_one_field() -> None:
    """Three texts and more are looked for at once; the meaning is that of each by itself."""
    events = [{"x": "zaz"}, {"x": "bzz"}, {"x": "zzc"}, {"x": "zzz"}, {"x": "BZA"}, {"y": "a"}]

    def either(**about: Any) -> ir.Or:
        kinds = (("contains", "a"), ("starts_with", "b"), ("ends_with", "c"))
        return ir.Or(tuple(ir.Compare("x", kind, (text,), **about) for kind, text in kinds))  # type: ignore[arg-type]

    predicates = [
        either(),
        either(ignore_case=True, missing="unknown"),
        either(missing="true"),
        ir.Or((either(), ir.Compare("y", "eq", ("a",)))),
        ir.Or((*either().operands[:2], ir.Compare("x", "ends_with", ("C",), True), ir.Compare("x", "eq", ("zzz",)))),
    ]
    assert truth(predicates, events, []) == [
        (True, True, True, True, True),
        (True, True, True, True, True),
        (True, True, True, True, True),
        (False, False, False, False, True),
        (False, True, False, False, False),
        (False, None, True, True, False),
    ]


def test_alternatives_of_terms() -> None:
    """Of seven terms and more one pattern sorts out most events beforehand; the meaning is that of each by itself."""
    seven = tuple(ir.Term(word) for word in ("one", "two", "three", "four", "five", "six", "seven"))
    events = [
        {"_raw": "x one"},
        {"_raw": "SEVEN y", "x": "a"},
        {"_raw": "onex eight", "x": "b"},
        {"_raw": "nine", "x": "d"},
        {"x": "b"},
    ]
    predicates = [
        ir.Or(seven),
        ir.Or((*seven[:6], ir.And((seven[6], ir.Compare("x", "eq", ("b",)))))),
        ir.Or((*seven[:6], ir.And((seven[6], ir.Compare("x", "eq", ("a",)))))),
        ir.Or((*seven, ir.Compare("x", "eq", ("b",)))),
        ir.Or((*seven, ir.And((ir.Not(ir.Term("eight")), ir.Compare("x", "eq", ("d",)))))),
        ir.Or((*seven, ir.And((ir.Or((ir.Term("eight"), ir.Compare("x", "eq", ("d",)))), ir.Term("nine"))))),
        ir.Or((*seven, ir.And((ir.Or((ir.Term("ten"), ir.Term("nine"))), ir.Compare("x", "exists"))))),
        ir.Or((*seven, ir.Term("*"))),
        ir.Or((*seven, ir.Term("ni*"))),
    ]
    assert truth(predicates, events, []) == [
        (True, True, True, True, True, True, True, True, True),
        (True, False, True, True, True, True, True, True, True),
        (False, False, False, True, False, False, False, True, False),
        (False, False, False, False, True, True, True, True, True),
        (False, False, False, True, False, False, False, True, False),
    ]


def test_what_is_no_address_range_is_refused() -> None:
    with pytest.raises(Refusal, match=r"'10\.0\.0\.0/99' is not an address range") as caught:
        truth([ir.Compare("x", "cidr", ("10.0.0.0/99",))], [{"x": "10.0.0.1"}], [])
    assert caught.value.code == "RUN034"


def test_rows_that_are_no_events_have_no_time_and_no_raw_text() -> None:
    seven = tuple(ir.Term(word) for word in ("one", "two", "three", "four", "five", "six", "seven"))
    predicates: list[ir.Predicate] = [
        bound("earliest", "100"),
        bound("latest", "100"),
        bound("earliest", "0"),
        ir.Or((*seven, ir.Compare("x", "eq", ("a",)))),
    ]
    events = [{"_time": 100, "_raw": "one", "x": "a"}, {"_time": 99, "_raw": "one", "x": "b"}]
    assert truth(predicates, events, [], "fields - _time, _raw") == [
        (False, False, True, True),
        (False, False, True, False),
    ]
