"""A query of kuery as one predicate.

Precedence, loosest first: `or`, `and`, `not`. A comparison of a field that the document lacks is false, and its
negation true: Kibana turns the query into `bool` queries with `must_not`. Values of keyword fields match whole and
with case; a field's mapping may say otherwise (text fields), which no query shows.
"""

from __future__ import annotations

from collections.abc import Callable

from rulescope.ir import (
    And,
    Any,
    Compare,
    Constant,
    Not,
    Operation,
    Or,
    ParsedQuery,
    Predicate,
    PredicateExpression,
    Term,
    Test,
    Value,
)
from rulescope.languages.common.outcome import parsed_search
from rulescope.languages.common.patterns import pattern_value
from rulescope.languages.common.searches import RANGES, field_bound, field_value
from rulescope.languages.common.tokens import TokenReader
from rulescope.languages.kuery.lexer import Pieces, quoted_value, read_tokens, unquoted_pieces
from rulescope.text import Source, Span

_WORDS = ("and", "or", "not")


def parse_kuery(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of kuery. Never raises: whatever is wrong with it is in `diagnostics`, and `status` sums up.

    The language has no macros; all parsers are called alike.
    """
    return parsed_search(source, "KQL", read_tokens, lambda reader: _Reader(reader).either(""))


class _Reader:
    """Reads conditions; `path` is the nested field that they stand in, with its dot."""

    def __init__(self, reader: TokenReader) -> None:
        self.reader = reader

    def either(self, path: str) -> Predicate:
        return self._chain("or", Or, lambda: self._chain("and", And, lambda: self._negated(path)))

    def _chain(self, word: str, node: type[And] | type[Or], operand: Callable[[], Predicate]) -> Predicate:
        operands = [operand()]
        while self.reader.accept_word(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return node(tuple(operands), operands[0].span.union(operands[-1].span))

    def _negated(self, path: str) -> Predicate:
        sign = self.reader.accept_word("not")
        if sign is None:
            return self._single(path)
        with self.reader.nested():
            inner = self._negated(path)
        return Not(inner, sign.span.union(inner.span))

    def _single(self, path: str) -> Predicate:
        reader = self.reader
        if reader.at("("):
            with reader.nested():
                reader.take()
                inner = self.either(path)
                reader.expect(")")
            return inner
        start = reader.peek().start
        pieces, quoted = self._words("a field or a value")
        word_end = reader.last_end
        if reader.at(":"):
            reader.take()
            return self._of_field(path + _text(pieces), path, start)
        if reader.at(*RANGES):
            kind = RANGES[reader.take().text]
            place = reader.peek().start
            bound, in_quotes = self._words("a value")
            span = Span(start, reader.last_end)
            return field_bound(path + _text(pieces), kind, _text(bound), in_quotes, span, Span(place, reader.last_end))
        return Term(_text(pieces), quoted=quoted, span=Span(start, word_end))

    def _of_field(self, field: str, path: str, start: int) -> Predicate:
        reader = self.reader
        if reader.at("{"):
            with reader.nested():
                opening = reader.take()
                inner = self.either(f"{field}.")
                reader.expect("}")
            # One element of the nested field must meet all of it at once.
            arguments = (Constant(field, Span(start, opening.start)), PredicateExpression(inner, inner.span))
            span = Span(start, reader.last_end)
            return Test(Operation("nested", arguments, span), span)
        if reader.at("("):
            with reader.nested():
                reader.take()
                found = self._values(field)
                reader.expect(")")
            return found
        return self._value(field, start)

    def _values(self, field: str) -> Predicate:
        """The values in brackets: those that are only ORed are one list."""

        def joined() -> Predicate:
            found = self._chain("or", Or, lambda: self._chain("and", And, lambda: self._not_value(field)))
            return _as_list(field, found)

        return joined()

    def _not_value(self, field: str) -> Predicate:
        reader = self.reader
        sign = reader.accept_word("not")
        with reader.nested():
            if sign is not None:
                inner = self._not_value(field)
                return Not(inner, sign.span.union(inner.span))
            if reader.at("("):
                reader.take()
                inner = self._values(field)
                reader.expect(")")
                return inner
        return self._value(field, reader.peek().start)

    def _value(self, field: str, start: int) -> Predicate:
        reader = self.reader
        place = reader.peek().start
        pieces, quoted = self._words("a value")
        span = Span(start, reader.last_end)
        value_span = Span(place, reader.last_end)
        if not field.strip("*"):
            # `*: value` looks in every field.
            return Term(_text(pieces), quoted=quoted, span=span)
        text = _text(pieces)
        if not quoted and text in ("true", "false"):
            return Compare(field, "eq", (text == "true",), span=span, value_spans=(value_span,))
        return field_value(field, pieces, span, value_span)

    def _words(self, expected: str) -> tuple[Pieces, bool]:
        """A text in quotes, or words without quotes and the blanks between them."""
        reader = self.reader
        token = reader.peek()
        if token.kind == "text":
            reader.take()
            return (quoted_value(reader, token),), True
        if token.kind != "word" or self._at_operator():
            reader.fail(expected)
        start = token.start
        while reader.peek().kind == "word" and not self._at_operator():
            reader.take()
        text = reader.text[start : reader.last_end]
        return unquoted_pieces(reader, text, start), False

    def _at_operator(self) -> bool:
        return self.reader.at_word(*_WORDS)


def _text(pieces: Pieces) -> str:
    return "".join(piece if isinstance(piece, str) else piece.value for piece in pieces)


def _as_list(field: str, found: Predicate) -> Predicate:
    """An OR of plain values of the field as one `in`."""
    if not isinstance(found, Or):
        return found
    values: list[Value] = []
    places: list[Span] = []
    for one in found.operands:
        if not isinstance(one, Compare) or one.kind not in _LISTED or one.field != field:
            return found
        if one.kind == "in":
            values.extend(one.values)
            places.extend(one.value_spans)
        else:
            values.append(_listed_value(one))
            places.extend(one.value_spans)
    return Compare(field, "in", tuple(values), span=found.span, value_spans=tuple(places))


_LISTED = frozenset({"eq", "starts_with", "ends_with", "contains", "wildcard", "in"})


def _listed_value(compare: Compare) -> Value:
    value = compare.values[0]
    if not isinstance(value, str):
        return value
    match compare.kind:
        case "starts_with":
            return pattern_value((value, Any.RUN))
        case "ends_with":
            return pattern_value((Any.RUN, value))
        case "contains":
            return pattern_value((Any.RUN, value, Any.RUN))
        case _:
            return value
