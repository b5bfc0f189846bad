"""Stages that keep, order or shape rows one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, column, integer, sql
from rulescope.engines.sql.compiling import undefined_macro
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE, TABLES, compiles, compiles_command
from rulescope.engines.sql.frame import Frame, row_number
from rulescope.engines.sql.matching import native_regex
from rulescope.engines.sql.regex import groups_of
from rulescope.engines.sql.relational.kusto_windows import restarting, without_restarts
from rulescope.engines.sql.relational.scope import Scope, compute, conditions, names_read, put
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import Type, Value, as_text
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.text import nearest_name


@compiles(stages.Where, stages.Search, dialects=TABLES)
def compile_where(stage: stages.Where | stages.Search, frame: Frame, context: Context) -> Frame:
    """The rows for which the condition is true."""
    if stage.predicate is None:
        return frame.filter()
    parts = conditions(stage.predicate, frame, context)
    if not any(part.find(exp.Window) for part in parts):
        return frame.filter(*parts)
    # QUALIFY: what is computed over windows is a column first, and then a condition.
    mark = "_rs_qualified"
    marked = frame.then({**frame.passed(), mark: all_of(parts)})
    return Frame(frame.program, marked.relation, frame.schema, frame.stage, frame.events).filter(column(mark))


@compiles(stages.Eval, dialects=TABLES)
def compile_eval(stage: stages.Eval, frame: Frame, context: Context) -> Frame:
    """Columns set to expressions, from the rows as they were; one that reads another that is set here, and was no
    column before, is set after it."""
    before = frozenset(frame.schema.fields) if context.dialect.assigned_at_once else frozenset()
    pending: dict[str, tuple[Value, str, bool]] = {}
    for assignment in stage.assignments:
        if isinstance(assignment, ir.MacroCall):
            raise undefined_macro(assignment.name, assignment.span)
        read = {part for name in names_read(assignment.expression) for part in _stems(name)}
        if pending and read & (pending.keys() - before):
            frame, pending = put(frame, pending), {}
        expression, frame = restarting(assignment.expression, frame, context)
        pending[assignment.target] = compute(expression, frame, context)
    return without_restarts(put(frame, pending) if pending else frame.then(frame.passed()))


def _stems(name: str) -> set[str]:
    """A name, and what stands before each path or prefix in it."""
    return {name, *(name[:place] for place, letter in enumerate(name) if letter in ".["), name.rpartition(".")[2]}


def chosen(names: Sequence[str], frame: Frame, context: Context, stage: ir.Stage) -> Frame:
    """Only these columns, in that order; a path goes into a column of its own name."""
    values: dict[str, tuple[Value, str, bool]] = {}
    kept: dict[str, Column] = {}
    for name in names:
        if name not in frame.schema.fields:
            values[name] = compute(ir.FieldReference(name, stage.span), frame, context)
    if values:
        frame = put(frame, values)
    for name in names:
        kept[name] = frame.schema.fields[name]
    return frame.then(frame.passed(), frame.schema.with_fields(kept))


@compiles(stages.Table, dialects=TABLES)
def compile_table(stage: stages.Table, frame: Frame, context: Context) -> Frame:
    """Only the columns named, in that order (`project`, a list of columns in SELECT)."""
    names = _named(stage.fields, frame, context)
    if not context.dialect.qualified_names:
        return chosen(names, frame, context, stage)
    # A column that is named with its table is called by its own name in the result, as long as no other is.
    bare = [name.rpartition(".")[2] for name in names]
    renamed = {
        name: short
        for name, short in zip(names, bare, strict=True)
        if short != name and bare.count(short) == 1 and Scope(frame, context).is_qualified(name)
    }
    rows = chosen(names, frame, context, stage)
    fields = {renamed.get(name, name): entry for name, entry in rows.schema.fields.items()}
    return rows.then(rows.passed(), rows.schema.with_fields(fields))


def _named(items: Sequence[stages.FieldItem], frame: Frame, context: Context) -> list[str]:
    """The columns that a list names; one with `*` in it stands for all that fit it, and that it fits none is said."""
    found: dict[str, None] = {}
    for item in items:
        if isinstance(item, ir.MacroCall):
            raise undefined_macro(item.name, item.span)
        name = item.name
        if "*" in name:
            pattern = name.rpartition(".")[2] if name.endswith(".*") else name
            fitting = [one for one in frame.schema.fields if fnmatchcase(one, pattern)]
            if not fitting:
                _tell_none(item, frame, context)
            found.update(dict.fromkeys(fitting))
        else:
            found[name] = None
    return list(found)


def _tell_none(item: ir.FieldReference, frame: Frame, context: Context) -> None:
    what = "like " if "*" in item.name else ""
    near = nearest_name(item.name, frame.schema.fields) if not what else None
    hint = f"did you mean '{near}'?" if near else None
    context.note("RUN130", f"there is no column {what}'{item.name}' here", item.span, hint=hint)


@compiles(stages.Fields, dialects=TABLES)
def compile_fields(stage: stages.Fields, frame: Frame, context: Context) -> Frame:
    """All but the columns named (`project-away`), or only these in the order that they have (`project-keep`)."""
    names = set(_named(stage.fields, frame, context))
    for item in stage.fields:
        if not isinstance(item, ir.FieldReference) or "*" in item.name:
            continue
        if stage.keep:
            Scope(frame, context, deciding=False).name(item.name, item.span)
        elif item.name not in frame.schema.fields:
            _tell_none(item, frame, context)
    fields = {name: entry for name, entry in frame.schema.fields.items() if (name in names) is stage.keep}
    return frame.then(frame.passed(), frame.schema.with_fields(fields))


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """A name by which those that end in numbers are in the order of these."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split("([0-9]+)", name)]


