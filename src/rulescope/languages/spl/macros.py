"""Macro definitions, and putting their bodies in where they are called, with the way back to the call."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rulescope.languages.spl.macro_calls import split_macro
from rulescope.languages.spl.reader import unescape
from rulescope.languages.spl.scan import MACRO, QUOTED, blank_comments
from rulescope.text import Diagnostic, Severity, Span

MAXIMUM_DEPTH = 20
"""How deep macros may call one another; Splunk's own limit is 100 (limits.conf, max_macro_depth), people use 3 or 4."""

MAXIMUM_LENGTH = 500_000
"""How long a search may be or become, in characters, so that macros that double themselves end."""

MAXIMUM_CALLS = 5_000
"""How many calls are put in for one search, so that macros that double themselves and stand for nothing end too."""

_INTERESTING = re.compile(r'`|"|```')
_PARAMETER = re.compile(r"\$([\w.-]+)\$")
_MAP = re.compile(r"\|\s*map\b")
_NAMED = re.compile(r"([\w-]+)\s*=(.*)", re.DOTALL)
Evaluate = Callable[[str, Mapping[str, str]], str | None]
"""The text that an eval expression gives with the macro's arguments as values; None where that can't be told."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A definition: `name` without `(n)`, the names of its arguments, and its body.

    `is_eval` says that the body is an eval expression whose text value is put in.
    """

    name: str
    body: str
    arguments: tuple[str, ...] = ()
    is_eval: bool = False
    origin: str | None = None


class MacroLibrary:
    """Macros by name and number of arguments; the first definition given wins, as the nearest configuration does."""

    __slots__ = ("_arities", "_macros")

    def __init__(self, macros: Iterable[Macro] = ()) -> None:
        self._macros: dict[tuple[str, int], Macro] = {}
        self._arities: dict[str, set[int]] = {}
        for macro in macros:
            self.add(macro)

    def add(self, macro: Macro) -> None:
        """Take a definition in, unless one of that name and number of arguments is there already."""
        self._macros.setdefault((macro.name, len(macro.arguments)), macro)
        self._arities.setdefault(macro.name, set()).add(len(macro.arguments))

    def find(self, name: str, arguments: int) -> Macro | None:
        """The definition for a call with that many arguments, or None."""
        return self._macros.get((name, arguments))

    def arities(self, name: str) -> tuple[int, ...]:
        """With how many arguments a macro of that name is defined, the fewest first."""
        return tuple(sorted(self._arities.get(name, ())))

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
        # A place between two characters belongs to the one before it: the end of a body is still the call.
        first = self._runs[max(bisect_right(self._starts, start if start < end else start - 1) - 1, 0)]
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


def expand_macros(text: str, library: MacroLibrary, evaluate: Evaluate) -> Expansion:
    """Put in the body of every macro that `library` has; the others stay calls. `evaluate` computes those bodies that
    are eval expressions.

    Recursion and runaway growth are caught. Macros inside a text in quotes are no macros (macros.conf.spec).
    """
    expander = _Expander(library, evaluate)
    blanked = blank_comments(text)
    pieces: list[str] = []
    runs: list[tuple[int, int, int, bool]] = []
    length = 0
    copied = 0
    for start, end in _calls(blanked):
        expander.span = Span(start, end)
        body = expander.body(blanked[start + 1 : end - 1], ())
        if body is None:
            continue
        if length + len(body) > MAXIMUM_LENGTH:
            expander.too_long()
            break
        if copied < start:
            runs.append((length, copied, start, False))
            pieces.append(blanked[copied:start])
            length += start - copied
        runs.append((length, start, end, True))
        pieces.append(body)
        length += len(body)
        copied = end
    used, unknown, diagnostics = tuple(expander.used), tuple(expander.unknown), tuple(dict.fromkeys(expander.found))
    if not runs:
        return Expansion(text, None, used, unknown, diagnostics)
    runs.append((length, copied, len(blanked), False))
    pieces.append(blanked[copied:])
    return Expansion("".join(pieces), Origins(runs), used, unknown, diagnostics)


def _calls(text: str) -> Iterator[tuple[int, int]]:
    """Where the macro calls of `text` begin and end, less those inside a text in quotes."""
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


