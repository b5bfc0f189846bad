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
    """`parse-kv text as (name: type, …) [with (…)]`: each column is what stands behind its key."""
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
    if reader.accept_word("with") is None:
        return found
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
    if "regex" in found:
        reader.note("KUS021", "parse-kv with regex is not read", reader.peek().span, "error")
    return found


def _value(reader: QueryReader, subject: Expression, name: str, kind: str, options: dict[str, str]) -> Expression:
    """What stands behind a key up to the next pair, without the blanks around it, as a value of the type. Where no
    delimiters are said, all that is no letter and no digit separates."""
    delimited = bool(options.keys() & {"kv_delimiter", "pair_delimiter"})
    other = r"[^\p{L}\p{N}]"
    end = re.escape(options.get("pair_delimiter", " ")) if delimited else other
    equal = re.escape(options.get("kv_delimiter", "=")) if delimited else f"{other}+?"
    quote = options.get("quote", "")
    opening, closing = (re.escape(quote[:1]), re.escape(quote[-1:]))
    escape = re.escape(options.get("escape", ""))
    key = rf"(?:{opening})?{re.escape(name)}(?:{closing})?" if quote else re.escape(name)
    before = rf"(?:^|{end})\s*{key}\s*{equal}"
    pieces = [rf"{before}\s*((?s:.*?))\s*(?:{end}|$)" if delimited else rf"{before}([\p{{L}}\p{{N}}]+)"]
    if options.get("greedy", "").lower() == "true":
        # A value goes on until a delimiter is followed by the next key.
        pieces = [rf"{before}\s*((?s:.*?))\s*(?:{end}\s*\w+\s*{equal}|$)"]
    if quote:
        inside = rf"(?:[^{closing}{escape}]|{escape}.)*" if escape else f"[^{closing}]*"
        pieces.insert(0, rf"{before}\s*{opening}({inside}){closing}")
    found: list[Expression] = [Call("extract", (Constant(one), Constant(1), subject)) for one in pieces]
    if quote and escape:
        found[0] = Call("replace_regex", (found[0], Constant(f"{escape}(.)"), Constant(r"\1")))
    value = found[0] if len(found) == 1 else Call("coalesce", tuple(found))
    return value if kind == "string" else Call(CONVERSIONS.get(kind, "tostring"), (value,))
