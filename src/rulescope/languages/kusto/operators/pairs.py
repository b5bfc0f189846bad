"""`parse-kv`: columns out of pairs of key and value in a text. Source: the reference's page of that name."""

from __future__ import annotations

import re

from rulescope.ir import Call, Constant, Expression
from rulescope.ir.stages import Assignment, Eval, Stage
from rulescope.languages.kusto.functions import CONVERSIONS
from rulescope.languages.kusto.items import read_name, read_type
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.operator_registry import operator
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_expression

_OPTIONS = ("pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex")


@operator("parse-kv")
def read_parse_kv(reader: QueryReader) -> list[Stage]:
    """`parse-kv text as (name: type, …) with (…)`: each column is what stands behind its key."""
    subject = read_expression(reader)
    reader.expect_word("as", " before the columns")
    columns: list[tuple[str, str]] = []
    with reader.nested():
        reader.expect("(", " before the columns")
        while not reader.at(")"):
            name = read_name(reader)
            columns.append((name, read_type(reader) if reader.accept(":") else "string"))
            if not reader.accept_comma():
                break
        reader.expect(")", " after the columns")
    options = _read_options(reader)
    if not columns:
        reader.fail("a column")
    made = [Assignment(name, _value(reader, subject, name, kind, options)) for name, kind in columns]
    return [Eval(assignments=tuple(made))]


def _read_options(reader: QueryReader) -> dict[str, str]:
    found: dict[str, str] = {}
    reader.expect_word("with", " before the delimiters")
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            token = reader.take()
            if token.text.lower() not in _OPTIONS:
                reader.fail("a delimiter of parse-kv", token=token)
            reader.expect("=")
            value = reader.take()
            found[token.text.lower()] = text_value(reader, value) if value.kind == "text" else value.text
            if not reader.accept_comma():
                break
        reader.expect(")", " after the delimiters")
    unread = next((name for name in ("regex", "escape") if name in found), None)
    if unread is not None or len(found.get("quote", "")) > 1:
        reader.note("KUS021", f"parse-kv with {unread or 'two quotes'} is not read", reader.peek().span, "error")
    return found


def _value(reader: QueryReader, subject: Expression, name: str, kind: str, options: dict[str, str]) -> Expression:
    """What stands behind a key up to the next pair, without the blanks around it, as a value of the type."""
    between = options.get("kv_delimiter", "=")
    behind = options.get("pair_delimiter", " ")
    quote = options.get("quote", "")
    edge, equal, end, mark = (re.escape(one) for one in (behind, between, behind, quote))
    before = rf"(?:^|{edge})\s*{mark + '?' if quote else ''}{re.escape(name)}{mark + '?' if quote else ''}\s*{equal}"
    pieces = [rf"{before}\s*((?s:.*?))\s*(?:{end}|$)"]
    if options.get("greedy", "").lower() == "true":
        # A value goes on until a delimiter is followed by the next key.
        pieces = [rf"{before}\s*((?s:.*?))\s*(?:{end}\s*\w+\s*{equal}|$)"]
    if quote:
        pieces.insert(0, rf"{before}\s*{mark}([^{mark}]*){mark}")
    found: list[Expression] = [Call("extract", (Constant(one), Constant(1), subject)) for one in pieces]
    value = found[0] if len(found) == 1 else Call("coalesce", tuple(found))
    return value if kind == "string" else Call(CONVERSIONS.get(kind, "tostring"), (value,))
