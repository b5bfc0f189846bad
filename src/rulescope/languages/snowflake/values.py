"""Values of Snowflake's SQL: constants, columns, and functions by Snowflake's own names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Final

from sqlglot import exp

from rulescope import ir
from rulescope.ir import Binary, Call, Constant, Expression, FieldReference, Operation, OperationName, Predicate
from rulescope.ir.expressions import BinaryOperator, PredicateExpression, Subsearch, Unary
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import MAXIMUM_DEPTH
from rulescope.languages.snowflake.names import column_name, outer_columns, path_parts, path_text
from rulescope.languages.snowflake.places import Places
from rulescope.text import Diagnostic, Severity, Span

MAXIMUM_STEPS = 100_000
"""Parts of a query that are read. `case x when …` reads x again for every branch."""

ReadQuery = Callable[[exp.Expr], ir.Pipeline]

_PREDICATES = (ir.And, ir.Or, ir.Not, ir.Compare, ir.Term, ir.Test)
_ARITHMETIC: dict[type[exp.Expr], BinaryOperator] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.DPipe: ".",
}  # fmt: skip
_FOLDS: dict[type[exp.Expr], Callable[[str], str]] = {exp.Lower: str.lower, exp.Upper: str.upper}
_CONDITIONS = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
    exp.Like, exp.ILike, exp.Escape, exp.RegexpLike, exp.Contains, exp.StartsWith, exp.EndsWith,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.EqualNull,
)  # fmt: skip
_DATE_PARTS: Final[dict[str, int]] = {
    "date_part": 0, "dateadd": 0, "timeadd": 0, "timestampadd": 0, "datediff": 0, "timediff": 0, "timestampdiff": 0,
    "date_trunc": 0, "last_day": 1,
}  # fmt: skip
"""Which argument of a function is the name of a part of a date. Source: SQL reference, "Date & time functions"."""
_NAMES: Final[dict[type[exp.Expr], str]] = {
    exp.CurrentTimestamp: "current_timestamp", exp.CurrentDate: "current_date", exp.Localtime: "current_time",
    exp.CurrentUser: "current_user", exp.StrPosition: "position", exp.Array: "array_construct",
    exp.Struct: "object_construct", exp.PropertyEQ: "key", exp.ApproxDistinct: "approx_count_distinct",
    exp.ArrayUniqueAgg: "array_unique_agg", exp.ArrayAgg: "array_agg", exp.VariancePop: "var_pop",
    exp.StddevPop: "stddev_pop", exp.StddevSamp: "stddev_samp", exp.Kwarg: "argument", exp.EqualNull: "equal_null",
    exp.JSONExtract: "get_path",
}  # fmt: skip


class Values:
    """Turns sqlglot's nodes into expressions. `read_query` reads a query inside one; `own` are the names of tables
    whose columns need none."""

    def __init__(self, places: Places, read_query: ReadQuery) -> None:
        self.places = places
        self.read_query = read_query
        self.own: Set[str] = frozenset()
        self.diagnostics: list[Diagnostic] = []
        self.depth = 0
        self.steps = 0

    def predicate(self, node: exp.Expr) -> Predicate:
        """The node as a condition."""
        raise NotImplementedError

    def equal(self, left: exp.Expr, right: exp.Expr) -> Predicate:
        """The condition that two values are equal, at the place of the second."""
        raise NotImplementedError

    def note(self, code: str, message: str, node: exp.Expr, severity: Severity = "warning", hint: str = "") -> None:
        """Note something doubtful at a node."""
        self.diagnostics.append(Diagnostic(code, message, self.places.span(node), severity, hint or None))

    def enter(self, node: exp.Expr) -> None:
        """One level deeper; raises `SyntaxProblem` where that is too deep, or where the query asks for too much."""
        self.depth += 1
        self.steps += 1
        if self.steps > MAXIMUM_STEPS:
            message = f"this makes more than {MAXIMUM_STEPS:,} parts"
            raise SyntaxProblem(Diagnostic("SNO004", message, self.places.span(node)))
        if self.depth > MAXIMUM_DEPTH:
            message = f"this nests deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic("SNO003", message, self.places.span(node)))

    def name(self, node: exp.Expr) -> str | None:
        """The name of a column, or None for anything else."""
        return column_name(node, self.own)

    def column(self, node: exp.Expr) -> tuple[str, Callable[[str], str] | None] | None:
        """The column that a value is, and how its text is folded; None where it is none."""
        fold: Callable[[str], str] | None = None
        while True:
            if type(node) in _FOLDS:
                fold = fold or _FOLDS[type(node)]
            elif not (
                isinstance(node, exp.Paren)
                or (type(node) is exp.Cast and node.to.is_type(*exp.DataType.TEXT_TYPES) and not node.to.expressions)
            ):
                break
            node = node.this
        name = self.name(node)
        return None if name is None else (name, fold)

    def text(self, node: exp.Expr | None) -> str | None:
        """A constant text, also one put together of constants; None for anything else."""
        while isinstance(node, exp.Paren):
            node = node.this
        match node:
            case exp.RawString(this=value):
                return str(value)
            case exp.Literal(is_string=True):
                return self.places.literal(node)
            case exp.Lower(this=inner) | exp.Upper(this=inner):
                text = self.text(inner)
                return None if text is None else _FOLDS[type(node)](text)
            case exp.DPipe():
                parts = [self.text(part) for part in chain(node, exp.DPipe)]
                return None if None in parts else "".join(part for part in parts if part is not None)
        return None

    def constant(self, node: exp.Expr) -> str | int | float | bool | None:
        """A constant of any kind; None for anything else (and for NULL)."""
        while isinstance(node, exp.Paren):
            node = node.this
        match node:
            case exp.Literal(is_string=False):
                return _number(str(node.this))
            case exp.Neg(this=exp.Literal(is_string=False) as inner):
                number = _number(str(inner.this))
                return None if number is None else -number
            case exp.Boolean(this=value):
                return bool(value)
        return self.text(node)

    def expression(self, node: exp.Expr) -> Expression:
        """The node as a value. Raises `SyntaxProblem` where it nests too deep."""
        self.enter(node)
        try:
            return self._expression(node)
        finally:
            self.depth -= 1

    def _expression(self, node: exp.Expr) -> Expression:
        span = self.places.span(node)
        name = self.name(node)
        if name is not None:
            return FieldReference(name, span)
        if isinstance(node, exp.Null):
            return Constant(None, span)
        constant = self.constant(node)
        if constant is not None:
            return Constant(constant, span)
        if isinstance(node, _CONDITIONS):
            return as_expression(self.predicate(node))
        operator = _ARITHMETIC.get(type(node))
        if operator is not None:
            parts = chain(node, type(node))
            value = self.expression(parts[0])
            for part in parts[1:]:
                value = Binary(operator, value, self.expression(part), span)
            return value
        match node:
            case exp.Paren(this=inner) | exp.Alias(this=inner):
                return self.expression(inner)
            case exp.Neg(this=inner):
                return Unary("-", self.expression(inner), span)
            case exp.Subquery() | exp.Select() | exp.SetOperation():
                return Subsearch(self.read_query(node), span, outer_columns(node))
            case exp.Exists(this=inner):
                rows = Subsearch(self.read_query(inner), self.places.span(inner), outer_columns(inner))
                return Call("exists", (rows,), span)
            case exp.Var(this=text):
                return Constant(str(text).lower(), span)
            case exp.Parameter() | exp.Placeholder():
                # `$latest$`, `$1`, `:name`, `?`: what stands for it is not in the query.
                return Operation("parameter", (Constant(self.places.text_of(span) or "?"),), span)
            case exp.Star():
                return FieldReference("*", span)
            case exp.Column(this=exp.Star(), table=table):
                return FieldReference(f"{table}.*", span)
            case exp.Cast(this=inner, to=kind):
                function = "try_cast" if isinstance(node, exp.TryCast) else "cast"
                return Call(function, (self.expression(inner), Constant(kind.sql("snowflake").lower())), span)
            case exp.JSONExtract(this=inner, expression=exp.JSONPath() as path):
                keys = path_parts(path)
                if keys is not None:
                    text = path_text(keys).removeprefix(".")
                    return Call("get_path", (self.expression(inner), Constant(text)), span)
            case exp.Bracket(this=inner, expressions=[key]):
                return Call("get", (self.expression(inner), self.expression(key)), span)
            case exp.Case():
                return self._case(node, span)
            case exp.Window():
                return self._window(node, span)
            case exp.Order():
                return self._order(node)
        return self._other(node, span)

    def _other(self, node: exp.Expr, span: Span) -> Expression:
        """Calls, and what is written as none but means one."""
        match node:
            case exp.Concat(expressions=parts):
                self.note(
                    "SNO014", "two texts stand side by side, with nothing between them", node,
                    hint="write a comma or || between them",
                )  # fmt: skip
                return Call("concat", tuple(self.expression(part) for part in parts), span)
            case exp.WithinGroup(this=inner, expression=order):
                return Operation("within_group", (self.expression(inner), self._order(order)), span)
            case exp.GroupConcat(this=inner):
                return self._joined(node, inner, span)
            case exp.Interval():
                return Call("interval", (Constant(self._words(node)),), span)
        return self.call(node, span)

    def _joined(self, node: exp.GroupConcat, inner: exp.Expr, span: Span) -> Expression:
        """`listagg(x, ',')`, with the order of its rows where it has one."""
        value = inner.this if isinstance(inner, exp.Order) else inner
        separator = node.args.get("separator")
        if isinstance(value, exp.Distinct) and len(value.expressions) > 1:
            value, separator = exp.Distinct(expressions=value.expressions[:1]), value.expressions[1]
        parts = [value] if separator is None else [value, separator]
        call = Call("listagg", tuple(self.expression(part) for part in parts), span)
        return Operation("within_group", (call, self._order(inner)), span) if isinstance(inner, exp.Order) else call

    def _case(self, node: exp.Case, span: Span) -> Expression:
        arguments: list[Expression] = []
        for branch in node.args.get("ifs") or ():
            # `case x when 1` is `case when x = 1`. Source: SQL reference, "CASE".
            test = self.predicate(branch.this) if node.this is None else self.equal(node.this, branch.this)
            arguments.append(as_expression(test))
            arguments.append(self.expression(branch.args["true"]))
        default = node.args.get("default")
        if default is not None:
            arguments += [Constant(True), self.expression(default)]
        return Call("case", tuple(arguments), span)

    def _window(self, node: exp.Window, span: Span) -> Expression:
        parts: list[Expression] = [self.expression(node.this)]
        by = node.args.get("partition_by") or ()
        if by:
            parts.append(Operation("partition_by", tuple(self.expression(one) for one in by)))
        order = node.args.get("order")
        if order is not None:
            parts.append(self._order(order))
        frame = node.args.get("spec")
        if frame is not None:
            unit = str(frame.args.get("kind") or "rows").lower()
            ends = self._bound(frame, "start"), self._bound(frame, "end")
            parts.append(Operation("frame", (Constant(unit), *ends)))
        return Operation("window", tuple(parts), span)

    def _bound(self, frame: exp.WindowSpec, name: str) -> Expression:
        """How far an end of a frame lies from the row: before it where negative, NULL for all rows on that side."""
        bound = frame.args.get(name)
        if isinstance(bound, exp.Expr):
            size = self.expression(bound)
            before = str(frame.args.get(f"{name}_side")).lower() == "preceding"
            if not before:
                return size
            number = size.value if isinstance(size, Constant) else None
            return Constant(-number, size.span) if isinstance(number, int | float) else Unary("-", size, size.span)
        return Constant(None if str(bound).lower() == "unbounded" else 0)

    def _order(self, node: exp.Order) -> Expression:
        keys: list[Expression] = []
        for key in node.expressions:
            inner = key.this if isinstance(key, exp.Ordered) else key
            name: OperationName = "descending" if key.args.get("desc") else "ascending"
            ordered = Operation(name, (self.expression(inner),), self.places.span(key))
            first = key.args.get("nulls_first")
            if first is not None and bool(first) != bool(key.args.get("desc")):
                # Snowflake's rule has NULL above all other values. Source: SQL reference, "ORDER BY".
                ordered = Operation("nulls_first" if first else "nulls_last", (ordered,), ordered.span)
            keys.append(ordered)
        return Operation("order_by", tuple(keys), self.places.span(node))

    def _words(self, node: exp.Expr) -> str:
        return " ".join(node.sql("snowflake").lower().split())

    def call(self, node: exp.Expr, span: Span) -> Expression:
        """A function by its name, its arguments as they are written."""
        if isinstance(node, exp.Anonymous):
            name = str(node.this.this if isinstance(node.this, exp.Identifier) else node.this).lower()
            children: list[exp.Expr] = list(node.expressions)
        else:
            name = _NAMES.get(type(node)) or (node.sql_name().lower() if isinstance(node, exp.Func) else node.key)
            children = list(_children(node))
        if len(children) == 1 and isinstance(children[0], exp.Distinct) and len(children[0].expressions) > 1:
            # `listagg(distinct a, ',')`: only the first is what the word is about.
            first, *rest = children[0].expressions
            children = [exp.Distinct(expressions=[first]), *rest]
        part = _DATE_PARTS.get(name)
        arguments: list[Expression] = []
        for place, child in enumerate(children):
            if place == part and isinstance(child, exp.Column):
                arguments.append(Constant(str(child.name).lower(), self.places.span(child)))
            else:
                arguments.append(self.expression(child))
        return Call(name, tuple(arguments), span)


def as_expression(predicate: Predicate) -> Expression:
    """A condition as a value: true or false."""
    if isinstance(predicate, ir.Test):
        return predicate.expression
    if isinstance(predicate, _PREDICATES):
        return PredicateExpression(predicate, predicate.span)
    return predicate  # type: ignore[return-value]


def chain(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    """The parts of `a AND b AND c`, which may be thousands: nothing recurses along them."""
    parts: list[exp.Expr] = []
    while isinstance(node, kind):
        parts.append(node.args["expression"])
        node = node.this
    parts.append(node)
    parts.reverse()
    return parts


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, exp.Expr))


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdigit() and len(text) <= 30 else float(text)
    except ValueError:
        return None
