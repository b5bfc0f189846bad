"""What is wrong with a query that sqlglot can't parse, in the query's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot.tokenizer_core import Token

from rulescope.text import Diagnostic, Span

_GLUED = re.compile(r"(?i)(from|where|and)(?=[a-z_]+)")
_JOINING = frozenset({"and", "or"})
_SHOWN = 40


def find_mistake(text: str, tokens: Sequence[Token], place: int, message: str) -> Diagnostic:
    """The mistake behind an error at offset `place`; sqlglot's own `message` where nothing more is known."""
    index = next((number for number, token in enumerate(tokens) if token.end >= place), len(tokens) - 1)
    for number in range(index, max(index - 3, -1), -1):
        token = tokens[number]
        span = Span(token.start, token.end + 1)
        if token.text.startswith("$") or "$" in token.text:
            found = re.search(r"\$(and|or|not)$", token.text, re.IGNORECASE)
            if found is not None and number and tokens[number - 1].text == "$":
                word = found[1].lower()
                shown = f"${token.text[: found.start() + 1]}"
                hint = f"put a blank between {shown} and {word}"
                return Diagnostic("SNO011", f"the placeholder {shown} runs into '{word}'", span, hint=hint)
        if number and token.text.lower() in _JOINING and tokens[number - 1].text.lower() in _JOINING:
            both = Span(tokens[number - 1].start, token.end + 1)
            return Diagnostic("SNO012", f"'{text[both.start : both.end][:_SHOWN]}': one of them is too many", both)
    glued = _glued(tokens, index)
    if glued is not None:
        return glued
    if not tokens:
        return Diagnostic("SNO002", message, Span(0, 1))
    token = tokens[index]
    span = Span(token.start, token.end + 1)
    if token.text.lower() in _JOINING and index + 1 >= len(tokens):
        return Diagnostic("SNO012", f"nothing follows '{token.text}'", span)
    shown = f"'{text[span.start : span.end][:_SHOWN]}'"
    wanted = re.match(r"Expecting (\S+)$", message.rstrip(".").strip())
    if wanted is not None:
        end = index + 1 >= len(tokens)
        place_text = f"at {shown}, where the query ends" if end else f"before {shown}"
        message = f"expected '{wanted[1]}' {place_text}"
    elif message.startswith("Invalid expression"):
        message = f"{shown} can't stand here, or something is missing before it"
    else:
        message = f"{message[:1].lower()}{message[1:].rstrip('.')}, at {shown}"
    return Diagnostic("SNO002", message, span)


def _glued(tokens: Sequence[Token], index: int) -> Diagnostic | None:
    """A keyword at the beginning of the word before the place, such as `whereevent_time`."""
    for number in range(index, max(index - 3, -1), -1):
        token = tokens[number]
        if token.token_type.name != "VAR":
            continue
        found = _GLUED.match(token.text)
        if found is not None:
            rest = token.text[found.end() :]
            message = f"'{token.text[:_SHOWN]}' is one word: a blank is missing behind '{found[1]}'"
            span = Span(token.start, token.end + 1)
            return Diagnostic("SNO010", message, span, hint=f"write '{found[1]} {rest[:_SHOWN]}'")
    return None
