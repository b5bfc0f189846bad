"""Conditions of Snowflake's SQL as leaves that carry their meaning.

SQL's comparisons with NULL are neither true nor false, and NOT does not turn that: `missing="unknown"` in every leaf.
`=` and LIKE regard case, ILIKE does not; LIKE has no escape character unless ESCAPE names one; RLIKE and REGEXP_LIKE
match the whole value, and `.` no line break unless the parameters say `s`. Source: Snowflake's SQL reference, "LIKE",
"ILIKE", "RLIKE", "String functions (regular expressions)", "Ternary logic".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from rulescope import ir
from rulescope.ir import Binary, Call, Compare, InList, Operation, OperationName, Predicate, Test
from rulescope.ir.expressions import BinaryOperator, Subsearch
from rulescope.ir.patterns import like_pieces
from rulescope.ir.predicates import And, Not, Or
from rulescope.languages.common.patterns import compare_patterns
from rulescope.languages.snowflake.names import outer_columns
from rulescope.languages.snowflake.patterns import half_open, like_pattern, whole_match
from rulescope.languages.snowflake.texts import doubtful_escapes
from rulescope.languages.snowflake.values import Values, chain
from rulescope.text import Span

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
_PARTS: dict[type[exp.Expr], ir.ComparisonKind] = {
    exp.Contains: "contains", exp.StartsWith: "starts_with", exp.EndsWith: "ends_with",
}  # fmt: skip
_LISTED_PATTERNS: dict[tuple[str, bool], OperationName] = {
    ("like", False): "like_any", ("like", True): "like_all",
    ("ilike", False): "ilike_any", ("ilike", True): "ilike_all",
}  # fmt: skip
"""LIKE and ILIKE of several patterns, one of which has to fit, or all."""


class Conditions(Values):
    """Turns sqlglot's nodes into predicates, and into expressions as `Values` does."""

    def predicate(self, node: exp.Expr) -> Predicate:
        """The node as a condition. Raises `SyntaxProblem` where it nests too deep."""
        self.enter(node)
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
                parts = tuple(self.predicate(part) for part in chain(node, type(node)))
                return And(parts, span) if isinstance(node, exp.And) else Or(parts, span)
            case exp.Not(this=exp.Is(this=inner, expression=exp.Null())):
                return self._null(inner, "exists", span) or Not(self.predicate(node.this), span)
            case exp.Not(this=inner):
                return Not(self.predicate(inner), span)
            case exp.Is(this=inner, expression=exp.Null()):
                return self._null(inner, "missing", span) or Test(Operation("is_null", (self.expression(inner),)), span)
            case exp.Is(this=inner, expression=exp.Boolean(this=wanted)):
                column = self.column(inner)
                if column is not None and column[1] is None:
                    return Compare(column[0], "eq", (bool(wanted),), span=span, value_spans=(span,))
                return Test(Operation("is_true" if wanted else "is_false", (self.expression(inner),)), span)
            case exp.NullSafeEQ() | exp.EqualNull():
                return self._null_safe(node, span)
            case exp.NullSafeNEQ():
                return Not(self._null_safe(node, span), span)
            case exp.Between(this=value):
                low, high = node.args["low"], node.args["high"]
                ends = self._ordered(exp.GTE, value, low, span), self._ordered(exp.LTE, value, high, span)
                return And(ends, span)
            case exp.In():
                return self._in(node, span)
            case exp.Like() | exp.ILike():
                return self._like(node, None, span)
            case exp.Escape(this=exp.Like() | exp.ILike() as inner, expression=escape):
                return self._like(inner, escape, span)
            case exp.Is() | exp.Escape():
                return Test(self.call(node, span), span)
            case exp.RegexpLike():
                return self._regex(node, span)
            case exp.Anonymous(this="regexp" | "REGEXP", expressions=[value, pattern]):
                return self._regex(exp.RegexpLike(this=value, expression=pattern), span)
            case exp.Contains() | exp.StartsWith() | exp.EndsWith():
                return self._part(node, span)
            case exp.Column() | exp.JSONExtract() | exp.Bracket() | exp.Dot():
                column = self.column(node)
                if column is not None:
                    return Compare(column[0], "eq", (True,), missing="unknown", span=span, value_spans=(span,))
        if type(node) in _ORDERED:
            return self._ordered(type(node), node.args["this"], node.args["expression"], span)
        return Test(self.expression(node), span)

    def equal(self, left: exp.Expr, right: exp.Expr) -> Predicate:
        """The condition that two values are equal, at the place of the second."""
        return self._ordered(exp.EQ, left, right, self.places.span(right))

    def _null(self, node: exp.Expr, kind: ir.ComparisonKind, span: Span) -> Predicate | None:
        column = self.column(node)
        # JSON's null is a value; converted to a text it is NULL.
        converted = type(node) not in (exp.JSONExtract, exp.Bracket) and node.find(exp.JSONExtract, exp.Bracket)
        if column is None or converted:
            return None
        # A folded text is NULL where the column is.
        return Compare(column[0], kind, missing="true" if kind == "missing" else "false", span=span)

    def _null_safe(self, node: exp.Expr, span: Span) -> Predicate:
        """`IS NOT DISTINCT FROM`: NULL is a value like others. Source: SQL reference, "IS [ NOT ] DISTINCT FROM"."""
        left, right = node.args["this"], node.args["expression"]
        if isinstance(right, exp.Null):
            found = self._null(left, "missing", span)
            if found is not None:
                return found
        column, value = self.column(left), self.constant(right)
        if column is not None and column[1] is None and value is not None:
            places = (self.places.span(right),)
            return Compare(column[0], "eq", (value,), numeric=_is_number(value), span=span, value_spans=places)
        return Test(Call("equal_null", (self.expression(left), self.expression(right)), span), span)

    def _fits(self, fold: Callable[[str], str] | None, text: str, node: exp.Expr) -> bool:
        """Whether a folded column can be what the text says; a diagnostic where it can't."""
        if fold is None or fold(text) == text:
            return True
        message = "the column's text is folded, the constant is not: this is never true"
        self.note("SNO013", message, node)
        return False

    def _ordered(self, kind: type[exp.Expr], left: exp.Expr, right: exp.Expr, span: Span) -> Predicate:
        value, column = self.constant(right), self.column(left)
        if column is None and self.constant(left) is not None:
            value, column = self.constant(left), self.column(right)
            left, right, kind = right, left, _MIRRORED.get(kind, kind)
        name, operator = _ORDERED[kind]
        folded = column is not None and column[1] is not None
        if (
            column is None
            or value is None
            or (folded and name != "eq")
            or (folded and not (isinstance(value, str) and self._fits(column[1], value, right)))
        ):
            return Test(Binary(operator, self.expression(left), self.expression(right), span), span)
        self._check_text(right)
        places = (self.places.span(right),)
        found = Compare(column[0], name, (value,), folded, "unknown", _is_number(value), span=span, value_spans=places)
        return Not(found, span) if kind is exp.NEQ else found

    def _in(self, node: exp.In, span: Span) -> Predicate:
        query = node.args.get("query")
        if query is not None:
            rows = Subsearch(self.read_query(query), self.places.span(query), outer_columns(query))
            return Test(InList(self.expression(node.this), (rows,), span), span)
        column = self.column(node.this)
        values = [self.constant(one) for one in node.expressions]
        listed = tuple(value for value in values if value is not None)
        fits = column is None or all(
            self._fits(column[1], str(value), one) for value, one in zip(values, node.expressions, strict=True)
        )
        if column is None or len(listed) < len(values) or not listed or not fits:
            options = tuple(self.expression(one) for one in node.expressions)
            return Test(InList(self.expression(node.this), options, span), span)
        for one in node.expressions:
            self._check_text(one)
        number = all(_is_number(value) for value in listed)
        places = tuple(self.places.span(one) for one in node.expressions)
        kind: ir.ComparisonKind = "in" if len(listed) > 1 else "eq"
        folded = column[1] is not None
        return Compare(column[0], kind, listed, folded, "unknown", number, span=span, value_spans=places)

    def _part(self, node: exp.Expr, span: Span) -> Predicate:
        """CONTAINS, STARTSWITH, ENDSWITH: with case, no wildcards."""
        value, part = node.args["this"], node.args["expression"]
        column, needle = self.column(value), self.text(part)
        kind = _PARTS[type(node)]
        if column is None or needle is None or not self._fits(column[1], needle, part):
            name = kind.replace("_", "")
            return Test(Call(name, (self.expression(value), self.expression(part)), span), span)
        self._check_text(part)
        folded = column[1] is not None
        return Compare(column[0], kind, (needle,), folded, "unknown", span=span, value_spans=(self.places.span(part),))

    def _like(self, node: exp.Expr, escape: exp.Expr | None, span: Span) -> Predicate:
        """LIKE and ILIKE, also of ANY or ALL of several patterns."""
        ignore_case = isinstance(node, exp.ILike)
        value, right = node.args["this"], node.args["expression"]
        every = isinstance(right, exp.All)
        if isinstance(right, exp.Any | exp.All):
            right = right.this
        while isinstance(right, exp.Paren):
            right = right.this
        many = right.expressions if isinstance(right, exp.Tuple | exp.Array) else [right]
        column = self.column(value)
        texts = [self.text(one) for one in many]
        known = [text for text in texts if text is not None]
        letter = self.text(escape) if escape is not None else ""
        fits = (
            ignore_case
            or column is None
            or all(self._fits(column[1], text, one) for text, one in zip(known, many, strict=False))
        )
        if column is None or len(known) < len(many) or not known or letter is None or len(letter) > 1 or not fits:
            name = "ilike" if ignore_case else "like"
            arguments = [self.expression(value), *(self.expression(one) for one in many)]
            if escape is not None:
                arguments.append(Operation("escape", (self.expression(escape),)))
            if isinstance(right, exp.Tuple | exp.Array):
                return Test(Operation(_LISTED_PATTERNS[name, every], tuple(arguments), span), span)
            return Test(Call(name, tuple(arguments), span), span)
        for one in many:
            self._check_text(one)
        folded = ignore_case or column[1] is not None
        patterns = [(like_pieces(text, letter), self.places.span(one)) for text, one in zip(known, many, strict=True)]
        if len(patterns) == 1:
            return like_pattern(column[0], patterns[0][0], folded, span, patterns[0][1])
        if every:
            return And(tuple(like_pattern(column[0], pieces, folded, span, place) for pieces, place in patterns), span)
        return compare_patterns(column[0], patterns, folded, "unknown", span)

    def _regex(self, node: exp.Expr, span: Span) -> Predicate:
        value, written, flag = node.args["this"], node.args["expression"], node.args.get("flag")
        column, pattern = self.column(value), self.text(written)
        flags = self.text(flag) if flag is not None else ""
        ignore_case = flags is not None and _last_of(flags, "ci") == "i"
        known = column is not None and pattern is not None and flags is not None and not set(flags) - set("cimes")
        if known and column is not None and pattern is not None and column[1] is not None:
            # Of a folded column, a pattern without classes is as good as one that does not regard case.
            known = "\\" not in pattern and "[" not in pattern and self._fits(column[1], pattern, written)
            ignore_case = True
        self._check_text(written, pattern=True)
        if not known or column is None or pattern is None or flags is None:
            parts = [value, written, *([flag] if flag is not None else [])]
            return Test(Call("regexp_like", tuple(self.expression(part) for part in parts), span), span)
        if half_open(pattern):
            message = "a pattern must match the whole value, and the .* at its ends belong to single alternatives"
            self.note("SNO017", message, written, hint="put brackets around the alternatives: .*(a|b|c).*")
        whole = whole_match(pattern, "".join(one for one in "sm" if one in flags))
        places = (self.places.span(written),)
        return Compare(column[0], "match", (whole,), ignore_case, "unknown", span=span, value_spans=places)

    def _check_text(self, node: exp.Expr, pattern: bool = False) -> None:
        """Note escapes in a constant that hardly mean what they stand for."""
        if isinstance(node, exp.Literal) and node.is_string:
            self.diagnostics += doubtful_escapes(*self.places.written(node), pattern)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _last_of(text: str, letters: str) -> str:
    """The last of some letters: of parameters that contradict one another, the last one counts."""
    return next((one for one in reversed(text) if one in letters), "")
