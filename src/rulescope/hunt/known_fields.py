"""Which fields the events of a load have, by their kind, or may have by the schema of their log, in the names of a
vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce
from operator import and_, or_

from rulescope import ir
from rulescope.engines.sql.schema import name_pattern
from rulescope.hunt.field_knowledge import left_out, plain_name
from rulescope.hunt.kind_counts import KEYS
from rulescope.hunt.kinds import Kind, Kinds
from rulescope.hunt.raw_fields import RawFields
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.knowledge.derivation import Coalesce, RawField, raw_fields
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.field_rule import FieldRule
from rulescope.knowledge.log_directory import EVERY_LOG, logs

_KEYS = {"Channel": "_channel", "EventID": "_event_id", "Name": "_provider"}
"""The fields of Windows events that say what `kinds.KEYS` do."""


_TELLING = frozenset(
    {
        "event.action", "event.category", "event.code", "event.dataset", "event.kind", "event.module", "event.provider",
        "event.type", "data_stream.dataset", "host.os.type",
    }
)  # fmt: skip
"""Fields that tell what an event is (Elastic Common Schema, "Categorization fields", and those of data streams)."""


class KnownFields:
    """What is known of the fields of a load's kinds of events, in the names of one vocabulary."""

    def __init__(self, kinds: Kinds, raw: RawFields, vocabulary: Vocabulary, own: Sequence[FieldRule] = ()) -> None:
        """`kinds` are those of the vocabulary; `own` are the user's rules of fields."""
        self.kinds = kinds
        self.raw = raw
        self._decided = kinds.regardless_of_fields()
        self._vocabulary = vocabulary
        self._own = own
        self._having: dict[str, int] = {}
        self._allowed: dict[str, int] = {}
        self._names: dict[int, frozenset[str]] = {}
        self._keyed: dict[str, dict[str, int]] = {}

    @property
    def takes_untold(self) -> bool:
        """Whether rules take in events that tell no log, whatever they are; searches that say where they look don't."""
        return not self._vocabulary.says_where

    def is_own(self, name: str) -> bool:
        """Whether the name is one of the vocabulary's own, and no raw field's with something before it."""
        return self._vocabulary.has(name)

    def left_out(self, name: str) -> str | None:
        """The field itself, or one that it is made of, where events have it and it could not be kept; else None."""
        return left_out(name, self.dropped, self._rules_of)

    @property
    def dropped(self) -> Collection[str]:
        """The fields that events have and that could not be kept."""
        return self.kinds.store.dropped

    def lacking(self, name: str, kinds: int) -> int:
        """Those of the kinds whose events have neither the field nor anything that it is made of, and whose logs'
        schemas don't have it either."""
        left = kinds & ~self._has(name)
        return left and left & ~self._may_have(name)

    def like(self, pattern: str, kinds: int) -> Iterator[str]:
        """The fields whose names fit the pattern and that events of these kinds have, or by their logs' schemas may
        have."""
        raw = self._raw_names(kinds)
        yield from filter(name_pattern(pattern).fullmatch, raw)
        derived = self._vocabulary.taken_in(pattern, raw, self._own)
        yield from (name for name in derived if self.lacking(name, kinds) != kinds)

    def _rules_of(self, name: str) -> Sequence[FieldRule]:
        return self._vocabulary.rules_of(name, self._own)

    def _has(self, name: str) -> int:
        """The kinds of whose events some have the field, or what it is made of."""
        found = self._having.get(name)
        if found is None:
            found = self._present(name)
            for rule in self._rules_of(name):
                scope = self.raw.of_rule(rule)
                if scope and evaluate(rule.form, {}) is not None:
                    found |= scope
                elif scope:
                    found |= scope & reduce(or_, map(self._present, raw_fields(rule.form)), 0)
            self._having[name] = found
        return found

    def _present(self, name: str) -> int:
        found = self.raw.present.get(name, 0)
        return found | self.raw.lists.get(name, 0) if self._vocabulary.plain_lists else found

    def _may_have(self, name: str) -> int:
        """The kinds whose logs' schemas have the field, or what it is made of. Where the catalogue lists no fields,
        what a rule says of the one log is its schema."""
        found = self._allowed.get(name)
        if found is None:
            schema = self.raw.schema
            found = schema.get(name, 0)
            for rule in self._rules_of(name):
                made = reduce(or_, (schema.get(one, 0) for one in raw_fields(rule.form)), 0)
                if rule.log.key not in _families():
                    made |= self.raw.unlisted
                found |= self.raw.of_rule(rule) & made
            self._allowed[name] = found
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
                # Where some events tell what they are, a rule is not about those that don't.
                telling = self._decided.is_label(name) or name in _TELLING
                return self._keyed_possible(predicate) & ((telling and self._has(name)) or self.kinds.everything)
        return self._decided.possible(predicate)

    def _keyed_possible(self, leaf: ir.Compare) -> int:
        """As `possible`, for a comparison whose field in some events is another name of what tells their kind."""
        if self._decided.is_label(leaf.field):
            return self._decided.possible(leaf)
        found = self.kinds.everything
        for key, bits in self._keys(leaf.field).items():
            found &= ~bits | self._decided.possible(replace(leaf, field=key))
        return found

    def _keys(self, name: str) -> dict[str, int]:
        """What the field is another name of, with the kinds in which it is."""
        found = self._keyed.get(name)
        if found is None:
            found = self._keyed[name] = {}
            rules = [rule for rule in self._rules_of(name) if _first_raw(rule) in _KEYS]
            if rules or name in _KEYS:
                for kind, bits in self.raw.groups():
                    key = _KEYS.get(_raw_name(name, rules, kind), "")
                    told = {"_channel": kind.channel, "_event_id": kind.event_id, "_provider": kind.provider}
                    if told.get(key) is not None:
                        found[key] = found.get(key, 0) | bits
        return found

    def candidates(self, name: str, kinds: int) -> tuple[frozenset[str], ...]:
        """What an absent name may be meant to be: the fields that events of these kinds have, or by their logs' schemas
        may have. Where the vocabulary has names of its own, these go before the events'."""
        raw = self._raw_names(kinds)
        own = self._vocabulary.names_like(name, raw)
        derived = frozenset(one for one in own if self.lacking(one, kinds) != kinds)
        return (derived, raw) if self._vocabulary.derived_first else (derived | raw,)

    def _raw_names(self, kinds: int) -> frozenset[str]:
        found = self._names.get(kinds)
        if found is None:
            names = [name for held in (self.raw.present, self.raw.schema) for name in held if held[name] & kinds]
            plain = map(plain_name, names) if self._vocabulary.plain_lists else names
            found = self._names[kinds] = frozenset(plain)
        return found


def _first_raw(rule: FieldRule) -> str:
    """The raw field that a rule looks at first, where it takes its value as it is."""
    first = rule.form.parts[0] if isinstance(rule.form, Coalesce) else rule.form
    return first.name if isinstance(first, RawField) else ""


def _raw_name(name: str, rules: Sequence[FieldRule], kind: Kind) -> str:
    """The raw field that the field is in events of that kind; its own name where no rule is for them."""
    for rule in rules:
        if rule.applies_to(kind.event_id) and rule.log.holds(kind.provider, kind.channel, kind.sourcetype):
            return _first_raw(rule)
    return name


@cache
def _families() -> frozenset[str]:
    """The keys of the logs that stand for several."""
    return frozenset({EVERY_LOG, *(log.family for log in logs().logs if log.family)})
