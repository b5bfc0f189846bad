"""What was read of the logs, and what was not: one report for every verb."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rulescope.api.notes import Note, note
from rulescope.text import Diagnostic, Source

if TYPE_CHECKING:
    from rulescope.logs import EventStore, FileReport, Problem

MOST_TOLD = 20
"""How many files and bad records are told one by one; all are counted, and in the JSON."""

_NOTHING_LOST = frozenset(("LOG040", "LOG041", "LOG047"))
"""What is said of a load that has all the same every event: of its cache, and of files that were named twice."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The files of a load, in order of input: those that were `read`, and those that were `skipped`, each with its
    reason; and what is wrong with single records (or a file as a whole) in `problems`."""

    read: tuple[FileReport, ...]
    skipped: tuple[FileReport, ...]
    problems: tuple[Problem, ...]

    @property
    def events(self) -> int:
        """Records that were read."""
        return sum(one.good for one in self.read)

    @property
    def bad(self) -> int:
        """Records that could not be read."""
        return sum(one.bad for one in (*self.read, *self.skipped))

    @property
    def losses(self) -> int:
        """Problems that may have cost events, or parts of them."""
        return sum(one.code not in _NOTHING_LOST for one in self.problems)

    @property
    def unplaced(self) -> int:
        """Events of no kind that is known here."""
        return sum(one.unplaced for one in self.read)

    @property
    def without_time(self) -> int:
        """Events without a time that can be read."""
        return sum(one.without_time for one in self.read)

    @property
    def nothing_read(self) -> bool:
        """Whether there was no event to look at, though logs were given that are not just empty."""
        return not self.events and (not self.read or bool(self.skipped or self.bad))


NO_LOAD = LoadReport((), (), ())
"""Of a search for which no log was opened."""


def load_report(store: EventStore) -> LoadReport:
    """The report of a load; it outlives the store."""
    read = tuple(one for one in store.files if one.skipped is None)
    skipped = tuple(one for one in store.files if one.skipped is not None)
    return LoadReport(read, skipped, store.problems)


def load_notes(report: LoadReport) -> list[Note]:
    """What could not be read: bad records and skipped files, the first of them with place and reason."""
    found = list(_problem_notes(report.problems))
    found += _skipped_notes(report.skipped)
    if report.nothing_read:
        found.append(note(_nothing_read(report), Source("")))
    return found


def _nothing_read(report: LoadReport) -> Diagnostic:
    from rulescope.logs.formats import LOG_SUFFIXES

    if report.read:
        return Diagnostic("LOG003", "no event of these logs could be read: nothing was looked at")
    hint = f"in folders, names of logs end in {', '.join(sorted(LOG_SUFFIXES))}, also with .gz, or .zip"
    return Diagnostic("LOG003", "there is no log file here: no event was read", hint=hint)


def _problem_notes(problems: Iterable[Problem]) -> list[Note]:
    listed = list(problems)
    found = []
    for problem in listed[:MOST_TOLD]:
        place = problem.path if problem.record is None else f"{problem.path}#{problem.record}"
        found.append(_warning(problem.code, f"{place}: {problem.message}" if place else problem.message))
    if len(listed) > MOST_TOLD:
        found.append(_warning("LOG001", f"{len(listed) - MOST_TOLD:,} more problems in these logs"))
    return found


def _skipped_notes(skipped: Iterable[FileReport]) -> list[Note]:
    listed = list(skipped)
    found = [_warning("LOG002", f"{one.path}: not read: {one.skipped}") for one in listed[:MOST_TOLD]]
    if len(listed) > MOST_TOLD:
        found.append(_warning("LOG002", f"{len(listed) - MOST_TOLD:,} more files were not read; --json lists them"))
    return found


def _warning(code: str, message: str, hint: str | None = None) -> Note:
    return note(Diagnostic(code, message, severity="warning", hint=hint), Source(""))


def load_json(report: LoadReport) -> dict[str, Any]:
    """The contract's shape of `logs`."""
    return {
        "files": [
            {
                "file": one.path,
                "kind": one.kind,
                "events": one.good,
                "bad": one.bad,
                "unplaced": one.unplaced,
                "without_time": one.without_time,
            }
            for one in report.read
        ],
        "skipped": [{"file": one.path, "reason": one.skipped} for one in report.skipped],
        "problems": _problems_json(report),
        "unplaced": report.unplaced,
        "without_time": report.without_time,
    }


def _problems_json(report: LoadReport) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"file": one.path, "record": one.record, "code": one.code, "message": one.message} for one in report.problems
    ]
    if report.nothing_read:
        nothing = _nothing_read(report)
        found.append({"file": None, "record": None, "code": nothing.code, "message": nothing.message})
    return found


def load_summary(report: LoadReport) -> str:
    """The report in a line: `9 events of 3 files; 1 bad record; 2 files not read; 4 without a time (a.csv 4)`."""
    parts = [f"{_counted(report.events, 'event')} of {_counted(len(report.read), 'file')}"]
    if report.bad:
        parts.append(f"{_counted(report.bad, 'bad record')} left out")
    if report.skipped:
        parts.append(f"{_counted(len(report.skipped), 'file')} not read")
    for count, what, attribute in (
        (report.without_time, "without a time", "without_time"),
        (report.unplaced, "of no known log or kind of event", "unplaced"),
    ):
        if count:
            parts.append(f"{_counted(count, 'event')} {what}{_of_files(report.read, attribute)}")
    return "; ".join(parts)


def _of_files(read: Iterable[FileReport], attribute: str) -> str:
    """In which files they are, the fullest first."""
    counts = sorted(((getattr(one, attribute), one.path) for one in read if getattr(one, attribute)), reverse=True)
    shown = ", ".join(f"{path} {count:,}" for count, path in counts[:3])
    return f" ({shown}{', …' if len(counts) > 3 else ''})"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
