"""Conditions and values of EQL.

Comparisons don't chain. Elasticsearch turns a condition into queries in which a comparison of a field that the event
lacks is false and its negation true (only `== null` and `!= null` ask for the field itself): `missing="false"` in every
leaf. Of a field with several values, one that fits is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rulescope.ir import Call, Compare, Constant, Expression, FieldReference, Predicate
from rulescope.ir.expressions import BinaryOperator
from rulescope.ir.predicates import Not, Test
from rulescope.ir.walk import transform, walk
from rulescope.languages.common.comparisons import (
    COMPARISONS,
    compare_constant,
    compare_list,
    compare_regexes,
    compare_values,
    field_first,
)
from rulescope.languages.common.operands import PREDICATES, Operand, OperandReader, as_expression, number_value
from rulescope.languages.common.patterns import compare_patterns, tell_percent_signs
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, name_part
from rulescope.languages.eql.calls import calculated, lowered_call, pattern_pieces, shown
from rulescope.languages.eql.lexer import text_value
from rulescope.text import Diagnostic, Span

_RESERVED = frozenset({"and", "or", "not", "in", "in~", "like", "like~", "regex", "regex~", "by", "with", "until"})
_RELATIONS = ("child", "descendant", "event")
_PATTERN_WORDS = ("like", "like~", "regex", "regex~", "in", "in~")
_CONSTANTS = {"true": True, "false": False, "null": None}


def read_condition(reader: TokenReader) -> Predicate:
    """The condition at hand. Raises `SyntaxProblem` where it can't be read."""
    return _Operands(reader).condition()


def read_value(reader: TokenReader) -> Expression:
    """The value at hand (an argument of a pipe)."""
    return _Operands(reader).value()


def endgame_only(what: str, place: Span) -> SyntaxProblem:
    """That this form is only in Endgame's EQL."""
    return SyntaxProblem(Diagnostic("EQL027", f"Elasticsearch's EQL has no {what}", place))


class _Operands(OperandReader):
    """Comparisons and single operands of EQL."""

    def calculated(self, token: Token, left: Expression, right: Expression) -> Expression:
        operator: BinaryOperator = token.text  # type: ignore[assignment]
        return calculated(operator, left, right, left.span.union(right.span))

    def comparison(self) -> Operand:
        reader = self.reader
        start = reader.peek().start
        left = self.sum()
        token = reader.peek()
        negated = reader.at_word("not") and reader.peek(1).text in ("in", "in~")
        if negated:
            reader.take()
            token = reader.peek()
        if reader.at(*COMPARISONS):
            reader.take()
            right = self.sum()
            if _reads_field(left) and _reads_field(right):
                message = "Elasticsearch's EQL compares no field with another one"
                reader.note("EQL026", message, Span(start, reader.last_end))
            return _ordered(token.text, left, right, Span(start, reader.last_end))
        if reader.at(":") or (token.kind == "word" and token.text in _PATTERN_WORDS):
            reader.take()
            listed = self.listed()
            operator = ":" if token.kind == "sign" else token.text
            _tell_kinds(operator, listed, reader)
            if operator in ("like", "like~"):
                tell_percent_signs(reader, "EQL028", listed)
            found = _looked_up(operator, left, listed, Span(start, reader.last_end))
            return Not(self.as_predicate(found), Span(start, reader.last_end)) if negated else found
        if reader.at("="):
            reader.fail("an operator", hint="compare with '==' (with case) or ':' (without)")
        return left

    def single(self) -> Operand:
        reader = self.reader
        token = reader.peek()
        if token.kind == "number":
            reader.take()
            return Constant(number_value(token.text), token.span)
        if token.kind in ("text", "raw", "single"):
            reader.take()
            return Constant(text_value(reader, token), token.span)
        if reader.at("("):
            return self.in_brackets()
        if reader.at("?"):
            return read_field(reader)
        if reader.at_word(*_RELATIONS) and reader.peek(1).text == "of":
            raise endgame_only(f"'{token.text} of'", Span(token.start, reader.peek(1).end))
        if token.kind == "word" and token.text not in _RESERVED:
            following = reader.peek(1)
            sign = following.text if following.kind == "sign" else ""
            if token.text in _CONSTANTS and sign != ".":
                reader.take()
                return Constant(_CONSTANTS[token.text], token.span)
            return self.call() if sign == "(" else read_field(reader)
        return reader.fail("a field, a value or a condition")

    def call(self) -> Operand:
        """A function and its arguments."""
        reader = self.reader
        token = reader.take()
        arguments: list[Expression] = []
        with reader.nested():
            reader.expect("(")
            while not reader.at(")"):
                arguments.append(self.value())
                if not reader.accept_comma():
                    break
            reader.expect(")", f" after the arguments of {token.text}")
        return lowered_call(reader, token, arguments, Span(token.start, reader.last_end))


