"""How many other rules look for the same value in the same field, over a whole corpus."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from rulescope.analysis.comparing import IndicatorKey, comparison
from rulescope.analysis.facts import Facts, Indicator

_Form = tuple[str, str]
"""The canonical field and the kind by which a rule itself compares."""


@dataclass(frozen=True, slots=True)
class CorpusCount:
    """How many other rules look for the same: in total, and by language (languages without any are left out).

    `derived` of them compare another field or in another way, and meet only once one of the two is put in terms of the
    other (`Image ends_with \\cmd.exe`, `process_name eq cmd.exe`).
    """

    total: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)
    derived: int = 0


NO_OTHERS = CorpusCount()


class CorpusIndex:
    """Counts over all rules' indicators. A rule counts once for a value, however often it repeats it."""

    __slots__ = ("_by_form", "_by_key", "_languages", "_own")

    def __init__(self, rules: Iterable[tuple[Hashable, str, Facts]]) -> None:
        """`rules` gives each rule's own key (such as its path), language and facts."""
        self._own: dict[Hashable, frozenset[tuple[IndicatorKey, _Form]]] = {}
        self._languages: dict[Hashable, str] = {}
        self._by_key: dict[IndicatorKey, dict[str, int]] = {}
        self._by_form: dict[tuple[IndicatorKey, _Form], int] = {}
        for rule, language, facts in rules:
            own = frozenset((comparison(one).key, (one.canonical, one.kind)) for one in facts.indicators)
            self._own[rule] = own
            self._languages[rule] = language
            for pair in own:
                self._by_form[pair] = self._by_form.get(pair, 0) + 1
            for key in {key for key, _ in own}:
                counts = self._by_key.setdefault(key, {})
                counts[language] = counts.get(language, 0) + 1

    def count(self, rule: Hashable, indicator: Indicator) -> CorpusCount:
        """How many rules other than `rule` look for the same as `indicator`; `rule` need not be in the corpus."""
        key = comparison(indicator).key
        counts = self._by_key.get(key)
        if counts is None:
            return NO_OTHERS
        others = dict(counts)
        form = (indicator.canonical, indicator.kind)
        mine = self._own.get(rule, frozenset())
        alike = self._by_form.get((key, form), 0) - ((key, form) in mine)
        if any(known == key for known, _ in mine):
            own = self._languages[rule]
            others[own] -= 1
            if not others[own]:
                del others[own]
        total = sum(others.values())
        return CorpusCount(total, others, total - alike) if others else NO_OTHERS
