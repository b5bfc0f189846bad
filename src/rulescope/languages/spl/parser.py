"""A search's text → a pipeline of stages. A stage that can't be read is `Opaque`; the others stay whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn, TypeVar

from rulescope.ir.expressions import MacroCall
from rulescope.ir.rule import Pipeline
from rulescope.ir.stages import Command, MacroStage, Opaque, Stage, Stats
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands import CommandSyntax, command_names, find_command
from rulescope.languages.spl.commands.aggregates import is_statistical
from rulescope.languages.spl.commands.names import GENERATING, MEANT
from rulescope.languages.spl.functions import check_call
from rulescope.languages.spl.inner_texts import SUBSEARCH_WEIGHT
from rulescope.languages.spl.macros import Origins
from rulescope.languages.spl.scan import Scan, scan_search
from rulescope.text import MOST_FINDINGS, Diagnostic, Span, nearest_name

MAXIMUM_DEPTH = 120
"""How deep brackets may nest, over all subsearches: far beyond what people write, well within Python's own stack."""

LONGEST_NAME = 60
"""How long a name may be, in characters, to be compared with those that are known."""

MAXIMUM_STRAY_BRACKETS = 20
"""How many brackets that close nothing a stage may have before it is given up."""

_COMMAND = re.compile(r"\s*([A-Za-z_]\w*(?:[.-]\w+)*)")
_NOT_COMMAND = re.compile(r"\s*(?:=|!=|<(?!<)|>|::|:)")


Result = TypeVar("Result")


