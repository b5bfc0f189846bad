"""What a command is to the parser and the printer, and the reader for commands told by a signature alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rulescope.ir.expressions import MacroCall
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import Argument, Command, Interval, Stage
from rulescope.languages.spl.arguments import (
    Arguments,
    boolean_option,
    integer_option,
    interval_option,
    number_option,
    text_option,
)

Parse = Callable[[Arguments], Stage]
Render = Callable[[Any], str]
OptionKind = Literal["text", "boolean", "integer", "number", "interval", "raw"]
Positional = Literal["fields", "words", "text", "subsearches", "assignments", "none", "any"]

_READERS: dict[str, Callable[[Arguments], Any]] = {
    "text": text_option,
    "boolean": boolean_option,
    "integer": integer_option,
    "number": number_option,
    "interval": interval_option,
}


@dataclass(frozen=True, slots=True)
class CommandSyntax:
    """One command: its name, what it does in a sentence, its syntax in Splunk's own notation, and its reader and writer."""

    name: str
    summary: str
    syntax: str
    parse: Parse
    render: Render


def signature(
    name: str,
    summary: str,
    syntax: str,
    *,
    options: Mapping[str, OptionKind] | None = None,
    positional: Positional = "none",
    clauses: tuple[str, ...] = (),
    open_options: bool = False,
) -> CommandSyntax:
    """A command whose stage is an `ir.Command`: options by name and kind, and what stands between them.

    `positional`: `fields` a list of field names, `words` words as they come, `text` one text, `subsearches` pipelines in brackets,
    `assignments` `name=value` pairs, `any` words, subsearches and whatever else stands there, `none` nothing.
    `clauses` are key words (`BY`, `AS`, `OUTPUT`) that stand as words of their own. `open_options`: the command takes any `name=value`.
    """
    known = {option.lower(): kind for option, kind in (options or {}).items()}
    words = tuple(clause.lower() for clause in clauses)

    def parse(arguments: Arguments) -> Stage:
        return Command(name, tuple(_arguments(arguments, known, positional, words, open_options)))

    return CommandSyntax(name, summary, syntax, parse, render_command)


def _arguments(
    arguments: Arguments,
    known: Mapping[str, OptionKind],
    positional: Positional,
    clauses: tuple[str, ...],
    open_options: bool,
) -> list[Argument]:
    found: list[Argument] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            return found
        start = arguments.position
        name = arguments.at_option()
        if name is not None:
            kind = known.get(name.lower())
            if kind is not None or open_options or positional in ("assignments", "any"):
                into: dict[str, Any] = {}
                reader = _READERS[kind or "text"]
                if not arguments.option({name.lower(): reader}, into):
                    arguments.expected("an option")
                if into:
                    value = into[name.lower()]
                    found.append(Argument(value, name.lower() if kind else name, arguments.span(start)))
                continue
            arguments.unknown_option(known)
            continue
        if arguments.at_macro():
            found.append(Argument(arguments.macro(), None, arguments.span(start)))
            continue
        if arguments.at_subsearch():
            if positional not in ("subsearches", "any"):
                arguments.fail("SPL024", f"{arguments.command} takes no subsearch")
            pipeline = arguments.subsearch()
            found.append(Argument(pipeline, None, arguments.span(start)))
            continue
        clause = next((word for word in clauses if arguments.keyword(word)), None)
        if clause is not None:
            found.append(Argument(clause.upper(), "", arguments.span(start)))
            continue
        if positional == "none":
            arguments.fail("SPL024", f"{arguments.command} takes no such argument: {arguments.found()}")
        if positional == "fields":
            found.append(Argument(arguments.field(), None, arguments.span(start)))
        elif arguments.accept("("):
            inside = arguments.parenthesised()
            found.append(Argument(f"({inside})", "()", arguments.span(start)))
        elif positional == "any" and arguments.peek() in ("=", "[", "]", ")", "|"):
            arguments.position += 1
            found.append(Argument(arguments.text[start], "()", arguments.span(start)))
        else:
            found.append(Argument(arguments.text_value("an argument"), None, arguments.span(start)))


def render_command(stage: Command) -> str:
    """A signature command in canonical SPL."""
    from rulescope.languages.spl.printer import field_text, pipeline_text, word_text

    parts = [stage.name]
    for argument in stage.arguments:
        value = argument.value
        if isinstance(value, Pipeline):
            text = f"[{pipeline_text(value, inner=True)}]"
        elif isinstance(value, MacroCall):
            text = f"`{value.text}`"
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, Interval):
            text = word_text(value.text)
        elif isinstance(value, (int, float)):
            text = f"{value:g}" if isinstance(value, float) else str(value)
        elif isinstance(value, str):
            text = value if argument.name in ("", "()") else word_text(value)
        else:
            text = field_text(value)  # type: ignore[arg-type]
        parts.append(text if argument.name in (None, "", "()") else f"{argument.name}={text}")
    return " ".join(parts)
