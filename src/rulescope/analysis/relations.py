"""How rules stand to one another: variants, duplicates, and neighbours (broader, narrower, similar)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

from rulescope.analysis.comparing import IndicatorKey, indicator_key
from rulescope.analysis.event_clues import NUMBER_FIELDS, is_event_text
from rulescope.analysis.facts import Facts
from rulescope.ir import RuleInfo

Relation = Literal["broader", "narrower", "similar"]

# A value that more rules than this look for doesn't bring two rules together by itself; it bounds the work per value.
_COMMON = 120
_MOST_NEIGHBOURS = 8
# Below this share of their weight in common, two rules are not called similar.
_LEAST_SIMILAR = 0.3
# A value that more than this share of all rules look for says nothing of what a rule is about; nor do fewer than the
# least number count as many.
_TRIVIAL_SHARE = 0.02
_TRIVIAL_LEAST = 20
# One value that no more rules than this look for is enough to call two of them similar.
_RARE = 8
# Below this share, one rule's holding the whole of another is chance.
_LEAST_INCLUDED = 0.15
# A search term says less than a value in a field: rules use it to narrow the raw events beforehand.
_TERM_WEIGHT = 0.4


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another rule; `relation` says what it is as seen from this one (`broader`: it lets more events through)."""

    rule: Hashable
    relation: Relation
    why: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The same detection for another log source or in another language; `why` says how that is known."""

    rule: Hashable
    why: str


@dataclass(frozen=True, slots=True)
class RuleRelations:
    """The rules that stand near one rule, by their keys."""

    variants: tuple[Variant, ...] = ()
    duplicates: tuple[Hashable, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """What relating needs of a rule. `key` is unique (its path); the signatures are those of `analysis.signature`."""

    key: Hashable
    info: RuleInfo
    facts: Facts
    query_signature: str = ""
    condition_signature: str = ""


_Element = tuple[str, ...]


@dataclass(slots=True)
class _Rule:
    summary: RuleSummary
    values: frozenset[IndicatorKey]
    exclusions: frozenset[IndicatorKey]
    limits: frozenset[IndicatorKey]
    elements: dict[int, float]
    telling: frozenset[int]
    rare: frozenset[int]
    weight: float = 0.0


def relate_rules(summaries: Iterable[RuleSummary]) -> dict[Hashable, RuleRelations]:
    """The relations of every rule to the others. Nearly linear in the number of rules.

    Duplicates have the same query in the same language. Variants are the same detection for another log source or in
    another language: of one group of their repository, of the same title once the log source is taken off, called
    similar or derived by their author, or with the same conditions over other events. Neighbours are neither, most
    alike first, at most eight.
    """
    given = list(summaries)
    variants = _variants(given)
    duplicates = _duplicates(given)
    neighbours = _neighbours(given, variants, duplicates)
    return {
        one.key: RuleRelations(
            tuple(
                Variant(key, "; ".join(why)) for key, why in variants[one.key].items() if key not in duplicates[one.key]
            ),
            tuple(duplicates[one.key]),
            neighbours.get(one.key, ()),
        )
        for one in given
    }


def bare_title(info: RuleInfo) -> str:
    """A rule's title in lower case, without the log source in brackets at its end."""
    title = info.title.strip()
    if title.endswith(")") and "(" in title:
        head, _, label = title[:-1].rpartition("(")
        if head.strip() and (info.variant_label is None or label.casefold() == info.variant_label.casefold()):
            title = head.strip()
    return " ".join(title.casefold().split())


def _groups(pairs: Iterable[tuple[Hashable, Hashable]]) -> list[list[Hashable]]:
    groups: dict[Hashable, list[Hashable]] = defaultdict(list)
    for group, key in pairs:
        groups[group].append(key)
    # A group of very many is a name that means nothing ("Test"), not a detection.
    return [members for members in groups.values() if 1 < len(members) <= _COMMON]


_Links = dict[Hashable, dict[Hashable, dict[str, None]]]
"""Of each rule the others, and of each of these in words why it is there."""


def _link(links: _Links, one: Hashable, other: Hashable, why: str) -> None:
    if one != other:
        links[one].setdefault(other, {})[why] = None


def _link_groups(links: _Links, groups: Iterable[list[Hashable]], why: str) -> None:
    for members in groups:
        for key in members:
            for other in members:
                _link(links, key, other, why)


