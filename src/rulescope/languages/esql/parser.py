"""A query of ES|QL: a source command and processing commands, with a pipe between them."""

from __future__ import annotations

from dataclasses import replace

from rulescope.ir import ParsedQuery, Pipeline, stage_kind
from rulescope.ir.stages import Argument, Command, Stage
from rulescope.languages.common.outcome import opaque_stage, open_query, parsed_query
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import TokenReader
from rulescope.languages.esql.commands import COMMANDS, SOURCE_COMMANDS, fork
from rulescope.languages.esql.divisions import with_whole_divisions
from rulescope.languages.esql.lexer import check_strays, read_tokens
from rulescope.text import NO_SPAN, Diagnostic, Source, Span, nearest_name


def parse_esql(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of ES|QL. Never raises: whatever is wrong with it is in `diagnostics`, and `status` sums up.

    The language has no macros; all parsers are called alike.
    """
    source = Source(source) if isinstance(source, str) else source
    reader = open_query(source, "ESQ", read_tokens)
    if isinstance(reader, ParsedQuery):
        return reader
    query = _Query(reader)
    stages = with_whole_divisions(query.settings() + query.stages(first=True))
    generating = bool(stages) and stage_kind(stages[0]) == "row"
    return parsed_query(source, stages, [*query.problems, *reader.diagnostics], generating, "ESQ014")


class _Query:
    """Reads stages; one that can't be read is opaque, and what went wrong is in `problems`."""

    def __init__(self, reader: TokenReader) -> None:
        self.reader = reader
        self.problems: list[Diagnostic] = []

    def settings(self) -> list[Stage]:
        """`SET name = value;` before the query."""
        found: list[Stage] = []
        reader = self.reader
        while reader.at_word("set"):
            start = reader.peek().start
            while reader.peek().kind != "end" and not reader.at(";"):
                reader.take()
            reader.accept(";")
            found.append(_kept_text("set", reader.text, start, reader.last_end))
        return found

    def stages(self, first: bool) -> list[Stage]:
        """The commands up to the end, or up to the bracket that closes a branch."""
        found: list[Stage] = []
        reader = self.reader
        while True:
            if reader.at("|"):
                self.problems.append(Diagnostic("ESQ006", "there is no command before this pipe", reader.peek().span))
                reader.take()
                continue
            if reader.peek().kind == "end" or (reader.depth and reader.at(")")):
                if found and not first:
                    place = Span(max(reader.last_end - 1, 0), reader.last_end)
                    self.problems.append(Diagnostic("ESQ006", "there is no command after the last pipe", place))
                return found
            found.extend(self._stage(first))
            first = False
            if not reader.accept("|"):
                return found

    def _stage(self, first: bool) -> list[Stage]:
        reader = self.reader
        index = reader.index
        depth = reader.depth
        start = reader.peek().start
        try:
            stages = self._command(first)
            if reader.peek().kind != "end" and not reader.at("|") and not (depth and reader.at(")")):
                reader.fail("a pipe or the end of the query")
        except SyntaxProblem as problem:
            reader.depth = depth
            reader.index = index
            self._skip()
            end = max(reader.last_end, start)
            found = problem.diagnostic
            try:
                # A quote that is not closed explains more than what follows from it.
                check_strays(reader, index, reader.index)
            except SyntaxProblem as stray:
                found = stray.diagnostic
            self.problems.append(found)
            word = reader.tokens[index].text.lower()
            name = word if word in COMMANDS or word in SOURCE_COMMANDS else None
            return [opaque_stage(reader.text, start, end, found, name)]
        end = reader.last_end
        return [_placed(stage, reader.text, start, end) for stage in stages]

    def _command(self, first: bool) -> list[Stage]:
        reader = self.reader
        token = reader.peek()
        if token.kind != "word":
            reader.fail("a command")
        reader.take()
        name = token.text.lower()
        if first and name in SOURCE_COMMANDS:
            return SOURCE_COMMANDS[name](reader)
        if name == "fork":
            return fork(reader, self._branch)
        if name not in COMMANDS:
            known = SOURCE_COMMANDS if first else COMMANDS
            near = nearest_name(name, known) if len(name) < 60 else None
            hint = f"did you mean '{near.upper()}'?" if near else None
            raise SyntaxProblem(
                Diagnostic("ESQ010", f"there is no command '{token.text[:60]}' here", token.span, hint=hint)
            )
        if first:
            message = "a query begins with a source command (FROM, ROW, TS, SHOW)"
            reader.note("ESQ011", message, token.span, "warning")
        return COMMANDS[name](reader)

    def _branch(self, reader: TokenReader) -> Pipeline:
        start = reader.peek().start
        stages = tuple(self.stages(first=False))
        return Pipeline(stages, False, Span(start, max(reader.last_end, start)))

    def _skip(self) -> None:
        """On to the pipe that ends the stage, past those in brackets."""
        reader = self.reader
        depth = 0
        while reader.peek().kind != "end":
            if reader.at("("):
                depth += 1
            elif reader.at(")"):
                if depth == 0 and reader.depth:
                    return
                depth = max(depth - 1, 0)
            elif reader.at("|") and depth == 0:
                return
            reader.take()


def _placed(stage: Stage, text: str, start: int, end: int) -> Stage:
    """The stage with its place; one that was put before another has its own already."""
    if stage.span != NO_SPAN:
        start, end = stage.span
    return replace(stage, text=text[start:end], span=Span(start, end))


def _kept_text(name: str, text: str, start: int, end: int) -> Stage:
    written = text[start:end]
    return Command(name=name, arguments=(Argument(written),), text=written, span=Span(start, end))
