"""How many other rules look for the same value in the same field, over a whole corpus."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from rulescope.analysis.facts import Facts, Indicator

IndicatorKey = tuple[str, str, str]
"""Canonical field, kind, and the value, in lower case where case does not matter."""

# Windows' own names are compared without regard to case by everyone who writes rules; a regular expression is its text.
_FOLDED_KINDS = frozenset({"eq", "contains", "starts_with", "ends_with", "wildcard", "cidr", "has"})


@dataclass(frozen=True, slots=True)
class CorpusCount:
    """How many other rules look for the same: in total, and by language (languages without any are left out)."""

    total: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)


NO_OTHERS = CorpusCount()


def indicator_key(indicator: Indicator) -> IndicatorKey:
    """What two indicators must have in common to be the same.

    Case is taken away where the rule does not regard it. Regular expressions are compared as written.
    """
    value = indicator.value
    if indicator.ignore_case and indicator.kind in _FOLDED_KINDS:
        value = value.casefold()
    return (indicator.canonical, indicator.kind, value)


class CorpusIndex:
    """Counts over all rules' indicators. A rule counts once for a value, however often it repeats it."""

    __slots__ = ("_by_key", "_languages", "_own")

    def __init__(self, rules: Iterable[tuple[Hashable, str, Facts]]) -> None:
        """`rules` gives each rule's own key (such as its path), language and facts."""
        self._own: dict[Hashable, frozenset[IndicatorKey]] = {}
        self._languages: dict[Hashable, str] = {}
        self._by_key: dict[IndicatorKey, dict[str, int]] = {}
        for rule, language, facts in rules:
            keys = frozenset(indicator_key(indicator) for indicator in facts.indicators)
            self._own[rule] = keys
            self._languages[rule] = language
            for key in keys:
                counts = self._by_key.setdefault(key, {})
                counts[language] = counts.get(language, 0) + 1

    def count(self, rule: Hashable, indicator: Indicator) -> CorpusCount:
        """How many rules other than `rule` look for the same as `indicator`; `rule` need not be in the corpus."""
        key = indicator_key(indicator)
        counts = self._by_key.get(key)
        if counts is None:
            return NO_OTHERS
        others = dict(counts)
        if key in self._own.get(rule, ()):
            own = self._languages[rule]
            others[own] -= 1
            if not others[own]:
                del others[own]
        return CorpusCount(sum(others.values()), others) if others else NO_OTHERS

    def most_shared(self, number: int) -> list[tuple[IndicatorKey, CorpusCount]]:
        """The values that most rules look for, most first."""
        ranked = sorted(self._by_key.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        return [(key, CorpusCount(sum(counts.values()), dict(counts))) for key, counts in ranked[:number]]
