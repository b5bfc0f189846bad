"""A catalogue as the use cases look at it: open for reading, with the rules' links at hand."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from shlex import quote
from types import TracebackType

from rulescope.api.models import RuleLink, StatusCounts, ValueUse
from rulescope.api.query import RULE_ENDINGS
from rulescope.catalog.store import Catalog, open_catalog
from rulescope.errors import InputError, NotFoundError
from rulescope.text import encodable, nearest_name


class CatalogView:
    """An open catalogue. Use as a context manager; give it to the functions of `rulescope.api`."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def _links(self) -> dict[int, RuleLink]:
        techniques: dict[int, list[str]] = {}
        for row in self.catalog.rows("link_techniques"):
            techniques.setdefault(row["rule_id"], []).append(row["technique_id"])
        return {
            row["rule_id"]: RuleLink(
                slug=row["slug"],
                path=row["path"],
                repository=row["repository"],
                title=row["title"],
                language=row["language"],
                parse=row["parse"],
                identifier=row["identifier"],
                severity=row["severity"],
                techniques=tuple(dict.fromkeys(techniques.get(row["rule_id"], ()))),
            )
            for row in self.catalog.rows("links")
        }

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {link.slug: number for number, link in self._links.items()}

    def all_links(self) -> tuple[RuleLink, ...]:
        """Every rule, in order of repository and path."""
        return tuple(self._links.values())

    def link(self, number: int) -> RuleLink:
        """The rule of that number in the catalogue."""
        return self._links[number]

    def links(self, numbers: Iterable[int]) -> tuple[RuleLink, ...]:
        """The rules of those numbers, in their order."""
        return tuple(self._links[number] for number in numbers)

    def links_of(self, query: str, /, **parameters: str | int | None) -> tuple[RuleLink, ...]:
        """The rules that a named query finds."""
        return self.links(row["rule_id"] for row in self.catalog.rows(query, **parameters))

    def number(self, slug: str) -> int:
        """The number of the rule with that slug. Raises `NotFoundError`."""
        try:
            return self._numbers[slug]
        except KeyError:
            raise NotFoundError(f"no rule has the slug '{slug}'") from None

    def value_uses(
        self, query: str, most: int, all_shared: bool = False, /, **parameters: str | int | None
    ) -> tuple[tuple[ValueUse, ...], int]:
        """The first `most` values that a named query finds, with some of their rules, and how many there are in all.

        `all_shared` gives every value that several rules look for, and every rule that does.
        """
        uses: list[ValueUse] = []
        total = 0
        for row in self.catalog.rows(query, **parameters):
            total += 1
            if total <= most or (all_shared and row["rules"] > 1):
                uses.append(self._value_use(row, None if all_shared else MOST_EXAMPLES))
        return tuple(uses), total

    def _value_use(self, row: sqlite3.Row, examples: int | None) -> ValueUse:
        numbers = sorted(json.loads(row["rule_ids"]))
        return ValueUse(
            row["field"],
            row["field_slug"],
            row["kind"],
            row["value"],
            row["rules"],
            self.links(numbers[:examples]),
            value_anchor(row["kind"], row["comparable"]),
            _ways(row["ways"]),
        )

    def close(self) -> None:
        """Lets go of the file."""
        self.catalog.close()

    def __enter__(self) -> CatalogView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ways(text: str) -> tuple[tuple[str, str, str], ...]:
    """The comparisons in a JSON list of JSON texts, in order, but for those that differ in case only."""
    found: dict[str, tuple[str, str, str]] = {}
    for way in sorted(one for one in json.loads(text) if one is not None):
        written, kind, value = json.loads(way)
        found.setdefault(way.casefold(), (written, kind, value))
    return tuple(found.values())


MOST_EXAMPLES = 25
"""Rules that are named beside a value; the count beside them tells how many there are."""

MOST_CANDIDATES = 10
"""Rules that an error names where a name fits several."""


def value_anchor(kind: str, comparable: str) -> str:
    """The name on its field's page of a value, by how and as what it is compared."""
    text = f"{kind}\0{comparable}".encode("utf-8", "surrogatepass")
    return f"value-{blake2b(text, digest_size=6).hexdigest()}"


def open_view(path: Path) -> CatalogView:
    """The catalogue at `path`. Raises `NotFoundError` or `CatalogError` as `open_catalog` does."""
    return CatalogView(open_catalog(path))


def rule_named(view: CatalogView, name: str) -> RuleLink | None:
    """The rule that `name` means: its slug, its path with or without the repository, or its identifier; else its title.
    None where there is none.

    Raises `InputError` with the candidates where several share it.
    """
    name = encodable(name)
    found = view.links_of("find_rule", name=name) or view.links_of("find_title", name=name)
    exact = [link for link in found if name in (link.slug, link.path)]
    if len(found) == 1:
        return found[0]
    if len(exact) == 1:
        return exact[0]
    if not found:
        return None
    shown = [f"{link.slug}  ({link.path})" for link in found[:MOST_CANDIDATES]]
    more = f"\n  … and {len(found) - MOST_CANDIDATES} more" if len(found) > MOST_CANDIDATES else ""
    raise InputError(
        f"'{name}' is the name of {len(found)} rules:\n  " + "\n  ".join(shown) + more,
        code="RSC141",
        hint="name one by its slug",
    )


def find_rule(view: CatalogView, name: str) -> RuleLink:
    """The rule that `name` means, as `rule_named` finds it.

    Raises `NotFoundError` with the nearest name where there is none, `InputError` with the candidates where several
    share it.
    """
    found = rule_named(view, name)
    if found is not None:
        return found
    near = near_rule(view, name)
    hint = f"did you mean '{near}'?" if near else "give a path in the catalogue, an identifier, a slug, or a title"
    if not near and _QUERY.search(name):
        hint = f"for a query that is in no catalogue: rulescope explain {quote(name)}"
    elif not near and name.lower().endswith(RULE_ENDINGS) and os.path.isfile(name):  # noqa: PTH113 - never raises
        hint = f"for a file that is in no catalogue: rulescope explain {quote(name)}"
    raise NotFoundError(f"no rule is called '{name}'", hint=hint)


_QUERY = re.compile(r"[|=<>`]")


def near_rule(view: CatalogView, name: str) -> str | None:
    """The path, slug, identifier or title in the catalogue that is nearest to a name; None where none is near."""
    names = [value for row in view.catalog.rows("rule_names") for value in row if value]
    return nearest_name(name.removeprefix("./"), names)


def count_languages(rules: Iterable[RuleLink]) -> dict[str, int]:
    """How many of the rules are in each language, the most first."""
    return dict(Counter(rule.language for rule in rules).most_common())


def add_counts(counts: StatusCounts, parse: str, rules: int) -> StatusCounts:
    """The counts with `rules` more of the status `parse`."""
    return StatusCounts(
        counts.full + rules * (parse == "full"),
        counts.partial + rules * (parse == "partial"),
        counts.failed + rules * (parse == "failed"),
    )
