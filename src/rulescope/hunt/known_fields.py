"""Which fields the events of a load have, by their kind, or may have by the schema of their log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, reduce
from operator import and_, or_

from rulescope import ir
from rulescope.hunt.field_knowledge import is_made, left_out, plain_name
from rulescope.hunt.kinds import KEYS, Kind, Kinds
from rulescope.hunt.vocabularies import ELASTIC, Vocabulary
from rulescope.knowledge.derivation import Coalesce, RawField, raw_fields
from rulescope.knowledge.event_catalogue import events
from rulescope.knowledge.field_rule import FieldRule
from rulescope.knowledge.log_directory import EVERY_LOG, Log, logs

_Group = tuple[str | None, str | None, str | None, str | None]

_KEYS = {"Channel": "_channel", "EventID": "_event_id", "Name": "_provider"}
"""The fields of Windows events that say what `kinds.KEYS` do."""

_PLACES = {"_channel": 0, "_event_id": 1, "_provider": 2}

_SYSTEM = frozenset(
    {
        "Name", "Guid", "EventSourceName", "EventID", "EventCode", "Qualifiers", "Version", "Level", "Task", "Opcode",
        "Keywords", "SystemTime", "EventRecordID", "ActivityID", "RelatedActivityID", "ProcessID", "ThreadID",
        "Channel", "Computer", "UserID",
    }
)  # fmt: skip
"""What the System part of every Windows event may hold."""


class KnownFields:
    """What is known of the fields of a load's kinds of events, in the names of one vocabulary.

    `placed` are the kinds that tell the log they are from; of the others there is no schema.
    """

    def __init__(self, kinds: Kinds, vocabulary: Vocabulary, own: Sequence[FieldRule] = ()) -> None:
        """`own` are the user's rules of fields."""
        self.kinds = kinds
        self._decided = kinds.regardless_of_fields()
        self._vocabulary = vocabulary
        self._own = own
        self._groups: dict[_Group, int] = {}
        for place, kind in enumerate(kinds.kinds):
            key = (kind.channel, kind.event_id, kind.provider, kind.sourcetype)
            self._groups[key] = self._groups.get(key, 0) | 1 << place
        self.placed = sum(bits for key, bits in self._groups.items() if key[0] or key[2] or _log(key) is not None)
        self._having: dict[str, int] = {}
        self._schemas: dict[_Group, frozenset[str]] = {}
        self._names: dict[int, frozenset[str]] = {}
        self._keyed: dict[str, dict[str, int]] = {}

    @property
    def takes_untold(self) -> bool:
        """Whether rules take in events that tell no log, whatever they are; searches of Splunk say where they look."""
        return self._vocabulary.fields is not None

    def _rules_of(self, name: str) -> Sequence[FieldRule]:
        return self._vocabulary.rules_of(name, self._own)

    def left_out(self, name: str) -> str | None:
        """The field itself, or one that it is made of, where events have it and it could not be kept; else None."""
        return left_out(name, self.kinds.store.dropped, self._rules_of)

    def has_log(self, log: Log) -> bool:
        """Whether some of the events are of that log."""
        return any(log.holds(provider, channel, sourcetype) for channel, _, provider, sourcetype in self._groups)

    def having(self, name: str) -> int:
        """The kinds of whose events some have the field or may derive it, and those whose log's schema has it."""
        found = self._having.get(name)
        if found is None:
            rules = self._rules_of(name)
            found = self._having[name] = sum(bits for key, bits in self._groups.items() if self._has(name, rules, key))
        return found

    def possible(self, predicate: ir.Predicate | None, seen: dict[int, int] | None = None) -> int:
        """The kinds of which some event may meet the condition, by what tells its log and kind alone. `seen` keeps what
        the parts of a condition came to, by their identity."""
        if predicate is None:
            return self.kinds.everything
        seen = {} if seen is None else seen
        found = seen.get(id(predicate))
        if found is None:
            found = seen[id(predicate)] = self._possible(predicate, seen)
        return found

    def _possible(self, predicate: ir.Predicate, seen: dict[int, int]) -> int:
        match predicate:
            case ir.And(operands):
                return reduce(and_, (self.possible(one, seen) for one in operands))
            case ir.Or(operands):
                return reduce(or_, (self.possible(one, seen) for one in operands))
            case ir.Compare(name, kind) if kind != "missing" and predicate.missing != "true":
                if name in KEYS:
                    return self._decided.possible(predicate)
                if self._decided.is_label(name):
                    return self._decided.possible(predicate) & self.having(name)
                return self._keyed_possible(predicate)
        return self._decided.possible(predicate)

    def _keyed_possible(self, leaf: ir.Compare) -> int:
        """As `possible`, for a field that in some events is another name of what tells their kind."""
        found = self.kinds.everything
        for key, bits in self._keys(leaf.field).items():
            found &= ~bits | self._decided.possible(replace(leaf, field=key))
        return found

    def _keys(self, name: str) -> dict[str, int]:
        """What the field is another name of, with the kinds in which it is."""
        found = self._keyed.get(name)
        if found is None:
            found = self._keyed[name] = {}
            rules = self._rules_of(name)
            for group, bits in self._groups.items():
                key = _KEYS.get(_first_raw(name, rules, _kind(group)))
                if key is not None and group[_PLACES[key]] is not None:
                    found[key] = found.get(key, 0) | bits
        return found

    def candidates(self, name: str, kinds: int) -> tuple[frozenset[str], ...]:
        """What an absent name may be meant to be: the fields that events of these kinds have, or by their logs' schemas
        may have. Where the vocabulary has names of its own, these go before the events'."""
        raw = self._raw_names(kinds)
        own = self._vocabulary.names_like(name, raw)
        derived = frozenset(one for one in own if self.having(one) & kinds)
        return (derived, raw) if self._vocabulary is ELASTIC else (derived | raw,)

    def _raw_names(self, kinds: int) -> frozenset[str]:
        found = self._names.get(kinds)
        if found is None:
            groups = [key for key, bits in self._groups.items() if bits & kinds]
            listed = frozenset().union(*(self._schema(key) for key in groups))
            names = self.kinds.names_of(kinds)
            plain = frozenset(map(plain_name, names)) if self._vocabulary.plain_lists else names
            found = self._names[kinds] = listed | plain
        return found

    def _has(self, name: str, rules: Sequence[FieldRule], key: _Group) -> bool:
        kind = _kind(key)
        present = self.kinds.present(kind)
        if name in present or (self._vocabulary.plain_lists and name in self.kinds.lists(kind)):
            return True
        schema = self._schema(key)
        return name in schema or any(_may_give(rule, kind, present, schema) for rule in rules)

    def _schema(self, key: _Group) -> frozenset[str]:
        """The raw fields that the catalogue lists for such events; none where it does not know them."""
        found = self._schemas.get(key)
        if found is None:
            found = self._schemas[key] = frozenset(_listed(key))
        return found


