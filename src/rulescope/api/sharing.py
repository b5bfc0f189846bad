"""What rules in different languages have in common: how many share a value, and which values most of them share."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from rulescope.analysis.events import KIND_FIELDS
from rulescope.api.models import LanguageSharing, SharedIndicator, Sharing
from rulescope.api.view import CatalogView, value_anchor

MOST_SHARED = 20
"""Values that the report lists."""


@dataclass(slots=True)
class _Value:
    """A value that rules look for in the field of that name: the rules by language, and how they compare."""

    name: str
    slug: str
    kind: str
    value: str
    comparable: str
    rules: dict[str, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    derived: set[int] = field(default_factory=set)
    direct: set[int] = field(default_factory=set)

    @property
    def beyond(self) -> int:
        """How many rules look for it outside the language that has most of them."""
        sizes = [len(rules) for rules in self.rules.values()]
        return sum(sizes) - max(sizes)


def sharing(view: CatalogView, most: int = MOST_SHARED) -> Sharing:
    """Of the rules that look for some value, how many share one with a rule in another language, and which values.

    Two rules share a value by the rules of corpus counts. Values of fields that only say which event is meant
    (`EventID=1`) count for the first share alone, and are not listed among the most shared.
    """
    values: dict[tuple[int, str, str], _Value] = {}
    languages: dict[int, str] = {}
    sharers: set[int] = set()
    met: dict[int, set[str]] = defaultdict(set)
    for row in view.catalog.rows("shared_values"):
        key = (row["as_field_id"], row["as_kind"], row["comparable"])
        known = values.get(key)
        if known is None:
            known = values[key] = _Value(
                row["field"], row["field_slug"], row["as_kind"], row["as_value"], row["comparable"]
            )
        number = row["rule_id"]
        languages[number] = row["language"]
        known.rules[row["language"]][number] = None
        (known.derived if row["derived"] else known.direct).add(number)
        others = json.loads(row["others_by_language"]).keys() - {row["language"]}
        if others:
            sharers.add(number)
            if row["field"] not in KIND_FIELDS:
                met[number] |= others
    telling = [one for one in values.values() if len(one.rules) > 1 and one.name not in KIND_FIELDS]
    ranked = sorted(telling, key=lambda one: (-one.beyond, one.name, one.kind, one.comparable))
    return Sharing(
        rules=len(languages),
        sharing=len(sharers),
        telling=len(met),
        languages=_by_language(languages, sharers, met),
        most_shared=tuple(_shared(view, one) for one in ranked[:most]),
    )


def _by_language(languages: dict[int, str], sharers: set[int], met: dict[int, set[str]]) -> tuple[LanguageSharing, ...]:
    rules = Counter(languages.values())
    sharing_rules = Counter(languages[number] for number in sharers)
    telling = Counter(languages[number] for number in met)
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    for number, others in met.items():
        pairs[languages[number]].update(others)
    return tuple(
        LanguageSharing(name, rules[name], sharing_rules[name], telling[name], dict(sorted(pairs[name].items())))
        for name in sorted(rules)
    )


def _shared(view: CatalogView, one: _Value) -> SharedIndicator:
    by_language = dict(sorted(((name, len(rules)) for name, rules in one.rules.items()), key=lambda row: -row[1]))
    return SharedIndicator(
        field=one.name,
        field_slug=one.slug,
        kind=one.kind,
        value=one.value,
        anchor=value_anchor(one.kind, one.comparable),
        rules=sum(by_language.values()),
        derived=len(one.derived - one.direct),
        by_language=by_language,
        examples=view.links(next(iter(one.rules[name])) for name in by_language),
    )
