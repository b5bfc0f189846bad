"""Stages that choose, name, make or change fields, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages.base import Assignment, FieldItem, Interval, Renaming, Stage
from rulescope.ir.times import WrittenTime


@dataclass(frozen=True, slots=True)
class Table(Stage):
    """Only these fields, in this order."""

    kind: ClassVar[str] = "table"
    fields: tuple[FieldItem, ...]


@dataclass(frozen=True, slots=True)
class Fields(Stage):
    """Keeps (`keep`) or removes fields."""

    kind: ClassVar[str] = "fields"
    fields: tuple[FieldItem, ...]
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Rename(Stage):
    """Gives fields other names."""

    kind: ClassVar[str] = "rename"
    renamings: tuple[Renaming, ...]


@dataclass(frozen=True, slots=True)
class Eval(Stage):
    """Assigns fields in order; later assignments see earlier ones. A macro may stand for assignments."""

    kind: ClassVar[str] = "eval"
    assignments: tuple[Assignment | MacroCall, ...]


@dataclass(frozen=True, slots=True)
class FieldFormat(Stage):
    """As `Eval`, for display only."""

    kind: ClassVar[str] = "fieldformat"
    assignments: tuple[Assignment | MacroCall, ...]


@dataclass(frozen=True, slots=True)
class Rex(Stage):
    """Extracts fields by the named groups of a regular expression, or, in `sed` mode, changes the field's text."""

    kind: ClassVar[str] = "rex"
    pattern: str
    field: str = "_raw"
    max_match: int = 1
    offset_field: str | None = None
    sed: bool = False


@dataclass(frozen=True, slots=True)
class Spath(Stage):
    """Extracts from JSON or XML: the value at `path`, or without one every key."""

    kind: ClassVar[str] = "spath"
    input: str = "_raw"
    output: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Extract(Stage):
    """Extracts key-value pairs (`extract`, `kv`) by delimiters: the first `limit`, of the first `max_length`
    characters."""

    kind: ClassVar[str] = "extract"
    pair_delimiters: str | None
    key_delimiters: str | None
    clean_keys: bool
    multivalue: bool
    limit: int
    max_length: int
    reload: bool = False
    extractions: tuple[str, ...] = ()
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class XmlKv(Stage):
    """Extracts `<name>value</name>` pairs of a field."""

    kind: ClassVar[str] = "xmlkv"
    max_inputs: int | None = None
    field: str = "_raw"


@dataclass(frozen=True, slots=True)
class XPath(Stage):
    """Extracts what an XPath selects."""

    kind: ClassVar[str] = "xpath"
    path: str
    field: str
    output: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class MakeMv(Stage):
    """Splits a field into a multivalue one."""

    kind: ClassVar[str] = "makemv"
    field: str
    delimiter: str
    tokenizer: str | None = None
    allow_empty: bool = False
    set_sv: bool = False


@dataclass(frozen=True, slots=True)
class NoMv(Stage):
    """Joins a multivalue field into one text, a value a line."""

    kind: ClassVar[str] = "nomv"
    field: str


@dataclass(frozen=True, slots=True)
class MvCombine(Stage):
    """Merges rows that differ in one field only."""

    kind: ClassVar[str] = "mvcombine"
    field: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class MvExpand(Stage):
    """One row a value of a multivalue field."""

    kind: ClassVar[str] = "mvexpand"
    field: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class FillNull(Stage):
    """Puts a value where there is none; no fields means all."""

    kind: ClassVar[str] = "fillnull"
    value: str
    fields: tuple[FieldItem, ...] = ()


