"""Events into columns: one set of columns a kind of event, so that a rare field costs nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from rulescope.knowledge.log_directory import publisher_of
from rulescope.logs.model import STANDARD_FIELDS, Event, LoadLimits, LoadNote, Problem
from rulescope.logs.names import Dropped, NameRanks

MULTIVALUE_SUFFIX = "+"

HELD = 4
"""How many times as many names are held while reading as may become columns: those that many events have come first,
and which these are is known at the end only."""


class WriteFailed(Exception):
    """Events that were read could not be written. Holds the system's reason."""


def column_key(name: str) -> str:
    """The name of a field's column in the files between reading and view: safe whatever the log calls its fields."""
    return "f" + blake2b(name.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


class Family:
    """Columns of similar events. Values are padded with None lazily, so the cost is that of the values there are."""

    __slots__ = (
        "channels",
        "columns",
        "count",
        "event_ids",
        "multivalue",
        "providers",
        "rebuilt",
        "records",
        "rows",
        "times",
        "units",
        "weight",
    )

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {}
        self.multivalue: set[str] = set()
        self.units: list[int] = []
        self.rows: list[int] = []
        self.records: list[int] = []
        self.times: list[float | None] = []
        self.providers: list[str | None] = []
        self.channels: list[str | None] = []
        self.event_ids: list[str | None] = []
        self.rebuilt: list[bool] = []
        self.count = 0
        self.weight = 0

    def add(self, unit: int, row: int, event: Event) -> None:
        """Add one event as the next row."""
        count = self.count
        columns = self.columns
        for name, value in event.fields.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * count
            elif len(column) < count:
                column.extend([None] * (count - len(column)))
            column.append(value)
            if value.__class__ is list:
                self.multivalue.add(name)
        self.units.append(unit)
        self.rows.append(row)
        self.records.append(event.number)
        self.times.append(event.time)
        # Who alone writes to a channel is known where a shipper leaves it out; rules of every language go by it.
        self.providers.append(event.provider or (publisher_of(event.channel) if event.channel else None))
        self.channels.append(event.channel)
        self.event_ids.append(event.event_id)
        self.rebuilt.append(event.rebuilt)
        self.count = count + 1

    def counts(self) -> dict[str, int]:
        """How many events have each field."""
        return {name: len(column) - column.count(None) for name, column in self.columns.items()}

    def pad(self) -> None:
        """Give all columns the same length."""
        for column in self.columns.values():
            if len(column) < self.count:
                column.extend([None] * (self.count - len(column)))


@dataclass(slots=True)
class Tally:
    """How the reading of one input went: records read and not, lines, how many problems there were, the first of them,
    and what is to be said of records that were read."""

    good: int = 0
    bad: int = 0
    lines: int = 0
    told: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[LoadNote] = field(default_factory=list)


class Collector:
    """Takes what readers give, and hands full families on.

    Without `flush`, everything stays in one family in input order. With it, events are kept apart by channel (or
    source type) and event id, and `flush` is called with the largest families whenever `limits.buffer_bytes` are held.
    """

    def __init__(
        self,
        limits: LoadLimits,
        flush: Callable[[list[Family]], None] | None = None,
        ranks: NameRanks | None = None,
    ) -> None:
        self._limits = limits
        self._ranks = ranks or NameRanks()
        self._flush = flush
        self._held = 0
        self._unit = 0
        self._label = ""
        self._row = 0
        self._offsets = True
        self._names: set[str] = set(STANDARD_FIELDS)
        self.tally = Tally()
        self.families: dict[tuple[str | None, str | None], Family] = {}
        self.dropped = Dropped()

    def begin(self, unit: int, label: str, *, offsets: bool = True) -> None:
        """Start with an input: its number in input order, its label, and whether readers know places in the file."""
        self._unit = unit
        self._label = label
        self._offsets = offsets
        self._row = 0
        self.tally = Tally()

    def event(self, event: Event) -> None:
        """Take an event."""
        fields = event.fields
        if not fields.keys() <= self._names:
            self._admit(event)
        if self._flush is None:
            key: tuple[str | None, str | None] = (None, None)
        else:
            key = (event.channel or str(fields.get("sourcetype")), event.event_id)
        family = self.families.get(key)
        if family is None:
            family = self.families[key] = Family()
        family.add(self._unit, self._row, event)
        self._row += 1
        self.tally.good += 1
        raw = fields.get("_raw")
        weight = 2 * len(raw) + 40 * len(fields) if raw is not None else 40 * len(fields)
        family.weight += weight
        self._held += weight
        if self._held > self._limits.buffer_bytes and self._flush is not None:
            self._relieve()

    def problem(
        self,
        message: str,
        *,
        record: int | None = None,
        offset: int | None = None,
        count: int = 1,
        code: str = "LOG001",
    ) -> None:
        """Take a record that can't be read."""
        self.tally.bad += count
        self.tally.told += 1
        # What is true of the file as a whole explains its bad records, however many there are.
        if (record is None and offset is None) or len(self.tally.problems) < self._limits.problems:
            place = offset if self._offsets else None
            self.tally.problems.append(Problem(self._label, message, record, place, code))

    def note(self, code: str, message: str, record: int | None = None, count: int = 1) -> None:
        """Take what is true of a record that was read, but not as it stands."""
        for known in self.tally.notes:
            if known.code == code and known.message == message:
                known.count += count
                return
        self.tally.notes.append(LoadNote(code, message, record, count))

    def lines(self, count: int) -> None:
        """Learn how many lines the input has."""
        self.tally.lines = count

    def _admit(self, event: Event) -> None:
        """Learn new names. Beyond a bound, only those that rules may read are let in; others are taken out of the event
        (its `_raw` still has them)."""
        for name in list(event.fields):
            if name in self._names:
                continue
            if len(self._names) < self._limits.columns * HELD or self._ranks.of(name) == 0:
                self._names.add(name)
            else:
                del event.fields[name]
                self.dropped.add(name)

    def _relieve(self) -> None:
        assert self._flush is not None
        by_weight = sorted(self.families.items(), key=lambda item: item[1].weight, reverse=True)
        target = self._limits.buffer_bytes // 3
        for key, family in by_weight:
            if self._held <= target:
                break
            self._flush([family])
            self._held -= family.weight
            del self.families[key]

    def family(self) -> Family:
        """All events, where none were handed on."""
        return self.families.get((None, None)) or Family()

    def finish(self) -> None:
        """Hand on what is left: large families alone, small ones together, by channel and event id."""
        if self._flush is None:
            return
        small: list[Family] = []
        for _, family in sorted(self.families.items(), key=lambda item: (str(item[0][0]), str(item[0][1]))):
            if family.count >= 2000:
                self._flush([family])
            else:
                small.append(family)
        if small:
            self._flush(small)
        self.families.clear()
        self._held = 0
