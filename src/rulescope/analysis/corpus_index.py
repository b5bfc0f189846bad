"""How many other rules look for the same value in the same field, over a whole corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from rulescope.analysis.comparing import Comparison, IndicatorKey, comparison
from rulescope.analysis.facts import Facts, Indicator


@dataclass(frozen=True, slots=True)
class OtherRuleCount:
    """How many other rules look for the same: in total, and by language (languages without any are left out).

    `derived` of them compare another field or in another way, and meet only once one of the two is put in terms of the
    other (`Image ends_with \\cmd.exe`, `process_name eq cmd.exe`).
    """

    total: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)
    derived: int = 0


NO_OTHERS = OtherRuleCount()

_Form = tuple[str, str, str | None]
"""How a rule itself compares: the canonical field, the kind, and the value's letters where it regards case."""


def _form(indicator: Indicator, compared: Comparison) -> _Form:
    return (indicator.canonical, indicator.kind, compared.letters)


class CorpusIndex:
    """Counts over all rules' indicators. A rule counts once for a value, however often it repeats it."""

    __slots__ = ("_by_key", "_counted", "_languages")

    def __init__(self, rules: Iterable[tuple[Hashable, str, Facts]]) -> None:
        """`rules` gives each rule's own key (such as its path), language and facts."""
        self._languages: dict[Hashable, str] = {}
        self._by_key: dict[IndicatorKey, dict[Hashable, set[_Form]]] = {}
        self._counted: dict[tuple[IndicatorKey, _Form], OtherRuleCount] = {}
        for rule, language, facts in rules:
            self._languages[rule] = language
            for indicator in facts.indicators:
                compared = comparison(indicator)
                forms = self._by_key.setdefault(compared.key, {}).setdefault(rule, set())
                forms.add(_form(indicator, compared))

    def count(self, rule: Hashable, indicator: Indicator) -> OtherRuleCount:
        """How many rules other than `rule` look for the same as `indicator`; `rule` need not be in the corpus."""
        compared = comparison(indicator)
        form = _form(indicator, compared)
        known = self._counted.get((compared.key, form))
        if known is None:
            known = self._counted[compared.key, form] = self._count(compared.key, form)
        if form not in self._by_key.get(compared.key, {}).get(rule, ()):
            return known
        others = dict(known.by_language)
        language = self._languages[rule]
        others[language] -= 1
        if not others[language]:
            del others[language]
        return OtherRuleCount(known.total - 1, others, known.derived) if others else NO_OTHERS

    def _count(self, key: IndicatorKey, form: _Form) -> OtherRuleCount:
        """All rules that look for the same as an indicator of that form; those of another form only are derived."""
        name, kind, letters = form
        languages: Counter[str] = Counter()
        derived = 0
        for rule, forms in self._by_key.get(key, {}).items():
            alike = [one for one in forms if letters is None or one[2] is None or one[2] == letters]
            if alike:
                languages[self._languages[rule]] += 1
                derived += all(one[:2] != (name, kind) for one in alike)
        return OtherRuleCount(languages.total(), dict(languages), derived)
