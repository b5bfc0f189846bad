"""The reader and writer for commands that are told by a signature alone; their stage is an `ir.Command`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from rulescope.ir.expressions import Expression, FieldReference, MacroCall, PredicateExpression
from rulescope.ir.predicates import And, Compare, Predicate
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import Aggregate, Argument, Command, Interval
from rulescope.languages.spl.arguments import FALSE_WORDS, TRUE_WORDS, ArgumentReader
from rulescope.languages.spl.commands.aggregates import CANONICAL, parse_aggregate
from rulescope.languages.spl.commands.series import filter_text, read_where
from rulescope.languages.spl.printer import (
    aggregate_text,
    field_text,
    number_text,
    pipeline_text,
    predicate_text,
    quote,
    word_text,
)
from rulescope.languages.spl.search import parse_predicate

OptionKind = Literal["text", "boolean", "integer", "number", "interval"] | tuple[str, ...]
"""What an option's value is; a tuple lists the words that it may be."""

Positional = Literal["fields", "words", "subsearches", "none", "any"]
Aggregates = Literal["no", "required", "calls"]
Where = Literal["no", "search", "series"]

_SPLIT_WORDS = frozenset({"by", "groupby", "over"})
_CALL = re.compile(r"([A-Za-z_]+)[\d.]*\s*\(")
_RAW = "()"
"""The name of an argument that is printed as it is."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a command takes.

    `options` by lower-case name; `required` are those that must be given. `positional`: `fields` a list of field names,
    `words` words as they come, `subsearches` pipelines in brackets, `any` words, `name=value` pairs, subsearches and
    brackets, `none` nothing; `minimum` and `maximum` bound their number. `clauses` are key words (`BY`, `AS`, `OUTPUT`)
    that stand as words of their own; after BY, GROUPBY and OVER stand fields. `open_options`: any `name=value` is
    taken.
    `aggregates`: `required` functions as in `stats`, or, for `calls`, only where a bracket follows the name. `where`:
    what follows WHERE, a `search` condition or chart's filter on `series`. `condition`: after the first `minimum`
    positional arguments, the rest is a search condition.
    """

    name: str
    options: Mapping[str, OptionKind]
    required: tuple[str, ...] = ()
    positional: Positional = "none"
    minimum: int = 0
    maximum: int | None = None
    clauses: tuple[str, ...] = ()
    open_options: bool = False
    aggregates: Aggregates = "no"
    where: Where = "no"
    condition: bool = False

    def parse(self, arguments: ArgumentReader) -> Command:
        """The stage whose arguments stand here."""
        found: list[Argument] = []
        splitting = False
        while True:
            arguments.skip_separators()
            if arguments.at_end():
                break
            if self._option(arguments, found):
                continue
            start = arguments.position
            clause = next((word for word in self.clauses if arguments.keyword(word)), None)
            if clause is None:
                found.append(self._argument(arguments, found, splitting))
                continue
            found.append(Argument(clause.upper(), "", arguments.span(start)))
            if clause == "where":
                self._where(arguments, found, start)
            else:
                splitting = clause in _SPLIT_WORDS or (splitting and clause == "as")
        self._check(arguments, found)
        return Command(self.name, tuple(found))

    def render(self, stage: Command) -> str:
        """The stage in canonical SPL."""
        return " ".join([stage.name, *(self._text(argument) for argument in stage.arguments)])

    def _option(self, arguments: ArgumentReader, found: list[Argument]) -> bool:
        name = arguments.at_option()
        if name is None:
            return False
        start = arguments.position
        lower = name.lower()
        kind = self.options.get(lower)
        if kind is None and self.condition and len(_positional(found)) >= self.minimum:
            return False
        if kind is None and not self.open_options and self.positional != "any":
            return arguments.unknown_option(self.options)
        into: dict[str, Any] = {}
        arguments.option({lower: lambda reader: _value(reader, lower, kind or "text")}, into)
        if into:
            found.append(Argument(into[lower], lower if kind else name, arguments.span(start)))
        return True

    def _argument(self, arguments: ArgumentReader, found: list[Argument], splitting: bool) -> Argument:
        start = arguments.position
        if arguments.at_macro():
            return Argument(arguments.macro(), None, arguments.span(start))
        if arguments.at_subsearch():
            # A subsearch may stand for any text, so for any argument.
            if self.positional == "none" and self.aggregates == "no":
                arguments.fail("SPL024", f"{self.name} takes no subsearch", start)
            pipeline = arguments.subsearch()
            return Argument(pipeline, None, arguments.span(start))
        if splitting:
            return Argument(arguments.field(), None, arguments.span(start))
        if self.aggregates == "required" or (self.aggregates == "calls" and _at_call(arguments)):
            return Argument(parse_aggregate(arguments, self.clauses), None, arguments.span(start))
        if self.condition and len(_positional(found)) >= self.minimum:
            predicate = parse_predicate(arguments)
            if predicate is not None:
                return Argument(PredicateExpression(predicate, arguments.span(start)), None, arguments.span(start))
        if self.positional in ("none", "subsearches"):
            takes = "no such argument:" if self.options or self.clauses else "no arguments, found"
            arguments.fail(
                "SPL024", f"{self.name} takes {takes} {arguments.found()}", start, start + len(arguments.found_word())
            )
        if self.positional == "fields":
            return Argument(arguments.field(), None, arguments.span(start))
        if arguments.accept("("):
            inside = arguments.parenthesised()
            return Argument(f"({inside})", _RAW, arguments.span(start))
        if self.positional == "any" and arguments.peek() in ("=", "[", "]", ")", "|"):
            arguments.position += 1
            return Argument(arguments.text[start], _RAW, arguments.span(start))
        return Argument(arguments.text_value("an argument"), None, arguments.span(start))

    def _where(self, arguments: ArgumentReader, found: list[Argument], start: int) -> None:
        arguments.skip()
        begin = arguments.position
        if self.where == "series":
            arguments.position = start
            condition = read_where(arguments)
            if condition is not None:
                found.append(Argument(condition, None, arguments.span(begin)))
            return
        predicate = parse_predicate(arguments, tuple(word for word in self.clauses if word != "where"))
        if predicate is None:
            arguments.fail("SPL043", f"{self.name}: WHERE needs a condition", start, arguments.position)
        kept, taken = self._options_within(arguments, predicate)
        if kept is None:
            found.pop()
        else:
            found.append(Argument(PredicateExpression(kept, kept.span), None, kept.span))
        found.extend(taken)

    def _options_within(
        self, arguments: ArgumentReader, predicate: Predicate
    ) -> tuple[Predicate | None, list[Argument]]:
        """The condition without the options (`span=30s`) that stand among its comparisons, and these options."""
        operands = predicate.operands if isinstance(predicate, And) else (predicate,)
        kept = []
        taken = []
        for operand in operands:
            if isinstance(operand, Compare) and operand.kind == "eq" and operand.field.lower() in self.options:
                value: Any = str(operand.values[0])
                if self.options[operand.field.lower()] == "interval":
                    value = replace(arguments.interval_of(value, arguments.position), span=operand.span)
                taken.append(Argument(value, operand.field.lower(), operand.span))
            else:
                kept.append(operand)
        if not taken:
            return predicate, taken
        if len(kept) < 2:
            return (kept[0] if kept else None), taken
        return And(tuple(kept), kept[0].span.union(kept[-1].span)), taken

    def _check(self, arguments: ArgumentReader, found: list[Argument]) -> None:
        """Say what is missing or too much; a macro or a subsearch may stand for what is missing."""
        values = _positional(found)
        substituted = arguments.macro_arguments or any(isinstance(item.value, (MacroCall, Pipeline)) for item in found)
        if self.maximum is not None and len(values) > self.maximum and not substituted:
            extra = values[self.maximum]
            arguments.note(
                "SPL024",
                f"{self.name} takes at most {_count(self.maximum)}",
                *_offsets(arguments, extra),
                severity="warning",
            )
        if substituted:
            return
        if self.aggregates == "required" and not any(isinstance(item.value, Aggregate) for item in found):
            arguments.fail(
                "SPL040",
                f"{self.name} needs at least one function",
                hint=f"for example: {self.name} avg(field)",
            )
        if len(values) < self.minimum:
            arguments.fail(
                "SPL045",
                f"{self.name} needs {'at least ' if self.maximum != self.minimum else ''}{_count(self.minimum)}",
                hint=f"found {len(values) or 'none'}",
            )
        given = {argument.name for argument in found}
        missing = [name for name in self.required if name not in given]
        if missing and not self.open_options:
            arguments.note(
                "SPL051",
                f"{self.name} needs the option {' and '.join(missing)!r}",
                max(arguments.start - len(self.name), 0),
                arguments.start,
                hint=f"write {missing[0]}=...",
            )

    def _text(self, argument: Argument) -> str:
        text = self._value_text(argument)
        return text if argument.name in (None, "", _RAW) else f"{argument.name}={text}"

    def _value_text(self, argument: Argument) -> str:
        value = argument.value
        match value:
            case bool():
                return "true" if value else "false"
            case int() | float():
                return number_text(value)
            case str():
                if argument.name in ("", _RAW):
                    return value
                return quote(value) if value.lower() in self.clauses else word_text(value)
            case Interval():
                return word_text(value.text)
            case Pipeline():
                return f"[{pipeline_text(value, inner=True)}]"
            case Aggregate():
                return aggregate_text(value)
            case MacroCall():
                return f"`{value.text}`"
            case PredicateExpression():
                return predicate_text(value.predicate)
            case FieldReference():
                return quote(value.name) if value.name.lower() in self.clauses else field_text(value)
        return filter_text(value)