def _variants(given: Sequence[RuleSummary]) -> _Links:
    links: _Links = {one.key: {} for one in given}
    grouped = _groups(
        ((one.info.repository, one.info.variant_group), one.key) for one in given if one.info.variant_group
    )
    _link_groups(links, grouped, "its repository keeps both as one detection")
    _link_groups(links, _groups((bare_title(one.info), one.key) for one in given if one.info.title), "the same title")
    by_key = {one.key: one for one in given}
    _link_related(given, links)
    for members in _groups((one.condition_signature, one.key) for one in given if one.condition_signature):
        for key in members:
            mine = _looks_at(by_key[key])
            for other in members:
                if _looks_at(by_key[other]) != mine:
                    _link(links, key, other, "the same conditions")
    return links


_SAME_DETECTION = {
    "similar": ("called similar by an author", "called similar by an author"),
    "derived": ("this rule was made from that one", "that rule was made from this one"),
}
"""Relations that an author gives between detections that stand beside one another, and how each of the two knows; the
others (`obsolete`, `renamed`, `merged`) are about a rule that this one takes the place of."""


def _link_related(given: Sequence[RuleSummary], links: _Links) -> None:
    """Adds what authors call related, both ways."""
    by_identifier: dict[str, list[Hashable]] = defaultdict(list)
    for one in given:
        if one.info.identifier is not None:
            by_identifier[one.info.identifier.lower()].append(one.key)
    for one in given:
        for identifier, kind in one.info.related:
            if kind not in _SAME_DETECTION:
                continue
            for other in by_identifier.get(identifier.lower(), ())[:_COMMON]:
                there, back = _SAME_DETECTION[kind]
                _link(links, one.key, other, there)
                _link(links, other, one.key, back)


def _looks_at(one: RuleSummary) -> tuple[object, ...]:
    return (one.info.language, frozenset((event.provider, event.event_id) for event in one.facts.events))


def _duplicates(given: Sequence[RuleSummary]) -> _Links:
    links: _Links = {one.key: {} for one in given}
    pairs = (((one.info.language, one.query_signature), one.key) for one in given if one.query_signature)
    _link_groups(links, _groups(pairs), "the same query")
    return links


def _neighbours(
    given: Sequence[RuleSummary],
    variants: _Links,
    duplicates: _Links,
) -> dict[Hashable, tuple[Neighbour, ...]]:
    postings: dict[_Element, list[int]] = defaultdict(list)
    elements = [_elements(one.facts) for one in given]
    for number, own in enumerate(elements):
        for element in own:
            postings[element].append(number)
    numbers = {element: number for number, element in enumerate(postings)}
    holders = list(postings.values())
    total = len(given)
    rules = [_ready(one, own, numbers, holders, total) for one, own in zip(given, elements, strict=True)]
    found: dict[Hashable, tuple[Neighbour, ...]] = {}
    for index, rule in enumerate(rules):
        shared: dict[int, float] = defaultdict(float)
        for held, weight in rule.elements.items():
            if len(holders[held]) <= _COMMON:
                for other in holders[held]:
                    shared[other] += weight
        shared.pop(index, None)
        key = rule.summary.key
        apart = variants[key].keys() | duplicates[key].keys()
        # What is shared so far leaves the common values out: a lower bound, good enough to choose whom to look at.
        likely = sorted(shared, key=lambda other: (-shared[other] / (rule.weight + rules[other].weight), other))
        rows = []
        for other in likely[: 3 * _MOST_NEIGHBOURS]:
            if rules[other].summary.key not in apart:
                row = _compare(rule, rules[other])
                if row is not None:
                    rows.append(row)
        rows.sort(key=lambda row: -row[0])
        if rows:
            found[key] = tuple(neighbour for _, neighbour in rows[:_MOST_NEIGHBOURS])
    return found


def _elements(facts: Facts) -> dict[_Element, float]:
    """What a rule looks for, with how much it tells; the numbers of events tell nothing of behaviour."""
    own: dict[_Element, float] = {}
    for term in facts.search_terms:
        if not term.excluded and not is_event_text(term.text):
            own[("term", term.text.casefold())] = _TERM_WEIGHT
    for indicator in facts.indicators:
        if indicator.field not in NUMBER_FIELDS:
            own[indicator_key(indicator)] = 1.0
    return own


def _ready(
    one: RuleSummary, own: dict[_Element, float], numbers: dict[_Element, int], holders: list[list[int]], total: int
) -> _Rule:
    weighed = {
        numbers[element]: part * log(1 + total / len(holders[numbers[element]])) for element, part in own.items()
    }
    trivial = max(_TRIVIAL_LEAST, total * _TRIVIAL_SHARE)
    telling = frozenset(element for element in weighed if len(holders[element]) <= trivial)
    rare = frozenset(element for element in weighed if len(holders[element]) <= _RARE)
    values = frozenset(indicator_key(row) for row in one.facts.indicators if row.field not in NUMBER_FIELDS)
    exclusions = frozenset(map(indicator_key, one.facts.exclusions))
    limits = exclusions.union(map(indicator_key, one.facts.thresholds))
    return _Rule(one, values, exclusions, limits, weighed, telling, rare, sum(weighed.values()))


