"""Stages that keep or order rows."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, call, cases, column, integer, sql
from rulescope.engines.sql.compiling import compile_expression, compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame, ordered
from rulescope.engines.sql.schema import ROW
from rulescope.engines.sql.stages.fieldlists import expand, item_names
from rulescope.engines.sql.values import Type, Value, as_condition, as_text
from rulescope.ir import stages

_ADDRESS = r"\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*|([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
"""What an IP address looks like."""


@compiles(stages.Search, stages.Where, stages.Regex)
def compile_filter(stage: stages.Search | stages.Where | stages.Regex, frame: Frame, context: Context) -> Frame:
    """Keeps the rows for which the predicate is true."""
    if stage.predicate is None:
        return frame.filter()
    return frame.filter(*conjuncts(stage.predicate, frame, context))


def conjuncts(predicate: ir.Predicate, frame: Frame, context: Context) -> list[exp.Expression]:
    """The predicate as conditions that must all hold."""
    parts = predicate.operands if isinstance(predicate, ir.And) else (predicate,)
    return [compile_predicate(part, frame, context) for part in parts]


@compiles(stages.Head)
def compile_head(stage: stages.Head, frame: Frame, context: Context) -> Frame:
    """The first rows: a number of them, or as long as a condition holds."""
    if stage.condition is not None:
        condition = as_condition(compile_expression(stage.condition, frame, context), stage.span)
        # With null=true a NULL result lets the rows go on.
        holds = sql("COALESCE(:c, :n)", c=condition, n=stage.null)
        failed = sql("CAST(NOT :h AS INTEGER)", h=holds)
        running = _running_sum(failed)
        limit = sql(":r = 0", r=running)
        if stage.keep_last:
            limit = sql(":r - :f = 0", r=running, f=failed)
        rows = frame.qualify(limit)
        return rows if stage.count is None else _first(rows, stage.count)
    rows = _in_time(frame) if stage.in_time else frame
    return rows if stage.count is None else _first(rows, stage.count)


def _in_time(frame: Frame) -> Frame:
    """The rows in the order of their times; those without one at the end."""
    time = frame.value("_time")
    return frame if time is None else frame.reorder([ordered(time.node, nulls_first=False)])


def _running_sum(node: exp.Expression) -> exp.Expression:
    return exp.Window(
        this=exp.Sum(this=node),
        order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )


def _first(frame: Frame, count: int) -> Frame:
    body = frame.source().order_by(exp.Ordered(this=column(ROW))).limit(count)
    return frame.then(frame.passed(), body=body)


@compiles(stages.Tail)
def compile_tail(stage: stages.Tail, frame: Frame, context: Context) -> Frame:
    """The last rows, last first; or the latest, in order."""
    frame = _in_time(frame) if stage.in_time else frame
    body = frame.source().order_by(ordered(column(ROW, frame.relation), descending=True)).limit(stage.count)
    if stage.in_time:
        return frame.then(frame.passed(), body=body)
    return frame.then({**frame.passed(), ROW: exp.Neg(this=column(ROW))}, body=body)


@compiles(stages.Reverse)
def compile_reverse(stage: stages.Reverse, frame: Frame, context: Context) -> Frame:
    """The rows last to first."""
    return frame.then({**frame.passed(), ROW: exp.Neg(this=column(ROW))})


def sort_order(
    keys: tuple[stages.SortKey, ...], frame: Frame, *, exact: bool, turned: bool = False
) -> list[exp.Expression]:
    """Sort keys as SQL; rows without a value come last, whichever way the key goes, unless it says otherwise.

    `exact`: whole numbers by all of their digits.
    """
    order: list[exp.Expression] = []
    for key in keys:
        value = frame.value(key.field)
        if value is None:
            continue
        automatic = key.comparison == "auto" and value.type is not Type.NUMBER
        nodes = _automatic(value) if automatic else sort_nodes(value, key.comparison)
        if exact and key.comparison in {"auto", "num"} and value.type not in {Type.NUMBER, Type.MULTI}:
            # Right after the number, between those that it is the same for.
            nodes.insert(-2 if automatic else len(nodes), sql("spl_rest(:x)", x=as_text(value)))
        for node in nodes:
            order.append(ordered(node, descending=key.descending != turned, nulls_first=key.nulls_first))
    return order


def _automatic(value: Value) -> list[exp.Expression]:
    """What `sort` orders by where it is told nothing: numbers by size, then addresses as such, then text."""
    _, number, text = sort_nodes(value)
    address = sql("CASE WHEN regexp_full_match(:x, :p) THEN spl_ip_key(:x) END", x=text, p=_ADDRESS)
    rank = sql("CASE WHEN :n IS NOT NULL THEN 0 WHEN :a IS NOT NULL THEN 1 ELSE 2 END", n=number, a=address)
    return [sql("CASE WHEN :x IS NOT NULL THEN :r END", x=text, r=rank), number, address, text]


def sort_nodes(value: Value, comparison: str = "auto") -> list[exp.Expression]:
    """What a value is ordered by: numbers by size and before text, text by its characters; `ip` by address."""
    if value.type is Type.NUMBER and comparison in {"auto", "num"}:
        return [value.node]
    text = as_text(value) if value.type is not Type.MULTI else sql("array_to_string(:x, ' ')", x=value.node)
    match comparison:
        case "num":
            return [sql("spl_number(:x)", x=text)]
        case "str":
            return [text]
        case "ip":
            return [call("spl_ip_key", text)]
    # Numbers before text in ascending order; rows without a value last, as all keys are NULL for them.
    rank = sql("CASE WHEN :x IS NOT NULL THEN CAST(spl_number(:x) IS NULL AS INTEGER) END", x=text)
    return [rank, sql("spl_number(:x)", x=text), text]


@compiles(stages.Sort)
def compile_sort(stage: stages.Sort, frame: Frame, context: Context) -> Frame:
    """The rows in order, or the first of them."""
    order = sort_order(stage.keys, frame, exact=context.dialect.exact_wholes, turned=stage.reverse)
    rows = frame.reorder(order) if order else frame.then(frame.passed())
    return _first(rows, stage.count) if stage.count else rows


@compiles(stages.Dedup)
def compile_dedup(stage: stages.Dedup, frame: Frame, context: Context) -> Frame:
    """The first rows of each combination of values, in the order of `sortby` where it is given."""
    if stage.sort_by:
        frame = frame.reorder(sort_order(stage.sort_by, frame, exact=context.dialect.exact_wholes))
    names = expand(item_names(stage.fields), frame, keep_missing=True)
    values = [frame.value(name) for name in names]
    present = [value for value in values if value is not None]
    if len(present) < len(values):
        # A field that no row has: every row lacks it.
        return frame.filter() if stage.keep_empty or stage.keep_events else frame.filter(exp.false())
    keys = [value.node for value in present]
    missing = any_of([sql("(:x IS NULL)", x=key) for key in keys])
    kept: exp.Expression
    if stage.consecutive:
        kept = _consecutive(keys, stage.count)
    else:
        window = exp.Window(
            this=exp.RowNumber(),
            partition_by=[key.copy() for key in keys],
            order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]),
        )
        kept = sql(":n <= :c", n=window, c=integer(stage.count))
    if stage.keep_events:
        return _keep_events(frame, names, missing, kept)
    if stage.keep_empty:
        return frame.qualify(any_of([missing, kept]))
    return frame.filter(exp.Not(this=exp.Paren(this=missing))).qualify(kept)


def _consecutive(keys: list[exp.Expression], count: int) -> exp.Expression:
    """Whether a row is among the first `count` of its run: one of the `count` rows before it has other values."""
    order = exp.Order(expressions=[exp.Ordered(this=column(ROW))])
    if count == 1:
        lags = [exp.Window(this=call("lag", key), order=order.copy()) for key in keys]
        return any_of([sql(":k IS DISTINCT FROM :b", k=key, b=lag) for key, lag in zip(keys, lags, strict=True)])
    before = exp.WindowSpec(
        kind="ROWS", start=integer(count), start_side="PRECEDING", end=integer(1), end_side="PRECEDING"
    )
    conditions = []
    for key in keys:
        values = exp.Window(this=call("array_agg", key), order=order.copy(), spec=before.copy())
        conditions.append(sql(":b IS DISTINCT FROM list_resize([:k], :c, :k)", k=key, b=values, c=integer(count)))
    return any_of(conditions)


def _keep_events(frame: Frame, names: list[str], missing: exp.Expression, kept: exp.Expression) -> Frame:
    """`keepevents`: every row stays, repetitions lose the fields."""
    columns = frame.passed()
    for name in names:
        entry = frame.schema.fields[name]
        node = column(entry.physical)
        columns[entry.physical] = cases([(any_of([missing, kept]), node)], None)
    return frame.then(columns)


@compiles(stages.Uniq)
def compile_uniq(stage: stages.Uniq, frame: Frame, context: Context) -> Frame:
    """Drops a row whose every field equals that of the row before."""
    keys: list[exp.Expression] = [column(entry.physical) for entry in frame.schema.fields.values()]
    if not keys:
        return frame.filter()
    first = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=column(ROW))]))
    return frame.qualify(any_of([_consecutive(keys, 1), sql(":n = 1", n=first)]))
