"""Rows of several queries side by side or under one another: `join`, `lookup`, JOIN, `union`, set operations.

Kusto: "join operator": without a kind it is `innerunique`, which takes one row of the left side a key; a key that is
null matches nothing; columns of the right side whose names the left has too get a `1` behind theirs. SQL keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, column, integer, literal, named_table, negate, sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import SNOWFLAKE, TABLES, compiles, compiles_command
from rulescope.engines.sql.evidence import put_beside
from rulescope.engines.sql.frame import Frame, ordered, row_number
from rulescope.engines.sql.relational.column_types import kind_of_column
from rulescope.engines.sql.relational.common_functions import alike
from rulescope.engines.sql.relational.scope import Scope, put
from rulescope.engines.sql.relational.scope import conditions as compile_conditions
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.merging import same_program, stack
from rulescope.engines.sql.values import NUMBERS, Type, as_text, text_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.text import Span

NO_KEYS: Final[Mapping[str, str]] = MappingProxyType({})
_LEFT, _RIGHT = "_rs_left", "_rs_right"
_SIDES = {"inner": "inner", "innerunique": "inner", "leftouter": "left", "rightouter": "right", "fullouter": "full"}
_ONE_SIDE = {
    "leftsemi": (True, False), "leftanti": (True, True), "leftantisemi": (True, True), "anti": (True, True),
    "rightsemi": (False, False), "rightanti": (False, True), "rightantisemi": (False, True),
}  # fmt: skip


def other_rows(pipeline: ir.Pipeline, frame: Frame, context: Context, suffix: str = "") -> Frame:
    """The rows of a query of its own, as a relation beside `frame`."""
    other = compile_pipeline(pipeline, context, program=frame.program, prefix=f"{frame.stage}{suffix}_")
    return same_program(frame, other, context)


@compiles(stages.Join, dialects=TABLES)
def compile_join(stage: stages.Join, frame: Frame, context: Context) -> Frame:
    """The rows of both sides that agree in the columns."""
    how = stage.how or "innerunique"
    if how not in _SIDES and how not in _ONE_SIDE:
        raise Refusal(f"a join of kind {stage.how} is not supported", span=stage.span, code="RUN035")
    other = other_rows(stage.pipeline, frame, context, "_right")
    # A natural join is by all columns that both sides have.
    named = stage.fields or tuple((name, name) for name in frame.schema.fields if name in other.schema.fields)
    pairs = [(_key(left, frame, context, stage.span), _key(right, other, context, stage.span, stage.right))
             for left, right in named]  # fmt: skip
    if how == "innerunique":
        frame = _first_of_keys(frame, [left for left, _ in pairs])
    conditions = [_equal(frame, left, other, right) for left, right in pairs]
    if how in _ONE_SIDE:
        kept, anti = _ONE_SIDE[how]
        return _one_side(frame, other, conditions, keep_left=kept, anti=anti)
    once = dict(pairs) if stage.keys_once else {}
    return _both_sides(frame, other, _SIDES[how], context, conditions, keys_once=once, alias=stage.right)


@compiles_command("join", dialects=(SNOWFLAKE,))
def compile_join_on(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """A join by any condition, or of all rows with all rows."""
    first, *options = stage.arguments
    given = {one.name: one.value for one in options}
    condition, alias = given.pop("on", None), given.pop("as", None)
    if given or (first.name != "cross" and first.name not in _SIDES) or not isinstance(first.value, ir.Pipeline):
        raise Refusal(f"a join of kind {first.name} is not supported", span=stage.span, code="RUN035")
    other = other_rows(first.value, frame, context, "_right")
    kind = _SIDES.get(first.name, "inner")
    predicate = ir.Test(condition, stage.span) if condition is not None else None  # type: ignore[arg-type]
    return _both_sides(
        frame, other, kind, context, predicate=predicate, alias=alias if isinstance(alias, str) else None
    )


def beside(left: Frame, right: Frame, pairs: Sequence[tuple[str, str]], context: Context, left_out: set[str]) -> Frame:
    """The rows of both sides that agree in the columns, without some of the right side's columns."""
    conditions = [_equal(left, mine, right, theirs) for mine, theirs in pairs]
    return _both_sides(left, right, "inner", context, conditions, left_out=left_out)


