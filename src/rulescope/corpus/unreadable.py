"""Which rules could not be read, and why: a file that was given must not vanish without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rulescope.corpus.model import FileContent, FileProblem, Unreadable
from rulescope.text import NO_SPAN

NO_QUERY = "RUL004"
"""The code of a rule without a query: of these each is a rule of its own, whatever the rest of its file is."""

_NOT_READ_YET = "RUL009"
_BROKEN = "RUL003"


def unreadable_rules(contents: Iterable[FileContent], problems: Iterable[FileProblem]) -> list[Unreadable]:
    """The rules of `contents` that could not be read, in order of path: one for each rule without a query and each in a
    language that isn't read, and one a file for whatever else kept it from being read wholly."""
    errors: dict[str, list[FileProblem]] = {}
    for problem in problems:
        if problem.diagnostic.severity == "error":
            errors.setdefault(problem.path.partition("#")[0], []).append(problem)
    found = [one for content in contents for one in _of_file(content, errors.get(content.file.catalog_path, ()))]
    return sorted(found, key=lambda one: (one.path, one.line or 0))


def _of_file(content: FileContent, errors: Sequence[FileProblem]) -> Iterator[Unreadable]:
    for rule in content.unread:
        yield Unreadable(rule.path, _NOT_READ_YET, f"rules in '{rule.language}' can't be read yet")
    whole = False
    for problem in errors:
        if problem.diagnostic.code == NO_QUERY:
            yield _of_problem(problem)
        elif not whole:
            whole = True
            yield _of_problem(problem)
    if content.outcome == "failed" and not errors:
        yield Unreadable(content.file.catalog_path, _BROKEN, "the file could not be read")


def _of_problem(problem: FileProblem) -> Unreadable:
    found = problem.diagnostic
    if found.span == NO_SPAN:
        return Unreadable(problem.path, found.code, found.message, found.hint)
    place = problem.source.position(found.span.start)
    return Unreadable(problem.path, found.code, found.message, found.hint, place.line, place.column)
