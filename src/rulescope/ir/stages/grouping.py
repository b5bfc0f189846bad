"""Stages that put rows into groups, or compute over many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rulescope.ir.expressions import Expression, MacroCall
from rulescope.ir.predicates import Predicate
from rulescope.ir.stages.base import Aggregate, FieldItem, Interval, Stage
from rulescope.ir.times import WrittenTime


@dataclass(frozen=True, slots=True)
class Stats(Stage):
    """One row a combination of the `by` fields' values; only results and `by` fields are left.

    `missing_groups`: rows that lack a `by` field make groups too, else they are left out.
    """

    kind: ClassVar[str] = "stats"
    aggregates: tuple[Aggregate | MacroCall, ...]
    by: tuple[FieldItem, ...] = ()
    all_numeric: bool = False
    delimiter: str | None = None
    dedup_split_values: bool = False
    missing_groups: bool = False


@dataclass(frozen=True, slots=True)
class EventStats(Stage):
    """As `Stats`, its results added to every row."""

    kind: ClassVar[str] = "eventstats"
    aggregates: tuple[Aggregate | MacroCall, ...]
    by: tuple[FieldItem, ...] = ()
    all_numeric: bool = False
    missing_groups: bool = False


@dataclass(frozen=True, slots=True)
class StreamStats(Stage):
    """As `EventStats`, over the rows so far. `window` 0 is all of them; `time_window` bounds by `_time`."""

    kind: ClassVar[str] = "streamstats"
    aggregates: tuple[Aggregate | MacroCall, ...]
    by: tuple[FieldItem, ...] = ()
    current: bool = True
    window: int = 0
    time_window: Interval | None = None
    global_: bool = True
    all_numeric: bool = False
    reset_on_change: bool = False
    reset_before: Expression | None = None
    reset_after: Expression | None = None


@dataclass(frozen=True, slots=True)
class SeriesOptions:
    """How `chart` and `timechart` deal with the values of the column-split field: the `limit` of them that are greatest
    (`bottom`: least) have a column, or all where that is 0."""

    other_name: str
    null_name: str
    limit: int = 0
    bottom: bool = False
    use_other: bool = True
    use_null: bool = True
    aggregate: Aggregate | None = None
    dedup_split_values: bool = False


@dataclass(frozen=True, slots=True)
class SplitField:
    """A field that rows or columns are split by, with the intervals it is put into."""

    field: str
    interval: Interval | None = None
    bins: int | None = None
    minimum_interval: Interval | None = None
    start: float | None = None
    end: float | None = None
    align_time: WrittenTime | None = None


@dataclass(frozen=True, slots=True)
class Chart(Stage):
    """A table of results: one row a value of `over`, one column a value of `by`."""

    kind: ClassVar[str] = "chart"
    aggregates: tuple[Aggregate | MacroCall, ...]
    series: SeriesOptions
    separator: str
    over: SplitField | None = None
    by: SplitField | None = None
    format: str | None = None
    continuous: bool = True
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class TimeChart(Stage):
    """As `Chart`, one row an interval of `_time`."""

    kind: ClassVar[str] = "timechart"
    aggregates: tuple[Aggregate | MacroCall, ...]
    series: SeriesOptions
    separator: str
    by: SplitField | None = None
    interval: Interval | None = None
    bins: int | None = None
    minimum_interval: Interval | None = None
    align_time: WrittenTime | None = None
    format: str | None = None
    partial: bool = True
    continuous: bool = True
    fixed_range: bool = True
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Top(Stage):
    """The `limit` most (or, `rare`, least) frequent values, or all where that is 0, with count and percent."""

    kind: ClassVar[str] = "top"
    fields: tuple[FieldItem, ...]
    count_field: str
    percent_field: str
    other_name: str
    by: tuple[FieldItem, ...] = ()
    limit: int = 0
    rare: bool = False
    show_count: bool = True
    show_percent: bool = True
    use_other: bool = False


@dataclass(frozen=True, slots=True)
class XySeries(Stage):
    """One row an `x`, a column a value of `y`, holding the `values` fields."""

    kind: ClassVar[str] = "xyseries"
    x: str
    y: str
    values: tuple[str, ...]
    grouped: bool = False
    separator: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Untable(Stage):
    """The other way: one row a column of a row."""

    kind: ClassVar[str] = "untable"
    x: str
    y: str
    value: str


@dataclass(frozen=True, slots=True)
class Transpose(Stage):
    """The first `count` rows (None: all) become columns."""

    kind: ClassVar[str] = "transpose"
    column_name: str
    count: int | None = None
    header_field: str | None = None
    include_empty: bool = True


@dataclass(frozen=True, slots=True)
class Contingency(Stage):
    """How often values of two fields occur together: the most frequent ones of each, or all where the bound is 0."""

    kind: ClassVar[str] = "contingency"
    row: str
    column: str
    total_name: str
    max_rows: int = 0
    max_columns: int = 0
    use_total: bool = True


@dataclass(frozen=True, slots=True)
class AddColTotals(Stage):
    """Adds a row of sums."""

    kind: ClassVar[str] = "addcoltotals"
    label: str
    fields: tuple[FieldItem, ...] = ()
    label_field: str | None = None


@dataclass(frozen=True, slots=True)
class EventCount(Stage):
    """How many events the indexes hold."""

    kind: ClassVar[str] = "eventcount"
    indexes: tuple[str, ...] = ()
    summarize: bool = True
    report_size: bool = False
    list_vix: bool = True


@dataclass(frozen=True, slots=True)
class FieldSummary(Stage):
    """Statistics of each field, and its `max_values` most frequent values, or all where that is 0."""

    kind: ClassVar[str] = "fieldsummary"
    fields: tuple[FieldItem, ...] = ()
    max_values: int = 0


@dataclass(frozen=True, slots=True)
class Transaction(Stage):
    """One row a group of events that belong together, of at most `max_events` (0: any number).

    `multivalue_list`: fields hold a value an event, not the distinct ones; all fields, or those of `multivalue_fields`.
    """

    kind: ClassVar[str] = "transaction"
    null_string: str
    fields: tuple[FieldItem, ...] = ()
    max_span: Interval | None = None
    max_pause: Interval | None = None
    max_events: int = 0
    starts_with: Predicate | None = None
    ends_with: Predicate | None = None
    keep_evicted: bool = False
    keep_orphans: bool = False
    connected: bool = True
    unify_ends: bool = False
    multivalue_list: bool = False
    delimiter: str | None = None
    multivalue_raw: bool = False
    multivalue_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concurrency(Stage):
    """How many events overlap at each one's start."""

    kind: ClassVar[str] = "concurrency"
    duration: str
    start: str
    output: str