def _key(name: str, frame: Frame, context: Context, span: Span, alias: str | None = None) -> str:
    scope = Scope(frame, context, deciding=True)
    if alias and name.startswith(f"{alias}.") and scope.column(name) is None:
        name = name.removeprefix(f"{alias}.")
    scope.name(name, span)
    found = scope.column(name)
    if found is None:
        raise Refusal(f"rows are joined by a column, '{name}' is a path", span=span, code="RUN035")
    return found


def _equal(left: Frame, left_name: str, right: Frame, right_name: str) -> exp.Expression:
    mine, theirs = left.schema.fields[left_name], right.schema.fields[right_name]
    if mine.type in NUMBERS and theirs.type in NUMBERS:
        return sql("(:a = :b)", a=column(mine.physical, _LEFT), b=column(theirs.physical, _RIGHT))
    return sql("(:a = :b)", a=as_text(mine.value(_LEFT)), b=as_text(theirs.value(_RIGHT)))


def _first_of_keys(frame: Frame, names: Sequence[str]) -> Frame:
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[frame.schema.fields[name].value().node for name in names],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    return frame.qualify(sql(":n = :m", n=number, m=integer(1)))


def _one_side(left: Frame, right: Frame, conditions: Sequence[exp.Expression], *, keep_left: bool, anti: bool) -> Frame:
    """The rows of one side that have a match on the other, or have none; with their own columns alone."""
    kept, tested = (left, right) if keep_left else (right, left)
    kept_name, tested_name = (_LEFT, _RIGHT) if keep_left else (_RIGHT, _LEFT)
    inner = exp.Select(expressions=[exp.Literal.number(1)]).from_(named_table(tested.relation, tested_name))
    inner = inner.where(all_of([one.copy() for one in conditions]))
    found: exp.Expression = exp.Exists(this=inner)
    body = exp.Select().from_(named_table(kept.relation, kept_name)).where(negate(found) if anti else found)
    columns = {name: column(name, kept_name) for name in kept.passed()}
    return kept.at(left.stage).then(dict(columns), kept.schema, body)


def _both_sides(
    left: Frame,
    right: Frame,
    kind: str,
    context: Context,
    conditions: Sequence[exp.Expression] = (),
    *,
    predicate: ir.Predicate | None = None,
    keys_once: Mapping[str, str] = NO_KEYS,
    left_out: Set[str] = frozenset(),
    alias: str | None = None,
) -> Frame:
    """Rows of both sides that meet conditions over `_LEFT` and `_RIGHT`, or a predicate over the columns of both; of
    the pairs of columns `keys_once` the left one holds what either side has."""
    columns: dict[str, exp.Expression | None] = {name: column(name, _LEFT) for name in left.passed()}
    fields: dict[str, Column] = dict(left.schema.fields)
    used = left.schema.physical_names()
    never_null = context.dialect.empty_text
    if kind in ("right", "full"):
        for entry in fields.values():
            columns[entry.physical] = _or_empty(columns[entry.physical], entry, never_null)
        for mine, theirs in keys_once.items():
            one, two = fields[mine], right.schema.fields[theirs]
            nodes, held = alike([one.value(_LEFT), two.value(_RIGHT)])
            columns[one.physical] = exp.Coalesce(this=nodes[0], expressions=nodes[1:])
            fields[mine] = TypedColumn(one.physical, held, False, kind_of_column(one))
    if kind != "inner":
        fields |= {mine: _key_of(fields[mine], alias or "", kind) for mine in keys_once}
    for name, entry in right.schema.fields.items():
        if name in left_out or name in keys_once.values():
            continue
        target = _free_column(name, fields, context, alias)
        physical = free_name(target, used)
        node: exp.Expression | None = column(entry.physical, _RIGHT)
        columns[physical] = _or_empty(node, entry, never_null) if kind in ("left", "full") else node
        recorded = entry.recorded if isinstance(entry, TypedColumn) else True
        table = entry.table if isinstance(entry, TypedColumn) else ""
        fields[target] = TypedColumn(physical, entry.type, entry.mixed, kind_of_column(entry), recorded, table)
    hidden = dict(left.schema.hidden)
    put_beside(right, _RIGHT, columns, hidden, used)
    if predicate is not None:
        both = Frame(left.program, left.relation, Schema(fields, hidden), left.stage)
        conditions = [placed(one, columns) for one in compile_conditions(predicate, both, context)]
    columns[ROW] = row_number([ordered(column(ROW, _LEFT)), ordered(column(ROW, _RIGHT))], then_row=False)
    tables = named_table(left.relation, _LEFT), named_table(right.relation, _RIGHT)
    body = exp.Select().from_(tables[0]).join(tables[1], on=all_of(list(conditions)), join_type=kind)
    return left.then(columns, Schema(fields, hidden), body, events=left.events and kind != "right")


