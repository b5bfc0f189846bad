"""Stages that put the rows of more than one pipeline together."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, call, column, integer, named_table, sql
from rulescope.engines.sql.compiling import compile_pipeline
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.evidence import by_keys, of_all, put_beside
from rulescope.engines.sql.frame import Frame, ordered, row_number
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name, is_internal, public
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.stages.merging import same_program, stack, stacked_type, value_of
from rulescope.engines.sql.values import Type, Value, as_number, as_text, cast_to
from rulescope.errors import Refusal
from rulescope.ir import stages

_LEFT, _RIGHT = "_rs_left", "_rs_right"
_RANK = "_rs_rank"


def run_pipeline(
    pipeline: ir.Pipeline,
    frame: Frame,
    context: Context,
    suffix: str = "",
    *,
    most_rows: int = 0,
    events_whole: bool = False,
) -> Frame:
    """The rows of a pipeline of its own, as a relation beside `frame`: the first `most_rows` (0: all).

    With `events_whole` events are not cut. Where there is data, rows that are left out are reported.
    """
    other = compile_pipeline(pipeline, context, program=frame.program, prefix=f"{frame.stage}{suffix}_")
    if most_rows and not (events_whole and other.events):
        other = _first_rows(other, most_rows, pipeline, context)
    return same_program(frame, other, context)


def _first_rows(frame: Frame, most: int, pipeline: ir.Pipeline, context: Context) -> Frame:
    """The first rows of a subsearch. With data, they are counted first: most give less than the bound."""
    if context.executor is not None:
        some = frame.source().select(column(ROW)).limit(most + 1)
        count = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(some.subquery("r"))
        if context.executor.fetch(frame.program.assemble(count))[0][0] <= most:
            return frame
        context.note("RUN102", f"the subsearch gave more than {most:,} rows; the rest was left out", pipeline.span)
    return frame.then(frame.passed(), body=frame.source().order_by(exp.Ordered(this=column(ROW))).limit(most))


@compiles(stages.Append)
def compile_append(stage: stages.Append, frame: Frame, context: Context) -> Frame:
    """The rows of a subsearch after these."""
    other = run_pipeline(stage.pipeline, frame, context, most_rows=stage.most_rows)
    return stack([frame, other], frame.stage)


@compiles(stages.AppendPipe)
def compile_appendpipe(stage: stages.AppendPipe, frame: Frame, context: Context) -> Frame:
    """The rows that a pipeline makes of these, after these."""
    label = frame.stage
    other = compile_pipeline(stage.pipeline, context, frame=frame, prefix=f"{label}_")
    if other.program is not frame.program:
        # The inner pipeline looked at data: both branches go on from stored rows.
        stored = context.materialize(frame).at(label)
        other = same_program(stored, other, context)
        return stack([stored, other], label)
    return stack([frame, other], label)


@compiles(stages.AppendCols)
def compile_appendcols(stage: stages.AppendCols, frame: Frame, context: Context) -> Frame:
    """The fields of a subsearch's rows beside these, first to first; internal fields of the subsearch are left out."""
    other = run_pipeline(stage.pipeline, frame, context, most_rows=stage.most_rows)
    mine = _numbered(frame)
    theirs = _numbered(other.at(f"{frame.stage}_columns"))
    condition = sql(":a = :b", a=column(ROW, _LEFT), b=column(ROW, _RIGHT))
    names = public(other.schema.names())
    columns, schema = _side_by_side(mine, theirs, names, right_first=stage.override, keep_left=not stage.override)
    columns[ROW] = sql("COALESCE(:a, :b)", a=column(ROW, _LEFT), b=column(ROW, _RIGHT))
    body = _joined(mine, theirs, condition, "full")
    return frame.then(columns, schema, body, events=False)


def _numbered(frame: Frame) -> Frame:
    return frame.then({**frame.passed(), ROW: row_number([])})


def _joined(left: Frame, right: Frame, condition: exp.Expression, kind: str) -> exp.Select:
    tables = named_table(left.relation, _LEFT), named_table(right.relation, _RIGHT)
    return exp.Select().from_(tables[0]).join(tables[1], on=condition, join_type=kind)