def _compare(rule: _Rule, other: _Rule) -> tuple[float, Neighbour] | None:
    """How `other` stands to `rule`, with how much they have in common (0 to 1), or None if too little."""
    fewer, more = sorted((rule.elements, other.elements), key=len)
    shared = sum(weight for element, weight in fewer.items() if element in more)
    everything = rule.weight + other.weight - shared
    likeness = shared / everything if everything else 0.0
    common = rule.values & other.values
    telling = rule.telling & other.telling
    if not telling:
        return None
    relation: Relation | None = None
    why = ""
    included = rule.elements.keys() <= other.elements.keys() or other.elements.keys() <= rule.elements.keys()
    if included and len(telling) >= 2 and len(common) >= 2 and likeness >= _LEAST_INCLUDED:
        relation, why = _inclusion(rule, other)
        wider, tighter = (other, rule) if relation == "broader" else (rule, other)
        if relation in ("broader", "narrower") and not wider.limits <= tighter.limits:
            relation, why = "similar", f"{why}; but each has limits that the other lacks"
    if relation is None:
        if likeness < _LEAST_SIMILAR or (len(telling) < 2 and not telling & rule.rare):
            return None
        relation, why = "similar", _likeness(rule, other, common)
    return likeness, Neighbour(other.summary.key, relation, why)


def _inclusion(rule: _Rule, other: _Rule) -> tuple[Relation | None, str]:
    number = len(rule.values)
    if rule.values == other.values:
        more, less = other.exclusions - rule.exclusions, rule.exclusions - other.exclusions
        if more and not less:
            return "narrower", f"looks for the same {_count(number, 'value')} and rules out {len(more)} more"
        if less and not more:
            return "broader", f"looks for the same {_count(number, 'value')} and rules out {len(less)} fewer"
        return "similar", f"looks for the same {_count(number, 'value')}"
    if rule.values < other.values:
        extra = other.values - rule.values
        loosens = _loosens(other, extra, rule.values)
        if loosens is None:
            return "similar", f"looks for all {_count(number, 'value')} of this rule, and {len(extra)} more"
        if loosens:
            return "broader", f"looks for all {_count(number, 'value')} of this rule, or any of {len(extra)} more"
        return "narrower", f"looks for all {_count(number, 'value')} of this rule, and demands {len(extra)} more"
    extra = rule.values - other.values
    kept = len(other.values)
    loosens = _loosens(rule, extra, other.values)
    if loosens is None:
        return "similar", f"looks for {kept} of the {number} values of this rule, and no others"
    if loosens:
        return "narrower", f"looks for {kept} of the {number} alternative values of this rule only"
    return "broader", f"its every condition is also here, and this rule demands {len(extra)} more"


def _loosens(rule: _Rule, extra: frozenset[IndicatorKey], kept: frozenset[IndicatorKey]) -> bool | None:
    """Whether a rule lets more through (True) or less (False) for the values in `extra`; None where they disagree.

    A value that is one of several in its list or its OR lets more through, if one of the others is kept; so does a
    whole arm of an OR of which nothing is kept. Any other is one more demand.
    """
    rows = rule.summary.facts.indicators
    kept_rows = [row for row in rows if indicator_key(row) in kept]
    kept_arms = {(row.stage, row.choice, row.branch) for row in kept_rows if row.branch is not None}
    kept_choices = {(row.stage, row.choice) for row in kept_rows if row.branch is not None}
    kept_lists = {(row.stage, row.choice, row.canonical) for row in kept_rows if row.alternatives > 1}
    signs = set()
    for row in rows:
        if indicator_key(row) in extra:
            in_list = row.alternatives > 1 and (row.stage, row.choice, row.canonical) in kept_lists
            arm_of_kept = (row.stage, row.choice) in kept_choices
            new_arm = row.branch is not None and (row.stage, row.choice, row.branch) not in kept_arms
            signs.add(in_list or (arm_of_kept and new_arm))
    return signs.pop() if len(signs) == 1 else None


def _likeness(rule: _Rule, other: _Rule, common: frozenset[IndicatorKey]) -> str:
    terms = sum(element in other.elements for element in rule.elements) - len(common)
    parts = []
    if common:
        parts.append(f"{len(common)} of the {_count(len(rule.values), 'value')} of this rule")
    if terms:
        parts.append(_count(terms, "search term"))
    return f"looks for {' and '.join(parts)} too"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
