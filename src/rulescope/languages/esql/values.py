"""Single operands of ES|QL: constants, fields, calls, arrays, casts, and brackets."""

from __future__ import annotations

from rulescope.ir import Constant, Expression, FieldReference, Operation
from rulescope.languages.common.operands import Operand, OperandReader, as_expression, number_value
from rulescope.languages.common.tokens import TokenReader, name_part
from rulescope.languages.esql.dates import TIME_UNITS, time_span
from rulescope.languages.esql.functions import read_call, read_cast
from rulescope.languages.esql.lexer import text_value
from rulescope.text import Span

_RESERVED = frozenset({"and", "or", "not", "in", "is", "like", "rlike", "by", "as", "on", "with", "metadata", "asc",
                       "desc", "nulls", "where"})  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read_single(operands: OperandReader) -> Operand:
    """The operand at hand with its casts (`::type`)."""
    reader = operands.reader
    start = reader.peek().start
    operand = _uncast(operands)
    casts = 0
    while reader.accept("::"):
        casts += 1
        reader.check_depth(casts)
        token = reader.take()
        if token.kind != "word":
            return reader.fail("a type", token=token)
        span = Span(start, token.end)
        operand = read_cast(reader, token, as_expression(operand), span)
    return operand


def _uncast(operands: OperandReader) -> Operand:
    reader = operands.reader
    token = reader.peek()
    if token.kind == "number":
        reader.take()
        unit = reader.peek()
        if token.text.isdigit() and unit.kind == "word" and unit.text.lower() in TIME_UNITS:
            reader.take()
            return time_span(number_value(token.text), unit.text, Span(token.start, unit.end))
        return Constant(number_value(token.text), token.span)
    if token.kind == "span":
        reader.take()
        digits = token.text.rstrip(_LETTERS)
        return time_span(number_value(digits), token.text[len(digits) :], token.span)
    if token.kind in ("text", "raw"):
        reader.take()
        return Constant(text_value(token), token.span)
    if token.kind == "parameter":
        reader.take()
        return Operation("parameter", (Constant(token.text.lstrip("?"), token.span),), token.span)
    if reader.at("("):
        return operands.in_brackets()
    if reader.at("["):
        return _array(operands)
    if reader.at("{"):
        return _named_parameters(operands)
    if token.kind == "word" and token.text.lower() not in _RESERVED:
        following = reader.peek(1)
        is_call = following.kind == "sign" and following.text == "("
        if token.text.lower() in _CONSTANTS and following.text != ".":
            reader.take()
            return Constant(_CONSTANTS[token.text.lower()], token.span)
        return _call(operands) if is_call else read_field(reader)
    return reader.fail("a field, a value or a condition")


def _array(operands: OperandReader) -> Expression:
    reader = operands.reader
    start = reader.take().start
    values: list[Expression] = []
    with reader.nested():
        while not reader.at("]"):
            values.append(as_expression(operands.sum()))
            if not reader.accept_comma():
                break
        reader.expect("]")
    return Operation("array", tuple(values), Span(start, reader.last_end))


def _named_parameters(operands: OperandReader) -> Expression:
    reader = operands.reader
    start = reader.take().start
    values: list[Expression] = []
    with reader.nested():
        while not reader.at("}"):
            key = reader.take()
            if key.kind not in ("text", "raw"):
                return reader.fail("a name in quotes", token=key)
            values.append(Constant(text_value(key), key.span))
            reader.expect(":", " after the name")
            values.append(as_expression(operands.sum()))
            if not reader.accept_comma():
                break
        reader.expect("}")
    return Operation("options", tuple(values), Span(start, reader.last_end))


def read_field(reader: TokenReader) -> FieldReference:
    """A field by name: parts joined by dots, some in backticks; `*` in it where the command takes patterns."""
    start = reader.peek().start
    token = reader.peek()
    if token.kind != "word":
        return reader.fail("a field")
    reader.take()
    parts = [name_part(token)]
    while reader.at(".") and reader.peek().start == reader.last_end:
        part = reader.peek(1)
        if part.kind not in ("word", "number", "span") or part.start != reader.peek().end:
            break
        reader.take()
        reader.take()
        parts.append("." + name_part(part))
    return FieldReference("".join(parts), Span(start, reader.last_end))


def _call(operands: OperandReader) -> Operand:
    """A function and its arguments."""
    reader = operands.reader
    token = reader.take()
    arguments: list[Expression] = []
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            if reader.at("*"):
                star = reader.take()
                arguments.append(FieldReference("*", star.span))
            else:
                arguments.append(operands.value())
            if not reader.accept_comma():
                break
        reader.expect(")", f" after the arguments of {token.text}")
    return read_call(reader, token, arguments, Span(token.start, reader.last_end))
