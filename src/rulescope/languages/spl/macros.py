"""Macro definitions, and putting their bodies in where they are called, with the way back to the call."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rulescope.languages.spl.arguments import split_macro
from rulescope.languages.spl.scan import MACRO, QUOTED, blank_comments
from rulescope.text import Diagnostic, Span

MAXIMUM_DEPTH = 20
"""How deep macros may call one another; Splunk's own limit is 100 (limits.conf, max_macro_depth), people use 3 or 4."""

MAXIMUM_LENGTH = 1_000_000
"""How long a search may become, in characters, so that macros that double themselves end."""

_INTERESTING = re.compile(r'`|"|```')
_PARAMETER = re.compile(r"\$([\w.-]+)\$")


@dataclass(frozen=True, slots=True)
class Macro:
    """A definition: `name` without `(n)`, the names of its arguments, and its body.

    `is_eval` says that the body is an eval expression whose text value is put in; only constant ones can be.
    """

    name: str
    body: str
    arguments: tuple[str, ...] = ()
    is_eval: bool = False
    origin: str | None = None


class MacroLibrary:
    """Macros by name and number of arguments; the first definition given wins, as the nearest configuration does."""

    __slots__ = ("_macros",)

    def __init__(self, macros: Iterable[Macro] = ()) -> None:
        self._macros: dict[tuple[str, int], Macro] = {}
        for macro in macros:
            self.add(macro)

    def add(self, macro: Macro) -> None:
        """Take a definition in, unless one of that name and number of arguments is there already."""
        self._macros.setdefault((macro.name, len(macro.arguments)), macro)

    def find(self, name: str, arguments: int) -> Macro | None:
        """The definition for a call with that many arguments, or None."""
        return self._macros.get((name, arguments))

    def __len__(self) -> int:
        return len(self._macros)

    def __iter__(self) -> Iterator[Macro]:
        return iter(self._macros.values())

    def __bool__(self) -> bool:
        return bool(self._macros)


class Origins:
    """Where each character of an expanded search came from in the text as written."""

    __slots__ = ("_runs", "_starts")

    def __init__(self, runs: list[tuple[int, int, int, bool]]) -> None:
        # (start in expanded text, start in written text, end in written text, whether it is a macro's body)
        self._runs = runs
        self._starts = [run[0] for run in runs]

    def span(self, start: int, end: int) -> Span:
        """The span of the written text that `start` to `end` of the expanded one stands for."""
        first = self._runs[max(bisect_right(self._starts, start) - 1, 0)]
        last = self._runs[max(bisect_right(self._starts, max(end - 1, start)) - 1, 0)]
        begin = first[1] if first[3] else first[1] + start - first[0]
        finish = last[2] if last[3] else last[1] + end - last[0]
        return Span(begin, max(begin, finish))


@dataclass(frozen=True, slots=True)
class Expansion:
    """A search with the bodies of known macros put in."""

    text: str
    origins: Origins | None
    used: tuple[str, ...]
    unknown: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def expand_macros(text: str, library: MacroLibrary) -> Expansion:
    """Put in the body of every macro that `library` has; the others stay calls.

    Recursion and runaway growth are caught.
    """
    used: dict[str, None] = {}
    unknown: dict[str, None] = {}
    diagnostics: list[Diagnostic] = []
    blanked = blank_comments(text)
    pieces: list[str] = []
    runs: list[tuple[int, int, int, bool]] = []
    length = 0
    copied = 0
    for call_start, call_end in _calls(blanked):
        body = _body(
            blanked[call_start + 1 : call_end - 1], library, (), used, unknown, diagnostics, Span(call_start, call_end)
        )
        if body is None:
            continue
        if length + len(body) > MAXIMUM_LENGTH:
            diagnostics.append(_too_long(Span(call_start, call_end)))
            break
        if copied < call_start:
            runs.append((length, copied, call_start, False))
            pieces.append(blanked[copied:call_start])
            length += call_start - copied
        runs.append((length, call_start, call_end, True))
        # Blanks keep a body from growing together with what stands beside it without changing what either means.
        pieces.append(body)
        length += len(body)
        copied = call_end
    if not runs:
        return Expansion(text, None, tuple(used), tuple(unknown), tuple(diagnostics))
    runs.append((length, copied, len(blanked), False))
    pieces.append(blanked[copied:])
    return Expansion("".join(pieces), Origins(runs), tuple(used), tuple(unknown), tuple(diagnostics))


def _too_long(span: Span) -> Diagnostic:
    return Diagnostic(
        "SPL032", f"macros make this search longer than {MAXIMUM_LENGTH:,} characters; it is not expanded further", span
    )


def _calls(text: str) -> Iterable[tuple[int, int]]:
    position = 0
    while found := _INTERESTING.search(text, position):
        at = found.start()
        if text[at] == '"':
            closed = QUOTED.match(text, at)
            position = closed.end() if closed else at + 1
            continue
        call = MACRO.match(text, at)
        if call:
            yield at, call.end()
        position = call.end() if call else at + 1


def _body(
    inside: str,
    library: MacroLibrary,
    stack: tuple[tuple[str, int], ...],
    used: dict[str, None],
    unknown: dict[str, None],
    diagnostics: list[Diagnostic],
    span: Span,
) -> str | None:
    """The text that a call stands for, with the calls inside it put in too; None if the macro is not known."""
    name, arguments = split_macro(inside)
    macro = library.find(name, len(arguments))
    if macro is None:
        unknown.setdefault(f"{name}({len(arguments)})" if arguments else name)
        return None
    key = (name, len(arguments))
    if key in stack:
        path = " → ".join([*(called for called, _ in stack), name])
        diagnostics.append(Diagnostic("SPL031", f"macro '{name}' calls itself: {path}", span))
        return None
    if len(stack) >= MAXIMUM_DEPTH:
        diagnostics.append(Diagnostic("SPL032", f"macros call one another more than {MAXIMUM_DEPTH} deep", span))
        return None
    used.setdefault(f"{name}({len(arguments)})" if arguments else name)
    body = blank_comments(macro.body)
    if macro.arguments:
        # Splunk does not mind how arguments are named: by keyword (`m(a=1)`) or by place.
        values = dict(zip(macro.arguments, arguments, strict=True))
        body = _PARAMETER.sub(lambda found: values.get(found.group(1), found.group()), body)
    if macro.is_eval:
        constant = re.fullmatch(r'\s*"((?:[^"\\]|\\.)*)"\s*', body, re.DOTALL)
        if not constant:
            diagnostics.append(
                Diagnostic(
                    "SPL033",
                    f"macro '{name}' is computed by an eval expression, which is not run here",
                    span,
                    "warning",
                )
            )
            return None
        body = constant.group(1).replace('\\"', '"')
    pieces: list[str] = []
    copied = 0
    length = 0
    for start, end in _calls(body):
        inner = _body(body[start + 1 : end - 1], library, (*stack, key), used, unknown, diagnostics, span)
        if inner is None:
            continue
        length += start - copied + len(inner)
        if length > MAXIMUM_LENGTH:
            diagnostics.append(_too_long(span))
            return None
        pieces += [body[copied:start], inner]
        copied = end
    pieces.append(body[copied:])
    return "".join(pieces).strip()
