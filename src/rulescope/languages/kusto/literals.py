"""Constants of Kusto's query language: numbers, times, and `dynamic(…)` values."""

from __future__ import annotations

from rulescope.ir import Call, Constant, Expression
from rulescope.languages.common.tokens import Token
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.scope import QueryReader
from rulescope.text import Span

_KINDS = {"date": "datetime", "time": "timespan", "uuid": "guid", "uniqueid": "guid", "boolean": "bool"}
_WHOLE = frozenset({"int", "long"})
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_FRACTION = frozenset({"real", "double", "decimal"})


def number_value(text: str) -> int | float:
    """A number as written: whole, hexadecimal, or with a fraction or exponent."""
    if text[:2] in ("0x", "0X"):
        return int(text[2:34], 16)
    if text.isdigit() and len(text) <= 30:
        return int(text)
    return float(text)


def timespan(text: str, span: Span) -> Call:
    """A span of time: `timespan("7d")`, so that it can't be taken for a text."""
    return Call("timespan", (Constant(text, span),), span)


def typed_value(reader: QueryReader, token: Token) -> Expression:
    """What `datetime(…)`, `guid(…)`, `int(…)` and their like stand for; `null` is NULL. Raises `SyntaxProblem` for what
    is no value of the type."""
    written, _, inside = token.text.removesuffix(")").partition("(")
    inside = inside.strip()
    kind = _KINDS.get(written.strip(), written.strip())
    if inside == "null":
        return Constant(None, token.span)
    try:
        if kind in _WHOLE:
            return Constant(int(inside, 0), token.span)
        if kind in _FRACTION:
            return Constant(float(inside), token.span)
    except ValueError:
        reader.fail(f"a value of type {kind}", token=token)
    if not inside or (kind == "bool" and inside.lower() not in _TRUTH):
        reader.fail(f"a value of type {kind}", token=token)
    if kind == "bool":
        return Constant(_TRUTH[inside.lower()], token.span)
    if kind == "guid":
        return Constant(inside, token.span)
    return Call(kind, (Constant(inside, token.span),), token.span)


def read_dynamic(reader: QueryReader) -> Expression:
    """The value in `dynamic(…)`, whose opening bracket is at hand: a list is `pack_array`, an object `bag_pack`."""
    with reader.nested():
        reader.expect("(")
        value = _json(reader)
        reader.expect(")", " after the dynamic value")
    return value


def _json(reader: QueryReader) -> Expression:
    token = reader.peek()
    if reader.at("["):
        with reader.nested():
            reader.take()
            items: list[Expression] = []
            while not reader.at("]"):
                items.append(_json(reader))
                if not reader.accept_comma():
                    break
            reader.expect("]", " after the list")
        return Call("pack_array", tuple(items), Span(token.start, reader.last_end))
    if reader.at("{"):
        with reader.nested():
            reader.take()
            parts: list[Expression] = []
            while not reader.at("}"):
                if reader.peek().kind != "text":
                    reader.fail("a key in quotes")
                parts.append(_json(reader))
                reader.expect(":", " after a key")
                parts.append(_json(reader))
                if not reader.accept_comma():
                    break
            reader.expect("}", " after the object")
        return Call("bag_pack", tuple(parts), Span(token.start, reader.last_end))
    return _scalar(reader, token)


def _scalar(reader: QueryReader, token: Token) -> Expression:
    sign = reader.accept("-", "+")
    token = reader.peek()
    if token.kind == "number":
        reader.take()
        value = number_value(token.text)
        return Constant(-value if sign is not None and sign.text == "-" else value, token.span)
    if sign is not None:
        reader.fail("a number behind the sign")
    if token.kind == "text":
        reader.take()
        return Constant(text_value(reader, token), token.span)
    if token.kind == "span":
        reader.take()
        return timespan(token.text, token.span)
    if token.kind == "typed":
        reader.take()
        return typed_value(reader, token)
    if token.kind == "word":
        reader.take()
        word = token.text.lower()
        if word in ("true", "false", "null"):
            return Constant({"true": True, "false": False, "null": None}[word], token.span)
        if word == "dynamic" and reader.at("("):
            return read_dynamic(reader)
        reader.fail("a JSON value", token=token)
    return reader.fail("a JSON value: a text in quotes, a number, a list or an object")