def _listed(key: _Group) -> Iterable[str]:
    channel, event_id, provider, _ = key
    if channel is None and provider is None:
        log = _log(key)
        if log is None:
            return ()
        return (name for one in events().data_sources if one.log.key == log.key for name in one.fields)
    found = set(_SYSTEM)
    for name in (provider, channel):
        if name and event_id and (kind := events().find(name, event_id)) is not None:
            found.update(kind.fields)
    return found


def _kind(key: _Group) -> Kind:
    return Kind(*key, 0, 0)


def _first_raw(name: str, rules: Sequence[FieldRule], kind: Kind) -> str:
    """The raw field that the field first looks at in events of that kind; its own name where no rule is for them."""
    for rule in rules:
        if rule.applies_to(kind.event_id) and rule.log.holds(kind.provider, kind.channel, kind.sourcetype):
            first = rule.form.parts[0] if isinstance(rule.form, Coalesce) else rule.form
            return first.name if isinstance(first, RawField) else name
    return name


def _log(key: _Group) -> Log | None:
    return logs().from_sourcetype(None, key[3])


def _may_give(rule: FieldRule, kind: Kind, present: frozenset[str], schema: frozenset[str]) -> bool:
    """Whether the rule may give some event of that kind a value: such events have, or by their log's schema may have,
    a field that it reads."""
    if not rule.applies_to(kind.event_id) or not rule.log.holds(kind.provider, kind.channel, kind.sourcetype):
        return False
    if is_made(rule, present) or not raw_fields(rule.form).isdisjoint(schema):
        return True
    # What is said of this log alone is its schema where the catalogue has none.
    return not schema and rule.log.key not in _families()


@cache
def _families() -> frozenset[str]:
    """The keys of the logs that stand for several."""
    return frozenset({EVERY_LOG, *(log.family for log in logs().logs if log.family)})
