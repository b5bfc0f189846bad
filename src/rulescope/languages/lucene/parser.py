"""A query in Lucene's syntax as one predicate.

`AND`, `OR` and `NOT` are no Boolean operators there: each clause of a group *must*, *should* or *must not* match. `AND`
makes the clauses on both of its sides a must, `+` and `-` say it outright, and every other clause is a should. Where a
group has a must, its shoulds decide nothing; where it has none, one should has to match. ("they do not honor the usual
precedence rules", says Elasticsearch's reference, "Query string syntax", Boolean operators.) The default is OR.
"""

from __future__ import annotations

from typing import Literal

from rulescope.ir import (
    And,
    Call,
    Compare,
    ComparisonKind,
    Constant,
    FieldReference,
    Not,
    Operation,
    OperationName,
    Or,
    ParsedQuery,
    Predicate,
    Term,
    Test,
)
from rulescope.ir.patterns import lucene_regex
from rulescope.languages.common.outcome import parsed_search
from rulescope.languages.common.searches import RANGES, field_bound, field_value
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.lucene.lexer import read_tokens, unescaped, word_pieces
from rulescope.text import Source, Span

Occur = Literal["must", "should", "not"]

_OPERATORS = frozenset({"AND", "OR", "NOT"})

EXISTS_FIELD = "_exists_"
"""The name before `:` that asks whether the field named after it is there."""


