"""Every case of `conformance/snowflake/`: a query, and the tree that Snowflake's documentation makes of it.

`predicate` is the condition of the first stage that has one, in the JSON form of the command line, tests in it in
canonical form; `ignore_case`, `missing` and `numeric` hold for every comparison in it. `steps` are the stages, each on
a line of its own in the words of `shown_stage`. `code` is a diagnostic that the query gets; without one it gets none.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.json_form import expression_text, predicate_json, predicate_text
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Source

FOLDER = Path(__file__).resolve().parents[2] / "conformance" / "snowflake"
LEAST = 120


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}:{case['id']}")
        for path in sorted(FOLDER.glob("*.toml"))
        if path.stem != "rows"
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    parsed = parser_of("snowflake")(Source(case["query"]), None)
    codes = [found.code for found in parsed.diagnostics]
    assert parsed.status == case.get("status", "full"), parsed.diagnostics
    assert codes == ([case["code"]] if "code" in case else [])
    if "at" in case:
        assert parsed.source.slice(parsed.diagnostics[0].span) == case["at"]
    if "steps" in case:
        assert [shown_stage(stage) for stage in parsed.pipeline.stages] == case["steps"]
    if "predicate" in case:
        check_predicate(case, parsed)


def check_predicate(case: dict[str, Any], parsed: ir.ParsedQuery) -> None:
    predicate = next(stage.predicate for stage in parsed.pipeline.stages if isinstance(stage, stages.Where))
    assert predicate_json(predicate) == json.loads(case["predicate"])
    leaves = [node for node in walk(predicate) if isinstance(node, ir.Compare)]
    for name in ("ignore_case", "missing", "numeric"):
        if name in case:
            assert {getattr(leaf, name) for leaf in leaves} == {case[name]}


def shown_stage(stage: ir.Stage) -> str:
    """A stage in one line: its kind, and what it is made of."""
    match stage:
        case stages.Origin(names=names):
            return f"source {', '.join(names)}"
        case stages.Where(predicate=predicate):
            return f"where {predicate_text(predicate)}"
        case stages.Eval(assignments=assignments):
            return f"eval {', '.join(shown_assignment(one) for one in assignments)}"
        case stages.Table(fields=fields):
            return f"table {', '.join(field.name for field in fields)}"
        case stages.Fields(fields=fields, keep=keep):
            return f"fields {'+' if keep else '-'} {', '.join(field.name for field in fields)}"
        case stages.Rename(renamings=renamings):
            return f"rename {', '.join(f'{one.source} as {one.target}' for one in renamings)}"
        case stages.Stats(aggregates=aggregates, by=by):
            shown = ", ".join(shown_aggregate(one) for one in aggregates)
            return " ".join(f"stats {shown} by {', '.join(field.name for field in by)}".split()).removesuffix(" by")
        case stages.Sort(keys=keys):
            return f"sort {', '.join(shown_key(key) for key in keys)}"
        case stages.Head(count=count):
            return f"head {count}"
        case stages.Dedup(fields=fields):
            return f"dedup {', '.join(field.name for field in fields)}"
        case stages.Union(pipelines=pipelines):
            return f"union {shown_pipelines(pipelines)}"
        case stages.SetOperation(operation=operation, pipelines=pipelines):
            return f"{operation} {shown_pipelines(pipelines)}"
        case stages.Join(pipeline=pipeline, fields=fields, how=how):
            pairs = ", ".join(f"{left}={right}" for left, right in fields)
            return f"join {how} {pairs} {shown_pipelines((pipeline,))}"
        case stages.Command(name=name, arguments=arguments):
            return f"{name} {', '.join(shown_argument(one) for one in arguments)}"
        case stages.Opaque(name=name):
            return f"unread {name}"
    raise AssertionError(stage)


def shown_key(key: stages.SortKey) -> str:
    """A key of ORDER BY; where NULL goes only if it is not above all other values, which is Snowflake's rule."""
    nulls = "" if key.nulls_first == key.descending else " nulls first" if key.nulls_first else " nulls last"
    return "-" * key.descending + key.field + nulls


def shown_assignment(assignment: Any) -> str:
    return f"{assignment.target}={expression_text(assignment.expression)}"


def shown_aggregate(aggregate: Any) -> str:
    if aggregate.function == "expression":
        return f"{expression_text(aggregate.argument)} as {aggregate.result_name}"
    argument = expression_text(aggregate.argument) if aggregate.argument is not None else ""
    return f"{aggregate.function}({argument}) as {aggregate.result_name}"


def shown_pipelines(pipelines: tuple[ir.Pipeline, ...]) -> str:
    return " ".join(f"[{' | '.join(shown_stage(stage) for stage in one.stages)}]" for one in pipelines)


def shown_argument(argument: stages.Argument) -> str:
    value = argument.value
    if isinstance(value, ir.Pipeline):
        shown = shown_pipelines((value,))
    elif isinstance(value, str):
        shown = value
    else:
        shown = expression_text(value)  # type: ignore[arg-type]
    return f"{argument.name}={shown}" if argument.name else shown


def test_there_are_cases_enough() -> None:
    assert len(cases()) >= LEAST
