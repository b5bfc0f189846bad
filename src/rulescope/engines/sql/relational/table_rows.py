"""A table of a language over tables, as rows of the events at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlglot import exp

from rulescope.engines.sql.build import DIALECT, cases, column, literal, sql
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import TABLES, compiles
from rulescope.engines.sql.frame import Cte, Frame
from rulescope.engines.sql.raw_objects import whole_value
from rulescope.engines.sql.schema import EVENT, ROW, Column, Evidence, Schema, free_name
from rulescope.engines.sql.values import NUMBERS, Type, Value, as_integer, as_multi, as_number, as_text, auto_value
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.knowledge.field_rule import FieldRule
from rulescope.text import Diagnostic, Span

TYPES = {"long": Type.WHOLE, "real": Type.NUMBER, "datetime": Type.NUMBER, "timespan": Type.NUMBER,
         "string": Type.TEXT, "bool": Type.TEXT, "dynamic": Type.AUTO, "list": Type.MULTI}  # fmt: skip
"""What holds a value of each kind: times are epoch seconds, spans of time seconds, truth values `true` and `false`."""


@dataclass(frozen=True, slots=True)
class TypedColumn(Column):
    """A column with the kind of its values (empty: not known). Not `recorded`: no log holds what the column is
    about, so that nothing may be decided by it; `table` is where it is from. `values` are those that logs can give it,
    where they are known. `key_of` is the outer join of which it is the one key of both sides: what the right side is
    called, and the kind of join (`left right full`)."""

    kind: str = ""
    recorded: bool = True
    table: str = ""
    values: frozenset[str] | None = None
    key_of: tuple[str, str] | None = None

    def check_side(self, name: str, span: Span) -> None:
        """Refuses a key that is named with its side (`b.id`) where an outer join has but one of both sides, which has a
        value where that side has no row."""
        if self.key_of is None:
            return
        right, kind = self.key_of
        if kind == "full" or (name.partition(".")[0] == right) == (kind == "left"):
            message = f"'{name}' is not told apart from the other side's after an outer join with USING or NATURAL"
            hint = "join with ON: both columns are there then"
            raise Refusal(message, span=span, code="RUN040", hint=hint)


@runtime_checkable
class RuleResolver(Protocol):
    """Derives a value by rules that are given, as `FieldResolver` does by those that it knows.

    `unlabelled`: some events tell no log that they are from; they may be rows of any table, exported to a file, that
    carry its columns by name.
    """

    @property
    def unlabelled(self) -> bool:
        """Whether some events tell no log that they are from."""

    def by_rules(self, rules: tuple[FieldRule, ...], fields: Mapping[str, Column], whole: bool) -> Value | None:
        """The first value that the rules give; None where none of them can give one. `whole`: an object or a list is
        one value, as JSON."""


@compiles(stages.TableRows, dialects=TABLES)
def compile_table_rows(stage: stages.TableRows, frame: Frame, context: Context) -> Frame:
    """The table's rows. It is the first stage of a pipeline: it reads the events themselves."""
    table = context.events
    if table is None:
        raise Refusal("there are no logs to search", code="RUN013")
    # The condition may read what tells the log of an event, which is no field.
    known = {name: entry.value() for name, entry in table.hidden.items()}
    raw = Frame(frame.program, table.relation, Schema(table.fields, table.hidden), frame.stage, True, known)
    body = exp.Select().from_(exp.Table(this=exp.to_identifier(table.relation, quoted=True)))
    if stage.predicate is not None:
        body = body.where(compile_predicate(stage.predicate, raw, context))
    time = table.fields.get("_time")
    for bound, template in ((context.options.earliest, ":t >= :x"), (context.options.latest, ":t < :x")):
        if time is not None and bound is not None:
            body = body.where(sql(template, t=column(time.physical), x=bound))
    columns: dict[str, exp.Expression | None] = {entry.physical: None for entry in table.hidden.values()}
    columns[ROW] = column(table.row) if table.row != ROW else None
    hidden = dict(table.hidden)
    used = {name.lower() for name in columns}
    event = Evidence(free_name(EVENT, used), Type.NUMBER)
    columns[event.physical] = column(table.row)
    hidden[EVENT] = event
    text = table.fields.get("_raw")
    if text is not None:
        physical = free_name("_raw", used)
        columns[physical] = column(text.physical)
        hidden["_raw"] = Column(physical, Type.TEXT)
    never_null = context.dialect.empty_text
    fields: dict[str, Column] = {}
    if stage.unknown:
        # The logs were given for the rule's sake: it says what it took for the rows.
        message = f"the table '{stage.name}' is not one that logs are known to hold"
        hint = "every event is taken for a row of it, and its fields for the columns, since none tells its log"
        context.diagnostics.append(Diagnostic("RUN046", message, stage.span, "warning", hint))
        for field, held in table.fields.items():
            if field not in ("_raw", "_time"):
                physical = free_name(field, used)
                columns[physical] = held.value().node
                kind = "list" if held.type is Type.MULTI else ""
                fields[field] = TypedColumn(physical, held.type, held.mixed, kind, True, stage.name)
        for name in sorted(context.words - fields.keys() - {"_raw", "_time"}):
            # An object or a list whose parts alone are fields.
            whole = whole_value(name, None, table.fields)
            if whole is not None:
                physical = free_name(name, used)
                columns[physical] = whole.node
                fields[name] = TypedColumn(physical, Type.AUTO, False, "dynamic", True, stage.name)
    exported = not isinstance(context.resolver, RuleResolver) or context.resolver.unlabelled
    for entry in stage.columns:
        own = _own(entry, table.fields) if exported else None
        value = _printed(f"{stage.name}.{entry.name}", entry, own, never_null, context)
        physical = free_name(entry.name, used)
        columns[physical] = value.node
        recorded = bool(entry.rules) or own is not None
        values = None if exported else entry.values
        fields[entry.name] = TypedColumn(physical, value.type, False, entry.kind, recorded, stage.name, values)
    name = frame.program.name(frame.stage)
    frame.program.add(Cte(name, columns, body, frame.stage))
    return Frame(frame.program, name, Schema(fields, hidden), frame.stage, True)


