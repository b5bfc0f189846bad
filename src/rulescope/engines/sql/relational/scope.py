"""Expressions of a dialect made ready for the compiler: names found or refused, kinds of values told, and what the
language means by an operator put as a call of the dialect's own functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, integer, literal, sql
from rulescope.engines.sql.compiling import compile_expression, compile_predicate
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import Dialect, Function
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.relational.any_column import ANY_COLUMN, any_column_leaf
from rulescope.engines.sql.relational.column_types import (
    kind_of_binary,
    kind_of_column,
    kind_of_constant,
    kind_of_type,
    tell_apart,
    tell_uncomputed,
    value_in_window,
)
from rulescope.engines.sql.relational.impossible import impossible
from rulescope.engines.sql.relational.moments import parse_moment
from rulescope.engines.sql.relational.parts import element
from rulescope.engines.sql.relational.table_rows import TYPES, TypedColumn
from rulescope.engines.sql.schema import free_name
from rulescope.engines.sql.values import Type, Value, as_text, cast_to, text_value
from rulescope.errors import Refusal
from rulescope.ir.walk import walk
from rulescope.text import NO_SPAN, Span, nearest_name

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]|\['([^']*)'\]")
_ORDERED = frozenset({"eq", "in", "gt", "ge", "lt", "le"})
_NOT_RECORDED = "RUN045"
_WITH_ROWS: dict[tuple[str, str], ir.OperationName] = {("!=", "all"): "not_in_rows", ("=", "any"): "in_rows"}
_TEXTS: dict[str, ir.OperationName] = {"datetime": "datetime_text", "timespan": "timespan_text"}
_READS_TEXTS = frozenset(
    {"tostring", "strcat", "strcat_delim", "strrep", "reverse", "hash_md5", "hash_sha1", "hash_sha256"}
)
"""Functions that take a time or a span of time as the text that it is shown as."""
_OF_SCOPE: frozenset[ir.OperationName] = frozenset(
    {"same", "holds", "in_rows", "not_in_rows", "first_of_rows", "list_of_rows", "as_moment", "as_number",
     "datetime_text", "timespan_text", "whole_division", "remainder", "kept"}
)  # fmt: skip
"""Operations that a scope makes: what stands in them is ready."""
_FEW = 8
"""Up to how many columns are listed for a name that is none of them."""


@dataclass(slots=True)
class Scope:
    """The rows that expressions are read over. `deciding`: what is read decides which rows there are, so that a column
    which no log records is refused; `unrecorded` collects the names of such columns otherwise."""

    frame: Frame
    context: Context
    deciding: bool = True
    unrecorded: set[str] = field(default_factory=set)

    @property
    def dialect(self) -> Dialect:
        """The dialect of the search."""
        return self.context.dialect

    def predicate(self, predicate: ir.Predicate) -> ir.Predicate:
        """The predicate made ready; the frame binds the names that it reads."""
        match predicate:
            case ir.And(operands):
                return replace(predicate, operands=tuple(self.predicate(one) for one in operands))
            case ir.Or(operands):
                return replace(predicate, operands=tuple(self.predicate(one) for one in operands))
            case ir.Not(operand):
                return replace(predicate, operand=self.predicate(operand))
            case ir.Test(expression):
                if isinstance(expression, ir.FieldReference):
                    tell_apart(self.kind(expression), "bool", expression.span, self.context)
                    return self.predicate(ir.Compare(expression.name, "eq", (True,), span=expression.span))
                return replace(predicate, expression=self.expression(expression))
            case ir.Compare():
                return self._compare(predicate)
            case ir.Term():
                return self._compare(any_column_leaf(predicate))
        raise Refusal("this kind of condition is not supported here", span=predicate.span, code="RUN040")

    def _any_column(self, leaf: ir.Compare) -> ir.Predicate:
        """The comparison with any of the columns that logs record: what is looked for within a text is looked for in
        all of them at once, each on a line of its own."""
        fields = self.frame.schema.fields
        names = [name for name, entry in fields.items() if not isinstance(entry, TypedColumn) or entry.recorded]
        if leaf.kind not in ("has", "contains"):
            return ir.Or(tuple(self._compare(replace(leaf, field=name)) for name in names), leaf.span)
        texts = [self._shown(name, leaf.span) for name in names]
        joined = call("concat_ws", call("chr", integer(10)), *texts) if texts else literal("")
        self.frame = self.frame.binding(ANY_COLUMN, text_value(joined))
        return replace(leaf, field=ANY_COLUMN)

    def _shown(self, name: str, span: Span) -> exp.Expression:
        """The column as text; a list gives its elements, one a line."""
        value = compile_expression(self._as_text(ir.FieldReference(name, span)), self.frame, self.context)
        if value.type is Type.MULTI:
            return sql("array_to_string(:x, chr(10))", x=value.node)
        return exp.cast(value.node, "VARCHAR") if value.type is Type.JSON else as_text(value)

    def _compare(self, leaf: ir.Compare) -> ir.Predicate:
        if leaf.field == "*":
            return self._any_column(leaf)
        if leaf.kind == "cidr" and ":" not in str(leaf.values[0]):
            # Of what is no address it is null, so that its negation is not true, either.
            given = ir.FieldReference(leaf.field, leaf.span), ir.Constant(str(leaf.values[0]), leaf.span)
            return ir.Test(self.expression(ir.Call("ipv4_is_in_range", given, leaf.span)), leaf.span)
        kind = self.name(leaf.field, leaf.span)
        if leaf.kind in _ORDERED and (kind == "string" or not leaf.as_text):
            for other in dict.fromkeys(map(kind_of_constant, leaf.values)):
                tell_apart(kind, other, leaf.span, self.context)
        if kind == "datetime" and leaf.kind in _ORDERED:
            moments = tuple(_moment(value, leaf) for value in leaf.values)
            return replace(leaf, values=moments, numeric=True)
        if kind in ("long", "real") and leaf.kind in _ORDERED:
            # SQL compares a number with a text by reading the text as a number.
            return replace(leaf, numeric=True, numbers_only=True)
        return leaf

    def expression(self, expression: ir.Expression) -> ir.Expression:
        """The expression made ready; the frame binds the names that it reads."""
        match expression:
            case ir.FieldReference(name, span):
                self.name(name, span)
            case ir.Call(function, arguments):
                ready = tuple(self.expression(one) for one in arguments)
                if function in _READS_TEXTS:
                    ready = (
                        tuple(self._as_text(one) for one in ready) if len(ready) == 1 or function[0] == "s" else ready
                    )
                return replace(expression, arguments=ready)
            case ir.Operation(name, arguments) if name not in _OF_SCOPE:
                return replace(expression, arguments=tuple(self.expression(one) for one in arguments))
            case ir.Binary(operator, left, ir.Call("all" | "any" as every, (ir.Subsearch() as rows,))):
                # `<> ALL` is how NOT IN is read, `= ANY` is IN.
                wanted = _WITH_ROWS.get((operator, every))
                if wanted is None:
                    message = f"'{operator} {every}' of a query is not supported"
                    raise Refusal(message, span=expression.span, code="RUN035")
                return ir.Operation(wanted, (self.expression(left), rows), expression.span)
            case ir.Binary():
                return self._binary(expression)
            case ir.Unary(operand=operand):
                return replace(expression, operand=self.expression(operand))
            case ir.InList(value, options):
                if len(options) == 1 and isinstance(options[0], ir.Subsearch):
                    return ir.Operation("in_rows", (self.expression(value), options[0]), expression.span)
                ready = tuple(self.expression(one) for one in options)
                if self.kind(value) == "datetime":
                    ready = tuple(self._as_moment(one, self.kind(one)) for one in ready)
                if self.dialect.null_equals_nothing and any(self.kind(one) in ("dynamic", "list") for one in options):
                    # What a dynamic list holds is compared one by one.
                    return ir.Call("in", (self.expression(value), *ready), expression.span)
                listed = replace(expression, value=self.expression(value), options=ready)
                # In Kusto, a null value equals none that is given.
                return ir.Operation("holds", (listed,), listed.span) if self.dialect.null_equals_nothing else listed
            case ir.PredicateExpression(predicate):
                return replace(expression, predicate=self.predicate(predicate))
            case ir.Subsearch():
                return ir.Operation("first_of_rows", (expression,), expression.span)
        return expression

    def _as_text(self, expression: ir.Expression) -> ir.Expression:
        operation = _TEXTS.get(self.kind(expression))
        return ir.Operation(operation, (expression,), expression.span) if operation is not None else expression

    def _binary(self, expression: ir.Binary) -> ir.Expression:
        left, right = self.expression(expression.left), self.expression(expression.right)
        operator = expression.operator
        kinds = self.kind(left), self.kind(right)
        if operator in ("=", "!=", "<", "<=", ">", ">="):
            tell_apart(*kinds, expression.span, self.context)
        tell_uncomputed(operator, *kinds, expression.span, self.context)
        if "datetime" in kinds and operator in ("=", "!=", "<", "<=", ">", ">="):
            left, right = (self._as_moment(one, kind) for one, kind in zip((left, right), kinds, strict=True))
        if self.dialect.days_added and operator in ("+", "-") and kinds[0] == "datetime":
            left, right = self._moved_by_days(operator, left, right, kinds[1])
        if operator == "/" and self.dialect.whole_division and kinds == ("long", "long"):
            return ir.Operation("whole_division", (left, right), expression.span)
        if operator == "%" and self.dialect.whole_division:
            return ir.Operation("remainder", (left, right), expression.span)
        if operator == "+":
            left, right = (ir.Operation("as_number", (one,), one.span) for one in (left, right))
        ready = replace(expression, left=left, right=right)
        if operator in ("=", "!=") and self.dialect.null_equals_nothing:
            # In Kusto, equal is false where a value is null, and unequal true.
            same = ir.Operation("same", (left, right), expression.span)
            return same if operator == "=" else ir.Unary("not", same, expression.span)
        return ready

    def _moved_by_days(
        self, operator: str, left: ir.Expression, right: ir.Expression, kind: str
    ) -> tuple[ir.Expression, ir.Expression]:
        """The sides of a sum of a time and a whole number, which counts days. Raises `Refusal` for two times: whether
        their difference counts days depends on whether they are DATEs, which is not known here."""
        if kind == "datetime" and operator == "-":
            message = "times are not subtracted from one another; DATEDIFF says how far they lie apart"
            raise Refusal(message, span=right.span, code="RUN035")
        if kind != "long":
            return left, right
        return left, ir.Binary("*", right, ir.Constant(86400), right.span)

    def _as_moment(self, expression: ir.Expression, kind: str) -> ir.Expression:
        if kind == "datetime" or (isinstance(expression, ir.Constant) and not isinstance(expression.value, str)):
            return expression
        return ir.Operation("as_moment", (expression,), expression.span)

    def name(self, name: str, span: Span) -> str:
        """Finds a name and gives the kind of its values; raises `Refusal` where there is no such column, or where it
        would decide on rows by what no log records."""
        if name == "*":
            return ""
        entry = self.column(name)
        if entry is None:
            base, steps = self._path(name)
            if base is None:
                raise self._no_column(name, span)
            self._check(base, name, span)
            self.frame = self.frame.binding(name, self._at_path(base, steps))
            return "dynamic"
        self._check(entry, name, span)
        column = self.frame.schema.fields[entry]
        if entry != name:
            if isinstance(column, TypedColumn):
                column.check_side(name, span)
            self.frame = self.frame.binding(name, column.value())
        return kind_of_column(column)

    def _no_column(self, name: str, span: Span) -> Refusal:
        fields = self.frame.schema.fields
        tables = {entry.table for entry in fields.values() if isinstance(entry, TypedColumn) and entry.table}
        message = f"the table '{min(tables)}' has no column '{name}'" if len(tables) == 1 else ""
        near = nearest_name(name, fields)
        listed = ", ".join(fields) if len(fields) <= _FEW else ""
        hint = f"did you mean '{near}'?" if near else f"there are: {listed}" if listed else None
        return Refusal(message or f"there is no column '{name}' here", span=span, code="RUN044", hint=hint)

    def column(self, name: str) -> str | None:
        """The column that a name stands for: its own, or, in SQL, one that is named with its table."""
        fields = self.frame.schema.fields
        if name in fields or not self.dialect.qualified_names:
            return name if name in fields else None
        bare = name.rpartition(".")[2]
        alias = name.partition(".")[0]
        return bare if bare in fields and alias not in fields else None

    def is_qualified(self, name: str) -> bool:
        """Whether a name with a point is a column with its table's, and no path into a value."""
        return self.column(name) is not None and name.partition(".")[0] not in self.frame.schema.fields

    def _path(self, name: str) -> tuple[str | None, list[str | int]]:
        for end in range(len(name) - 1, 0, -1):
            if name[end] in ".[" and (base := self.column(name[:end])) is not None:
                return base, path_steps(name[end:])
        return None, []

    def _at_path(self, column: str, steps: Sequence[str | int]) -> Value:
        """The value at a path in a column that holds JSON."""
        value = self.frame.schema.fields[column].value()
        for step in steps:
            value = element(value, step, self.dialect)
        return value

    def _check(self, column: str, name: str, span: Span) -> None:
        entry = self.frame.schema.fields[column]
        if not isinstance(entry, TypedColumn) or entry.recorded:
            return
        if self.deciding:
            table = f" of {entry.table}" if entry.table else ""
            message = f"no log at hand records '{name}'{table}, and rows are chosen by it"
            raise Refusal(message, span=span, code=_NOT_RECORDED)
        self.unrecorded.add(name)

    def kind(self, expression: ir.Expression) -> str:
        """The kind of the expression's value, as `TYPES` names them; empty where it can't be told."""
        match expression:
            case ir.FieldReference(name):
                column = self.column(name)
                return kind_of_column(self.frame.schema.fields[column]) if column is not None else "dynamic"
            case ir.Constant(value):
                return kind_of_constant(value)
            case ir.Call(function, arguments):
                return self._kind_of(self.dialect.function_of(function), arguments)
            case ir.Operation(name, arguments):
                return self._kind_of(self.dialect.operation_of(name), arguments)
            case ir.Unary("not") | ir.InList() | ir.PredicateExpression():
                return "bool"
            case ir.Unary(operand=operand):
                return self.kind(operand)
            case ir.Binary(operator, left, right):
                return kind_of_binary(operator, self.kind(left), self.kind(right))
        return ""

    def _kind_of(self, function: Function | None, arguments: Sequence[ir.Expression]) -> str:
        kind = function.kind if function is not None else ""
        if kind == "windowed":
            kept = value_in_window(arguments[0])
            return self.kind(kept) if kept is not None else ""
        if kind == "sized":
            return "real" if len(arguments) == 3 else "long"
        if kind == "named":
            return kind_of_type(arguments[1]) if len(arguments) > 1 else ""
        if kind in ("first", "second"):
            place = 0 if kind == "first" else 1
            return self.kind(arguments[place]) if len(arguments) > place else ""
        return kind


