"""The pages that gather rules: the overview, repositories, ATT&CK, events, macros, fields, and search."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from rulescope.api.models import (
    Cause,
    EventLink,
    EventPage,
    FieldElsewhere,
    FieldPage,
    FieldRow,
    MacroPage,
    MacroRow,
    MacroUse,
    Overview,
    ProviderPage,
    RepositoryPage,
    RepositoryRow,
    SearchDocument,
    SearchHit,
    StatusCounts,
)
from rulescope.api.passed_over import passed_over
from rulescope.api.view import CatalogView, add_counts, count_languages
from rulescope.errors import NotFoundError
from rulescope.languages.registry import LANGUAGES

UNKNOWN_LANGUAGE = "unknown"
"""The language of rules whose files can't be read far enough to tell it."""

MOST_VALUES = 500
"""Values that a page lists, those of most rules first; the page says how many there are in all."""

_WORD = re.compile(r"[^\s\"]+|\"[^\"]*\"")


def overview(view: CatalogView) -> Overview:
    """How much the catalogue holds, how much of it was understood, and why not the rest."""
    totals = view.catalog.row("totals")
    assert totals is not None
    rows = repositories(view)
    by_language: dict[str, StatusCounts] = {}
    for row in rows:
        for language, counts in row.by_language.items():
            sum_so_far = by_language.get(language, StatusCounts())
            by_language[language] = _sum(sum_so_far, counts)
    counts = StatusCounts()
    for language_counts in by_language.values():
        counts = _sum(counts, language_counts)
    return Overview(
        counts=counts,
        by_language=dict(sorted(by_language.items())),
        repositories=rows,
        stages=totals["stages"],
        indicators=totals["indicators"],
        techniques=totals["techniques"],
        events=totals["events"],
        fields=totals["fields"],
        causes=tuple(_cause(view, row["code"], row["rules"]) for row in view.catalog.rows("causes")),
        missing_macros=tuple(_macro_row(row) for row in view.catalog.rows("missing_macros")),
        unread_languages=tuple(sorted(by_language.keys() - {*LANGUAGES, UNKNOWN_LANGUAGE})),
        diagnosed={row["severity"]: row["rules"] for row in view.catalog.rows("diagnosed")},
        passed_over=passed_over(view),
    )


def _cause(view: CatalogView, code: str, rules: int) -> Cause:
    messages = list(view.catalog.rows("cause_messages", code=code))
    return Cause(code, messages[0]["message"], rules, len(messages), view.link(messages[0]["rule_id"]))


def repositories(view: CatalogView) -> tuple[RepositoryRow, ...]:
    """Every repository with its counts."""
    counts: dict[str, StatusCounts] = {}
    by_language: dict[str, dict[str, StatusCounts]] = {}
    for row in view.catalog.rows("status_counts"):
        name, language = row["repository"], row["language"]
        counts[name] = add_counts(counts.get(name, StatusCounts()), row["parse"], row["rules"])
        languages = by_language.setdefault(name, {})
        languages[language] = add_counts(languages.get(language, StatusCounts()), row["parse"], row["rules"])
    return tuple(
        RepositoryRow(row["slug"], row["name"], row["license"], counts[row["name"]], by_language[row["name"]])
        for row in view.catalog.rows("repositories")
    )


def repository_page(view: CatalogView, slug: str) -> RepositoryPage:
    """A repository and its rules. Raises `NotFoundError`."""
    row = next((row for row in repositories(view) if row.slug == slug), None)
    if row is None:
        raise NotFoundError(f"no repository has the slug '{slug}'")
    rules = tuple(link for link in view.all_links() if link.repository == row.name)
    folders = Counter(str(PurePosixPath(link.path).parent) for link in rules)
    return RepositoryPage(row, rules, tuple(sorted(folders.items())))


def events(view: CatalogView) -> tuple[EventLink, ...]:
    """Every kind of event that rules look at, by provider and number."""
    return tuple(_event_link(row) for row in view.catalog.rows("events"))


def _event_link(row: sqlite3.Row) -> EventLink:
    return EventLink(row["slug"], row["provider"], row["event_id"], row["title"], row["rules"], row["derived_rules"])


def event_pages(view: CatalogView) -> Iterator[EventPage]:
    """The page of every kind of event, by provider and number."""
    for row in list(view.catalog.rows("events")):
        yield _event_page(view, row)


def event_page(view: CatalogView, slug: str) -> EventPage:
    """A kind of event. Raises `NotFoundError`."""
    row = next((row for row in view.catalog.rows("events") if row["slug"] == slug), None)
    if row is None:
        raise NotFoundError(f"no event has the slug '{slug}'")
    return _event_page(view, row)


def _event_page(view: CatalogView, row: sqlite3.Row) -> EventPage:
    values, total = view.value_uses("event_values", MOST_VALUES, event_key=row["event_key"])
    rules = view.links_of("event_rules", event_key=row["event_key"], derived=0)
    derived_rules = view.links_of("event_rules", event_key=row["event_key"], derived=1)
    return EventPage(
        event=_event_link(row),
        provider_slug=row["provider_slug"],
        channel=row["channel"],
        fields=tuple(json.loads(row["fields"])),
        rules=rules,
        values=values,
        value_count=total,
        derived_rules=derived_rules,
        by_language=count_languages((*rules, *derived_rules)),
    )