class _Expander:
    """Puts in the bodies of calls, and keeps count of what was used, what is unknown, and what went wrong."""

    def __init__(self, library: MacroLibrary, evaluate: Evaluate) -> None:
        self.library = library
        self.evaluate = evaluate
        self.used: dict[str, None] = {}
        self.unknown: dict[str, None] = {}
        self.found: list[Diagnostic] = []
        self.span = Span(0, 0)
        self._calls_left = MAXIMUM_CALLS

    def body(self, inside: str, stack: tuple[tuple[str, int], ...]) -> str | None:
        """The text that a call stands for, with the calls inside it put in too; None if it stays a call."""
        name, arguments = split_macro(self._mended(inside))
        macro = self.library.find(name, len(arguments))
        written = f"{name}({len(arguments)})" if arguments else name
        if macro is None:
            if written not in self.unknown and (known := self.library.arities(name)):
                counts = " or ".join(map(str, known))
                message = f"macro '{name}' is called with {len(arguments)} arguments, and defined with {counts}"
                self._note("SPL035", message, "warning", "a macro is told by its name and number of arguments")
            self.unknown.setdefault(written)
            return None
        if any((argument.count('"') - argument.count('\\"')) % 2 for argument in arguments):
            # Put in, the open quote would run on into the search behind the call.
            self.unknown.setdefault(written)
            self._note("SPL001", f"unbalanced quote in the arguments of macro '{name}': it is not put in")
            return None
        key = (name, len(arguments))
        if key in stack:
            path = " → ".join([*(called for called, _ in stack), name])
            self._note("SPL031", f"macro '{name}' calls itself: {path}")
            return None
        if len(stack) >= MAXIMUM_DEPTH:
            self._note("SPL032", f"macros call one another more than {MAXIMUM_DEPTH} deep")
            return None
        if self._calls_left <= 0:
            self.too_long()
            return None
        self._calls_left -= 1
        self.used.setdefault(written)
        self._check_parameters(macro)
        values = _values(macro, arguments)
        filled = _filled(macro, values)
        body = self.evaluate(filled, values) if macro.is_eval else filled
        if body is None:
            message = f"macro '{name}' is computed by an eval expression that is not run here"
            self._note("SPL033", message, severity="warning")
        return None if body is None else self._inner(body, (*stack, key))

    def _check_parameters(self, macro: Macro) -> None:
        """Say which parameters of the body are none of the macro's arguments: `$b$` stays there as it is. The tokens of
        a search that `map` runs for each row are filled in later."""
        body = blank_comments(macro.body)
        if _MAP.search(body):
            return
        named = dict.fromkeys(found.group(1) for found in _PARAMETER.finditer(body))
        unknown = [f"${name}$" for name in named if name not in macro.arguments]
        if unknown:
            more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
            message = f"macro '{macro.name}' has no argument for {', '.join(unknown[:3])}{more}, which its body holds"
            hint = f"its arguments: {', '.join(macro.arguments)}" if macro.arguments else "it takes no arguments"
            self._note("SPL034", message, "warning", hint)

    def _mended(self, inside: str) -> str:
        """The call with its only quote left out, or its only bracket closed: neither has another reading."""
        if inside.count('"') == 1:
            self._note("SPL001", "unbalanced quote in the arguments of a macro: they are read without it")
            inside = inside.replace('"', "")
        if inside.count("(") == 1 and ")" not in inside:
            self._note("SPL004", "unbalanced bracket in a macro call: it is read as if it were closed")
            inside = f"{inside})"
        return inside

    def _inner(self, body: str, stack: tuple[tuple[str, int], ...]) -> str | None:
        """The body with the calls inside it put in."""
        pieces: list[str] = []
        copied = 0
        length = len(body)
        for start, end in _calls(body):
            inner = self.body(body[start + 1 : end - 1], stack)
            if inner is None:
                continue
            length += len(inner)
            if length > MAXIMUM_LENGTH:
                break
            pieces += [body[copied:start], inner]
            copied = end
        if length > MAXIMUM_LENGTH:
            self.too_long()
            return None
        pieces.append(body[copied:])
        return "".join(pieces).strip()

    def too_long(self) -> None:
        """Say that the search would become too long."""
        self._note(
            "SPL032",
            f"macros make this search longer than {MAXIMUM_LENGTH:,} characters or {MAXIMUM_CALLS:,} calls;"
            " it is not expanded further",
        )

    def _note(self, code: str, message: str, severity: Severity = "error", hint: str | None = None) -> None:
        if len(self.found) < MAXIMUM_CALLS:
            self.found.append(Diagnostic(code, message, self.span, severity, hint))


def _values(macro: Macro, arguments: tuple[str, ...]) -> dict[str, str]:
    """The macro's arguments by name; they are given by place or as `name=value`."""
    values: dict[str, str] = {}
    by_place: list[str] = []
    for argument in arguments:
        named = _NAMED.match(argument)
        if named and named.group(1) in macro.arguments and named.group(1) not in values:
            values[named.group(1)] = _unquoted(named.group(2).strip())
        else:
            by_place.append(argument)
    rest = [name for name in macro.arguments if name not in values]
    values.update(zip(rest, by_place, strict=False))
    return values


def _filled(macro: Macro, values: Mapping[str, str]) -> str:
    """The macro's body with its arguments in place.

    They are put in everywhere, inside quotes too (macros.conf.spec), until the body is longer than a search may be.
    """
    body = blank_comments(macro.body)
    if not macro.arguments:
        return body
    pieces: list[str] = []
    length = 0
    copied = 0
    for found in _PARAMETER.finditer(body):
        value = values.get(found.group(1))
        if value is None:
            continue
        pieces += [body[copied : found.start()], value]
        length += found.start() - copied + len(value)
        copied = found.end()
        if length > MAXIMUM_LENGTH:
            break
    pieces.append(body[copied:])
    return "".join(pieces)


def _unquoted(text: str) -> str:
    return unescape(text[1:-1]) if len(text) >= 2 and text[0] == '"' == text[-1] else text