def path_steps(path: str) -> list[str | int]:
    """The keys and positions of a path such as `.a['b'][0]`."""
    return [int(two) if two else one or three for one, two, three in _STEP.findall(path)]


def _moment(value: ir.Value, leaf: ir.Compare) -> ir.Value:
    if not isinstance(value, str):
        return value
    found = parse_moment(value)
    if found is None:
        raise Refusal(f"'{value}' is no date and time", span=leaf.span, code="RUN036")
    return found


def typed(value: Value, kind: str, span: Span = NO_SPAN) -> tuple[Value, str]:
    """The value as a column can hold it, and its kind: a condition is `true` or `false`."""
    if value.type is Type.BOOL:
        return text_value(cast_to_truth(value)), "bool"
    if value.type is Type.NULL:
        wanted = TYPES.get(kind, Type.TEXT)
        return Value(cast_to(value, wanted if wanted is not Type.NULL else Type.TEXT), wanted), kind
    if not kind or (kind in TYPES and TYPES[kind] is not value.type):
        held = {Type.NUMBER: "real", Type.WHOLE: "long", Type.MULTI: "list", Type.TEXT: "string"}
        kind = held.get(value.type, "dynamic")
    return value, kind


def cast_to_truth(value: Value) -> exp.Expression:
    """A condition as the text `true` or `false`, NULL where it is neither."""
    return sql("CASE WHEN :c THEN 'true' WHEN NOT :c THEN 'false' END", c=value.node)


