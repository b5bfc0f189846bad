"""One name for the same field in all vocabularies: Sysmon, Windows, Sigma, CIM, ECS, Defender, CloudTrail and
others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from rulescope.knowledge.data_model import DataModels, data_models
from rulescope.knowledge.field_rule import FieldRule, FieldRules, field_rules
from rulescope.knowledge.tables import load_rows

Relation = Literal["exact", "derived"]

PREFIXES = (
    "winlog.event_data.",
    "winlog.user_data.",
    "Event.EventData.",
    "Event.System.",
    "EventData.",
    "event_data.",
    "data.win.eventdata.",
)
"""What shippers of Windows logs put before the name of a raw field."""


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field's name in one vocabulary. `scope` is "any", or where the name means this: a data model, table or log.

    `relation` is "exact" where the two hold the same value, "derived" where the canonical field is computed from it
    (`process_name` from `Image`) or it holds only part of what the canonical one does.
    """

    canonical: str
    vocabulary: str
    name: str
    scope: str
    relation: Relation
    source: str


class FieldVocabulary:
    """Canonical names of fields, and where their values come from."""

    __slots__ = (
        "_by_canonical", "_by_folded", "_by_name", "_canonical", "_models", "_rules", "_scoped", "_scoped_folded",
    )  # fmt: skip

    def __init__(self, names: tuple[FieldName, ...], models: DataModels, rules: FieldRules) -> None:
        self._models = models
        self._rules = rules
        self._by_canonical: dict[str, list[FieldName]] = {}
        self._by_name: dict[str, str] = {}
        self._scoped: dict[tuple[str, str], str] = {}
        folded: dict[str, set[str]] = {}
        for entry in names:
            self._by_canonical.setdefault(entry.canonical, []).append(entry)
        for canonical in self._by_canonical:
            self._by_name[canonical] = canonical
        for entry in names:
            if entry.relation == "derived":
                continue
            if entry.scope == "any":
                self._by_name.setdefault(entry.name, entry.canonical)
            else:
                self._scoped[(entry.scope, entry.name)] = entry.canonical
        self._scoped_folded = {
            (scope.casefold(), name.casefold()): canonical for (scope, name), canonical in self._scoped.items()
        }
        for name, canonical in self._by_name.items():
            folded.setdefault(name.casefold(), set()).add(canonical)
        self._by_folded = {name: next(iter(found)) for name, found in folded.items() if len(found) == 1}
        self._canonical = lru_cache(maxsize=20_000)(self._resolve)

    @property
    def canonical_names(self) -> tuple[str, ...]:
        """Every canonical name."""
        return tuple(self._by_canonical)

    def canonical(self, name: str, data_model: str | None = None) -> str:
        """The canonical name of a field, so that `Image`, `process_path` and `process.executable` meet; an
        unknown one unchanged.

        A data model's node before the name (`Processes.`) is taken off and tells the model, as `data_model` does
        ("Endpoint", "Endpoint.Processes"; also a table or log that scopes a name): `dest` is the host in Endpoint,
        and the destination elsewhere. Case is regarded first, and then disregarded where that leaves one meaning.
        """
        return self._canonical(name, data_model)

    def scoped(self, name: str, scope: str) -> str | None:
        """The canonical name of a field where a table, data model or log (`scope`) gives the name a meaning of its
        own: `FileName` is a process's in DeviceProcessEvents; None where it gives none. Case is disregarded last."""
        found = self._scoped.get((scope, name))
        return found or self._scoped_folded.get((scope.casefold(), name.casefold()))

    def names(self, canonical: str) -> tuple[FieldName, ...]:
        """The names that a canonical field has in each vocabulary, exact ones and those it is derived from;
        empty if unknown."""
        return tuple(self._by_canonical.get(canonical, ()))

    def raw_expressions(self, name: str, log: str | None = None, event_id: str | None = None) -> tuple[FieldRule, ...]:
        """Where the value of a field of that name comes from, in the order to try: see `FieldRules.of_target`.

        Empty: there is no rule, so only a raw field of the very name can give a value. `log` is a key or any name of a
        log, None for all logs. A field that the event itself carries under the name goes before all rules.
        """
        return self._rules.for_event(self._models.split_field(name)[1], log, event_id)

    def _resolve(self, name: str, data_model: str | None) -> str:
        known = self._by_name.get(name)
        model, bare = (None, name) if known else self._models.split_field(name)
        for prefix in PREFIXES:
            if bare.startswith(prefix):
                bare = bare[len(prefix) :]
        scope = data_model or model
        if scope is not None:
            scoped = self._scoped.get((scope, bare)) or self._scoped.get((scope.partition(".")[0], bare))
            if scoped is not None:
                return scoped
        return self._by_name.get(name) or self._by_name.get(bare) or self._by_folded.get(bare.casefold()) or bare


@cache
def fields() -> FieldVocabulary:
    """The vocabulary as shipped."""
    names = tuple(
        FieldName(canonical, vocabulary, name, scope, "exact" if relation == "exact" else "derived", source)
        for canonical, vocabulary, name, scope, relation, source in load_rows("field_names.csv")
    )
    return FieldVocabulary(names, data_models(), field_rules())
