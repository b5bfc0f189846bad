"""Which events a Sigma log source stands for, and which raw fields its field names stand for in other logs than
Sysmon's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.field_rule import expand_ids
from rulescope.knowledge.language_fields import LanguageFields
from rulescope.knowledge.log_directory import Log, channel_log, logs
from rulescope.knowledge.tables import load_rows, split_cell


@dataclass(frozen=True, slots=True)
class SourceMember:
    """Events that a log source covers: those of a log, or of a publisher that writes to no log of its own.

    `event_ids` empty: all of them. `generic`: the log source is a category, which does not name these events itself.
    `field` and `values` narrow them down further: the field has one of the values; None where nothing does.
    """

    log: Log | None
    provider: str | None
    event_ids: tuple[str, ...]
    generic: bool
    field: str | None = None
    values: tuple[str, ...] = ()


_Key = tuple[str, str, str]


class SigmaSources:
    """Log sources by product, category and service."""

    __slots__ = ("_members",)

    def __init__(self, rows: Iterable[list[str]]) -> None:
        self._members: dict[_Key, list[SourceMember]] = {}
        for product, category, service, key, channel, provider, ids, condition, _ in rows:
            log = logs().by_key(key) if key else channel_log(channel) if channel else None
            field, _, values = condition.partition("=")
            member = SourceMember(
                log, provider or None, expand_ids(ids), bool(category), field or None, split_cell(values)
            )
            self._members.setdefault((product, category, service), []).append(member)

    def members(
        self, product: str | None, category: str | None = None, service: str | None = None
    ) -> tuple[SourceMember, ...]:
        """The events of a log source; empty where it is not known.

        Where both a category and a service are given, those of the category that are in the service's logs.
        """
        key = tuple((part or "").strip().lower() for part in (product, category, service))
        known = self._members.get((key[0], key[1], key[2]))
        if known is not None:
            return tuple(known)
        of_category = self._members.get((key[0], key[1], ""), []) if key[1] else []
        of_service = self._members.get((key[0], "", key[2]), []) if key[2] else []
        if of_category and of_service:
            named = {member.log for member in of_service}
            return tuple(member for member in of_category if member.log in named)
        return tuple(of_category or of_service)

    def names(self, part: str) -> frozenset[str]:
        """Every `product`, `category` or `service` that is known, in small letters."""
        place = ("product", "category", "service").index(part)
        return frozenset(key[place] for key in self._members if key[place])


@cache
def sigma_sources() -> SigmaSources:
    """The log sources as shipped."""
    return SigmaSources(load_rows("sigma_log_sources.csv"))


@cache
def sigma_fields() -> LanguageFields:
    """What Sigma's field names stand for in events that carry them under other names (`Image` in Security 4688)."""
    return LanguageFields(load_rows("sigma_fields.csv"))