def parse_lucene(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query in Lucene's syntax. Never raises: what is wrong is in `diagnostics`, and `status` sums up.

    The language has no macros; all parsers are called alike.
    """
    return parsed_search(source, "LUC", read_tokens, lambda reader: _group(reader, None), EXISTS_FIELD)


def _group(reader: TokenReader, field: str | None) -> Predicate:
    """The clauses up to a closing bracket or the end."""
    clauses: list[tuple[Occur, Predicate]] = []
    start = reader.peek().start
    while reader.peek().kind != "end" and not reader.at(")"):
        joined = False
        if clauses:
            joined = _operator(reader, "AND", "&&")
            if not joined:
                _operator(reader, "OR", "||")
        occur: Occur = "should"
        if reader.accept("+"):
            occur = "must"
        elif reader.accept("-", "!") or _operator(reader, "NOT"):
            occur = "not"
        if joined:
            before, predicate = clauses[-1]
            if before == "should":
                clauses[-1] = ("must", predicate)
            if occur == "should":
                occur = "must"
        clauses.append((occur, _clause(reader, field)))
    if not clauses:
        return reader.fail("a clause")
    return _combined(reader, clauses, Span(start, reader.last_end))


def _operator(reader: TokenReader, word: str, sign: str = "") -> bool:
    token = reader.peek()
    if token.kind == "word" and token.text == word:
        reader.take()
        return True
    return bool(sign) and reader.accept(sign) is not None


def _combined(reader: TokenReader, clauses: list[tuple[Occur, Predicate]], span: Span) -> Predicate:
    musts = [predicate for occur, predicate in clauses if occur == "must"]
    shoulds = [predicate for occur, predicate in clauses if occur == "should"]
    nots = [predicate for occur, predicate in clauses if occur == "not"]
    if musts:
        for predicate in shoulds:
            message = "this clause keeps and drops nothing: others beside it must match"
            reader.note("LUC010", message, predicate.span, "warning", "set brackets, or '+' before it")
        kept = [
            predicate if occur == "must" else Not(predicate, predicate.span)
            for occur, predicate in clauses
            if occur != "should"
        ]
        return kept[0] if len(kept) == 1 else And(tuple(kept), span)
    parts: list[Predicate] = []
    if shoulds:
        parts.append(shoulds[0] if len(shoulds) == 1 else Or(tuple(shoulds), span))
    parts.extend(Not(predicate, predicate.span) for predicate in nots)
    return parts[0] if len(parts) == 1 else And(tuple(parts), span)


def _clause(reader: TokenReader, field: str | None) -> Predicate:
    token = reader.peek()
    _check_word(reader, token)
    if token.kind == "word" and reader.peek(1).text == ":" and reader.peek(1).kind == "sign":
        reader.take()
        reader.take()
        name = unescaped(token.text)
        if name == EXISTS_FIELD:
            asked = reader.take()
            if asked.kind not in ("word", "text"):
                return reader.fail("a field", token=asked)
            span = Span(token.start, reader.last_end)
            return Compare(unescaped(asked.text.strip('"')), "exists", span=span)
        return _value(reader, None if name == "*" else name, token.start)
    if token.kind == "word" and token.text in ("and", "or", "not"):
        message = f"'{token.text}' is a word to look for here"
        reader.note("LUC011", message, token.span, "warning", f"write '{token.text.upper()}'")
    return _value(reader, field, token.start)


def _check_word(reader: TokenReader, token: Token) -> None:
    """Fail at an operator where a clause or a value is expected: it is no word to look for, unless it is in quotes."""
    if token.kind == "word" and token.text in _OPERATORS:
        reader.fail("a clause", hint=f'the word itself is looked for in quotes: "{token.text}"')


def _value(reader: TokenReader, field: str | None, start: int) -> Predicate:
    if reader.at("("):
        with reader.nested():
            reader.take()
            inner = _group(reader, field)
            reader.expect(")")
        _boost(reader)
        return inner
    if reader.at("[", "{"):
        found = _range(reader, field, start)
    elif reader.at(*RANGES):
        kind = RANGES[reader.take().text]
        token = reader.take()
        if token.kind not in ("word", "text"):
            return reader.fail("a value", token=token)
        found = _bound(field, kind, token, Span(start, reader.last_end))
    else:
        found = _single(reader, field, start)
    _boost(reader)
    return found


def _single(reader: TokenReader, field: str | None, start: int) -> Predicate:
    token = reader.peek()
    _check_word(reader, token)
    if token.kind not in ("word", "text", "regex"):
        return reader.fail("a word, a text in quotes or a regular expression")
    reader.take()
    span = Span(start, token.end)
    if token.kind == "regex":
        return _regex(field, token, span)
    quoted = token.kind == "text"
    inside = token.text[1:-1] if quoted else token.text
    mark = reader.peek()
    if mark.kind == "mark" and mark.text[0] == "~":
        reader.take()
        name: OperationName = "proximity" if quoted else "fuzzy"
        amount = float(mark.text[1:]) if len(mark.text) > 1 else 2.0
        subject = FieldReference(field or "*", span)
        arguments = (subject, Constant(unescaped(inside), token.span), Constant(amount, mark.span))
        call = Operation(name, arguments, Span(start, reader.last_end))
        return Test(call, call.span)
    if field is None:
        return Term(unescaped(inside), quoted=quoted, span=span)
    pieces = (unescaped(inside),) if quoted else word_pieces(inside)
    return field_value(field, pieces, span, token.span)


def _regex(field: str | None, token: Token, span: Span) -> Predicate:
    written = token.text[1:-1].replace("\\/", "/")
    pattern = lucene_regex(written)
    if field is None or pattern is None:
        call = Call("regex", (FieldReference(field or "*", span), Constant(written, token.span)), span)
        return Test(call, span)
    return Compare(field, "match", (pattern,), span=span, value_spans=(token.span,))


def _range(reader: TokenReader, field: str | None, start: int) -> Predicate:
    opening = reader.take()
    low = _limit(reader)
    if not _operator(reader, "TO"):
        reader.fail("'TO'")
    high = _limit(reader)
    closing = reader.accept("]", "}")
    if closing is None:
        return reader.fail("']' or '}'")
    span = Span(start, closing.end)
    parts: list[Predicate] = []
    if low.text != "*":
        parts.append(_bound(field, "ge" if opening.text == "[" else "gt", low, span))
    if high.text != "*":
        parts.append(_bound(field, "le" if closing.text == "]" else "lt", high, span))
    if not parts:
        return Compare(field or "*", "exists", span=span)
    return parts[0] if len(parts) == 1 else And(tuple(parts), span)


def _limit(reader: TokenReader) -> Token:
    token = reader.peek()
    if token.kind == "sign" and token.text in ("-", "+") and reader.peek(1).kind == "word":
        sign = reader.take()
        number = reader.take()
        return Token("word", sign.text + number.text, sign.start, number.end)
    if token.kind not in ("word", "text"):
        reader.fail("a value")
    return reader.take()


def _bound(field: str | None, kind: ComparisonKind, token: Token, span: Span) -> Predicate:
    text = unescaped(token.text[1:-1] if token.kind == "text" else token.text)
    return field_bound(field or "*", kind, text, token.kind == "text", span, token.span)


def _boost(reader: TokenReader) -> None:
    token = reader.peek()
    if token.kind == "mark" and token.text[0] == "^":
        reader.take()
        if len(token.text) == 1:
            reader.fail("a number behind '^'", token=token)
        reader.note("LUC012", "a boost changes the score only", token.span, "info")