def _side_by_side(
    left: Frame, right: Frame, names: list[str], *, right_first: bool, keep_left: bool = False
) -> tuple[dict[str, exp.Expression | None], Schema]:
    """The columns of both sides of a join; a field that both have takes the one or the other first."""
    columns: dict[str, exp.Expression | None] = {name: column(name, _LEFT) for name in left.passed()}
    fields = dict(left.schema.fields)
    used = left.schema.physical_names()
    for name in names:
        theirs = right.schema.fields[name]
        other = theirs.value(_RIGHT)
        before = fields.get(name)
        if before is None:
            physical = free_name(theirs.physical, used)
            columns[physical] = other.node
            fields[name] = Column(physical, theirs.type, theirs.mixed)
            continue
        if keep_left:
            continue
        kind = stacked_type([before.type, theirs.type])
        both = [cast_to(before.value(_LEFT), kind), cast_to(other, kind)]
        if right_first:
            both.reverse()
        columns[before.physical] = exp.Coalesce(this=both[0], expressions=[both[1]])
        mixed = before.mixed or theirs.mixed or (kind is Type.AUTO and Type.NUMBER in {before.type, theirs.type})
        fields[name] = Column(before.physical, kind, mixed)
    hidden = dict(left.schema.hidden)
    put_beside(right, _RIGHT, columns, hidden, used)
    return columns, Schema(fields, hidden)


@compiles(stages.Join)
def compile_join(stage: stages.Join, frame: Frame, context: Context) -> Frame:
    """Each row with the fields of the first (or first n) rows of a subsearch that agree with it."""
    if stage.how not in ("", "inner", "leftouter"):
        raise Refusal(f"a join of kind {stage.how} is not supported", span=stage.span, code="RUN035")
    other = run_pipeline(stage.pipeline, frame, context, most_rows=stage.most_rows)
    if stage.left is not None and stage.right is not None:
        frame, other = _prefixed(frame, stage.left), _prefixed(other, stage.right)
    pairs = list(stage.fields)
    if stage.left is not None:
        pairs = [(_with(stage.left, left), _with(stage.right, right)) for left, right in pairs]
    if not pairs:
        common = [name for name in public(frame.schema.names()) if name in other.schema.fields]
        pairs = [(name, name) for name in common]
    if not pairs or any(left not in frame.schema.fields or right not in other.schema.fields for left, right in pairs):
        return frame.then(frame.passed()) if stage.outer else frame.filter(exp.false())
    most = 0 if stage.use_time else stage.max_matches
    ranked = _ranked(other, [right for _, right in pairs], most, f"{frame.stage}_rows")
    conditions = [sql(":a = :b", a=_key(frame, left, _LEFT), b=_key(ranked, right, _RIGHT)) for left, right in pairs]
    keys = {right for _, right in pairs} if stage.left is None else set()
    names = [
        name
        for name in other.schema.names()
        if name not in keys and not (is_internal(name) and name in frame.schema.fields)
    ]
    columns, schema = _side_by_side(frame, ranked, names, right_first=stage.overwrite)
    if stage.max_matches != 1:
        order = [ordered(column(ROW, _LEFT)), ordered(column(ROW, _RIGHT))]
        columns[ROW] = row_number(order, then_row=False)
    if stage.use_time:
        conditions.append(_in_time(stage, frame, ranked))
    body = _joined(frame, ranked, all_of(conditions), "left" if stage.outer else "inner")
    if stage.use_time and stage.max_matches:
        matches = exp.Window(
            this=exp.RowNumber(),
            partition_by=[column(ROW, _LEFT)],
            order=exp.Order(expressions=[exp.Ordered(this=column(ROW, _RIGHT))]),
        )
        body.set("qualify", exp.Qualify(this=sql(":n <= :m", n=matches, m=integer(stage.max_matches))))
    return frame.then(columns, schema, body)


def _in_time(stage: stages.Join, frame: Frame, other: Frame) -> exp.Expression:
    """`usetime`: the row of the subsearch is not later (or, with `earlier=f`, not earlier) than the row it joins."""
    mine, theirs = frame.schema.fields.get("_time"), other.schema.fields.get("_time")
    if mine is None or theirs is None:
        return exp.false()
    template = ":b <= :a" if stage.earlier else ":b >= :a"
    return sql(template, a=as_number(mine.value(_LEFT)), b=as_number(theirs.value(_RIGHT)))


def _with(alias: str | None, name: str) -> str:
    return name if alias is None or name.startswith(f"{alias}.") else f"{alias}.{name}"


def _prefixed(frame: Frame, alias: str) -> Frame:
    """The fields renamed `alias.name`, as `join left=… right=…` gives them; internal ones keep their name."""
    fields = {(name if is_internal(name) else f"{alias}.{name}"): entry for name, entry in frame.schema.fields.items()}
    return Frame(frame.program, frame.relation, frame.schema.with_fields(fields), frame.stage, frame.events)


def _key(frame: Frame, name: str, table: str | None = None) -> exp.Expression:
    return as_text(frame.schema.fields[name].value(table))