def _reads_field(operand: Operand) -> bool:
    """Whether the value is that of a field, or computed from one."""
    return not isinstance(operand, PREDICATES) and any(isinstance(node, FieldReference) for node in walk(operand))


def _tell_kinds(operator: str, listed: Sequence[Expression], reader: TokenReader) -> None:
    """An error for values that the operator does not take: of other kinds than texts, or of several.

    Source: "EQL syntax reference", Comparison operators, Pattern comparison keywords and Lookup operators: `:`, `like`
    and `regex` compare strings only; that the values of a list are of the field's type is what Elasticsearch checks.
    """
    constants = [one for one in listed if isinstance(one, Constant) and one.value is not None]
    other = next((one for one in constants if not isinstance(one.value, str)), None)
    if other is None:
        return
    if operator not in ("in", "in~"):
        hint = "compare it with '=='" if operator == ":" and len(listed) == 1 else None
        reader.note("EQL025", f"'{operator}' compares texts only", other.span, "error", hint)
    elif len({_KINDS.get(type(one.value), "") for one in constants}) > 1:
        message = "a list holds values of several kinds, of which a field has one"
        reader.note("EQL025", message, other.span, "error")


_KINDS = {bool: "truth", int: "number", float: "number", str: "text"}


def _ordered(operator: str, left: Operand, right: Operand, span: Span) -> Operand:
    operator, left, right = field_first(operator, left, right)
    negated = operator == "!="
    if isinstance(right, Constant) and right.value is None and operator in ("==", "!="):
        if isinstance(left, FieldReference):
            # `!= null` asks for the field itself; a Not around "missing" would say the same less plainly.
            if negated:
                return Compare(left.name, "exists", span=span)
            return Compare(left.name, "missing", missing="true", span=span)
        # A comparison with a missing field is NULL ("EQL syntax reference", Comparison operators): here that is asked.
        asked = transform(as_expression(left), _open)
        return Test(Call("isnotnull" if negated else "isnull", (asked,), span), span)
    if isinstance(right, Constant) and right.value is not None and isinstance(left, FieldReference):
        found = compare_constant(left.name, COMPARISONS[operator], right, "false", "any", span)
        return Not(found, span) if negated else found
    if isinstance(right, Constant) and isinstance(right.value, bool) and isinstance(left, PREDICATES):
        # `cidrMatch(…) == false`
        return left if right.value is not negated else Not(left, span)
    return compare_values(operator, left, right, span)


def _open(node: object) -> object:
    """A comparison as one that is NULL where its field is missing."""
    return replace(node, missing="unknown") if isinstance(node, Compare) and node.missing == "false" else node


def _looked_up(operator: str, left: Operand, listed: list[Expression], span: Span) -> Operand:
    ignore_case = operator == ":" or operator.endswith("~")
    word = operator.rstrip("~")
    constants = [one for one in listed if isinstance(one, Constant)]
    if not isinstance(left, FieldReference) or len(constants) < len(listed):
        name = {":": "wildcard~", "like": "wildcard", "like~": "wildcard~"}.get(operator, operator)
        return Test(Call(name, (as_expression(left), *listed), span), span)
    if word == "regex":
        patterns = [(shown(one.value), one) for one in constants]
        return compare_regexes(left, patterns, ignore_case, "false", "any", span)
    if word == "in":
        return _in(left.name, constants, ignore_case, span)
    pieces = [(pattern_pieces(one.value), one.span) for one in constants]
    return compare_patterns(left.name, pieces, ignore_case, "false", span)


def _in(field: str, constants: Sequence[Constant], ignore_case: bool, span: Span) -> Predicate:
    """`in`: whole values. `null` is in no list."""
    kept = [one for one in constants if one.value is not None]
    if not kept:
        return Test(Constant(False, span), span)
    return compare_list(field, kept, ignore_case, "false", "any", span)


def read_field(reader: TokenReader) -> FieldReference:
    """A field by name: parts joined by dots, some in backticks, `?` before it where the field may not exist."""
    start = reader.peek().start
    reader.accept("?")
    token = reader.peek()
    if token.kind != "word" or token.text.endswith("~"):
        reader.fail("a field")
    reader.take()
    parts = [name_part(token)]
    while True:
        token = reader.peek()
        if reader.at(".") and token.start == reader.last_end and reader.peek(1).kind in ("word", "number", "span"):
            reader.take()
            part = reader.take()
            parts.append("." + name_part(part))
        elif token.kind == "number" and token.text.startswith(".") and token.start == reader.last_end:
            parts.append(reader.take().text)
        elif reader.at("[") and token.start == reader.last_end and reader.peek(1).kind == "number":
            raise endgame_only("index of a list", Span(token.start, reader.peek(1).end + 1))
        else:
            break
    return FieldReference("".join(parts), Span(start, reader.last_end))
