"""The arguments of one stage, read from left to right without a separate lexer.

What a word is depends on the command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from rulescope.ir.expressions import FieldReference, MacroCall, Subsearch
from rulescope.ir.stages import Interval
from rulescope.ir.times import UNITS, Snap
from rulescope.languages.spl.macro_calls import split_macro
from rulescope.languages.spl.reader import QUOTED, Reader
from rulescope.languages.spl.scan import MACRO

if TYPE_CHECKING:
    from rulescope.ir import Pipeline

Result = TypeVar("Result")

_OPTION = re.compile(r"([A-Za-z_][\w.:-]*)\s*=\s*")
_INTERVAL = re.compile(
    r"(?!@|\Z)([+-]?\d*\.?\d+)?\s*(microseconds?|us|milliseconds?|ms|cs|ds|seconds?|secs?|s|minutes?|mins?|months?|mon|m|hours?|hrs?|hr|h"
    r"|days?|d|weeks?|w|quarters?|qtrs?|qtr|q|years?|yrs?|yr|y)?(?:@([\w+-]*))?",
    re.IGNORECASE,
)
_SNAP = re.compile(r"w([0-7])")
_LOG_INTERVAL = re.compile(r"(\d*\.?\d+)?log(\d*\.?\d+)?", re.IGNORECASE)
_UNIT_OF = UNITS | {"microsecond": "us", "microseconds": "us", "millisecond": "ms", "milliseconds": "ms"}
_FEW_OPTIONS = 8
"""Up to how many options are listed where one is not known."""

_SUBPIPELINES = frozenset({"appendpipe", "foreach"})
"""Commands whose brackets hold commands for the rows so far, rather than a search of its own."""

TRUE_WORDS = frozenset({"t", "true", "1", "yes", "y"})
FALSE_WORDS = frozenset({"f", "false", "0", "no", "n"})


class ArgumentReader(Reader):
    """A reader of a command's arguments: fields, macros, subsearches, options, typed values."""

    __slots__ = ()

    def at_macro(self) -> bool:
        """Whether a macro call stands here."""
        return self.peek() == "`" and MACRO.match(self.text, self.position, self.end) is not None

    def macro(self) -> MacroCall:
        """The macro call that stands here."""
        self.skip()
        start = self.position
        found = self.match(MACRO)
        if not found:
            self.fail("SPL002", "unbalanced backtick: this macro call is not closed")
        inside = found.group()[1:-1]
        name, arguments = split_macro(inside)
        if not name:
            self.fail("SPL002", "this macro call has no name between its backticks", start, self.position)
        call = MacroCall(name, arguments, inside.strip(), self.span(start))
        self.parser.macro_used(call)
        return call

    def substituted(self) -> bool:
        """Read a macro or subsearch that stands for text into `macro_arguments`; False if none stands here."""
        if self.at_macro():
            self.macro_arguments.append(("", self.macro()))
            return True
        if self.at_subsearch():
            start = self.position
            pipeline = self.subsearch()
            self.macro_arguments.append(("", Subsearch(pipeline, self.span(start))))
            return True
        return False

    def field_item(self, what: str = "a field name") -> FieldReference | MacroCall:
        """An entry of a field list."""
        return self.macro() if self.at_macro() else self.field(what)

    def field_list(self, stop: tuple[str, ...] = ()) -> tuple[FieldReference | MacroCall, ...]:
        """Fields separated by blanks or commas, up to the end, a closing bracket, or one of the words in `stop`."""
        items: list[FieldReference | MacroCall] = []
        while True:
            self.skip_separators()
            if self.position >= self.end or self.text[self.position] in "])":
                break
            if any(self.at_keyword(word) for word in stop):
                break
            items.append(self.field_item())
        return tuple(items)

    def at_subsearch(self) -> bool:
        """Whether a subsearch opens here."""
        return self.peek() == "[" and self.position in self.parser.scan.closing

    def subsearch(self, what: str = "a subsearch in [ ]") -> Pipeline:
        """The pipeline in the brackets that open here."""
        if not self.at_subsearch():
            self.expected(what)
        opening = self.position
        closing = min(self.parser.scan.closing[opening], self.end)
        pipeline = self.parser.pipeline(opening, opening + 1, closing, commands=self.command in _SUBPIPELINES)
        self.position = min(closing + 1, self.end)
        return pipeline

    # options

    def at_option(self) -> str | None:
        """The name of the `name=` that stands here, or None."""
        found = self.looking_at(_OPTION)
        return found.group(1) if found else None

    def option(self, known: Mapping[str, Callable[[ArgumentReader], Any]], into: dict[str, Any]) -> bool:
        """Read one `name=value` if it stands here and `known` has its name (in any case): into `into`, by that name.

        A macro as the value goes to `macro_arguments`.
        """
        found = self.looking_at(_OPTION)
        if not found:
            return False
        name = found.group(1).lower()
        if name not in known:
            return False
        start = self.position
        self.position = found.end()
        if self.at_macro():
            self.macro_arguments.append((name, self.macro()))
            return True
        self.skip()
        if self.position >= self.end:
            self.fail("SPL011", f"{self.command}: option {name} has no value", start, self.end)
        into[name] = known[name](self)
        return True

    def unknown_option(self, known: Mapping[str, object]) -> bool:
        """If an option that the command does not have stands here: say so, go past it and its value."""
        found = self.looking_at(_OPTION)
        if not found:
            return False
        start = self.position
        name = found.group(1)
        self.position = found.end()
        if self.at_subsearch():
            self.subsearch()
        elif self.at_macro():
            self.macro()
        elif self.accept("("):
            self.parenthesised()
        elif self.position < self.end:
            self.text_value()
        near = self.parser.nearest(name, known)
        self.note(
            "SPL022",
            f"{self.command} has no option '{name}'",
            start,
            start + len(name),
            hint=f"did you mean '{near}'?" if near else _options_hint(known),
        )
        return True

    def close(self, opening: int) -> None:
        """Go past the `)` that closes the bracket at `opening`; if the stage ends first, say so and go on."""
        if self.accept(")"):
            return
        if not self.at_end():
            self.expected("')'")
        self.note("SPL004", "unbalanced parenthesis: this '(' is not closed", opening, opening + 1, severity="error")

    def parenthesised(self) -> str:
        """The text up to the bracket that closes one already opened; goes past it."""
        depth = 1
        start = self.position
        while self.position < self.end:
            character = self.text[self.position]
            if character == '"':
                found = QUOTED.match(self.text, self.position, self.end)
                if found:
                    self.position = found.end()
                    continue
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth == 0:
                    self.position += 1
                    return self.text[start : self.position - 1]
            self.position += 1
        self.note("SPL004", "unbalanced parenthesis: this '(' is not closed", start - 1, start, severity="error")
        return self.text[start : self.end]

    # typed values

    def boolean(self) -> bool:
        """`true` or `false` in any of Splunk's spellings."""
        self.skip()
        start = self.position
        word = self.text_value("true or false")
        if word.lower() in TRUE_WORDS:
            return True
        if word.lower() in FALSE_WORDS:
            return False
        if not word.startswith("$"):
            self.wrong_value(f"{self.command}: expected true or false, found '{word}'", word, start)
        return False

    def integer(self) -> int:
        """A whole number."""
        self.skip()
        start = self.position
        word = self.text_value("a number")
        try:
            return int(float(word))
        except (ValueError, OverflowError):
            self.wrong_value(f"{self.command}: expected a number, found '{word[:40]}'", word, start)
            return 0

    def number(self) -> float:
        """A number."""
        self.skip()
        start = self.position
        word = self.text_value("a number")
        try:
            return float(word)
        except ValueError:
            self.wrong_value(f"{self.command}: expected a number, found '{word[:40]}'", word, start)
            return 0.0

    def interval(self) -> Interval:
        """A width such as `5m`, `10` or `2log10`."""
        self.skip()
        start = self.position
        written = self.text_value("a span")
        return self.interval_of(written, start)

    def interval_of(self, written: str, start: int) -> Interval:
        """The width that `written`, which stands at `start`, says."""
        found = _INTERVAL.fullmatch(written)
        if found:
            unit = found.group(2) or ""
            short = "mon" if unit == "M" else _UNIT_OF[unit.lower()] if unit else ""
            snap = _snap(found.group(3) or "")
            return Interval(written, float(found.group(1) or 1), short, None, snap, self.span(start))
        logarithmic = _LOG_INTERVAL.fullmatch(written)
        if logarithmic:
            base = float(logarithmic.group(2) or 10)
            return Interval(written, float(logarithmic.group(1) or 1), "log", base, span=self.span(start))
        if "$" not in written and "<<" not in written:
            hint = "a span is like 5m, 1h or 10"
            self.wrong_value(f"{self.command}: '{written[:40]}' is not a span", written, start, hint=hint)
        return Interval(written, 0.0, span=self.span(start))