class Parser:
    """Reads one text; `origins` leads from it back to the text as written when macros were put in."""

    def __init__(self, text: str, origins: Origins | None = None, dropped: int | None = None) -> None:
        read = text if dropped is None else f"{text[:dropped]} {text[dropped + 1 :]}"
        self.scan: Scan = scan_search(read)
        self.written = text
        self.origins = origins
        self.diagnostics: list[Diagnostic] = []
        self.macros: dict[str, None] = {}
        self.stages = 0
        self.opaque = 0
        self.nesting = 0
        for found in self.scan.diagnostics:
            self.diagnostics.append(replace(found, span=self.span(found.span.start, found.span.end)))

    def span(self, start: int, end: int) -> Span:
        """The span in the text as written."""
        if self.origins is None:
            return Span(start, end)
        return self.origins.span(start, end)

    def search(self) -> Pipeline:
        """The whole text as a pipeline."""
        return self.pipeline(-1, 0, len(self.scan.text))

    def pipeline(self, opening: int, start: int, end: int, *, commands: bool = False) -> Pipeline:
        """The pipeline between `start` and `end`; `opening` is the offset of its bracket, -1 for the search itself.

        `commands` says that it begins with a command, never with a search whose name is left out.
        """
        if self.nesting + SUBSEARCH_WEIGHT > MAXIMUM_DEPTH:
            problem = Diagnostic(
                "SPL005",
                f"subsearches nest deeper than {MAXIMUM_DEPTH // SUBSEARCH_WEIGHT}; this one is not read",
                self.span(start, end),
            )
            self.diagnostics.append(problem)
            opaque = Opaque(text=self.written[start:end], span=self.span(start, end), reason=problem.message)
            self.stages += 1
            self.opaque += 1
            return Pipeline((opaque,), False, self.span(start, end))
        self.nesting += SUBSEARCH_WEIGHT
        try:
            return self._pipeline(opening, start, end, commands)
        finally:
            self.nesting -= SUBSEARCH_WEIGHT

    def nearest(self, name: str, known: Iterable[str]) -> str | None:
        """The known name that a misspelt one was probably meant to be; None for long names, or after many findings."""
        if len(name) > LONGEST_NAME or len(self.diagnostics) > MOST_FINDINGS:
            return None
        return nearest_name(name, known)

    def nested(self, arguments: ArgumentReader, levels: int, read: Callable[[], Result]) -> Result:
        """What `read` gives, `levels` brackets further in; gives up where that is too deep."""
        if self.nesting + levels > MAXIMUM_DEPTH:
            arguments.fail("SPL005", f"brackets nest deeper than {MAXIMUM_DEPTH}; this is not read further")
        self.nesting += levels
        try:
            return read()
        finally:
            self.nesting -= levels

    def _pipeline(self, opening: int, start: int, end: int, commands: bool) -> Pipeline:
        text = self.scan.text
        bounds: list[tuple[int, int]] = []
        at = start
        generating = False
        first = True
        for pipe in [*self.scan.pipes.get(opening, []), end]:
            if pipe > end:
                continue
            blank = not text[at:pipe].strip()
            if first and blank and pipe < end:
                generating = True
            elif not blank:
                bounds.append((at, pipe))
            elif pipe < end or (bounds and not first):
                place = min(pipe, max(end - 1, 0))
                self.diagnostics.append(
                    Diagnostic(
                        "SPL017",
                        "there is no command between these pipes"
                        if pipe < end
                        else "there is no command after the last pipe",
                        self.span(max(at - 1, 0), place + 1),
                        "warning",
                        hint="remove a pipe",
                    )
                )
            at = pipe + 1
            first = False
        read: list[Stage] = []
        for index, (begin, finish) in enumerate(bounds):
            leading = index == 0 and not generating and not commands
            read += self._stage(begin, finish, leading=leading, inner=opening != -1, followed=len(bounds) > 1)
        if generating and opening == -1 and read:
            self._check_beginning(read[0], bounds[0])
        stages = tuple(read)
        self.stages += len(stages)
        self.opaque += sum(isinstance(stage, Opaque) for stage in stages)
        return Pipeline(stages, generating, self.span(start, end))

    def _check_beginning(self, stage: Stage, place: tuple[int, int]) -> None:
        """Say of a search that begins with a pipe and a command that makes no rows that it runs on none."""
        word = _COMMAND.match(self.scan.text, *place)
        command = find_command(word.group(1)) if word else None
        # Without BY, stats gives one row of nothing: an idiom for a row to begin with.
        row_of_nothing = isinstance(stage, Stats) and not stage.by
        if word is None or command is None or command.name in GENERATING or row_of_nothing:
            return
        # Of commands without a meaning of their own here, not all are known to take rows.
        if not isinstance(stage, Opaque | Command):
            self.diagnostics.append(
                Diagnostic(
                    "SPL053",
                    f"the search begins with a pipe and '{word.group(1)}', which makes no rows: it has none to work on",
                    self.span(word.start(1), word.end(1)),
                    "warning",
                    hint="put a search before the pipe: * for all events",
                )
            )

    def _stage(self, start: int, end: int, *, leading: bool, inner: bool, followed: bool) -> list[Stage]:
        text = self.scan.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        word = _COMMAND.match(text, start, end)
        if leading:
            return self._leading(start, end, word, inner=inner, followed=followed)
        if text[start] == "`" and (call := self._macro_alone(start, end)):
            return [call]
        if word is None:
            if text[start] == "`":
                return [self._after_macro(start, end)]
            return [
                self._opaque(
                    start, end, "expected a command", "SPL020", start, hint="a stage begins with a command's name"
                )
            ]
        return self._command(word.group(1), start, word.end(), end)

    def _leading(self, start: int, end: int, word: re.Match[str] | None, *, inner: bool, followed: bool) -> list[Stage]:
        """The first stage of a pipeline without a leading pipe: `search` left out, unless it names a command.

        That a subsearch (`inner`) begins with a command and no pipe is usual: `[inputlookup hosts.csv]`. Of
        commands without a meaning of their own here, the name alone is one only where a stage follows (`followed`).
        """
        text = self.scan.text
        if word and word.group(1).lower() == "search" and not _NOT_COMMAND.match(text, word.end(), end):
            return self._command("search", start, word.end(), end)
        if (
            word
            and not _NOT_COMMAND.match(text, word.end(), end)
            and text[word.end() : word.end() + 1] not in ("(", "*", ")", ",")
        ):
            command = find_command(word.group(1))
            if command is not None:
                mark = len(self.diagnostics)
                stages = self._command(word.group(1), start, word.end(), end)
                alone = not (word.end() < end or inner or followed) and isinstance(stages[0], Command)
                if not (alone or any(isinstance(stage, Opaque) for stage in stages)) and all(
                    found.severity != "error" and found.code not in ("SPL022", "SPL023", "SPL024")
                    for found in self.diagnostics[mark:]
                ):
                    if not inner:
                        self.diagnostics.append(
                            Diagnostic(
                                "SPL018",
                                f"the search begins with the command '{word.group(1)}' and no pipe:"
                                " read as that command",
                                self.span(start, word.end()),
                                "warning",
                                hint=_beginning_hint(word.group(1), command.name),
                            )
                        )
                    return stages
                del self.diagnostics[mark:]
        return self._command("search", start, start, end)

    def _command(self, name: str, start: int, after: int, end: int) -> list[Stage]:
        command = find_command(name)
        if command is None:
            near = MEANT.get(name.lower()) or self.nearest(name, command_names())
            return [
                self._opaque(
                    start,
                    end,
                    f"unknown command '{name}'",
                    "SPL021",
                    start,
                    start + len(name),
                    hint=f"did you mean '{near}'?" if near else "Splunk has no such command; an app may bring it",
                    name=name,
                    unknown=True,
                )
            ]
        arguments = ArgumentReader(self, after, end, command.name)
        try:
            stage = command.parse(arguments)
            for _ in range(MAXIMUM_STRAY_BRACKETS):
                if arguments.peek() != ")":
                    break
                stage = self._without_bracket(arguments, command)
            finish = arguments.position
            following = self._trailing_macros(arguments)
            if not arguments.at_end():
                self._unexpected(arguments)
        except (SyntaxProblem, RecursionError) as found:
            problem = found if isinstance(found, SyntaxProblem) else self._too_deep(start, end)
            self.diagnostics.append(problem.diagnostic)
            return [
                Opaque(
                    text=self.written[start:end],
                    span=self.span(start, end),
                    name=command.name,
                    reason=problem.diagnostic.message,
                )
            ]
        finish = finish if following else end
        stage = replace(
            stage,
            text=self.written[start:finish],
            span=self.span(start, finish),
            macro_arguments=tuple(arguments.macro_arguments) or stage.macro_arguments,
        )
        return [stage, *following]

    def _too_deep(self, start: int, end: int) -> SyntaxProblem:
        """Where the caller has used up most of Python's stack already."""
        return SyntaxProblem(Diagnostic("SPL005", "this nests too deep to be read", self.span(start, end)))

    def _unexpected(self, arguments: ArgumentReader) -> NoReturn:
        """Give the stage up because of what stands after all that its command can take."""
        word = _COMMAND.match(self.scan.text, arguments.position, arguments.end)
        arguments.fail(
            "SPL024",
            f"{arguments.command}: unexpected {arguments.found()}",
            arguments.position,
            arguments.position + len(arguments.found_word()),
            hint=self.pipe_hint(word.group(1)) if word else None,
        )

    def pipe_hint(self, word: str) -> str | None:
        """What to say of a word that can't stand where it does, if it is the name of a command."""
        return f"{word} is a command: is there a | missing before it?" if find_command(word) else None

    def _without_bracket(self, arguments: ArgumentReader, command: CommandSyntax) -> Stage:
        """Read the arguments again without the `)` that stands here and closes nothing: an error that hides nothing."""
        at = arguments.position
        arguments.note("SPL004", "unbalanced parenthesis: this ')' closes nothing", at, at + 1, severity="error")
        arguments.text = f"{arguments.text[:at]} {arguments.text[at + 1 :]}"
        arguments.position = arguments.start
        arguments.macro_arguments.clear()
        mark = len(self.diagnostics)
        stage = command.parse(arguments)
        known = {(found.code, found.span) for found in self.diagnostics[:mark]}
        self.diagnostics[mark:] = [found for found in self.diagnostics[mark:] if (found.code, found.span) not in known]
        return stage

    def _trailing_macros(self, arguments: ArgumentReader) -> list[Stage]:
        """Macros after a command's arguments: stages of their own, whose bodies begin with a pipe."""
        stages: list[Stage] = []
        while arguments.at_macro():
            start = arguments.position
            call = arguments.macro()
            stages.append(
                MacroStage(
                    call, text=self.written[start : arguments.position], span=self.span(start, arguments.position)
                )
            )
        return stages

    def _macro_alone(self, start: int, end: int) -> Stage | None:
        arguments = ArgumentReader(self, start, end, "macro")
        try:
            call = arguments.macro()
        except SyntaxProblem:
            return None
        if not arguments.at_end():
            return None
        return MacroStage(call, text=self.written[start:end], span=self.span(start, end))

    def _after_macro(self, start: int, end: int) -> Stage:
        """A stage that begins with a macro and goes on: the macro holds the command, the rest its arguments."""
        arguments = ArgumentReader(self, start, end, "macro")
        try:
            call = arguments.macro()
        except SyntaxProblem as problem:
            self.diagnostics.append(problem.diagnostic)
            return Opaque(text=self.written[start:end], span=self.span(start, end), reason=problem.diagnostic.message)
        rest = self.written[arguments.position : end].strip()
        return MacroStage(
            call,
            text=self.written[start:end],
            span=self.span(start, end),
            macro_arguments=(("", replace(call, text=rest)),),
        )

    def _opaque(
        self,
        start: int,
        end: int,
        message: str,
        code: str,
        at: int,
        until: int | None = None,
        *,
        hint: str | None = None,
        name: str | None = None,
        unknown: bool = False,
    ) -> Opaque:
        span = self.span(at, until if until is not None else min(at + 1, end))
        self.diagnostics.append(Diagnostic(code, message, span, hint=hint))
        return Opaque(
            text=self.written[start:end], span=self.span(start, end), name=name, reason=message, unknown_command=unknown
        )

    # what commands and expressions report

    def macro_used(self, call: MacroCall) -> None:
        """Note that the search calls this macro."""
        name = f"{call.name}({len(call.arguments)})" if call.arguments else call.name
        self.macros.setdefault(name)

    def function_used(self, name: str, arguments: ArgumentReader, start: int, end: int, count: int) -> None:
        """Check a call of an eval function: its name and the number of its arguments."""
        if len(self.diagnostics) > MOST_FINDINGS or (arguments.aggregating and is_statistical(name)):
            return
        problem = check_call(name, count)
        if problem is not None:
            code, message, hint = problem
            arguments.note(code, message, start, end, hint=hint)


def _beginning_hint(written: str, command: str) -> str:
    """How a search is written that is to begin with a command."""
    if command in GENERATING:
        return f"write | {written}; without the pipe Splunk looks for the word"
    return f"write * | {written}, for all events, or a search in place of the *; as it is, Splunk looks for the word"
