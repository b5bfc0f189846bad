"""Characters that look like others in a query, or like nothing: quotes of a word processor, invisible ones, blanks that
are none. A language that takes any character in a word reads them as a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rulescope import ir
from rulescope.ir.walk import walk
from rulescope.text import Diagnostic, Span

_DOUBLE = "“”„‟«»"
_SINGLE = "‘’‚‛"
_INVISIBLE = {
    "\u00a0": "no-break space",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u2060": "word joiner",
    "\ufeff": "byte order mark",
}
_QUOTED = re.compile(r'```.*?```|"(?:[^"\\]|\\.)*+"', re.DOTALL)
_QUOTES = f"[{_DOUBLE}{_SINGLE}]"
_CHARACTER = re.compile(f"{_QUOTES}|[{''.join(_INVISIBLE)}]+")
_ANY_QUOTE = re.compile(_QUOTES)
_LETTER = re.compile(r"\w")


def doubtful_characters(text: str) -> Iterator[Diagnostic]:
    """A warning at each such character of a query that stands in no text in quotes and no comment."""
    if _CHARACTER.search(text) is None:
        return
    position = 0
    for quoted in _QUOTED.finditer(text):
        yield from _between(text, Span(position, quoted.start()))
        position = quoted.end()
    yield from _between(text, Span(position, len(text)))


def doubtful_characters_of_values(text: str, pipeline: ir.Pipeline) -> Iterator[Diagnostic]:
    """As `doubtful_characters`, of the comparisons' values alone: for a language in which prose stands beside them.

    The quotes there are the file's, and say nothing of the value: at either end of one, a typographic quote is told
    inside them, too. An invisible character inside them is meant.
    """
    if _CHARACTER.search(text) is None:
        return
    for span in dict.fromkeys(_value_spans(walk(pipeline))):
        if text[span.start : span.start + 1] not in ('"', "'"):
            yield from _between(text, span)
            continue
        for at in (span.start + 1, span.end - 2):
            if _ANY_QUOTE.match(text, at) is not None:
                yield _quote(text[at], at)


def _value_spans(nodes: Iterable[object]) -> Iterator[Span]:
    for node in nodes:
        if isinstance(node, ir.Compare):
            yield from node.value_spans
        elif isinstance(node, ir.Term):
            yield node.span


def _between(text: str, place: Span) -> Iterator[Diagnostic]:
    for found in _CHARACTER.finditer(text, place.start, place.end):
        character = found.group()[0]
        if character in _INVISIBLE:
            message = f"an invisible character stands here: U+{ord(character):04X}, {_INVISIBLE[character]}"
            hint = "did you mean a plain blank?" if character == "\u00a0" else "did you mean none?"
            yield Diagnostic("QRY002", message, Span(found.start(), found.end()), "warning", hint)
        elif not _is_inside_a_word(text, found.start(), place):
            yield _quote(character, found.start())


def _quote(character: str, at: int) -> Diagnostic:
    message = f"a typographic quote stands here: {character} is read as any letter"
    plain = '"' if character in _DOUBLE else "'"
    return Diagnostic("QRY001", message, Span(at, at + 1), "warning", f"did you mean {plain}?")


def _is_inside_a_word(text: str, at: int, place: Span) -> bool:
    """Whether letters stand on both sides, as in the apostrophe of a name."""
    before, after = text[max(at - 1, place.start) : at], text[at + 1 : min(at + 2, place.end)]
    return bool(_LETTER.match(before) and _LETTER.match(after))
