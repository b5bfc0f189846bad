"""Conditions and values of Snowflake's SQL as leaves that carry their meaning.

SQL's comparisons with NULL are neither true nor false, and NOT does not turn that: `missing="unknown"` in every leaf.
`=` and LIKE regard case, ILIKE does not; LIKE has no escape character unless ESCAPE names one; RLIKE and REGEXP_LIKE
match the whole value, and `.` no line break unless the parameters say `s`. Source: Snowflake's SQL reference, "LIKE",
"ILIKE", "RLIKE", "String functions (regular expressions)".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlglot import exp

from rulescope import ir
from rulescope.ir import Binary, Call, Compare, Constant, Expression, FieldReference, InList, Predicate, Test
from rulescope.ir.expressions import BinaryOperator, PredicateExpression, Subsearch, Unary
from rulescope.ir.predicates import And, Not, Or
from rulescope.languages.common.patterns import compare_patterns
from rulescope.languages.common.tokens import MAXIMUM_DEPTH, SyntaxProblem
from rulescope.languages.snowflake.patterns import like_pattern, like_pieces, whole_match
from rulescope.languages.snowflake.places import Places
from rulescope.text import Diagnostic, Span

ReadQuery = Callable[[exp.Expr], ir.Pipeline]

_PREDICATES = (ir.And, ir.Or, ir.Not, ir.Compare, ir.Term, ir.Test)
_ORDERED: Final[dict[type[exp.Expr], tuple[ir.ComparisonKind, BinaryOperator]]] = {
    exp.EQ: ("eq", "="),
    exp.NEQ: ("eq", "!="),
    exp.GT: ("gt", ">"),
    exp.GTE: ("ge", ">="),
    exp.LT: ("lt", "<"),
    exp.LTE: ("le", "<="),
}
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.LTE: exp.GTE,
}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], BinaryOperator] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.DPipe: ".",
}  # fmt: skip
_PARTS: dict[type[exp.Expr], ir.ComparisonKind] = {
    exp.Contains: "contains", exp.StartsWith: "starts_with", exp.EndsWith: "ends_with",
}  # fmt: skip
_FOLDS: dict[type[exp.Expr], Callable[[str], str]] = {exp.Lower: str.lower, exp.Upper: str.upper}
_NAMES = {"currenttimestamp": "sysdate", "dateadd": "dateadd", "timestampadd": "dateadd"}


class Conditions:
    """Turns sqlglot's nodes into predicates and expressions. `read_query` reads a query inside one."""

    def __init__(self, places: Places, read_query: ReadQuery) -> None:
        self.places = places
        self.read_query = read_query
        self.diagnostics: list[Diagnostic] = []
        self.depth = 0

    def predicate(self, node: exp.Expr) -> Predicate:
        """The node as a condition. Raises `SyntaxProblem` where it nests too deep."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            message = f"conditions nest deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic("SNO003", message, self.places.span(node)))
        try:
            return self._predicate(node)
        finally:
            self.depth -= 1

    def _predicate(self, node: exp.Expr) -> Predicate:
        span = self.places.span(node)
        match node:
            case exp.Paren(this=inner):
                return self.predicate(inner)
            case exp.And() | exp.Or():
                parts = tuple(self.predicate(part) for part in _chain(node, type(node)))
                return And(parts, span) if isinstance(node, exp.And) else Or(parts, span)
            case exp.Not(this=exp.Is(expression=exp.Null())):
                column = self.column(node.this.this)
                if column is not None and column[1] is None:
                    return Compare(column[0], "exists", span=span)
            case exp.Not(this=inner):
                return Not(self.predicate(inner), span)
            case exp.Is(expression=exp.Null()):
                column = self.column(node.this)
                if column is not None and column[1] is None:
                    return Compare(column[0], "missing", missing="true", span=span)
            case exp.Between(this=value):
                low, high = node.args["low"], node.args["high"]
                ends = self._ordered(exp.GTE, value, low, span), self._ordered(exp.LTE, value, high, span)
                return And(ends, span)
            case exp.In():
                return self._in(node, span)
            case exp.Like() | exp.ILike():
                return self._like(node, None, span)
            case exp.Escape(this=inner, expression=exp.Literal() as escape):
                if isinstance(inner, exp.Like | exp.ILike):
                    return self._like(inner, self.places.literal(escape), span)
            case exp.RegexpLike() | exp.RegexpILike():
                found = self._regex(node, span)
                if found is not None:
                    return found
            case exp.Contains() | exp.StartsWith() | exp.EndsWith():
                column, needle = self.column(node.this), self.text(node.expression)
                if column is not None and needle is not None and self._foldable(column[1], needle):
                    kind = _PARTS[type(node)]
                    spans = (self.places.span(node.expression),)
                    return Compare(
                        column[0], kind, (needle,), column[1] is not None, "unknown", False, "any", span, spans
                    )
            case exp.Column() | exp.Boolean():
                column = self.column(node)
                if column is not None:
                    return Compare(column[0], "eq", (True,), missing="unknown", span=span, value_spans=(span,))
        if type(node) in _ORDERED:
            return self._ordered(type(node), node.this, node.expression, span)
        return Test(self.expression(node), span)

    def column(self, node: exp.Expr) -> tuple[str, Callable[[str], str] | None] | None:
        """The column that a value is, and how its text is folded; None where it is none."""
        fold: Callable[[str], str] | None = None
        while True:
            if isinstance(node, exp.Paren):
                node = node.this
            elif type(node) in _FOLDS:
                fold = fold or _FOLDS[type(node)]
                node = node.this
            elif isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.TEXT_TYPES):
                node = node.this
            else:
                break
        name = column_name(node)
        return None if name is None else (name, fold)

    def text(self, node: exp.Expr | None) -> str | None:
        """A constant text, or None."""
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.RawString):
            return str(node.this)
        return self.places.literal(node) if isinstance(node, exp.Literal) and node.is_string else None

    def constant(self, node: exp.Expr) -> str | int | float | bool | None:
        """A constant of any kind; None for anything else (and for NULL)."""
        while isinstance(node, exp.Paren):
            node = node.this
        match node:
            case exp.Literal():
                return self.places.literal(node) if node.is_string else _number(str(node.this))
            case exp.Neg(this=exp.Literal(is_string=False) as inner):
                number = _number(str(inner.this))
                return -number if isinstance(number, int | float) else None
            case exp.RawString(this=value):
                return str(value)
            case exp.Boolean(this=value):
                return bool(value)
        return None

    def _foldable(self, fold: Callable[[str], str] | None, text: str) -> bool:
        return fold is None or fold(text) == text

    def _ordered(self, kind: type[exp.Expr], left: exp.Expr, right: exp.Expr, span: Span) -> Predicate:
        value, column = self.constant(right), self.column(left)
        if column is None and self.constant(left) is not None:
            value, column = self.constant(left), self.column(right)
            left, right, kind = right, left, _MIRRORED.get(kind, kind)
        name, operator = _ORDERED[kind]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        folded = column is not None and column[1] is not None
        if column is None or value is None or (folded and name != "eq"):
            return Test(Binary(operator, self.expression(left), self.expression(right), span), span)
        if folded and not (isinstance(value, str) and self._foldable(column[1], value)):
            message = "the column's text is folded, the constant is not: they are never equal"
            self.diagnostics.append(Diagnostic("SNO013", message, span, "warning"))
            return Test(Binary(operator, self.expression(left), self.expression(right), span), span)
        places = (self.places.span(right),)
        found = Compare(column[0], name, (value,), folded, "unknown", number, span=span, value_spans=places)
        return Not(found, span) if kind is exp.NEQ else found

    def _in(self, node: exp.In, span: Span) -> Predicate:
        query = node.args.get("query")
        if query is not None:
            rows = Subsearch(self.read_query(query), self.places.span(query))
            return Test(InList(self.expression(node.this), (rows,), span), span)
        column = self.column(node.this)
        values = [self.constant(one) for one in node.expressions]
        listed = tuple(value for value in values if value is not None)
        folds = column[1] if column is not None else None
        if column is None or len(listed) < len(values) or not listed or folds is not None:
            options = tuple(self.expression(one) for one in node.expressions)
            return Test(InList(self.expression(node.this), options, span), span)
        number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in listed)
        places = tuple(self.places.span(one) for one in node.expressions)
        kind: ir.ComparisonKind = "in" if len(listed) > 1 else "eq"
        return Compare(column[0], kind, listed, False, "unknown", number, span=span, value_spans=places)

    def _like(self, node: exp.Expr, escape: str | None, span: Span) -> Predicate:
        """LIKE and ILIKE, also of ANY or ALL of several patterns."""
        ignore_case = isinstance(node, exp.ILike)
        right: exp.Expr = node.expression
        every = isinstance(right, exp.All)
        if isinstance(right, exp.Any | exp.All):
            right = right.this
        many = right.expressions if isinstance(right, exp.Tuple | exp.Array) else [right]
        column = self.column(node.this)
        texts = [self.text(one) for one in many]
        if column is None or any(text is None for text in texts) or not texts:
            name = "ilike" if ignore_case else "like"
            arguments = (self.expression(node.this), *(self.expression(one) for one in many))
            return Test(Call(f"{name}_all" if every else name, arguments, span), span)
        field, fold = column
        known = [text for text in texts if text is not None]
        if fold is not None and not ignore_case and not all(self._foldable(fold, text) for text in known):
            return Test(Call("like", (self.expression(node.this), *(Constant(text) for text in known)), span), span)
        folded = ignore_case or fold is not None
        patterns = [(like_pieces(text, escape), self.places.span(one)) for text, one in zip(known, many, strict=True)]
        if every and len(patterns) > 1:
            return And(tuple(like_pattern(field, pieces, folded, span, place) for pieces, place in patterns), span)
        if len(patterns) == 1:
            return like_pattern(field, patterns[0][0], folded, span, patterns[0][1])
        return compare_patterns(field, patterns, folded, "unknown", span)

    def _regex(self, node: exp.Expr, span: Span) -> Predicate | None:
        column, pattern = self.column(node.this), self.text(node.expression)
        flag = node.args.get("flag")
        flags = self.text(flag) if flag is not None else ""
        if column is None or pattern is None or flags is None:
            return None
        ignore_case = isinstance(node, exp.RegexpILike) or _last_of(flags, "ci") == "i"
        if column[1] is not None:
            if not self._foldable(column[1], pattern) or "\\" in pattern:
                return None
            ignore_case = True
        whole = whole_match(pattern, "".join(one for one in "sm" if one in flags))
        places = (self.places.span(node.expression),)
        return Compare(column[0], "match", (whole,), ignore_case, "unknown", span=span, value_spans=places)

    def expression(self, node: exp.Expr) -> Expression:
        """The node as a value. Raises `SyntaxProblem` where it nests too deep."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            message = f"values nest deeper than {MAXIMUM_DEPTH}"
            raise SyntaxProblem(Diagnostic("SNO003", message, self.places.span(node)))
        try:
            return self._expression(node)
        finally:
            self.depth -= 1

    def _expression(self, node: exp.Expr) -> Expression:
        span = self.places.span(node)
        name = column_name(node)
        if name is not None:
            return FieldReference(name, span)
        constant = self.constant(node)
        if constant is not None or isinstance(node, exp.Null):
            return Constant(constant, span)
        operator = _ARITHMETIC.get(type(node))
        if operator is not None:
            return Binary(operator, self.expression(node.this), self.expression(node.expression), span)
        match node:
            case exp.Paren(this=inner) | exp.Alias(this=inner):
                return self.expression(inner)
            case exp.Neg(this=inner):
                return Unary("-", self.expression(inner), span)
            case exp.Subquery() | exp.Select() | exp.SetOperation():
                return Subsearch(self.read_query(node), span)
            case exp.Var(this=text):
                return Constant(str(text), span)
            case exp.Parameter(this=inner):
                return Call("placeholder", (Constant(f"${inner.name}"),), span)
            case exp.Star():
                return FieldReference("*", span)
            case exp.Cast(this=inner, to=kind):
                return Call("cast", (self.expression(inner), Constant(kind.sql("snowflake").lower())), span)
            case exp.Case():
                return self._case(node, span)
            case exp.Exists(this=inner):
                return Call("exists", (Subsearch(self.read_query(inner), span),), span)
            case exp.And() | exp.Or() | exp.Not() | exp.Predicate() | exp.Between() | exp.In() | exp.Escape():
                if not isinstance(node, exp.Binary) or type(node) in (*_ORDERED, exp.And, exp.Or, exp.Like, exp.ILike):
                    return as_expression(self.predicate(node))
        return self._call(node, span)

    def _case(self, node: exp.Case, span: Span) -> Expression:
        arguments: list[Expression] = []
        subject = self.expression(node.this) if node.this is not None else None
        for branch in node.args.get("ifs") or ():
            if subject is None:
                arguments.append(as_expression(self.predicate(branch.this)))
            else:
                arguments.append(Binary("=", subject, self.expression(branch.this)))
            arguments.append(self.expression(branch.args["true"]))
        default = node.args.get("default")
        if default is not None:
            arguments += [Constant(True), self.expression(default)]
        return Call("case", tuple(arguments), span)

    def _call(self, node: exp.Expr, span: Span) -> Expression:
        """A function by its name; what sqlglot has a class for, by Snowflake's own word for it."""
        if isinstance(node, exp.Anonymous):
            name = str(node.this).lower()
            children: list[exp.Expr] = list(node.expressions)
        else:
            name = node.sql_name().lower() if isinstance(node, exp.Func) else node.key
            name = _NAMES.get(node.key, name)
            children = list(_children(node))
        return Call(name, tuple(self.expression(child) for child in children), span)