def _printed(key: str, entry: stages.TableColumn, own: Value | None, never_null: bool, context: Context) -> Value:
    """The column over the raw fields. Where a plan is run, its SQL is printed once and kept: rules share them."""
    if context.executor is None:
        return _column(entry, own, never_null, context)
    known = context.printed.get(key)
    if known is None:
        known = _column(entry, own, never_null, context)
        node = exp.Var(this=known.node.sql(dialect=DIALECT, normalize_functions=False))
        known = context.printed[key] = Value(node, known.type)
    return known


def _own(entry: stages.TableColumn, fields: Mapping[str, Column]) -> Value | None:
    """What a field of the column's own name holds, in rows that were exported from the table."""
    held = fields[entry.name].value() if entry.name in fields else None
    return held if entry.kind == "list" else whole_value(entry.name, held, fields)


def _column(entry: stages.TableColumn, own: Value | None, never_null: bool, context: Context) -> Value:
    assert context.events is not None
    value: Value | None = None
    if entry.rules and isinstance(context.resolver, RuleResolver):
        value = context.resolver.by_rules(entry.rules, context.events.fields, entry.kind != "list")
    if own is not None:
        held = _of_exported(own, context.events.hidden)
        if value is None or (own.type is Type.MULTI and entry.kind == "list"):
            value = held
        else:
            value = auto_value(sql("COALESCE(:a, :b)", a=as_text(value), b=as_text(held)))
    kind = TYPES.get(entry.kind, Type.AUTO)
    return Value(_as_kind(value, kind, entry.kind, never_null), kind)


def _of_exported(value: Value, hidden: Mapping[str, Column]) -> Value:
    """The field in events that no Windows log wrote: there it may mean something else."""
    channel = hidden.get("_channel")
    if channel is None:
        return value
    condition = sql("(:c IS NULL)", c=column(channel.physical))
    return Value(cases([(condition, value.node)], None), value.type)


def _as_kind(value: Value | None, kind: Type, name: str, never_null: bool) -> exp.Expression:
    if kind is Type.MULTI:
        return as_multi(value) if value is not None else exp.cast(exp.Null(), "VARCHAR[]")
    if kind is Type.WHOLE:
        return _whole_of_text(value)
    if kind is Type.NUMBER:
        if value is None:
            return exp.cast(exp.Null(), "DOUBLE")
        return time_of_text(value) if name == "datetime" else _number_of_text(value)
    text = as_text(value) if value is not None else exp.cast(exp.Null(), "VARCHAR")
    if name == "string" and never_null:
        return sql("COALESCE(:x, '')", x=text) if value is not None else literal("")
    return sql("lower(:x)", x=text) if name == "bool" else text


def _whole_of_text(value: Value | None) -> exp.Expression:
    """A whole number out of log text, which may be hexadecimal (`0x3e7`)."""
    if value is None:
        return exp.cast(exp.Null(), "BIGINT")
    return as_integer(value) if value.type in NUMBERS else sql("spl_long(:x)", x=as_text(value))


def _number_of_text(value: Value) -> exp.Expression:
    """A number out of log text, which may be hexadecimal (`0x3e7`)."""
    if value.type is Type.NUMBER:
        return value.node
    return sql("COALESCE(spl_number(:x), CAST(TRY_CAST(:x AS BIGINT) AS DOUBLE))", x=as_text(value))


def time_of_text(value: Value) -> exp.Expression:
    """Epoch seconds out of a number, or out of a text that reads as a number or as a date and time (in UTC,
    unless it names a zone)."""
    if value.type in NUMBERS:
        return as_number(value)
    text = as_text(value)
    return sql("COALESCE(spl_number(:x), epoch(TRY_CAST(:x AS TIMESTAMP)) - spl_zone(:x))", x=text)


__all__ = ["TYPES", "TypedColumn", "as_number", "time_of_text"]
