"""ATT&CK as the rules cover it: the matrix, tactics, and techniques."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rulescope.api.models import MatrixCell, MatrixColumn, TacticPage, TechniqueMatrix, TechniquePage
from rulescope.api.view import CatalogView, count_languages
from rulescope.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class _Coverage:
    """Which rules stand under which tactic and technique."""

    tactics: tuple[str, ...]
    names: dict[str, str]
    parents: dict[str, str | None]
    statuses: dict[str, str | None]
    rules: dict[tuple[str | None, str], set[int]]
    by_tactic: dict[str, set[int]]


def technique_matrix(view: CatalogView) -> TechniqueMatrix:
    """A column for each tactic that rules name or techniques belong to, in ATT&CK's order."""
    coverage = _coverage(view)
    columns = tuple(
        MatrixColumn(
            row["tactic"],
            row["slug"],
            len(coverage.by_tactic.get(row["tactic"], ())),
            _cells(coverage, row["tactic"]),
        )
        for row in view.catalog.rows("tactics")
    )
    unmapped = view.catalog.row("unmapped")
    return TechniqueMatrix(
        tuple(column for column in columns if column.rules), unmapped["rules"] if unmapped is not None else 0
    )


def tactic_pages(view: CatalogView) -> Iterator[TacticPage]:
    """Every tactic that has rules, in ATT&CK's order."""
    coverage = _coverage(view)
    for row in view.catalog.rows("tactics"):
        if row["tactic"] in coverage.by_tactic:
            yield _tactic(view, coverage, row["tactic"], row["slug"])


def tactic_page(view: CatalogView, slug: str) -> TacticPage:
    """A tactic with its techniques and rules. Raises `NotFoundError`."""
    row = next((row for row in view.catalog.rows("tactics") if row["slug"] == slug), None)
    if row is None:
        raise NotFoundError(f"no tactic has the slug '{slug}'")
    return _tactic(view, _coverage(view), row["tactic"], slug)


def technique_pages(view: CatalogView) -> Iterator[TechniquePage]:
    """Every technique that rules name, and the parents of those, by identifier."""
    coverage = _coverage(view)
    for identifier in coverage.names:
        yield _technique(view, coverage, identifier)


def technique_page(view: CatalogView, technique_id: str) -> TechniquePage:
    """A technique with its rules, its parent and its parts. Raises `NotFoundError`."""
    coverage = _coverage(view)
    if technique_id not in coverage.names:
        raise NotFoundError(f"no rule names the technique '{technique_id}'")
    return _technique(view, coverage, technique_id)


def _tactic(view: CatalogView, coverage: _Coverage, tactic: str, slug: str) -> TacticPage:
    return TacticPage(tactic, slug, _cells(coverage, tactic), view.links_of("tactic_rules", tactic=tactic))


def _technique(view: CatalogView, coverage: _Coverage, identifier: str) -> TechniquePage:
    parts = sorted(part for part, parent in coverage.parents.items() if parent == identifier)
    parent = coverage.parents[identifier]
    name = coverage.names[identifier]
    rules = view.links_of("technique_rules", technique_id=identifier)
    return TechniquePage(
        technique_id=identifier,
        technique=name if name != identifier else None,
        status=coverage.statuses[identifier],
        tactics=tuple(tactic for tactic in coverage.tactics if (tactic, identifier) in coverage.rules),
        parent=_cell(coverage, parent, None) if parent else None,
        sub_techniques=tuple(_cell(coverage, part, None) for part in parts),
        rules=rules,
        by_language=count_languages(rules),
    )


def _coverage(view: CatalogView) -> _Coverage:
    names: dict[str, str] = {}
    parents: dict[str, str | None] = {}
    statuses: dict[str, str | None] = {}
    for row in view.catalog.rows("techniques"):
        identifier = row["technique_id"]
        names[identifier] = row["name"] or identifier
        parents[identifier] = row["parent"]
        statuses[identifier] = row["status"]
    rules: dict[tuple[str | None, str], set[int]] = {}
    by_tactic: dict[str, set[int]] = {}
    for row in view.catalog.rows("coverage"):
        tactic, identifier, number = row["tactic"], row["technique_id"], row["rule_id"]
        if tactic is not None:
            by_tactic.setdefault(tactic, set()).add(number)
        if identifier is not None:
            rules.setdefault((tactic, identifier), set()).add(number)
            rules.setdefault((None, identifier), set()).add(number)
    tactics = tuple(row["tactic"] for row in view.catalog.rows("tactics"))
    return _Coverage(tactics, names, parents, statuses, rules, by_tactic)


def _cells(coverage: _Coverage, tactic: str) -> tuple[MatrixCell, ...]:
    tops = {
        coverage.parents.get(identifier) or identifier
        for named_tactic, identifier in coverage.rules
        if named_tactic == tactic
    }
    cells = [_cell(coverage, identifier, tactic) for identifier in tops]
    return tuple(sorted(cells, key=lambda cell: (-cell.with_sub, cell.technique_id)))


def _cell(coverage: _Coverage, identifier: str, tactic: str | None) -> MatrixCell:
    own = coverage.rules.get((tactic, identifier), set())
    parts = sorted(
        part for part, parent in coverage.parents.items() if parent == identifier and (tactic, part) in coverage.rules
    )
    together = own.union(*(coverage.rules[tactic, part] for part in parts))
    return MatrixCell(
        technique_id=identifier,
        technique=coverage.names.get(identifier, identifier),
        rules=len(own),
        with_sub=len(together),
        sub_techniques=tuple(_cell(coverage, part, tactic) for part in parts),
    )