def as_expression(predicate: Predicate) -> Expression:
    """A condition as a value: true or false."""
    if isinstance(predicate, Test):
        return predicate.expression
    if isinstance(predicate, _PREDICATES):
        return PredicateExpression(predicate, predicate.span)
    return predicate  # type: ignore[return-value]


def column_name(node: exp.Expr) -> str | None:
    """A column's name: without quotes, small letters where it has none (Snowflake regards no case there), and with
    the path of a `variant:path`."""
    match node:
        case exp.Column(this=exp.Identifier() as inner):
            table = node.args.get("table")
            prefix = f"{_identifier(table)}." if isinstance(table, exp.Identifier) else ""
            return prefix + _identifier(inner)
        case exp.Identifier():
            return _identifier(node)
        case exp.JSONExtract(this=inner, expression=exp.JSONPath() as path):
            base = column_name(inner)
            parts = [part.this for part in path.expressions if not isinstance(part, exp.JSONPathRoot)]
            if base is not None and all(isinstance(part, str | int) for part in parts):
                return base + "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in parts)
        case exp.Bracket(this=inner, expressions=[exp.Literal() as key]):
            base = column_name(inner)
            if base is not None:
                return f"{base}.{key.this}" if key.is_string else f"{base}[{key.this}]"
        case exp.Dot(this=inner, expression=exp.Identifier() as key):
            base = column_name(inner)
            return None if base is None else f"{base}.{_identifier(key)}"
    return None


def _identifier(node: exp.Identifier) -> str:
    name = str(node.this)
    return name if node.args.get("quoted") else name.lower()


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, exp.Expr))


def _chain(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    """The parts of `a AND b AND c`, which may be thousands: nothing recurses along them."""
    parts: list[exp.Expr] = []
    while isinstance(node, kind):
        parts.append(node.expression)
        node = node.this
    parts.append(node)
    parts.reverse()
    return parts


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdigit() and len(text) <= 30 else float(text)
    except ValueError:
        return None


def _last_of(text: str, letters: str) -> str:
    """The last of some letters: of parameters that contradict one another, the last one counts."""
    return next((one for one in reversed(text) if one in letters), "")
