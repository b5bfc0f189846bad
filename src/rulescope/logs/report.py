"""What a load says of each file: how much of it was read, what for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from rulescope.logs.census import take_census
from rulescope.logs.collect import Tally
from rulescope.logs.inputs import FoundInputs, LogInput
from rulescope.logs.model import FileReport, LoadLimits, LoadNote, Problem
from rulescope.logs.names import Dropped

if TYPE_CHECKING:
    import duckdb


def number_rows(inputs: Sequence[LogInput], tallies: Sequence[Tally]) -> tuple[list[str], list[int], list[int]]:
    """For each input: its label, the number of its first row, and how many lines of its file come before it."""
    base = [0, *accumulate(tally.good for tally in tallies)][: len(inputs)]
    lines: list[int] = []
    for unit, item in enumerate(inputs):
        lines.append(lines[-1] + tallies[unit - 1].lines if item.start else 0)
    return [item.label for item in inputs], base, lines


def make_report(
    connection: duckdb.DuckDBPyConnection,
    found: FoundInputs,
    tallies: Sequence[Tally],
    left_out: Dropped,
    limits: LoadLimits,
) -> tuple[list[FileReport], list[Problem]]:
    """The reports by file (slices of a file put together), and all problems: of each input, what is true of it as a
    whole, and then those with a place in order."""
    _, _, lines = number_rows(found.inputs, tallies)
    reports: dict[str, FileReport] = {}
    problems: list[Problem] = list(found.problems)
    notes: dict[tuple[str, str, str], LoadNote] = {}
    untold: dict[str, int] = {}
    for item, tally, before in zip(found.inputs, tallies, lines, strict=True):
        label = item.label
        known = reports.get(label, FileReport(label, item.format.value))
        reports[label] = replace(known, good=known.good + tally.good, bad=known.bad + tally.bad)
        ordered = sorted(tally.problems, key=lambda problem: problem.record is not None or problem.offset is not None)
        problems += (_placed(problem, before, item.start) for problem in ordered)
        untold[label] = untold.get(label, 0) + tally.told - len(tally.problems)
        for note in tally.notes:
            _add_note(notes, label, note, before)
    problems += (Problem(label, f"{count:,} more problems in this file") for label, count in untold.items() if count)
    problems += (_told(label, note) for (label, _, _), note in notes.items())
    if left_out:
        problems.append(_too_many_names(left_out, limits))
    census = take_census(connection)
    files = [replace(report, **census.get(label, {})) for label, report in reports.items()]
    return [*files, *found.skipped], problems


def _placed(problem: Problem, lines: int, start: int) -> Problem:
    """A problem of a slice at its place in the whole file."""
    record = problem.record + lines if problem.record is not None else None
    offset = problem.offset + start if problem.offset is not None else None
    return replace(problem, record=record, offset=offset)


def _add_note(notes: dict[tuple[str, str, str], LoadNote], label: str, note: LoadNote, lines: int) -> None:
    known = notes.get((label, note.code, note.message))
    if known is not None:
        known.count += note.count
    else:
        record = note.record + lines if note.record is not None else None
        notes[label, note.code, note.message] = replace(note, record=record)


def _told(label: str, note: LoadNote) -> Problem:
    more = f" (in {note.count:,} records, of which this is the first)" if note.count > 1 and note.record else ""
    return Problem(label, note.message + more, note.record, code=note.code)


def _too_many_names(left_out: Dropped, limits: LoadLimits) -> Problem:
    some = ", ".join(sorted(left_out.names)[:5])
    count = len(left_out.names) + left_out.more
    message = f"more than {limits.columns:,} different field names; {count:,} are not made columns: {some[:300]} …"
    return Problem("", message, code="LOG037")
