"""Every case of `conformance/kusto/`: a query, and the tree that Microsoft's documentation makes of it.

`stages` is the whole tree in a short form, one object a stage. A comparison in it has the three keys of the command
line's JSON and, where they are not the usual ones, `ignore_case`, `missing` and `numeric`.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.json_form import expression_text, predicate_json, value_text
from rulescope.languages.registry import parser_of
from rulescope.text import Source

PROJECT = Path(__file__).resolve().parents[2]
LEAST = 60


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}:{case['id']}")
        for path in sorted((PROJECT / "conformance" / "kusto").glob("*.toml"))
        if path.stem != "rows"
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    assert case["why"].strip()
    parsed = parser_of("kusto")(Source(case["query"]), None)
    assert parsed.status == case.get("status", "full"), parsed.diagnostics
    assert [found.code for found in parsed.diagnostics] == case.get("codes", [])
    if "stages" in case:
        assert shown_stages(parsed.pipeline.stages) == json.loads(case["stages"], strict=False)


def test_there_are_cases_enough() -> None:
    assert len(cases()) >= LEAST


def shown_stages(given: tuple[ir.Stage, ...]) -> list[Any]:
    return [shown_stage(stage) for stage in given]


def shown_stage(stage: ir.Stage) -> Any:
    match stage:
        case stages.Origin(names=names):
            return {"source": list(names)}
        case stages.Where(predicate=predicate):
            return {"where": shown(predicate)}
        case stages.Search(predicate=predicate):
            return {"search": None if predicate is None else shown(predicate)}
        case stages.Eval():
            return {"eval": {one.target: expression_text(one.expression) for one in assignments(stage)}}
        case stages.Table(fields=fields):
            return {"table": [one.name for one in fields]}
        case stages.Fields(fields=fields, keep=keep):
            return {"keep" if keep else "drop": [one.name for one in fields]}
        case stages.Rename(renamings=renamings):
            return {"rename": [[one.source, one.target] for one in renamings if isinstance(one, stages.Renaming)]}
        case stages.Stats(aggregates=aggregates, by=by):
            return {"stats": [shown_value(one) for one in aggregates], "by": [one.name for one in by]}
        case stages.Bucket(field=field, interval=interval, alias=alias):
            assert interval is not None
            return {"bucket": field, "width": interval.text} | ({"as": alias} if alias else {})
        case stages.Sort(keys=keys, count=count):
            return {"sort": [shown_key(one) for one in keys if isinstance(one, stages.SortKey)], "count": count}
        case stages.Head(count=count):
            return {"head": count}
        case stages.MvExpand(field=field, limit=limit):
            return {"mvexpand": field} | ({"limit": limit} if limit else {})
        case stages.Rex(pattern=pattern, field=field):
            return {"rex": pattern, "of": field}
        case stages.Join(how=how, fields=fields, pipeline=pipeline):
            return {"join": how, "on": [list(pair) for pair in fields], "right": shown_stages(pipeline.stages)}
        case stages.Union(names=names, pipelines=pipelines, options=options):
            form = {"union": list(names), "pipelines": [shown_stages(one.stages) for one in pipelines]}
            return form | ({"options": dict(options)} if options else {})
        case stages.MakeResults(data=data):
            return {"rows": None if data is None else json.loads(data)}
        case stages.From(dataset_kind=kind, name=name):
            return {"from": kind, "name": name}
        case stages.Opaque(text=text):
            return {"opaque": text.strip()}
        case stages.Command(name=name, arguments=arguments):
            return {"command": name, "arguments": [shown_argument(one) for one in arguments]}
    raise AssertionError(stage)


def assignments(stage: stages.Eval) -> list[stages.Assignment]:
    return [one for one in stage.assignments if isinstance(one, stages.Assignment)]


def shown_key(key: stages.SortKey) -> str:
    return f"{'-' * key.descending}{key.field} nulls {'first' if key.nulls_first else 'last'}"


def shown_argument(argument: stages.Argument) -> Any:
    value = shown_value(argument.value)
    if not isinstance(value, str):
        return {argument.name: value} if argument.name else value
    return f"{argument.name}={value}" if argument.name else value


def shown_value(value: Any) -> Any:
    if isinstance(value, ir.Pipeline):
        return shown_stages(value.stages)
    if isinstance(value, stages.Aggregate):
        function = value.function if value.parameter is None else f"{value.function}{value_text(value.parameter)}"
        inside = "" if value.argument is None else f"({expression_text(value.argument)})"
        return f"{function}{inside} AS {value.result_name}"
    return value if isinstance(value, str) else expression_text(value)


def shown(predicate: ir.Predicate) -> Any:
    match predicate:
        case ir.And(operands=operands):
            return {"and": [shown(one) for one in operands]}
        case ir.Or(operands=operands):
            return {"or": [shown(one) for one in operands]}
        case ir.Not(operand=operand):
            return {"not": shown(operand)}
        case ir.Compare(ignore_case=ignore_case, missing=missing, numeric=numeric):
            form = predicate_json(predicate)
            form |= {"ignore_case": True} if ignore_case else {}
            form |= {"missing": missing} if missing != "false" else {}
            return form | ({"numeric": True} if numeric else {})
    return predicate_json(predicate)
