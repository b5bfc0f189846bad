"""The page of one rule, from a catalogue or of a query that is in none."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rulescope.analysis.facts import EventCoverage, Indicator
from rulescope.api.models import (
    ComparedAs,
    CorpusCount,
    EventRow,
    IndicatorRow,
    MacroUse,
    NeighbourRow,
    Relation,
    RuleLink,
    RulePage,
    TermRow,
    VariantRow,
)
from rulescope.api.view import CatalogView, value_anchor
from rulescope.catalog.fired_record import FiredRecord
from rulescope.catalog.records import RuleRecord
from rulescope.catalog.runs import fired
from rulescope.catalog.slugs import slug

_RELATIONS: tuple[Relation, ...] = ("broader", "narrower", "similar")

_Share = tuple[str, str, CorpusCount, ComparedAs | None]
"""What other rules have to do with a value: the slug of its field, its anchor on the page of the field that it is
counted under, how many look for it, and what it is counted as."""


def rule_page(view: CatalogView, rule_slug: str) -> RulePage:
    """Everything the catalogue says of the rule with that slug. Raises `NotFoundError`, `CatalogError`."""
    number = view.number(rule_slug)
    record = view.catalog.record(number)
    shares: dict[tuple[str, int], _Share] = {}
    for row in view.catalog.rows("rule_values", rule_id=number):
        count = CorpusCount(row["others"], json.loads(row["others_by_language"]), row["others_derived"])
        anchor = value_anchor(row["as_kind"], row["comparable"])
        compared = (
            ComparedAs(row["as_field"], row["as_field_slug"], row["as_kind"], row["as_value"], row["derived"])
            if row["derived"]
            else None
        )
        shares[row["role"], row["position"]] = (row["field_slug"], anchor, count, compared)
    ties: dict[str, list[tuple[RuleLink, str]]] = {}
    for row in view.catalog.rows("rule_relations", rule_id=number):
        ties.setdefault(row["kind"], []).append((view.link(row["other_id"]), row["why"]))
    events = tuple(
        EventRow(
            EventCoverage(
                row["provider"],
                row["event_id"],
                row["title"],
                tuple(json.loads(row["evidence"])),
                bool(row["derived"]),
                bool(row["alike"]),
            ),
            row["slug"],
            row["provider_slug"],
        )
        for row in view.catalog.rows("rule_events", rule_id=number)
    )
    fields = tuple((row["name"], row["slug"]) for row in view.catalog.rows("rule_fields", rule_id=number))
    return _page(
        record,
        rule_slug,
        shares=shares,
        events=events,
        fields=fields,
        macros=_macros(view, number, record.info.repository),
        variants=tuple(VariantRow(link, why) for link, why in ties.get("variant", ())),
        duplicates=tuple(link for link, _ in ties.get("duplicate", ())),
        neighbours=tuple(NeighbourRow(link, kind, why) for kind in _RELATIONS for link, why in ties.get(kind, ())),
        found=fired(view.catalog, number),
    )


def page_of_record(record: RuleRecord, macros: tuple[MacroUse, ...] = ()) -> RulePage:
    """The page of a rule that is in no catalogue: no other rules are known, so nothing is counted over them."""
    events = tuple(
        EventRow(event, slug(f"{event.provider}-{event.event_id or 'any'}"), slug(event.provider))
        for event in record.facts.events
    )
    fields = tuple((name, slug(name)) for name in sorted(record.facts.fields))
    return _page(record, "", shares={}, events=events, fields=fields, macros=macros)


def _page(
    record: RuleRecord,
    rule_slug: str,
    *,
    shares: dict[tuple[str, int], _Share],
    events: tuple[EventRow, ...],
    fields: tuple[tuple[str, str], ...],
    macros: tuple[MacroUse, ...],
    variants: tuple[VariantRow, ...] = (),
    duplicates: tuple[RuleLink, ...] = (),
    neighbours: tuple[NeighbourRow, ...] = (),
    found: FiredRecord | None = None,
) -> RulePage:
    facts = record.facts

    def rows(role: str, group: Iterable[Indicator]) -> tuple[IndicatorRow, ...]:
        return tuple(
            _indicator(found, f"{role}-{position}", shares.get((role, position)))
            for position, found in enumerate(group, 1)
        )

    return RulePage(
        slug=rule_slug,
        info=record.info,
        repository_slug=slug(record.info.repository),
        attack=facts.attack,
        parse=record.status,
        diagnostics=record.all_diagnostics,
        events=events,
        stages=record.stages,
        indicators=rows("indicator", facts.indicators),
        exclusions=rows("exclusion", facts.exclusions),
        thresholds=rows("threshold", facts.thresholds),
        search_terms=tuple(TermRow(f"term-{position}", term) for position, term in enumerate(facts.search_terms, 1)),
        fields=fields,
        macros=macros,
        lookups=facts.lookups,
        data_models=facts.data_models,
        variants=variants,
        neighbours=neighbours,
        duplicates=duplicates,
        body=record.body,
        canonical_text=record.canonical_text,
        fired=found,
    )


def _indicator(found: Indicator, anchor: str, share: _Share | None) -> IndicatorRow:
    field_slug, same_value, corpus, compared = share or (slug(found.canonical), "", CorpusCount(), None)
    return IndicatorRow(anchor, found, field_slug, corpus, same_value, compared)


def _macros(view: CatalogView, number: int, repository: str) -> tuple[MacroUse, ...]:
    """The macros of a rule, each with the definition that its repository sees: its own, else the first."""
    uses: list[MacroUse] = []
    for row in view.catalog.rows("rule_macros", rule_id=number):
        bodies = list(view.catalog.rows("macro_definitions", macro_id=row["macro_id"])) if row["known"] else []
        own = (one for one in bodies if one["origin"].startswith(f"{repository}/"))
        body = next(own, bodies[0] if bodies else None)
        uses.append(
            MacroUse(
                name=row["name"],
                slug=row["slug"],
                known=bool(row["known"]),
                arguments=tuple(json.loads(body["arguments"])) if body else (),
                definition=body["definition"] if body else None,
                meaning=row["meaning"],
                origin=body["origin"] if body else None,
            )
        )
    return tuple(uses)