def _key_of(entry: Column, right: str, kind: str) -> TypedColumn:
    typed = entry if isinstance(entry, TypedColumn) else None
    if typed is None:
        typed = TypedColumn(entry.physical, entry.type, entry.mixed, kind_of_column(entry))
    return replace(typed, key_of=(right, kind))


def placed(condition: exp.Expression, columns: Mapping[str, exp.Expression | None]) -> exp.Expression:
    """A condition over columns by their names alone, with what holds each of them in its place."""

    def put(node: exp.Expression) -> exp.Expression:
        found = columns.get(node.name) if isinstance(node, exp.Column) and not node.table else None
        return node if found is None else found.copy()

    return condition.copy().transform(put)


def _or_empty(node: exp.Expression | None, entry: Column, never_null: bool) -> exp.Expression | None:
    """What a text column holds in rows that the other side alone gave: in Kusto, the empty text."""
    if not never_null or kind_of_column(entry) != "string" or node is None:
        return node
    return sql("COALESCE(:x, '')", x=node)


def _free_column(name: str, fields: dict[str, Column], context: Context, alias: str | None) -> str:
    """The name of a column of the right side, where the left may have one of that name."""
    if name not in fields:
        return name
    if context.dialect.qualified_names:
        return f"{alias}.{name}" if alias else f"right.{name}"
    return stages.free_column(name, fields)


@compiles(stages.Union, dialects=TABLES)
def compile_union(stage: stages.Union, frame: Frame, context: Context) -> Frame:
    """The rows so far, where there are any, and those of all queries; a column that a part lacks is empty there."""
    options = {name: value for name, value in stage.options if not name.startswith("hint.")}
    source = options.pop("withsource", options.pop("with_source", None))
    options.pop("isfuzzy", None)
    kind = options.pop("kind", "outer")
    if stage.names or options or kind not in ("outer", "inner"):
        what = ", ".join([*stage.names, *options]) or kind
        raise Refusal(f"a union with {what} is not supported", span=stage.span, code="RUN035")
    frames = [other_rows(one, frame, context, f"_{number}") for number, one in enumerate(stage.pipelines, 1)]
    parts = [_table_of(one) for one in stage.pipelines]
    if isinstance(next(iter(frame.schema.fields.values()), None), TypedColumn):
        tables = {entry.table for entry in frame.schema.fields.values() if isinstance(entry, TypedColumn)} - {""}
        frames, parts = [frame, *frames], [tables.pop() if len(tables) == 1 else None, *parts]
    if source is not None:
        frames = [_from(one, source, part or f"union_arg{number}")
                  for number, (one, part) in enumerate(zip(frames, parts, strict=True))]  # fmt: skip
    made: set[str] = set()
    if context.dialect.columns_by_kind:
        frames, made = _by_kinds(frames)
    return stacked(frames, frame.stage, context, only_common=kind == "inner", left_null=made)


def _table_of(pipeline: ir.Pipeline) -> str | None:
    """The table that a part of a union is, or what a query calls its rows; None for another query."""
    last = pipeline.stages[-1]
    if isinstance(last, stages.Command) and last.name == "as":
        name = last.option("name")
        return name.name if isinstance(name, ir.FieldReference) else None
    return last.name if isinstance(last, stages.TableRows) and len(pipeline.stages) == 1 else None


