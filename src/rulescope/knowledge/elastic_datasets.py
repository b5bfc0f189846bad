"""Which logs lie behind Elastic's indexes, and which of their events carry an `event.category`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from rulescope.knowledge.log_directory import Log, logs
from rulescope.knowledge.tables import load_rows, split_cell

_BROAD = frozenset({"", "*", "logs-*", "metrics-*", "traces-*", "filebeat-*"})
"""Patterns that could hold anything: they tell nothing about the log."""


@dataclass(frozen=True, slots=True)
class DatasetMember:
    """Events of a data set: those of a log, or of a product that has no log here (`provider`).

    `category` and `type` are the `event.category` and `event.type` that they carry, empty where a row is about the
    whole data set. `event_ids` empty: all of them.
    """

    dataset: str
    category: str
    type: str
    log: Log | None
    provider: str
    event_ids: tuple[str, ...]


class ElasticDatasets:
    """Data sets by name (`windows.sysmon_operational`) and by the index patterns that hold them."""

    __slots__ = ("_members",)

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self._members: dict[str, list[DatasetMember]] = {}
        for dataset, category, kind, key, provider, ids, _ in rows:
            log = logs().by_key(key) if key else None
            member = DatasetMember(dataset, category, kind, log, provider, split_cell(ids))
            self._members.setdefault(dataset, []).append(member)

    def in_index(self, pattern: str) -> tuple[str, ...]:
        """The data sets that an index pattern (`logs-windows.*`, `winlogbeat-*`) holds; none for one that is broad."""
        pattern = pattern.rpartition(":")[2]
        if pattern in _BROAD:
            return ()
        plain = pattern.removeprefix("logs-").removeprefix(".")
        # Behind the data set's name comes its namespace: `logs-aws.cloudtrail-default`.
        short = plain.removesuffix("*").removesuffix("-")
        return tuple(
            name
            for name in self._members
            if name == short or (plain.endswith("*") and "?" not in plain and fnmatchcase(name, f"{short}*"))
        )

    def events(
        self, dataset: str, categories: frozenset[str] = frozenset(), types: frozenset[str] = frozenset()
    ) -> tuple[DatasetMember, ...]:
        """What a data set holds of these categories and types; the whole of it where it knows none of them."""
        members = self._members.get(dataset, [])
        chosen = [
            member
            for member in members
            if member.category
            and member.category in categories
            and (not types or not member.type or member.type in types)
        ]
        return tuple(chosen or (member for member in members if not member.category))


@cache
def elastic_datasets() -> ElasticDatasets:
    """The data sets as shipped."""
    return ElasticDatasets(load_rows("elastic_datasets.csv"))
