"""Which rules are run; and that some are: no rule chosen is a mistake, not an all-clear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rulescope.corpus import RuleFile
from rulescope.errors import UsageError
from rulescope.text.nearest import nearest_name

SEVERITIES = ("critical", "high", "medium", "low", "informational")
"""In the order of summaries. Other words that repositories use are put under these; see `severity_of`."""

_SAME_SEVERITY = {"info": "informational", "severe": "high", "fatal": "critical", "error": "high", "warning": "medium"}
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?\Z", re.IGNORECASE)
_WRITTEN_TECHNIQUE = re.compile(r"(?:attack\.)?T?(\d{4})(?:[./](\d{1,3}))?\Z", re.IGNORECASE)
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are run: all that meet every part that is given.

    `include` are words of which one must be in the rule's path, title or identifier (or match one as a pattern with
    `*`); `severities` as in `SEVERITIES`; `techniques` are ATT&CK ids (`T1059` takes its sub-techniques in).
    """

    include: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


def severity_of(written: str | None) -> str | None:
    """A rule's severity as one of `SEVERITIES`; a word that is none of them stays as it is."""
    if written is None:
        return None
    folded = written.strip().lower()
    return _SAME_SEVERITY.get(folded, folded) or None


def choose_rules(rules: Sequence[RuleFile], selection: Selection) -> list[RuleFile]:
    """The rules that the selection takes; parts of a correlation are no rules of their own.

    Raises `UsageError` for a severity or technique that there can't be, and where no rule of several is taken.
    """
    alone = [rule for rule in rules if rule.alone]
    _check(alone, selection)
    chosen = alone
    for option, given, keeps in (
        ("--severity", selection.severities, _has_severity),
        ("--technique", selection.techniques, _has_technique),
        ("--include", selection.include, _is_included),
    ):
        if not given:
            continue
        kept = [rule for rule in chosen if keeps(rule, given)]
        if chosen and not kept:
            raise _nothing_left(option, given, chosen, narrowed=len(chosen) < len(alone))
        chosen = kept
    return chosen


def unclear_rules(rules: Sequence[RuleFile], selection: Selection) -> list[RuleFile]:
    """The rules that a choice by severity passes over, as they say none that is known."""
    if not selection.severities:
        return []
    known = {*SEVERITIES, *(severity_of(one) for one in selection.severities)}
    return [rule for rule in rules if rule.alone and severity_of(rule.info.severity) not in known]


def _check(rules: Iterable[RuleFile], selection: Selection) -> None:
    known = {*SEVERITIES, *_SAME_SEVERITY}
    for word in selection.severities:
        if severity_of(word) not in known and severity_of(word) not in {severity_of(r.info.severity) for r in rules}:
            near = nearest_name(word, known)
            hint = (
                f"did you mean '{near}'? There are: {', '.join(SEVERITIES)}" if near else _several("--severity", word)
            )
            raise UsageError(f"there is no severity '{word}'", hint=hint or f"there are: {', '.join(SEVERITIES)}")
    for word in selection.techniques:
        if not _TECHNIQUE.match(word.strip()):
            written = _WRITTEN_TECHNIQUE.match(word.strip())
            hint = _several("--technique", word)
            if written is not None:
                hint = f"did you mean 'T{written[1]}{f'.{int(written[2]):03d}' if written[2] else ''}'?"
            message = f"'{word}' is no technique of ATT&CK"
            raise UsageError(message, hint=hint or "techniques are written T1059, or T1059.001 for a sub-technique")


def _several(option: str, word: str) -> str | None:
    """The hint for several values in one word."""
    words = [one for one in re.split(r"[,;\s]+", word) if one]
    return f"give the option once for each: {' '.join(f'{option} {one}' for one in words)}" if len(words) > 1 else None


def _nothing_left(option: str, given: Sequence[str], rules: Sequence[RuleFile], *, narrowed: bool) -> UsageError:
    """The error for an option that takes none of these rules, with what they have instead."""
    words = " or ".join(f"'{word}'" for word in given)
    of = f"of {len(rules):,}{' that are left' if narrowed else ''} none"
    said = {
        "--severity": f"{of} has the severity {words}",
        "--technique": f"{of} is tagged with the technique {words}",
        "--include": f"{of} has {words} in its path, title or identifier",
    }[option]
    return UsageError(f"no rule was chosen: {said}", hint=_instead(option, given, rules))


def _instead(option: str, given: Sequence[str], rules: Sequence[RuleFile]) -> str | None:
    if option == "--include":
        titles = {rule.info.title for rule in rules}
        near = next((found for word in given if (found := nearest_name(word, titles)) is not None), None)
        return f"did you mean '{near}'?" if near else "a word matches as a part, or as a whole pattern with *"
    if option == "--severity":
        counted = Counter(severity_of(rule.info.severity) or "without one" for rule in rules)
    else:
        counted = Counter(one.technique_id for rule in rules for one in rule.info.attack if one.technique_id)
    named = ", ".join(f"{name} ({count:,})" for name, count in counted.most_common(_MOST_NAMED))
    more = ", …" if len(counted) > _MOST_NAMED else ""
    return f"there are: {named}{more}" if named else None


def _has_severity(rule: RuleFile, given: Sequence[str]) -> bool:
    return severity_of(rule.info.severity) in {severity_of(one) for one in given}


def _has_technique(rule: RuleFile, given: Sequence[str]) -> bool:
    wanted = [one.strip().upper() for one in given]
    have = [one.technique_id.upper() for one in rule.info.attack if one.technique_id]
    return any(had == want or had.startswith(f"{want}.") for had in have for want in wanted)


def _is_included(rule: RuleFile, given: Sequence[str]) -> bool:
    texts = [text.lower() for text in (rule.info.path, rule.info.title, rule.info.identifier) if text]
    return any(_included(word.lower(), text) for word in given for text in texts)


def _included(word: str, text: str) -> bool:
    return fnmatchcase(text, word) if "*" in word else word in text
