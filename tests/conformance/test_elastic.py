"""Every case of `conformance/{eql,kuery,lucene,esql}/`: a query, and the tree that Elastic's documentation makes of it.

`predicate` is the condition in the JSON form of the command line (of the first stage that has one, the source left
out), tests in it as written unless `canonical`; `ignore_case` and `missing` hold for every comparison in it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.json_form import predicate_json, stage_predicate
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Source

PROJECT = Path(__file__).resolve().parents[2]
LEAST = {"eql": 60, "kuery": 60, "lucene": 60, "esql": 60}


def cases() -> list[Any]:
    return [
        pytest.param(language, case, id=f"{language}:{path.stem}:{case['id']}")
        for language in LEAST
        for path in sorted((PROJECT / "conformance" / language).glob("*.toml"))
        if not path.stem.startswith("rows")
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


@pytest.mark.parametrize(("language", "case"), cases())
def test_case(language: str, case: dict[str, Any]) -> None:
    source = Source(case["query"])
    parsed = parser_of(language)(source, None)
    read = parsed.pipeline.stages
    codes = [found.code for found in parsed.diagnostics]
    assert parsed.status == case.get("status", "full"), parsed.diagnostics
    if "code" in case:
        assert case["code"] in codes
    else:
        assert codes == []
    if "stages" in case:
        assert [ir.stage_kind(stage) for stage in read] == case["stages"]
    if "predicate" in case:
        check_predicate(case, parsed, source)
    if "steps" in case:
        check_sequence(case, next(stage for stage in read if isinstance(stage, stages.Sequence)))
    check_parts(case, read)


def check_predicate(case: dict[str, Any], parsed: ir.ParsedQuery, source: Source) -> None:
    stage = next(stage for stage in parsed.pipeline.stages if not isinstance(stage, stages.Origin))
    predicate = stage_predicate(stage)
    assert predicate is not None
    shown = predicate_json(predicate, None if case.get("canonical") else source)
    assert shown == json.loads(case["predicate"])
    leaves = [node for node in walk(predicate) if isinstance(node, ir.Compare)]
    if "ignore_case" in case:
        assert {leaf.ignore_case for leaf in leaves} == {case["ignore_case"]}
    for name in ("missing", "quantifier", "numeric"):
        if name in case:
            assert {getattr(leaf, name) for leaf in leaves} == {case[name]}
    for leaf in leaves:
        assert not leaf.values or len(leaf.value_spans) == len(leaf.values), leaf


def check_sequence(case: dict[str, Any], sequence: stages.Sequence) -> None:
    def names(items: tuple[stages.FieldItem, ...]) -> list[str]:
        return [item.name for item in items]

    steps = sequence.steps
    shown = [[step.category or "any", _shown(step.predicate)] for step in steps]
    assert shown == json.loads(case["steps"])
    assert names(sequence.by) == case.get("by", [])
    assert [names(step.by) for step in steps] == case.get("step_by", [[]] * len(steps))
    assert list(sequence.optional_by) == case.get("optional", [])
    assert [step.missing for step in steps] == case.get("missing", [False] * len(steps))
    assert [step.runs for step in steps] == case.get("runs", [1] * len(steps))
    assert (sequence.max_span.text if sequence.max_span else None) == case.get("max_span")
    assert sequence.ordered == case.get("ordered", True)
    until = _shown(sequence.until.predicate) if sequence.until else None
    assert until == (json.loads(case["until"]) if "until" in case else None)


def _shown(predicate: ir.Predicate | None) -> Any:
    if predicate is None:
        return None
    shown = predicate_json(predicate)
    return {"test": "true"} if shown == {"test": "true()"} else shown


def check_parts(case: dict[str, Any], read: tuple[ir.Stage, ...]) -> None:
    for stage in read:
        match stage:
            case stages.Origin():
                if "category" in case:
                    assert stage.names == ((case["category"],) if case["category"] else ("any",))
                    assert (stage.predicate is not None) == bool(case["category"])
                if "names" in case:
                    assert list(stage.names) == case["names"]
                    assert list(stage.metadata) == case.get("metadata", [])
            case stages.Stats() | stages.EventStats():
                assert [one.function for one in stage.aggregates if isinstance(one, stages.Aggregate)] == case[
                    "aggregates"
                ]
                assert [item.name for item in stage.by] == case["by"]
            case stages.Eval() if "targets" in case:
                assert [one.target for one in stage.assignments if isinstance(one, stages.Assignment)] == case[
                    "targets"
                ]
            case stages.Table() | stages.Fields() if "fields" in case:
                assert [item.name for item in stage.fields] == case["fields"]
            case stages.Rename():
                assert [[one.source, one.target] for one in stage.renamings] == case["renamings"]
            case stages.Sort():
                assert ["-" * key.descending + key.field for key in stage.keys] == case["keys"]
            case stages.Lookup():
                assert stage.name == case["lookup"]
            case stages.Command() if "outputs" in case:
                assert [one.value for one in stage.arguments if one.name == "output"] == case["outputs"]


@pytest.mark.parametrize(("language", "least"), LEAST.items())
def test_there_are_cases_enough(language: str, least: int) -> None:
    assert sum(1 for case in cases() if case.values[0] == language) >= least
