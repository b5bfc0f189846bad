"""Stages that begin a pipeline, or hand its rows elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rulescope.ir.expressions import MacroCall
from rulescope.ir.predicates import Predicate
from rulescope.ir.stages.base import Aggregate, FieldItem, Interval, Stage
from rulescope.ir.times import WrittenTime


@dataclass(frozen=True, slots=True)
class TStats(Stage):
    """Statistics over a data model's data set, or over indexed fields (`model` None).

    `model` is `Endpoint`, `node` `Processes` (or `nodename`'s value); field names carry the node as written.
    """

    kind: ClassVar[str] = "tstats"
    aggregates: tuple[Aggregate | MacroCall, ...]
    model: str | None = None
    node: str | None = None
    where: Predicate | None = None
    by: tuple[FieldItem, ...] = ()
    interval: Interval | None = None
    summaries_only: bool = False
    allow_old_summaries: bool = False
    prestats: bool = False
    append: bool = False
    fill_null_value: str | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InputLookup(Stage):
    """The rows of a lookup table."""

    kind: ClassVar[str] = "inputlookup"
    name: str
    append: bool = False
    start: int = 0
    max_rows: int | None = None
    where: Predicate | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class InputCsv(Stage):
    """The rows of a CSV file."""

    kind: ClassVar[str] = "inputcsv"
    name: str
    append: bool = False
    start: int = 0
    max_rows: int | None = None
    where: Predicate | None = None
    events: bool = False
    dispatch: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class MakeResults(Stage):
    """Rows out of nothing: `count` of them, or those of inline CSV or JSON `data`."""

    kind: ClassVar[str] = "makeresults"
    count: int = 1
    annotate: bool = False
    format: str | None = None
    data: str | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class From(Stage):
    """The rows of a data set: `dataset_kind` is `datamodel`, `lookup`, `savedsearch`, `inputlookup`, …; `name` is
    what it is called."""

    kind: ClassVar[str] = "from"
    dataset_kind: str
    name: str


@dataclass(frozen=True, slots=True)
class DataModel(Stage):
    """`datamodel model node mode`: the events of a data set, or its definition."""

    kind: ClassVar[str] = "datamodel"
    model: str | None = None
    node: str | None = None
    mode: str | None = None
    strict_fields: bool = True
    flat: bool = False
    summaries_only: bool = False
    allow_old_summaries: bool = False


@dataclass(frozen=True, slots=True)
class Metadata(Stage):
    """First and last time and count of each host, source or sourcetype."""

    kind: ClassVar[str] = "metadata"
    type: str
    indexes: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MetaSearch(Stage):
    """Events by their metadata fields only."""

    kind: ClassVar[str] = "metasearch"
    predicate: Predicate | None


@dataclass(frozen=True, slots=True)
class GenTimes(Stage):
    """Intervals of time as rows."""

    kind: ClassVar[str] = "gentimes"
    start: WrittenTime
    end: WrittenTime | None = None
    increment: Interval | None = None


@dataclass(frozen=True, slots=True)
class OutputLookup(Stage):
    """Writes the rows to a lookup table and passes them on."""

    kind: ClassVar[str] = "outputlookup"
    name: str
    append: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputCsv(Stage):
    """Writes the rows to a CSV file and passes them on."""

    kind: ClassVar[str] = "outputcsv"
    name: str | None = None
    append: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Collect(Stage):
    """Writes the rows to an index and passes them on."""

    kind: ClassVar[str] = "collect"
    index: str | None = None
    options: tuple[tuple[str, str], ...] = ()