def put(frame: Frame, values: dict[str, tuple[Value, str, bool]]) -> Frame:
    """The rows with columns set, all computed from the rows as they are: (value, kind, whether logs record it)."""
    columns = frame.passed()
    fields = dict(frame.schema.fields)
    used = frame.schema.physical_names()
    for name, (value, kind, recorded) in values.items():
        before = fields.get(name)
        physical = before.physical if before is not None else free_name(name, used)
        columns[physical] = value.node
        fields[name] = TypedColumn(physical, value.type, False, kind, recorded)
    return frame.then(columns, frame.schema.with_fields(fields))


def compute(expression: ir.Expression, frame: Frame, context: Context) -> tuple[Value, str, bool]:
    """The expression over the rows, for a column: its value, kind, and whether all that it reads is recorded."""
    scope = Scope(frame, context, deciding=False)
    ready = scope.expression(expression)
    value = compile_expression(ready, scope.frame, context)
    kept, kind = typed(value, scope.kind(ready), expression.span)
    return kept, kind, not scope.unrecorded


def conditions(predicate: ir.Predicate, frame: Frame, context: Context) -> list[exp.Expression]:
    """The predicate as conditions of the database that must all hold."""
    scope = Scope(frame, context)
    parts = predicate.operands if isinstance(predicate, ir.And) else (predicate,)
    for part in parts:
        never = impossible(part, frame)
        if never is not None:
            message = (
                f"no log at hand gives '{never.field}' of {_table_of(frame, never.field)} a value that is asked for"
            )
            raise Refusal(message, span=never.span, code="RUN047")
    ready = [scope.predicate(part) for part in parts]
    return [compile_predicate(part, scope.frame, context) for part in ready]


def _table_of(frame: Frame, name: str) -> str:
    entry = frame.schema.fields.get(name)
    return entry.table if isinstance(entry, TypedColumn) else ""


def names_read(node: object) -> Iterable[str]:
    """The names of columns that an expression reads."""
    for found in walk(node):
        if isinstance(found, ir.FieldReference):
            yield found.name
        elif isinstance(found, ir.Compare):
            yield found.field
