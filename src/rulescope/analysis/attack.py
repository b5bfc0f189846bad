"""A rule's place in ATT&CK: what its author wrote, with names, and tactics where the author left them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulescope import ir
from rulescope.analysis.facts import AttackCoverage
from rulescope.knowledge.attack_matrix import attack


def attack_coverage(entries: tuple[ir.Attack, ...]) -> tuple[AttackCoverage, ...]:
    """One row a technique and tactic, in the author's order, without repeats.

    A tactic that the author names with a technique is kept as the author's. A technique without one gets the tactics
    of its own that the author names elsewhere in the rule, by v18's names or by v19's, and where there are none, every
    tactic that it belongs to, marked as derived. A tactic alone is a row of its own unless some technique of the rule
    stands under it. Names that ATT&CK does not have are kept as written.
    """
    matrix = attack()
    lone = [matrix.tactic(entry.tactic) for entry in entries if entry.tactic and not entry.technique_id]
    stated = {tactic.slug: tactic.name for tactic in lone if tactic is not None}
    rows: dict[AttackCoverage, None] = {}
    covered: set[str] = set()
    for entry in entries:
        if not entry.technique_id:
            continue
        technique = matrix.technique(entry.technique_id)
        identifier = technique.id if technique else entry.technique_id.strip()
        name = technique.display_name if technique else None
        status = technique.status if technique and technique.status != "active" else None
        if entry.tactic:
            known = matrix.tactic(entry.tactic)
            tactic_name = known.name if known else entry.tactic
            covered.add(tactic_name)
            rows[AttackCoverage(tactic_name, identifier, name, False, status)] = None
            continue
        slugs = technique.tactics if technique else ()
        if technique and not slugs and technique.parent:
            parent = matrix.technique(technique.parent)
            slugs = parent.tactics if parent else ()
        own = [stated[slug] for slug in _with_successors(slugs) if slug in stated]
        covered.update(own)
        for tactic_name in own:
            rows[AttackCoverage(tactic_name, identifier, name, False, status)] = None
        if own:
            continue
        derived = [known.name for known in map(matrix.tactic, slugs) if known is not None]
        for tactic_name in derived:
            rows[AttackCoverage(tactic_name, identifier, name, True, status)] = None
        if not derived:
            rows[AttackCoverage(None, identifier, name, False, status)] = None
    for entry in entries:
        if entry.tactic and not entry.technique_id:
            known = matrix.tactic(entry.tactic)
            tactic_name = known.name if known else entry.tactic
            if tactic_name not in covered:
                rows[AttackCoverage(tactic_name, None, None)] = None
    # A technique that stands under a tactic by the author's word needs no derived row for the same tactic.
    return tuple(row for row in rows if not (row.derived_tactic and _without_mark(row) in rows))


_SUCCESSORS = {"defense-evasion": ("stealth", "defense-impairment")}
"""The tactics that v19 has instead of one of v18."""


def _with_successors(slugs: Iterable[str]) -> Iterator[str]:
    for slug in slugs:
        yield slug
        yield from _SUCCESSORS.get(slug, ())


def _without_mark(row: AttackCoverage) -> AttackCoverage:
    return AttackCoverage(row.tactic, row.technique_id, row.technique, False, row.status)
