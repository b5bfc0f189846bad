"""Which logs lie behind Elastic's indexes, which of their events carry a category, what its field names are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.field_rule import expand_ids
from rulescope.knowledge.language_fields import LanguageFields
from rulescope.knowledge.log_directory import WINDOWS, Log, logs
from rulescope.knowledge.tables import load_rows

_BROAD = frozenset({"", "*", "logs-*", "metrics-*", "traces-*", "filebeat-*"})
"""Patterns that could hold anything: they tell nothing about the log."""


@dataclass(frozen=True, slots=True)
class DatasetMember:
    """Events of a data set: those of a log, or of a product that has no log here (`provider`).

    `category` is the `event.category` that they carry, empty where none was asked for; `said` is what they carry of
    what was asked for (`event.action=logged-in`). `event_ids` empty: all of them. `like`: the data set holds another
    product's events of that kind, which say the same of what happened.
    """

    dataset: str
    category: str
    log: Log | None
    provider: str
    event_ids: tuple[str, ...]
    like: bool = False
    said: str = ""


class ElasticDatasets:
    """Data sets by name (`windows.sysmon_operational`) and by the index patterns that hold them."""

    __slots__ = ("_fields", "_members")

    def __init__(self, rows: Iterable[list[str]], fields: LanguageFields) -> None:
        self._fields = fields
        self._members: dict[str, list[DatasetMember]] = {}
        for dataset, key, provider, ids, relation, _ in rows:
            log = logs().by_key(key) if key else None
            member = DatasetMember(dataset, "", log, provider, expand_ids(ids), relation == "like")
            self._members.setdefault(dataset, []).append(member)

    def in_index(self, pattern: str) -> tuple[str, ...]:
        """The data sets that an index pattern (`logs-windows.*`, `winlogbeat-*`) holds; none for one that is broad."""
        pattern = pattern.rpartition(":")[2]
        if self.is_broad(pattern):
            return ()
        plain = pattern.removeprefix("logs-").removeprefix(".")
        # Behind the data set's name comes its namespace: `logs-aws.cloudtrail-default`.
        short = plain.removesuffix("*").removesuffix("-")
        return tuple(
            name
            for name in self._members
            if name in (short, short.removesuffix("."))
            or (plain.endswith("*") and "?" not in plain and fnmatchcase(name, f"{short}*"))
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every data set."""
        return tuple(self._members)

    def is_broad(self, pattern: str) -> bool:
        """Whether an index pattern could hold anything."""
        return pattern.rpartition(":")[2] in _BROAD

    def events(
        self,
        dataset: str,
        categories: frozenset[str] = frozenset(),
        types: frozenset[str] = frozenset(),
        actions: frozenset[str] = frozenset(),
    ) -> tuple[DatasetMember, ...]:
        """What a data set holds of these actions, or else of these categories and types; the whole of it where it knows
        none of them."""
        members = [member for member in self._members.get(dataset, ()) if not member.like]
        within = [log for member in members if member.log is not None for log in self._logs_within(member.log)]
        for field, values in ((_ACTION, actions), (_CATEGORY, categories)):
            chosen = [
                DatasetMember(dataset, value if field == _CATEGORY else "", log, "", ids, said=f"{field}={value}")
                for value in sorted(values)
                for log in within
                if (ids := self._ids(log, field, value, types))
            ]
            if chosen:
                return tuple(chosen)
        return tuple(members)

    def alike(self, dataset: str) -> tuple[DatasetMember, ...]:
        """What logs hold of a data set, and what they hold of the same kind."""
        return tuple(self._members.get(dataset, ()))

    def _logs_within(self, log: Log) -> list[Log]:
        """The log, or, for that of all Windows logs, those whose events carry categories."""
        if log.key != WINDOWS:
            return [log]
        return list(
            {rule.log.key: rule.log for rule in self._fields.of_name(_CATEGORY) if rule.log.family == WINDOWS}.values()
        )

    def _ids(self, log: Log, field: str, value: str, types: frozenset[str]) -> tuple[str, ...]:
        """The ids of a log's events that carry the value, and one of the types where there are any."""
        found = self._carrying(log, field, frozenset({value}))
        if types:
            typed = self._carrying(log, _TYPE, types)
            found = [identifier for identifier in found if identifier in typed]
        return tuple(sorted(found, key=int))

    def _carrying(self, log: Log, field: str, values: frozenset[str]) -> list[str]:
        ids: list[str] = []
        for rule in self._fields.of_name(field):
            if rule.log == log and rule.event_ids:
                value = evaluate(rule.form, {})
                if not values.isdisjoint((value,) if isinstance(value, str) else value or ()):
                    ids += rule.event_ids
        return ids


_CATEGORY = "event.category"
_TYPE = "event.type"
_ACTION = "event.action"


@cache
def elastic_fields() -> LanguageFields:
    """What the names of the Elastic Common Schema, and of Elastic's integrations, stand for in raw logs."""
    return LanguageFields(load_rows("elastic_fields.csv"))


@cache
def elastic_datasets() -> ElasticDatasets:
    """The data sets as shipped."""
    return ElasticDatasets(load_rows("elastic_datasets.csv"), elastic_fields())
