"""Every case of `conformance/derivations.toml` on the engine: each form gives the value that the case says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from json_rows import load_rows
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.vocabulary import compile_form
from rulescope.knowledge import parse_form

DOCUMENT = tomllib.loads((Path(__file__).resolve().parents[2] / "conformance" / "derivations.toml").read_text("utf-8"))


@pytest.mark.parametrize("others", ["no event has the missing field", "another event has the missing field"])
def test_forms(others: str) -> None:
    events: list[dict[str, Any]] = [DOCUMENT["event"]]
    if others.startswith("another"):
        events.append({"Missing": "x"})
    logs = load_rows("\n".join(json.dumps(event) for event in events))
    values = [compile_form(parse_form(case["form"]), logs.events.fields) for case in DOCUMENT["case"]]
    nodes = [exp.Null() if value is None else value.node for value in values]
    query = exp.select(*(node.as_(f"c{number}") for number, node in enumerate(nodes)))
    database = Database(logs.connection)
    row, *_ = database.fetch(query.from_(exp.to_table(logs.events.relation)).order_by(exp.column("_row")))
    database.close()
    assert {case["form"]: found for case, found in zip(DOCUMENT["case"], row, strict=True)} == {
        case["form"]: case.get("value") for case in DOCUMENT["case"]
    }
