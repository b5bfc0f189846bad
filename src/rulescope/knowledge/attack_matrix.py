"""MITRE ATT&CK Enterprise: tactics and techniques by identifier or name, over the renaming of version 19."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rulescope.knowledge.tables import load_rows, split_cell

Release = Literal["v18", "v19"]
TechniqueStatus = Literal["active", "revoked", "deprecated"]

_SEPARATORS = re.compile(r"[\s_-]+")
_COLON = re.compile(r"\s*:\s*")


@dataclass(frozen=True, slots=True)
class Tactic:
    """A column of the matrix. `slug` is its name in tags (`lateral-movement`), `releases` those that know it."""

    id: str
    slug: str
    name: str
    releases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique or sub-technique. `tactics` are slugs, empty where none is known to us.

    `name` is its own name, `display_name` is preceded by the parent's ("Remote Services: SMB/Windows Admin Shares").
    `revoked_by` names the technique that stands for it now, within its release; `release` is the first of ours
    (v18, v19) that has it.
    `replaces` lists what a technique of v19 was called in v18.
    """

    id: str
    name: str
    display_name: str
    parent: str | None
    tactics: tuple[str, ...]
    status: TechniqueStatus
    revoked_by: str | None
    release: Release
    replaces: tuple[str, ...] = ()


def _fold_tactic(text: str) -> str:
    return _SEPARATORS.sub("-", text.strip().casefold())


def _fold_name(text: str) -> str:
    return _COLON.sub(":", " ".join(text.casefold().split()))


class AttackMatrix:
    """Look-ups over tactics and techniques; identifiers and names of v18.1 and of v19 are both known."""

    __slots__ = ("_by_name", "_replaced_by", "_tactics", "_tactics_by_key", "_techniques")

    def __init__(self, tactics: tuple[Tactic, ...], techniques: dict[str, Technique]) -> None:
        self._tactics = tactics
        self._techniques = techniques
        self._tactics_by_key: dict[str, Tactic] = {}
        for tactic in tactics:
            for key in (tactic.id, tactic.slug, tactic.name):
                self._tactics_by_key.setdefault(_fold_tactic(key), tactic)
        self._replaced_by: dict[str, str] = {}
        self._by_name: dict[str, tuple[Technique, ...]] = {}
        for technique in techniques.values():
            if technique.revoked_by:
                self._replaced_by[technique.id] = technique.revoked_by
            for old in technique.replaces:
                self._replaced_by[old] = technique.id
        ranked = sorted(techniques.values(), key=lambda one: (one.status != "active", one.release, one.id))
        for technique in ranked:
            for key in dict.fromkeys((_fold_name(technique.display_name), _fold_name(technique.name))):
                self._by_name[key] = (*self._by_name.get(key, ()), technique)

    @property
    def techniques(self) -> tuple[Technique, ...]:
        """Every technique known, revoked and deprecated ones too, those of v18.1 first."""
        return tuple(self._techniques.values())

    def tactics(self, release: Release | None = None) -> tuple[Tactic, ...]:
        """The tactics in the order of the matrix; of one release, or of both (Defense Evasion before its two heirs)."""
        return tuple(tactic for tactic in self._tactics if release is None or release in tactic.releases)

    def tactic(self, text: str) -> Tactic | None:
        """The tactic by identifier (TA0008), name or slug, in any case, with blanks, hyphens or underscores; else None.

        TA0005 is Defense Evasion in v18 and Stealth in v19: by identifier alone the former is given.
        """
        return self._tactics_by_key.get(_fold_tactic(text))

    def technique(self, technique_id: str) -> Technique | None:
        """The technique of that identifier (T1021.002, in any case), as its own release names it; else None."""
        return self._techniques.get(technique_id.strip().upper())

    def by_name(self, text: str) -> tuple[Technique, ...]:
        """Techniques of that name in any case, their own or "parent: own". Active ones come first."""
        return self._by_name.get(_fold_name(text), ())

    def canonical(self, technique_id: str) -> str:
        """The identifier that stands for it today: of a revoked or renamed one its heir's, an unknown one unchanged.

        T1562.001 and T1685 both give T1685, so rules written for either release meet.
        """
        current = technique_id.strip().upper()
        seen = {current}
        while (heir := self._replaced_by.get(current)) is not None and heir not in seen:
            seen.add(heir)
            current = heir
        return current


@cache
def attack() -> AttackMatrix:
    """ATT&CK Enterprise as shipped: v18.1 whole, with the techniques and tactics that v19 brought or renamed."""
    tactics = tuple(
        Tactic(identifier, slug, name, tuple(releases.split()))
        for identifier, slug, name, releases in load_rows("attack_tactics.csv")
    )
    v18 = list(load_rows("attack_techniques.csv"))
    v19 = list(load_rows("attack_v19_techniques.csv"))
    names = {row[0]: row[1] for row in (*v18, *v19)}
    techniques: dict[str, Technique] = {}
    for identifier, name, parent, in_tactics, status, revoked_by in v18:
        techniques[identifier] = Technique(
            id=identifier,
            name=name,
            display_name=f"{names[parent]}: {name}" if parent in names else name,
            parent=parent or None,
            tactics=split_cell(in_tactics),
            status=_STATUSES[status],
            revoked_by=revoked_by or None,
            release="v18",
        )
    for identifier, name, parent, in_tactics, replaces in v19:
        known = techniques.get(identifier)
        techniques[identifier] = Technique(
            id=identifier,
            name=name,
            display_name=f"{names[parent]}: {name}" if parent in names else name,
            parent=parent or None,
            tactics=known.tactics if known else split_cell(in_tactics),
            status="active",
            revoked_by=None,
            release="v18" if known else "v19",
            replaces=split_cell(replaces),
        )
    return AttackMatrix(tactics, techniques)


_STATUSES: dict[str, TechniqueStatus] = {"active": "active", "revoked": "revoked", "deprecated": "deprecated"}