def _ranked(frame: Frame, keys: list[str], most: int, stage: str) -> Frame:
    """The first rows of each combination of keys; all of them where `most` is 0."""
    frame = frame.at(stage)
    present = all_of([sql("(:x IS NOT NULL)", x=value_of(frame, name).node) for name in keys])
    rows = frame.filter(present)
    if not most:
        return rows
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[_key(rows, name) for name in keys],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    return rows.qualify(sql(":n <= :m", n=number, m=integer(most)))


@compiles(stages.SelfJoin)
def compile_selfjoin(stage: stages.SelfJoin, frame: Frame, context: Context) -> Frame:
    """Rows joined with other rows of the same result that agree in the fields."""
    keys = expand(item_names(stage.fields), frame)
    if not keys:
        return frame.filter(exp.false())
    label = frame.stage
    numbered = frame.then({**frame.passed(), ROW: row_number([])})
    others = [name for name in public(frame.schema.names()) if name not in keys]
    partition = [_key(numbered, name) for name in keys]
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[node.copy() for node in partition],
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
    )
    present = all_of([sql("(:x IS NOT NULL)", x=value_of(numbered, name).node) for name in keys])
    ranked = numbered.filter(present)
    ranked = ranked.then({**ranked.passed(), _RANK: rank})
    # Each row but a group's first is joined to the first: the first supplies its fields, the others override.
    matched = ranked.at(f"{label}_rows")
    conditions = [sql(":a = :b", a=_key(ranked, name, _LEFT), b=_key(ranked, name, _RIGHT)) for name in keys]
    conditions += [sql(":a = 1", a=column(_RANK, _LEFT)), sql(":a > 1", a=column(_RANK, _RIGHT))]
    if stage.max_matches:
        conditions.append(sql(":a <= :m", a=column(_RANK, _RIGHT), m=integer(stage.max_matches + 1)))
    columns, schema = _side_by_side(ranked, matched, others, right_first=stage.overwrite)
    columns[ROW] = row_number([ordered(column(ROW, _LEFT)), ordered(column(ROW, _RIGHT))], then_row=False)
    kind = "left" if stage.keep_single else "inner"
    body = _joined(ranked, matched, all_of(conditions), kind)
    if stage.keep_single:
        body = body.where(sql(":a = 1", a=column(_RANK, _LEFT)))
    return frame.then(columns, schema, body, events=False)


@compiles(stages.Union)
def compile_union(stage: stages.Union, frame: Frame, context: Context) -> Frame:
    """The rows so far and those of all pipelines: events as one, the newest first, others one after another.

    Search Reference, "union".
    """
    if stage.names:
        raise Refusal(f"union of the data set '{stage.names[0]}' is not supported", span=stage.span, code="RUN035")
    others = [
        run_pipeline(pipeline, frame, context, f"_{number}", most_rows=stage.most_rows, events_whole=True)
        for number, pipeline in enumerate(stage.pipelines, 1)
    ]
    parts = [frame, *others] if frame.schema.fields or frame.events else others
    return stack(parts, frame.stage, by_time=context.newest_first and all(part.events for part in parts))


@compiles(stages.MultiSearch)
def compile_multisearch(stage: stages.MultiSearch, frame: Frame, context: Context) -> Frame:
    """The events of all pipelines as one, the newest first."""
    frames = [
        run_pipeline(pipeline, frame, context, f"_{number}") for number, pipeline in enumerate(stage.pipelines, 1)
    ]
    return stack(frames, frame.stage, by_time=context.newest_first)


@compiles(stages.SetOperation)
def compile_set(stage: stages.SetOperation, frame: Frame, context: Context) -> Frame:
    """Rows that either result has, both have, or only one has; rows are the same where all their fields are."""
    frames = [
        run_pipeline(pipeline, frame, context, f"_{number}") for number, pipeline in enumerate(stage.pipelines, 1)
    ]
    if len(frames) != 2:
        raise Refusal("set needs two searches", span=stage.span, code="RUN039")
    tagged = [
        Frame(part.program, part.relation, part.schema, frame.stage).assign(
            {_RANK: Value(sql("CAST(:n AS DOUBLE)", n=float(index)), Type.NUMBER)}
        )
        for index, part in enumerate(frames)
    ]
    rows = stack(tagged, frame.stage)
    names = [name for name in rows.schema.names() if name != _RANK]
    mark = rows.schema.fields[_RANK]
    keys = [rows.schema.fields[name] for name in names]
    columns: dict[str, exp.Expression | None] = {entry.physical: column(entry.physical) for entry in keys}
    columns[ROW] = call("min", column(ROW))
    told, hidden = by_keys(rows, [column(entry.physical) for entry in keys], {name.lower() for name in columns})
    body = rows.source().group_by(*[column(entry.physical) for entry in keys])
    sides = sql("count(DISTINCT :m)", m=column(mark.physical))
    if stage.operation == "intersect":
        body = body.having(sql(":s = 2", s=sides))
    elif stage.operation == "diff":
        body = body.having(sql(":s = 1", s=sides))
    fields = {name: entry for name, entry in rows.schema.fields.items() if name != _RANK}
    return rows.then({**columns, **told}, Schema(fields, hidden), body, events=False)


