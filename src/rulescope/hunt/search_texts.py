"""Texts that are parts of a Splunk search, and stand where the search itself is not: in data, and in definitions."""

from __future__ import annotations

from rulescope import ir
from rulescope.ir.stages import Eval, Search
from rulescope.ir.times import WrittenTime
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.times import written_time


class SearchTexts:
    """Reads texts out of data as SPL does; it is the compiler's `TextReader`."""

    def condition(self, text: str) -> ir.Predicate | None:
        """The condition that a text is as a search; None where it says none. Raises ValueError for no search."""
        stages = parse_search(f"search {text}").pipeline.stages
        if len(stages) != 1 or not isinstance(stages[0], Search):
            raise ValueError(f"'{text[:80]}' is no condition")
        return stages[0].predicate

    def expression(self, text: str) -> ir.Expression | None:
        """The expression that a text is; None where it is none."""
        parsed = parse_search(f"* | eval value={text}")
        stage = parsed.pipeline.stages[-1]
        if parsed.diagnostics or len(parsed.pipeline.stages) != 2 or not isinstance(stage, Eval):
            return None
        # What would be more than a value (a comma, another assignment) is none.
        (assignment, *others) = stage.assignments
        return None if others or isinstance(assignment, ir.MacroCall) else assignment.expression

    def time(self, text: str) -> WrittenTime:
        """The time that a text is."""
        return written_time(text)
