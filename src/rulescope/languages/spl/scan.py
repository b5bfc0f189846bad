"""The first pass over a search: where its stages, subsearches, macros and comments stand.

One linear scan, without recursion, so that ten thousand brackets cost no more than ten thousand letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rulescope.text import Diagnostic, Span

COMMENT = re.compile(r"```.*?```", re.DOTALL)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
MACRO = re.compile(r'`(?!`)(?:[^`"(]*+\(\s*+"(?:[^"\\`]|\\.)*+`(?:[^"\\]|\\.)*+"\s*+\)\s*+`|[^`]*+`)', re.DOTALL)
"""A macro's call. Only a text in quotes that is its one argument may hold backticks."""
_SINGLE_QUOTED = re.compile(r"'[^'\"|\n]*'")
_INTERESTING = re.compile(r"[\"`\[\]|']")
_ESCAPED = re.compile(r"(?<!\\)\\(?:\\\\)*\Z")
_COMMAND = re.compile(r"\s*+(?:\|\s*+)?([A-Za-z_][\w.:-]*)")
_OPENS_SUBSEARCH = re.compile(r"\[\s*(?:\||`|[A-Za-z_*(\"$<]|\])")

_PLAIN_QUOTES = frozenset(
    {"search", "", "metasearch", "tstats", "multisearch", "set", "append", "join", "map", "rex", "regex"}
)
"""Commands whose bare words may hold an apostrophe: there a single quote opens nothing."""

_PIPED_SUBSEARCH = re.compile(r"\[\s*\|\s*[a-z]\w+\s", re.IGNORECASE)
"""A subsearch even where brackets are plain: no character class begins with a pipe and a command."""

_PLAIN_BRACKETS = frozenset({"rex", "regex", "erex", "replace", "makemv"})
"""Commands that take no subsearch, and whose unquoted arguments may be regular expressions."""


@dataclass(slots=True)
class Scan:
    """What the scan found in `text`, in which comments are blanked (so offsets stay those of the original).

    `closing` maps the offset of each `[` that opens a subsearch to that of its `]` (or to the end of the text);
    `pipes` maps each such opening (-1 for the search itself) to the offsets of its pipes, in order.
    """

    text: str
    closing: dict[int, int] = field(default_factory=dict)
    pipes: dict[int, list[int]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def blank_comments(text: str) -> str:
    """The text with every ```comment``` turned into as many blanks; line breaks stay."""
    if "```" not in text:
        return text
    return COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def scan_search(text: str) -> Scan:
    """Find the stages and subsearches of a search. Never fails: what does not balance is a diagnostic."""
    scan = Scan(blank_comments(text))
    text = scan.text
    stack = [-1]
    pipes: dict[int, list[int]] = {-1: []}
    command = _command_at(text, 0, first=True)
    position = 0
    while found := _INTERESTING.search(text, position):
        at = found.start()
        character = text[at]
        position = at + 1
        if character == '"':
            if _ESCAPED.search(text, max(at - 40, 0), at):
                continue
            closed = QUOTED.match(text, at)
            if closed:
                position = closed.end()
            else:
                scan.diagnostics.append(_unbalanced("SPL001", at))
        elif character == "`":
            closed = MACRO.match(text, at)
            if closed:
                position = closed.end()
            else:
                scan.diagnostics.append(_unbalanced("SPL002", at))
        elif character == "'":
            if command not in _PLAIN_QUOTES and (at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "\\'")):
                closed = _SINGLE_QUOTED.match(text, at)
                if closed:
                    position = closed.end()
        elif character == "|":
            pipes[stack[-1]].append(at)
            command = _command_at(text, at)
        elif command in _PLAIN_BRACKETS and len(stack) == 1 and not _PIPED_SUBSEARCH.match(text, at):
            continue
        elif character == "[":
            if command in _PLAIN_BRACKETS and not _OPENS_SUBSEARCH.match(text, at):
                continue
            stack.append(at)
            pipes[at] = []
            command = _command_at(text, at + 1, first=True)
        elif len(stack) > 1:
            scan.closing[stack.pop()] = at
            command = ""
        elif command not in _PLAIN_BRACKETS:
            scan.diagnostics.append(_unbalanced("SPL003", at))
    for opening in stack[1:]:
        scan.closing[opening] = len(text)
        message = "unbalanced bracket: this subsearch is not closed"
        scan.diagnostics.append(Diagnostic("SPL003", message, Span(opening, opening + 1), hint="close it with ]"))
    scan.pipes = pipes
    return scan


_UNBALANCED = {
    "SPL001": ("quote: this text is not closed", 'close it with ", or write \\" for a quote inside the text'),
    "SPL002": ("backtick: this macro call is not closed", None),
    "SPL003": ("bracket: this ']' closes no subsearch", None),
}


def _unbalanced(code: str, at: int) -> Diagnostic:
    what, hint = _UNBALANCED[code]
    return Diagnostic(code, f"unbalanced {what}", Span(at, at + 1), hint=hint)


def _command_at(text: str, position: int, *, first: bool = False) -> str:
    found = _COMMAND.match(text, position)
    if not found:
        return "search" if first else ""
    return found.group(1).lower()