def _positional(found: list[Argument]) -> list[Argument]:
    """The positional arguments before the first clause."""
    values = []
    for argument in found:
        if argument.name == "":
            break
        if argument.name in (None, _RAW):
            values.append(argument)
    return values


def _offsets(arguments: ArgumentReader, argument: Argument) -> tuple[int, int]:
    """Where an argument stands in the text being read, which is not the written one where a macro was put in."""
    if arguments.parser.origins is not None:
        return arguments.start, arguments.end
    return argument.span.start, argument.span.end


def _count(number: int) -> str:
    return "one argument" if number == 1 else f"{number} arguments"


def _at_call(arguments: ArgumentReader) -> bool:
    call = arguments.looking_at(_CALL)
    return call is not None and call.group(1).lower() in CANONICAL


def _value(
    arguments: ArgumentReader, name: str, kind: OptionKind
) -> str | bool | int | float | Interval | Pipeline | Expression:
    """An option's value. What is not of its kind stays text, with a diagnostic (not for a token such as `$count$`)."""
    if arguments.at_subsearch():
        return arguments.subsearch()
    start = arguments.position
    if arguments.accept("("):
        return f"({arguments.parenthesised()})"
    if kind == "interval":
        return arguments.interval()
    text = arguments.text_value()
    lower = text.lower()
    wanted = "a value"
    if kind == "text" or "$" in text:
        return text
    if kind == "boolean":
        if lower in TRUE_WORDS or lower in FALSE_WORDS:
            return lower in TRUE_WORDS
        wanted = "true or false"
    elif kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            wanted = "a whole number" if kind == "integer" else "a number"
    else:
        if lower in kind:
            return text
        wanted = f"{', '.join(kind[:-1])} or {kind[-1]}"
    arguments.wrong_value(f"{arguments.command}: {name} is {wanted}, found '{text[:40]}'", text, start)
    return text
