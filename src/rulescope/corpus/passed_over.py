"""What of the given files was passed over, and why: nothing that was given may vanish without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rulescope.corpus.model import Account, FileContent, FileProblem, FoundFile, PassedOver, UnreadRule
from rulescope.corpus.readers import may_hold_rules
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.corpus.unique_names import UniqueNames
from rulescope.text import NO_SPAN, Diagnostic, Source

_NO_QUERY = "RUL004"
_NOT_READ_YET = "RUL009"
_BROKEN = "RUL003"
_NOT_OPENED = frozenset(("RUL005", "RUL010", "RUL013", "RUL016", "RUL026"))
"""A link, a device, a hidden folder, what can't be opened: no rule of such a file was seen."""

_NO_RULES = frozenset(("RUL012",))
"""Faults of macros and of what stands beside rules."""


def all_passed_over(contents: Iterable[FileContent], problems: Iterable[FileProblem]) -> list[PassedOver]:
    """What of all `contents` was passed over, in order of path and place; `problems` are those of all of them."""
    by_file: dict[str, list[FileProblem]] = {}
    for problem in problems:
        by_file.setdefault(file_of_rule(problem.path), []).append(problem)
    found: list[PassedOver] = []
    for content in contents:
        found += map(not_read_yet, content.unread)
        found += (one for one, _ in passed_over(content, by_file.get(content.file.catalog_path, ())))
    return sorted(found, key=place_of)


def place_of(one: PassedOver) -> tuple[str, int, str]:
    """What these are put in order by."""
    return file_of_rule(one.path), one.line or 0, one.path


def not_read_yet(rule: UnreadRule) -> PassedOver:
    """A rule in a language that isn't read."""
    return PassedOver("unreadable", rule.path, _NOT_READ_YET, f"rules in '{rule.language}' can't be read yet")


def passed_over(content: FileContent, problems: Sequence[FileProblem]) -> Iterator[tuple[PassedOver, FileProblem]]:
    """Each of one file's `problems` with what it is counted as; a file that failed has at least one reason.

    A broken part of a file that holds other things is `<file>#line <n>`, as it is no rule that has a name.
    """
    told = [(account_of(problem), problem) for problem in problems]
    if content.outcome == "failed" and all(one.account != "unreadable" for one, _ in told):
        reason = problems[0] if problems else _failure(content.file)
        told = [(_account("unreadable", reason), reason), *told[1:]]
    path = content.file.catalog_path
    whole = content.outcome in ("failed", "no rule") and sum(_is_part(one, path) for one, _ in told) == 1
    names = UniqueNames()
    for taken in (*(rule.info.path for rule in content.rules), *(rule.path for rule in content.unread)):
        names.take(taken)
    for one, problem in told:
        if _is_part(one, path) and not whole:
            yield _account("unreadable", problem, names.take(f"{path}#line {one.line or 1}")), problem
        else:
            yield one, problem


def _is_part(one: PassedOver, path: str) -> bool:
    return one.account == "unreadable" and one.path == path


def account_of(problem: FileProblem) -> PassedOver:
    """What a problem is counted as, under its own path."""
    code, severity = problem.diagnostic.code, problem.diagnostic.severity
    if code in _NOT_OPENED:
        hidden = severity == "error" or (severity == "warning" and may_hold_rules(problem.path))
        return _account("unreadable" if hidden else "not opened", problem)
    unreadable = code == _NO_QUERY or (severity == "error" and code not in _NO_RULES)
    return _account("unreadable" if unreadable else "noted", problem)


def _account(account: Account, problem: FileProblem, path: str | None = None) -> PassedOver:
    found = problem.diagnostic
    place = None if found.span == NO_SPAN else problem.source.position(found.span.start)
    return PassedOver(
        account,
        path or problem.path,
        found.code,
        found.message,
        found.severity,
        found.hint,
        place.line if place else None,
        place.column if place else None,
    )


def _failure(file: FoundFile) -> FileProblem:
    path = file.catalog_path
    return FileProblem(path, Diagnostic(_BROKEN, "nothing in the file could be read"), Source("", path))


def count_endings(files: Iterable[FoundFile]) -> dict[str, int]:
    """How many files there are by the ending of their name (the name, where it has none), most first."""
    counted = Counter(file.suffix or file.name for file in files)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def files_without_rules(contents: Iterable[FileContent]) -> Iterator[FoundFile]:
    """The files that were looked at, as far as their names ask for it, and hold nothing that is read."""
    for content in contents:
        if content.outcome == "no rule" and content.file.problem is None:
            yield content.file