@compiles_command("project-reorder", dialects=(KUSTO,))
def compile_reorder(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The columns named first; no column is lost."""
    found: dict[str, None] = {}
    for argument in stage.arguments:
        item = argument.value
        if not isinstance(item, ir.FieldReference):
            continue
        if "*" not in item.name:
            Scope(frame, context, deciding=False).name(item.name, item.span)
        fitting = [name for name in _named([item], frame, context) if name in frame.schema.fields]
        if argument.name is not None:
            key = _by_numbers if argument.name.startswith("granny") else str
            fitting.sort(key=key, reverse=argument.name.endswith("desc"))
        found.update(dict.fromkeys(fitting))
    first = list(found)
    names = [*first, *(name for name in frame.schema.fields if name not in first)]
    return frame.then(frame.passed(), frame.schema.with_fields({name: frame.schema.fields[name] for name in names}))


@compiles(stages.Rex, dialects=(KUSTO,))
def compile_parse(stage: stages.Rex, frame: Frame, context: Context) -> Frame:
    """`parse`: a column for each named group, empty where the text does not fit (reference, "parse operator")."""
    if stage.sed or stage.max_match != 1 or stage.offset_field is not None:
        raise Refusal("this form of parse is not supported", span=stage.span, code="RUN035")
    value, _, recorded = compute(ir.FieldReference(stage.field, stage.span), frame, context)
    native = native_regex(stage.pattern, context, stage.span)
    names = groups_of(stage.pattern).names
    if native is None or any(group > 9 for _, group in names):
        raise Refusal("this pattern of parse is not supported", span=stage.span, code="RUN035")
    found: dict[str, tuple[Value, str, bool]] = {}
    for name, group in names:
        text = sql("COALESCE(regexp_extract(:x, :p, :g), '')", x=as_text(value), p=native, g=integer(group))
        found[name] = (Value(text, Type.AUTO), "", recorded)
    return put(frame, found)


@compiles(stages.Rename, dialects=TABLES)
def compile_rename(stage: stages.Rename, frame: Frame, context: Context) -> Frame:
    """Columns under other names, in the places that they had."""
    renamed: dict[str, str] = {}
    for renaming in stage.renamings:
        Scope(frame, context, deciding=False).name(renaming.source, renaming.span)
        renamed[renaming.source] = renaming.target
    targets = set(renamed.values())
    fields = {
        renamed.get(name, name): entry
        for name, entry in frame.schema.fields.items()
        if name in renamed or name not in targets
    }
    return frame.then(frame.passed(), frame.schema.with_fields(fields))


@compiles_command("render", "serialize", "as", dialects=(KUSTO,))
def compile_as_it_is(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The rows as they are: how a chart is drawn and what the rows are called makes no difference to them."""
    return frame.then(frame.passed())


@compiles(stages.Head, dialects=TABLES)
def compile_head(stage: stages.Head, frame: Frame, context: Context) -> Frame:
    """The first rows."""
    if stage.condition is not None or stage.count is None:
        raise Refusal("only a number of rows that is a constant is supported", span=stage.span, code="RUN035")
    body = frame.source().order_by(exp.Ordered(this=column(ROW))).limit(stage.count)
    return frame.then(frame.passed(), body=body)


@compiles_command("offset", dialects=(SNOWFLAKE,))
def compile_offset(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The rows after the first so many."""
    count = stage.arguments[0].value if stage.arguments else None
    if not isinstance(count, ir.Constant) or not isinstance(count.value, int) or count.value < 0:
        raise Refusal("only a number of rows that is a constant is supported", span=stage.span, code="RUN035")
    numbered = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]))
    return frame.qualify(sql(":n > :m", n=numbered, m=integer(count.value)))


@compiles(stages.Sort, dialects=TABLES)
def compile_sort(stage: stages.Sort, frame: Frame, context: Context) -> Frame:
    """The rows in order; each key says where rows without a value stand."""
    keys: list[exp.Expression] = []
    for key in stage.keys:
        scope = Scope(frame, context, deciding=bool(stage.count))
        scope.name(key.field, key.span)
        value = scope.frame.value(key.field)
        assert value is not None
        node = as_text(value) if value.type is Type.MULTI else value.node
        keys.append(exp.Ordered(this=node, desc=key.descending, nulls_first=key.nulls_first))
    ordered = frame.then({**frame.passed(), ROW: row_number(keys)})
    if not stage.count:
        return ordered
    body = ordered.source().order_by(exp.Ordered(this=column(ROW))).limit(stage.count)
    return ordered.then(ordered.passed(), body=body)


@compiles(stages.Bucket, dialects=(KUSTO,))
def compile_bucket(stage: stages.Bucket, frame: Frame, context: Context) -> Frame:
    """`bin` of a column by a width that is constant: down to a multiple of it."""
    assert stage.interval is not None
    units = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "": 1.0}
    width = stage.interval.amount * units[stage.interval.unit]
    span = ir.Operation("timespan_seconds", (ir.Constant(width),), stage.interval.span) if stage.interval.unit else None
    number = int(width) if stage.interval.amount.is_integer() else width
    call = ir.Call("bin", (ir.FieldReference(stage.field, stage.span), span or ir.Constant(number)), stage.span)
    return put(frame, {stage.alias or stage.field: compute(call, frame, context)})


@compiles(stages.Dedup, dialects=(SNOWFLAKE,))
def compile_dedup(stage: stages.Dedup, frame: Frame, context: Context) -> Frame:
    """Each row once, by all of its columns (UNION); NULL is the same as NULL there."""
    keys = [entry.value().node for entry in frame.schema.fields.values()]
    number = exp.Window(
        this=exp.RowNumber(), partition_by=keys, order=exp.Order(expressions=[exp.Ordered(this=column(ROW))])
    )
    return frame.qualify(sql(":n = :m", n=number, m=integer(1)))