def _from(frame: Frame, name: str, part: str) -> Frame:
    """The rows with a column, the first, that says which part of a union they are from."""
    marked = put(frame, {name: (text_value(literal(part)), "string", True)})
    fields = marked.schema.fields
    return marked.then(marked.passed(), marked.schema.with_fields({name: fields[name], **fields}))


def _by_kinds(frames: Sequence[Frame]) -> tuple[list[Frame], set[str]]:
    """The parts of a union, each with the kind behind the name of a column that they hold as several kinds ("union
    operator")."""
    kinds: dict[str, set[str]] = {}
    for frame in frames:
        for name, entry in frame.schema.fields.items():
            kinds.setdefault(name, set()).add(_kind_named(entry))
    several = [name for name, found in kinds.items() if len(found - {""}) > 1]
    taken = set(kinds).difference(several)
    made: dict[tuple[str, str], str] = {}
    for name in several:
        for kind in sorted(kinds[name] - {""}):
            made[name, kind] = stages.free_column(f"{name}_{kind}", taken)
            taken.add(made[name, kind])
    return [_with_kinds(frame, made) for frame in frames] if several else list(frames), set(made.values())


def _kind_named(entry: Column) -> str:
    kind = kind_of_column(entry)
    return "dynamic" if kind == "list" else kind


def _with_kinds(frame: Frame, names: Mapping[tuple[str, str], str]) -> Frame:
    fields = {names.get((name, _kind_named(entry)), name): entry for name, entry in frame.schema.fields.items()}
    return frame.then(frame.passed(), frame.schema.with_fields(fields))


def stacked(
    frames: Sequence[Frame],
    stage: str,
    context: Context,
    *,
    only_common: bool = False,
    left_null: Set[str] = frozenset(),
) -> Frame:
    """The rows of all frames, one after another, with the kinds of their columns. A column of texts that a part lacks
    holds the empty text there, but for those that are `left_null`."""
    made = stack(frames, stage)
    fields: dict[str, Column] = {}
    empty: dict[str, exp.Expression | None] = {}
    for name, entry in made.schema.fields.items():
        held = [one.schema.fields[name] for one in frames if name in one.schema.fields]
        if only_common and len(held) < len(frames):
            continue
        found = {kind_of_column(one) for one in held}
        kind = found.pop() if len(found) == 1 else "real" if entry.type is Type.NUMBER else "dynamic"
        recorded = any(not isinstance(one, TypedColumn) or one.recorded for one in held)
        table = next((one.table for one in held if isinstance(one, TypedColumn)), "")
        fields[name] = TypedColumn(entry.physical, entry.type, entry.mixed, kind, recorded, table)
        if kind == "string" and context.dialect.empty_text and len(held) < len(frames) and name not in left_null:
            empty[entry.physical] = sql("COALESCE(:x, '')", x=column(entry.physical))
    return made.then({**made.passed(), **empty}, made.schema.with_fields(fields))


@compiles(stages.SetOperation, dialects=(SNOWFLAKE,))
def compile_set(stage: stages.SetOperation, frame: Frame, context: Context) -> Frame:
    """INTERSECT and EXCEPT: rows that are the same by place, NULL being the same as NULL."""
    parts = [other_rows(one, frame, context, f"_{number}") for number, one in enumerate(stage.pipelines, 1)]
    first, second = parts
    mine, theirs = list(first.schema.fields.values()), list(second.schema.fields.values())
    if len(mine) != len(theirs):
        raise Refusal("the queries give different numbers of columns", span=stage.span, code="RUN039")
    conditions = [
        sql("(:a IS NOT DISTINCT FROM :b)", a=as_text(a.value(_LEFT)), b=as_text(b.value(_RIGHT)))
        for a, b in zip(mine, theirs, strict=True)
    ]
    left = _one_side(first.at(frame.stage), second, conditions, keep_left=True, anti=stage.operation == "diff")
    return left.qualify(
        sql(
            ":n = :m",
            n=exp.Window(
                this=exp.RowNumber(),
                partition_by=[entry.value().node for entry in left.schema.fields.values()],
                order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
            ),
            m=integer(1),
        )
    )