@dataclass(frozen=True, slots=True)
class FillDown(Stage):
    """Puts the last value before where there is none; no fields means all."""

    kind: ClassVar[str] = "filldown"
    fields: tuple[FieldItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """`pattern WITH value`: whole values, `*` as wildcard on both sides."""

    pattern: str
    value: str


@dataclass(frozen=True, slots=True)
class Replace(Stage):
    """Replaces whole values; no fields means all."""

    kind: ClassVar[str] = "replace"
    replacements: tuple[Replacement, ...]
    fields: tuple[FieldItem, ...] = ()


@dataclass(frozen=True, slots=True)
class StrCat(Stage):
    """Joins fields and texts into one field. A part is a field's name, or text (`quoted`)."""

    kind: ClassVar[str] = "strcat"
    parts: tuple[tuple[str, bool], ...]
    target: str
    all_required: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """`function(field) AS alias` of `convert`; the field may hold `*`."""

    function: str
    field: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Convert(Stage):
    """Converts fields between forms of numbers and times."""

    kind: ClassVar[str] = "convert"
    conversions: tuple[Conversion, ...]
    time_format: str


@dataclass(frozen=True, slots=True)
class Bucket(Stage):
    """Puts a number or time into the start of its interval (SPL `bin`)."""

    kind: ClassVar[str] = "bucket"
    field: str = "_time"
    interval: Interval | None = None
    bins: int | None = None
    minimum_interval: Interval | None = None
    start: float | None = None
    end: float | None = None
    align_time: WrittenTime | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class IpLocation(Stage):
    """Adds places of addresses."""

    kind: ClassVar[str] = "iplocation"
    field: str
    prefix: str = ""
    all_fields: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class LookupField:
    """`lookup_field AS event_field`."""

    lookup_field: str
    event_field: str


@dataclass(frozen=True, slots=True)
class Lookup(Stage):
    """Adds fields from a table by key. No outputs means all columns; `output_new` fills only what is missing."""

    kind: ClassVar[str] = "lookup"
    name: str
    keys: tuple[LookupField, ...]
    outputs: tuple[LookupField, ...] = ()
    output_new: bool = False
    local: bool = False
    update: bool = False


@dataclass(frozen=True, slots=True)
class AddTotals(Stage):
    """Sums numeric fields per row, and optionally per column."""

    kind: ClassVar[str] = "addtotals"
    row_field: str
    label: str
    fields: tuple[FieldItem, ...] = ()
    row: bool = True
    column: bool = False
    label_field: str | None = None


@dataclass(frozen=True, slots=True)
class Accum(Stage):
    """A running sum."""

    kind: ClassVar[str] = "accum"
    field: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Delta(Stage):
    """The difference from the row `periods` before."""

    kind: ClassVar[str] = "delta"
    field: str
    alias: str | None = None
    periods: int = 1


@dataclass(frozen=True, slots=True)
class AutoRegress(Stage):
    """The values of the rows `first` to `last` before, as fields."""

    kind: ClassVar[str] = "autoregress"
    field: str
    alias: str | None = None
    first: int = 1
    last: int = 1


@dataclass(frozen=True, slots=True)
class RangeMap(Stage):
    """Names the range a number falls in. A range is (name, low, high), both inclusive."""

    kind: ClassVar[str] = "rangemap"
    field: str
    ranges: tuple[tuple[str, float, float], ...]
    default: str


@dataclass(frozen=True, slots=True)
class RelTime(Stage):
    """Adds `reltime`, how long ago `_time` was in words."""

    kind: ClassVar[str] = "reltime"
    time_field: str = "_time"
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class SetFields(Stage):
    """Sets fields to constants."""

    kind: ClassVar[str] = "setfields"
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Tags(Stage):
    """Adds the tags of fields' values."""

    kind: ClassVar[str] = "tags"
    fields: tuple[FieldItem, ...] = ()
    output_field: str | None = None
    include_name: bool = False
    include_value: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MultiKv(Stage):
    """One row a line of the table in `_raw`."""

    kind: ClassVar[str] = "multikv"
    fields: tuple[FieldItem, ...] = ()
    filter: tuple[str, ...] = ()
    no_header: bool = False
    force_header: int | None = None
    remove_original: bool = True
    copy_attributes: bool = True
    last_only: bool = False


@dataclass(frozen=True, slots=True)
class AddInfo(Stage):
    """Adds `info_min_time`, `info_max_time`, `info_search_time`, `info_sid`."""

    kind: ClassVar[str] = "addinfo"


@dataclass(frozen=True, slots=True)
class MakeContinuous(Stage):
    """Adds rows so that a field's intervals have no gap."""

    kind: ClassVar[str] = "makecontinuous"
    field: str = "_time"
    interval: Interval | None = None
    bins: int | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class TrendLine(Stage):
    """Moving averages: (function `sma|ema|wma`, period, field, alias)."""

    kind: ClassVar[str] = "trendline"
    trends: tuple[tuple[str, int, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ToJson(Stage):
    """Puts the row's fields into one JSON text."""

    kind: ClassVar[str] = "tojson"
    fields: tuple[FieldItem, ...] = ()
    output_field: str = "_raw"
    default_type: str = "json"
    fill_null: bool = False
    include_internal: bool = False