def _snap(written: str) -> Snap | None:
    """What a width begins at; a unit that is none is kept, for the place where it is refused."""
    day = _SNAP.fullmatch(written.lower())
    if day is not None:
        return Snap("w", int(day.group(1)))
    return Snap(written.lower()) if written else None


def _options_hint(known: Mapping[str, object]) -> str | None:
    if not known:
        return "it has no options"
    return f"its options are {', '.join(sorted(known))}" if len(known) <= _FEW_OPTIONS else None


def text_option(arguments: ArgumentReader) -> str:
    """An option's value as text."""
    return arguments.text_value()


def boolean_option(arguments: ArgumentReader) -> bool:
    """An option's value as true or false."""
    return arguments.boolean()


def signed_option(arguments: ArgumentReader) -> int:
    """An option's value as a whole number, of which one below zero lifts the bound."""
    return arguments.integer()


def integer_option(arguments: ArgumentReader) -> int:
    """An option's value as a number of things: a whole number that is not below zero."""
    arguments.skip()
    start = arguments.position
    found = arguments.integer()
    if found < 0:
        message = f"{arguments.command}: expected a number that is not below zero, found {found}"
        arguments.note("SPL023", message, start, severity="error")
    return max(found, 0)


def number_option(arguments: ArgumentReader) -> float:
    """An option's value as a number."""
    return arguments.number()


def signed_interval_option(arguments: ArgumentReader) -> Interval:
    """An option's value as a width, of which one below zero lifts the bound."""
    return arguments.interval()


def interval_option(arguments: ArgumentReader) -> Interval:
    """An option's value as a width, which is above zero."""
    arguments.skip()
    start = arguments.position
    noted = len(arguments.parser.diagnostics)
    found = arguments.interval()
    put_in_later = "$" in found.text or "<<" in found.text
    if found.amount <= 0 and len(arguments.parser.diagnostics) == noted and not put_in_later:
        message = f"{arguments.command}: expected a span above zero, found '{found.text[:40]}'"
        arguments.note("SPL023", message, start, severity="error", hint="a span is like 5m, 1h or 10")
    return found


def field_option(arguments: ArgumentReader) -> str:
    """An option's value as a field's name."""
    return arguments.field_name()
