"""Every case of `conformance/sigma/`: a detection read to its tree. `test_engines` runs them.

A case has `detection` (the section's YAML, without the key) or `rule` (a whole rule or collection), and `tree` (the
predicate of the condition as JSON), or `events` and `expect` (the `n` of the events that match, or whole rows), or
both; `placeholders` with their values; `status` and `codes` where it can't be read whole, or something is said of it.
"""

from __future__ import annotations

import json
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.ir.json_form import predicate_json
from rulescope.languages.sigma import parse_sigma
from rulescope.languages.spl.macros import Macro, MacroLibrary

PROJECT = Path(__file__).resolve().parents[2]


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}:{case['id']}")
        for path in sorted((PROJECT / "conformance" / "sigma").glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def text_of(case: dict[str, Any]) -> str:
    if "rule" in case:
        return str(case["rule"])
    return f"logsource:\n    category: test\ndetection:\n{textwrap.indent(case['detection'].strip(chr(10)), '    ')}\n"


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    assert case["why"].strip()
    given = [Macro(name, values) for name, values in case.get("placeholders", {}).items()]
    parsed = parse_sigma(text_of(case), MacroLibrary(given) if given else None)
    assert parsed.status == case.get("status", "full"), parsed.diagnostics
    assert sorted(found.code for found in parsed.diagnostics) == sorted(case.get("codes", []))
    if "tree" in case:
        where = parsed.expanded.stages[-1]
        assert isinstance(where, ir.stages.Where)
        assert predicate_json(where.predicate) == json.loads(case["tree"])


@pytest.mark.parametrize(
    ("written", "value", "numeric"),
    [("f: 5", 5, False), ("f: '5'", "5", False), ("f: 1.5", 1.5, True), ("f|expand: 5", 5, False),
     ("f|base64: 5", "NQ==", False), ("f|contains: 5", "5", False)],
)  # fmt: skip
def test_numbers_keep_their_kind(written: str, value: ir.Value, numeric: bool) -> None:
    parsed = parse_sigma(text_of({"detection": f"sel:\n    {written}\ncondition: sel"}))
    where = parsed.expanded.stages[-1]
    assert isinstance(where, ir.stages.Where) and isinstance(where.predicate, ir.Compare)
    assert (where.predicate.values, where.predicate.numeric) == ((value,), numeric)
    assert where.predicate.values[0].__class__ is value.__class__


def test_there_are_enough_cases() -> None:
    found = cases()
    assert len({case.id for case in found}) == len(found)
    assert sum("tree" in case.values[0] for case in found) >= 60
    assert sum("events" in case.values[0] for case in found) >= 60
