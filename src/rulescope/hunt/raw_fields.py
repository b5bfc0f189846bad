"""Which raw fields the kinds of events of a load have, and which their logs' schemas have, as sets of kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from rulescope.hunt.field_knowledge import plain_name
from rulescope.hunt.kinds import Kind, Kinds
from rulescope.knowledge.event_catalogue import events
from rulescope.knowledge.field_rule import FieldRule
from rulescope.knowledge.log_directory import Log, logs

_Group = tuple[str | None, str | None, str | None, str | None]  # channel, event id, provider, sourcetype

_SYSTEM = frozenset(
    {
        "Name", "Guid", "EventSourceName", "EventID", "EventCode", "Qualifiers", "Version", "Level", "Task", "Opcode",
        "Keywords", "SystemTime", "EventRecordID", "ActivityID", "RelatedActivityID", "ProcessID", "ThreadID",
        "Channel", "Computer", "UserID",
    }
)  # fmt: skip
"""What the System part of every Windows event may hold."""


class RawFields:
    """Sets of kinds, as bits, by raw field and by log.

    `present` are those of whose events some have the field, `lists` those that have it as a list, by its name without
    braces. `placed` are those that tell a log that is known; of the others there is no schema.
    """

    def __init__(self, kinds: Kinds) -> None:
        self.everything = kinds.everything
        self.present: dict[str, int] = {}
        self.lists: dict[str, int] = {}
        self._groups: dict[_Group, int] = {}
        for place, kind in enumerate(kinds.kinds):
            key = (kind.channel, kind.event_id, kind.provider, kind.sourcetype)
            self._groups[key] = self._groups.get(key, 0) | 1 << place
        for key, bits in self._groups.items():
            for name in kinds.present(kind_of(key)):
                self.present[name] = self.present.get(name, 0) | bits
                if "{}" in name:
                    self.lists[plain_name(name)] = self.lists.get(plain_name(name), 0) | bits
        self.placed = sum(bits for key, bits in self._groups.items() if key[0] or key[2] or _log(key) is not None)
        self._of_log: dict[str, int] = {}

    def groups(self) -> Iterator[tuple[Kind, int]]:
        """One kind for all that differ in their source only, and the set of these."""
        return ((kind_of(key), bits) for key, bits in self._groups.items())

    def of_log(self, log: Log) -> int:
        """The kinds of events of a log."""
        found = self._of_log.get(log.key)
        if found is None:
            held = (bits for key, bits in self._groups.items() if log.holds(key[2], key[0], key[3]))
            found = self._of_log[log.key] = sum(held)
        return found

    def of_rule(self, rule: FieldRule) -> int:
        """The kinds of events that a rule is for."""
        found = self.of_log(rule.log)
        if found and rule.event_ids:
            found &= sum(bits for key, bits in self._groups.items() if key[1] in rule.event_ids)
        return found

    @cached_property
    def schema(self) -> dict[str, int]:
        """The kinds by the raw fields that the catalogue lists for them."""
        found: dict[str, int] = {}
        for key, bits in self._groups.items():
            for name in _listed(key):
                found[name] = found.get(name, 0) | bits
        return found

    @cached_property
    def unlisted(self) -> int:
        """The kinds for which the catalogue lists no fields."""
        listed = 0
        for bits in self.schema.values():
            listed |= bits
        return self.everything & ~listed


def kind_of(key: _Group) -> Kind:
    """A kind of that channel, event id, provider and sourcetype."""
    return Kind(*key, 0, 0)


def _log(key: _Group) -> Log | None:
    return logs().from_sourcetype(None, key[3])


def _listed(key: _Group) -> Iterable[str]:
    channel, event_id, provider, _ = key
    if channel is None and provider is None:
        log = _log(key)
        if log is None:
            return ()
        return {name for one in events().data_sources if one.log.key == log.key for name in one.fields}
    found = set(_SYSTEM)
    for name in (provider, channel):
        if name and event_id and (kind := events().find(name, event_id)) is not None:
            found.update(kind.fields)
    return found
