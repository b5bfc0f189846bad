"""The kinds of events in a load, and for which of them a condition can hold at all.

A kind is a combination of log, event id, source and sourcetype that occurs. Parts of a condition that read only these
are decided once for each kind, by the engine itself; everything else is undecided. What is left is a necessary
condition: an event of a kind that is ruled out can't meet it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import alias, column
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context, EventsTable, FieldResolver, Options
from rulescope.engines.sql.dialect import Dialect, dialect_of
from rulescope.engines.sql.frame import Frame, Program
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import Type
from rulescope.hunt.kind_counts import KEYS, KindCounts, count_rows, find_present, find_tokens
from rulescope.knowledge.derivation import raw_fields
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.field_rule import FieldRule
from rulescope.knowledge.log_directory import is_labelled
from rulescope.logs import EventStore

FIELDS = ("source", "sourcetype", "index", "EventCode", "EventID")
"""Fields that take few values in a load of logs; conditions on them are decided by kind."""

MOST_KINDS = 4000
"""Beyond so many combinations, `source` (a path, for most logs) is left out of them."""

_numbers = count(1)
_ID_TERM = re.compile(r"<?((?:eventid|eventcode)[>=][0-9]+)<?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kind:
    """One combination: how many events it has, and the characters of their `_raw` in all."""

    channel: str | None
    event_id: str | None
    provider: str | None
    sourcetype: str | None
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """For which kinds (as bits) a condition certainly holds for every event, and for which for none."""

    always: int
    never: int


class Kinds:
    """The kinds of a load. Sets of kinds are numbers whose bits stand for them. `labelled`: some event tells its
    log."""

    def __init__(
        self,
        store: EventStore,
        resolver: FieldResolver | None = None,
        own: Iterable[FieldRule] = (),
        counted: KindCounts | None = None,
    ) -> None:
        """`resolver` derives fields as searches do; `own` are the user's rules of fields: what they compute is not
        decided here; `counted` is what another process found out of the same load."""
        self.store = store
        self._connection = store.connection
        self._resolver = resolver
        self._apart = frozenset(rule.target for rule in own)
        self._fields = [
            name
            for name in FIELDS
            if name not in self._apart and (entry := store.column(name)) is not None and not entry.multivalue
        ]
        if counted is not None:
            self._fields = list(counted.fields)
            rows = counted.rows
        else:
            rows = count_rows(store, self._fields)
            if len(rows) > MOST_KINDS and "source" in self._fields:
                self._fields.remove("source")
                rows = count_rows(store, self._fields)
        self.kinds: list[Kind] = []
        self._rows = rows
        width = len(KEYS) + len(self._fields)
        place = {name: len(KEYS) + index for index, name in enumerate(self._fields)}
        for row in rows:
            sourcetype = row[place["sourcetype"]] if "sourcetype" in place else None
            self.kinds.append(Kind(row[0], row[1], row[2], sourcetype, row[width], row[width + 1]))
        self.labelled = any(is_labelled(one.provider, one.channel, one.sourcetype) for one in self.kinds)
        self.everything = (1 << len(self.kinds)) - 1
        self._known: dict[ir.Predicate, Verdict] = {}
        self._tokens: dict[str, int] | None = dict(counted.tokens) if counted is not None else None
        self._frame: Frame | None = None
        self._derived = self._apart.union(resolver.names() if resolver is not None else ())
        self._rules_of: Callable[[str], Sequence[FieldRule]] = lambda name: ()
        self._constants: dict[str, Frame | None] = {}
        self._lacking: dict[str, int] = {}
        self._undecided = False
        self._list_names: dict[tuple[str | None, str | None], frozenset[str]] = {}
        self._present = counted.present if counted is not None else find_present(store)

    def of_language(self, rules_of: Callable[[str], Sequence[FieldRule]]) -> Kinds:
        """The same kinds for a language in which these rules, and no others, derive a field of some name."""
        found = copy(self)
        found._resolver = None
        found._derived = self._apart
        found._rules_of = rules_of
        found._known, found._lacking, found._constants, found._frame = {}, {}, {}, None
        return found

    def regardless_of_fields(self) -> Kinds:
        """The same kinds, of which none is ruled out because its events lack a field."""
        found = copy(self)
        found._undecided = True
        return found

    def _is_counted(self, field: str) -> bool:
        return field in self._fields or (field == "EventCode" and "EventID" in self._fields)

    def is_label(self, field: str) -> bool:
        """Whether conditions on the field are decided by kind, of which it tells what they are."""
        return self._is_counted(field) or self._constant(field) is not None

    def counts(self) -> KindCounts:
        """What was counted, for other processes."""
        if self._tokens is None:
            self._tokens = find_tokens(self.store, self._fields, self._rows)
        return KindCounts(tuple(self._fields), self._rows, dict(self._tokens), self._present)

    def possible(self, predicate: ir.Predicate | None) -> int:
        """The kinds of which some event may meet the condition."""
        if predicate is None:
            return self.everything
        return self.everything & ~self.verdict(predicate).never

    def verdict(self, predicate: ir.Predicate) -> Verdict:
        """What the condition comes to for each kind."""
        match predicate:
            case ir.And(operands):
                parts = [self.verdict(part) for part in operands]
                always, never = self.everything, 0
                for part in parts:
                    always &= part.always
                    never |= part.never
                return Verdict(always, never)
            case ir.Or(operands):
                parts = [self.verdict(part) for part in operands]
                always, never = 0, self.everything
                for part in parts:
                    always |= part.always
                    never &= part.never
                return Verdict(always, never)
            case ir.Not(operand):
                part = self.verdict(operand)
                return Verdict(part.never, part.always)
            case ir.Term():
                return self._term(predicate)
            case ir.Compare(named=True):
                return Verdict(0, 0)
            case ir.Compare():
                if predicate.field in KEYS or self._is_counted(predicate.field):
                    return self._compare(predicate)
                if "*" in predicate.field:
                    return Verdict(0, 0)
                frame = self._constant(predicate.field)
                return self._compare_missing(predicate) if frame is None else self._compare(predicate, frame)
        return Verdict(0, 0)

    def members(self, kinds: int) -> list[Kind]:
        """The kinds of a set."""
        return [kind for index, kind in enumerate(self.kinds) if kinds >> index & 1]

    def together(self, kinds: int) -> int:
        """A set with all kinds that its channels and event ids lead to, which is how the events of kinds are found.

        What holds for the set itself need not hold for events of another source or sourcetype that come with it.
        """
        members = self.members(kinds)
        channels = {kind.channel for kind in members}
        ids = {kind.event_id for kind in members}
        return union(
            1 << index for index, kind in enumerate(self.kinds) if kind.channel in channels and kind.event_id in ids
        )

    def _compare(self, leaf: ir.Compare, frame: Frame | None = None) -> Verdict:
        known = self._known.get(leaf)
        if known is None:
            known = self._known[leaf] = self._decide(leaf, frame or self._table())
        return known

    def _decide(self, leaf: ir.Compare, frame: Frame) -> Verdict:
        database = Database(self._connection)
        context = Context(Options(now=0.0), _any_dialect(), executor=database, deadline=database.deadline)
        condition = compile_predicate(leaf, frame, context, positive=False)
        query = frame.source().select(column(ROW), alias(condition, "c"))
        always = never = 0
        rows = database.fetch(frame.program.assemble(query))
        if database.given_up():
            # What was not found there may be there.
            return Verdict(0, 0)
        for row, truth in rows:
            if truth:
                always |= 1 << row
            elif truth is not None:
                never |= 1 << row
        return Verdict(always, never)

    def _compare_missing(self, leaf: ir.Compare) -> Verdict:
        """A comparison with a field that some kinds don't have at all, and that nothing derives."""
        if self._undecided or leaf.field in self._derived:
            return Verdict(0, 0)
        lacking = self._lacking.get(leaf.field)
        if lacking is None:
            lacking = self._lacking[leaf.field] = self._kinds_without(leaf.field)
        if not lacking:
            return Verdict(0, 0)
        known = self._known.get(leaf)
        if known is None:
            truth = compile_predicate(leaf, self._table(), Context(Options(now=0.0), _any_dialect()), positive=False)
            always = lacking if isinstance(truth, exp.Boolean) and truth.this else 0
            never = lacking if isinstance(truth, exp.Boolean) and not truth.this else 0
            known = self._known[leaf] = Verdict(always, never)
        return known

    def _constant(self, field: str) -> Frame | None:
        """The kinds with what a field is for all events of each, where rules say so without a look at the event
        (`event.category`); None where the field is not of that sort."""
        if field not in self._constants:
            rules = self._rules_of(field)
            told = bool(rules) and field not in self._derived and not any(raw_fields(rule.form) for rule in rules)
            if not told or any(field in names for names in self._present.values()):
                self._constants[field] = None
            else:
                self._constants[field] = self._constant_table(field, rules)
        return self._constants[field]

    def _constant_table(self, field: str, rules: Sequence[FieldRule]) -> Frame:
        name = f"_rs_kinds_constant_{next(_numbers)}"
        rows: list[list[Any]] = []
        for number, kind in enumerate(self.kinds):
            values = (evaluate(rule.form, {}) for rule in rules if _gives(rule, kind, frozenset()))
            value = next((value for value in values if value is not None), None)
            rows.append([number, list(value) if isinstance(value, tuple) else None if value is None else [value]])
        self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" ("{ROW}" BIGINT, v VARCHAR[])')
        if rows:
            self._connection.executemany(f'INSERT INTO "{name}" VALUES (?, ?)', rows)
        events = EventsTable(name, {field: Column("v", Type.MULTI)}, {})
        return Context(Options(now=0.0), _any_dialect(), events).events_frame(Program())

    def _kinds_without(self, field: str) -> int:
        rules = self._rules_of(field)
        return union(
            1 << index
            for index, kind in enumerate(self.kinds)
            if field not in (present := self._present[kind.channel, kind.event_id])
            and field not in self.lists(kind)
            and not any(_gives(rule, kind, present) for rule in rules)
        )

    def values(self, field: str, kinds: int) -> list[str] | None:
        """The values that the field has in events of those kinds, the most frequent first; None where events are not
        told apart by it."""
        if field not in self._fields:
            return None
        place = len(KEYS) + self._fields.index(field)
        counts: Counter[str] = Counter()
        for index, row in enumerate(self._rows):
            if kinds >> index & 1 and row[place] is not None:
                counts[row[place]] += row[-2]
        return [value for value, _ in counts.most_common()]

    def present(self, kind: Kind) -> frozenset[str]:
        """The fields that some event of that channel and event id has."""
        return self._present[kind.channel, kind.event_id]

    def lists(self, kind: Kind) -> frozenset[str]:
        """The names without braces of the lists that such events have: some languages know them so."""
        key = (kind.channel, kind.event_id)
        found = self._list_names.get(key)
        if found is None:
            names = (name.replace("{}", "") for name in self._present[key] if "{}" in name)
            found = self._list_names[key] = frozenset(names)
        return found

    def names_of(self, kinds: int) -> frozenset[str]:
        """The fields that some event of those kinds has."""
        return frozenset().union(*(self._present[kind.channel, kind.event_id] for kind in self.members(kinds)))

    def _table(self) -> Frame:
        """The kinds as a relation that the compiler takes for events."""
        if self._frame is None:
            names = [*KEYS, *self._fields]
            name = "_rs_kinds"
            places = {field: field if field in KEYS else f"c{index}" for index, field in enumerate(names)}
            listed = ", ".join(f'"{place}" VARCHAR' for place in places.values())
            self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" ("{ROW}" BIGINT, {listed})')
            marks = ", ".join("?" for _ in range(len(names) + 1))
            if self._rows:
                self._connection.executemany(
                    f'INSERT INTO "{name}" VALUES ({marks})',
                    [[number, *row[: len(names)]] for number, row in enumerate(self._rows)],
                )
            fields = {field: Column(place, Type.AUTO) for field, place in places.items()}
            hidden = {key: Column(key, Type.TEXT) for key in KEYS}
            events = EventsTable(name, fields, hidden)
            words = frozenset({"EventCode"})
            context = Context(Options(now=0.0), _any_dialect(), events, resolver=self._resolver, words=words)
            self._frame = context.events_frame(Program())
        return self._frame

    def _term(self, term: ir.Term) -> Verdict:
        """A term that can only be there where the raw event names an event id, such as `<EventID>1<`."""
        found = _ID_TERM.match(term.text)
        if found is None or not (term.text.endswith("<") or "*" not in term.text):
            return Verdict(0, 0)
        if self._tokens is None:
            self._tokens = find_tokens(self.store, self._fields, self._rows)
        return Verdict(0, self.everything & ~self._tokens.get(found.group(1).lower(), 0))


def _any_dialect() -> Dialect:
    """A leaf says all of its meaning itself: any dialect does."""
    return dialect_of("spl")


def _gives(rule: FieldRule, kind: Kind, present: frozenset[str]) -> bool:
    """Whether the rule may give some event of that kind a value."""
    if not rule.applies_to(kind.event_id) or not rule.log.holds(kind.provider, kind.channel, kind.sourcetype):
        return False
    return not raw_fields(rule.form).isdisjoint(present) or evaluate(rule.form, {}) is not None


def union(sets: Iterable[int]) -> int:
    """The kinds that are in any of the sets."""
    found = 0
    for one in sets:
        found |= one
    return found
