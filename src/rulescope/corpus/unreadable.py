"""Which rules could not be read, and why: a file that was given must not vanish without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rulescope.corpus.model import FileContent, FileProblem, Unreadable, UnreadRule
from rulescope.text import NO_SPAN

_NO_QUERY = "RUL004"
_NOT_READ_YET = "RUL009"
_BROKEN = "RUL003"
_NOT_OPENED = frozenset(("RUL005", "RUL010", "RUL016"))
"""A link out of the tree, a device, what can't be opened: no rule of such a file was seen."""

_NO_RULES = frozenset(("RUL012",))
"""Faults of macros and of what stands beside rules."""


def unreadable_rules(
    contents: Iterable[FileContent], problems: Iterable[FileProblem], named_like_rules: frozenset[str]
) -> list[Unreadable]:
    """The rules of `contents` that could not be read, in order of path: each without a query, each in a language that
    isn't read, each record and file that is broken, and files that were not opened, where their names are among
    `named_like_rules`."""
    by_file: dict[str, list[FileProblem]] = {}
    for problem in problems:
        by_file.setdefault(problem.path.partition("#")[0], []).append(problem)
    found = [
        one
        for content in contents
        for one in (
            *(_not_read_yet(rule) for rule in content.unread),
            *unreadable_parts(content, by_file.get(content.file.catalog_path, ()), named_like_rules),
        )
    ]
    return sorted(found, key=lambda one: (one.path, one.line or 0))


def _not_read_yet(rule: UnreadRule) -> Unreadable:
    return Unreadable(rule.path, _NOT_READ_YET, f"rules in '{rule.language}' can't be read yet")


def unreadable_parts(
    content: FileContent, problems: Sequence[FileProblem], named_like_rules: frozenset[str] = frozenset()
) -> Iterator[Unreadable]:
    """What of one file, with these `problems`, is broken: each rule and record of it, or the file."""
    told = False
    for problem in problems:
        code, severity = problem.diagnostic.code, problem.diagnostic.severity
        hidden = code in _NOT_OPENED and (severity == "error" or problem.path in named_like_rules)
        if hidden or code == _NO_QUERY or (severity == "error" and code not in _NO_RULES | _NOT_OPENED):
            told = True
            yield _of_problem(problem)
    if content.outcome == "failed" and not told:
        yield Unreadable(content.file.catalog_path, _BROKEN, "the file could not be read")


def _of_problem(problem: FileProblem) -> Unreadable:
    found = problem.diagnostic
    if found.span == NO_SPAN:
        return Unreadable(problem.path, found.code, found.message, found.hint)
    place = problem.source.position(found.span.start)
    return Unreadable(problem.path, found.code, found.message, found.hint, place.line, place.column)
