"""What the readers give and what a loaded store says about itself: plain data, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

FieldValue = str | list[str]
Fields = dict[str, FieldValue]

READER_VERSION = 5
"""Part of every cache key; raised whenever a reader gives other rows for the same bytes."""

HIDDEN_COLUMNS = (
    "_row",
    "_file",
    "_record",
    "_provider",
    "_channel",
    "_event_id",
    "_rebuilt",
)
"""Columns that every row has beside the event's own fields; see `EventStore`."""

STANDARD_FIELDS = ("_time", "_raw", "host", "source", "sourcetype", "index")
"""Fields that exist as columns even where no row has a value."""


class Event(NamedTuple):
    """One event as a reader gives it.

    `number` is the EventRecordID of EVTX, else the line or row number from 1. `time` is epoch seconds, UTC.
    `rebuilt`: `_raw` was put together by us, because the input was in another shape than the one Splunk indexes.
    """

    number: int
    time: float | None
    fields: Fields
    provider: str | None = None
    channel: str | None = None
    event_id: str | None = None
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class EventColumn:
    """A field of the events: `name` as SPL writes it, `physical` the column's name in DuckDB (they differ where two
    names differ only in case), `multivalue` whether it is VARCHAR[] instead of VARCHAR."""

    name: str
    physical: str
    multivalue: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file of events: the fields in it and how many events have each, which of them have several values
    somewhere in it, and the channels (source types where there is no channel) and event ids of its events."""

    file: str
    names: Mapping[str, int]
    multivalue: frozenset[str]
    channels: frozenset[str | None]
    event_ids: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A record, or a whole file where `record` is None, that could not be read, or not as it stands. `offset` is in
    bytes, where known; `code` tells the kind of problem, for diagnostics."""

    path: str
    message: str
    record: int | None = None
    offset: int | None = None
    code: str = "LOG001"


@dataclass(slots=True)
class LoadNote:
    """What is said once of a file, however many of its records it is true of: how many, and the first."""

    code: str
    message: str
    record: int | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class FileReport:
    """How one file (or one member of an archive) was read. `skipped` gives the reason where it was not read at all.

    `kind` is what its events were taken for (channel, else sourcetype; several are joined by commas). Of its events,
    `unplaced` are of no log that is known here, or of a Windows log but without an event id, and `without_time` have no
    time that can be read.
    """

    path: str
    format: str | None
    good: int = 0
    bad: int = 0
    skipped: str | None = None
    kind: str | None = None
    unplaced: int = 0
    without_time: int = 0


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """Bounds on hostile or oversized input; what goes beyond is reported, not read.

    `line_bytes`: one line of text or JSON. `document_bytes`: one file that must be held whole (a JSON array, an EVTX
    inside an archive). `member_bytes`, `archive_bytes`, `archive_members`, `ratio`: what an archive may unpack to;
    the ratio counts only beyond `ratio_floor` bytes. `columns`: fields that become columns. `values`: fields of one
    event. `event_lines`: lines of one event of a text log. `depth`: nesting of JSON. `problems`: how many bad records
    of one file are kept with their place (all are counted).
    """

    line_bytes: int = 16 << 20
    document_bytes: int = 512 << 20
    member_bytes: int = 8 << 30
    archive_bytes: int = 32 << 30
    archive_members: int = 20_000
    ratio: int = 300
    ratio_floor: int = 64 << 20
    columns: int = 4_000
    values: int = 5_000
    event_lines: int = 10_000
    depth: int = 64
    problems: int = 100
    in_process_bytes: int = 32 << 20
    buffer_bytes: int = 96 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: inputs done of all, their size in bytes (estimated for compressed ones), and events so far."""

    inputs_done: int
    inputs: int
    bytes_done: int
    bytes: int
    events: int