def providers(view: CatalogView) -> tuple[ProviderPage, ...]:
    """Every provider with its events and its rules."""
    grouped: dict[str, tuple[str, list[EventLink]]] = {}
    for row in view.catalog.rows("events"):
        grouped.setdefault(row["provider_slug"], (row["provider"], []))[1].append(_event_link(row))
    pages: list[ProviderPage] = []
    for slug, (provider, links) in grouped.items():
        rules = view.links_of("provider_rules", provider_slug=slug, derived=0)
        derived_rules = view.links_of("provider_rules", provider_slug=slug, derived=1)
        pages.append(ProviderPage(slug, provider, tuple(links), len(rules), rules, derived_rules))
    return tuple(pages)


def macros(view: CatalogView) -> tuple[MacroRow, ...]:
    """Every macro that rules call, by name."""
    return tuple(_macro_row(row) for row in view.catalog.rows("macros"))


def _macro_row(row: sqlite3.Row) -> MacroRow:
    return MacroRow(row["slug"], row["name"], bool(row["known"]), row["rules"], row["meaning"])


def macro_page(view: CatalogView, slug: str) -> MacroPage:
    """A macro, what it stands for, and the rules that call it. Raises `NotFoundError`."""
    row = view.catalog.row("macro", slug=slug)
    if row is None:
        raise NotFoundError(f"no macro has the slug '{slug}'")
    macro = _macro_row(row)
    uses = tuple(
        MacroUse(
            name=macro.name,
            slug=macro.slug,
            known=True,
            arguments=tuple(json.loads(body["arguments"])),
            definition=body["definition"],
            meaning=macro.meaning,
            origin=body["origin"],
        )
        for body in view.catalog.rows("macro_definitions", macro_id=row["macro_id"])
    )
    return MacroPage(macro, uses, view.links_of("macro_rules", macro_id=row["macro_id"]))


def fields(view: CatalogView) -> tuple[FieldRow, ...]:
    """Every field that rules look for values in, by name."""
    return tuple(row for _, row in _numbered_fields(view))


def field_pages(view: CatalogView) -> Iterator[FieldPage]:
    """The page of every field, by name."""
    for number, row in _numbered_fields(view):
        yield _field_page(view, number, row)


def field_page(view: CatalogView, slug: str) -> FieldPage:
    """A field and the values that rules look for in it. Raises `NotFoundError`."""
    found = next(((number, row) for number, row in _numbered_fields(view) if row.slug == slug), None)
    if found is None:
        raise NotFoundError(f"no field has the slug '{slug}'")
    return _field_page(view, *found)


def _field_page(view: CatalogView, number: int, row: FieldRow) -> FieldPage:
    values, _ = view.value_uses("field_values", MOST_VALUES, True, field_id=number)
    elsewhere = tuple(
        FieldElsewhere(other["name"], other["slug"], other["rules"], other["derived"])
        for other in view.catalog.rows("field_elsewhere", field_id=number)
    )
    return FieldPage(row, values, view.links_of("field_rules", field_id=number), elsewhere)


def search_documents(view: CatalogView) -> tuple[SearchDocument, ...]:
    """What the browser's search finds each rule by, in the order of the rules."""
    documents: list[SearchDocument] = []
    for link in view.all_links():
        record = view.catalog.record(view.number(link.slug))
        info, facts = record.info, record.facts
        documents.append(
            SearchDocument(
                slug=link.slug,
                title=info.title,
                description=info.description or "",
                identifiers=tuple(part for part in (info.identifier, info.path) if part),
                language=info.language,
                repository=info.repository,
                parse=record.status,
                techniques=_unique(part for row in facts.attack for part in (row.technique_id, row.technique)),
                tactics=_unique(row.tactic for row in facts.attack),
                events=_unique(
                    " ".join(part for part in (event.provider, event.event_id, event.title) if part)
                    for event in facts.events
                ),
                indicators=_unique(f"{found.field}={found.value}" for found in facts.indicators),
                terms=_unique(term.text for term in facts.search_terms if not term.excluded),
                macros=record.macros,
            )
        )
    return tuple(documents)


def search_rules(view: CatalogView, words: str, most: int = 50) -> tuple[SearchHit, ...]:
    """The rules that hold all the words (a phrase in double quotes stands as one), best first, at most `most`."""
    phrases = [word.strip('"') for word in _WORD.findall(words)]
    query = " ".join(f'"{phrase}"' for phrase in phrases if phrase.strip())
    if not query:
        return ()
    return tuple(
        SearchHit(view.link(row["rule_id"]), row["excerpt"])
        for row in view.catalog.rows("search", words=query, limit=most)
    )


def _numbered_fields(view: CatalogView) -> list[tuple[int, FieldRow]]:
    return [
        (
            row["field_id"],
            FieldRow(row["slug"], row["name"], tuple(sorted(json.loads(row["written"]))), row["rules"], row["values"]),
        )
        for row in view.catalog.rows("fields")
    ]


def _sum(left: StatusCounts, right: StatusCounts) -> StatusCounts:
    return StatusCounts(left.full + right.full, left.partial + right.partial, left.failed + right.failed)


def _unique(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