@compiles(stages.Format)
def compile_format(stage: stages.Format, frame: Frame, context: Context) -> Frame:
    """One row whose `search` is the condition that the rows make, the fields by name."""
    names = sorted(public(frame.schema.names()))
    parts = []
    for name in names:
        entry = frame.schema.fields[name]
        parts.append(_pair(name, entry.value(), stage))
    joined = sql(
        "array_to_string(list_filter(:l, lambda p: p IS NOT NULL), :s)",
        l=exp.Array(expressions=parts),
        s=f" {stage.column_separator} ",
    )
    row = sql(
        "CASE WHEN :j <> '' THEN :a || ' ' || :j || ' ' || :b END", j=joined, a=stage.column_prefix, b=stage.column_end
    )
    limited = frame
    if stage.max_results:
        body = frame.source().order_by(exp.Ordered(this=column(ROW))).limit(stage.max_results)
        limited = frame.then(frame.passed(), body=body)
    collected = sql(
        "COALESCE(:p || ' ' || string_agg(:r, :s ORDER BY :n) || ' ' || :e, :empty)",
        p=stage.row_prefix,
        r=row,
        s=f" {stage.row_separator} ",
        n=column(ROW),
        e=stage.row_end,
        empty=stage.empty,
    )
    made = limited.then(
        {ROW: exp.cast(exp.Literal.number(0), "BIGINT"), "search": collected},
        Schema({"search": Column("search", Type.TEXT)}, {}),
        limited.source(),
        events=False,
    )
    return of_all(made, limited)


def _pair(name: str, value: Value, stage: stages.Format) -> exp.Expression:
    """`name="value"`, or the values of a multivalue in brackets; a field called `search` or `query` bare."""
    if name in {"search", "query"}:
        return as_text(value)
    template = "replace(replace(:x, '\\', '\\\\'), '\"', '\\\"')"
    if value.type is Type.MULTI:
        items = sql(
            f"list_transform(:l, lambda x: :n || '=\"' || {template.replace(':x', 'x')} || '\"')", l=value.node, n=name
        )
        return sql(
            "CASE WHEN len(:i) = 1 THEN :i[1] ELSE '( ' || array_to_string(:i, :s) || ' )' END",
            i=items,
            s=f" {stage.multivalue_separator} ",
        )
    return sql(f":n || '=\"' || {template} || '\"'", x=as_text(value), n=name)


@compiles(stages.Return)
def compile_return(stage: stages.Return, frame: Frame, context: Context) -> Frame:
    """One row whose `search` holds the values of the first rows."""
    body = frame.source().order_by(exp.Ordered(this=column(ROW))).limit(stage.count)
    limited = frame.then(frame.passed(), body=body)
    parts = []
    for item in stage.items:
        value = limited.value(item.field)
        if value is None:
            continue
        if item.bare:
            parts.append(as_text(value))
        else:
            name = item.alias or item.field
            parts.append(sql(":n || '=\"' || replace(:x, '\"', '\\\"') || '\"'", n=name, x=as_text(value)))
    if not parts:
        return limited.filter(exp.false()).choose(["search"])
    joined = sql("array_to_string(list_filter(:l, lambda p: p IS NOT NULL), ' ')", l=exp.Array(expressions=parts))
    # A bare value of one row stays bare: it may be put into an expression.
    bare = stage.count == 1 and all(item.bare for item in stage.items)
    wrapped = joined if bare else sql("'(' || :j || ')'", j=joined)
    collected = sql("string_agg(:r, ' OR ' ORDER BY :n)", r=wrapped, n=column(ROW))
    rows = limited.then(
        {ROW: exp.cast(exp.Literal.number(0), "BIGINT"), "search": collected},
        Schema({"search": Column("search", Type.TEXT)}, {}),
        limited.source(),
        events=False,
    )
    return of_all(rows, limited).filter(sql(":s IS NOT NULL AND :s <> ''", s=column("search")))
