"""Stages that put the rows of more than one pipeline together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rulescope.ir.stages.base import FieldItem, Stage

if TYPE_CHECKING:
    from rulescope.ir.rule import Pipeline


@dataclass(frozen=True, slots=True)
class Append(Stage):
    """Adds the rows of a subsearch after these: the first `most_rows` of them, or all where that is 0."""

    kind: ClassVar[str] = "append"
    pipeline: Pipeline
    options: tuple[tuple[str, str], ...] = ()
    most_rows: int = 0


@dataclass(frozen=True, slots=True)
class AppendCols(Stage):
    """Adds the fields of a subsearch's rows, first to first: of the first `most_rows`, or of all where that is 0."""

    kind: ClassVar[str] = "appendcols"
    pipeline: Pipeline
    override: bool = False
    options: tuple[tuple[str, str], ...] = ()
    most_rows: int = 0


@dataclass(frozen=True, slots=True)
class AppendPipe(Stage):
    """Adds the rows that a pipeline makes of the rows so far."""

    kind: ClassVar[str] = "appendpipe"
    pipeline: Pipeline
    run_in_preview: bool = False


@dataclass(frozen=True, slots=True)
class Join(Stage):
    """Adds the fields of a subsearch's rows that agree in the fields. No fields means all that both have.

    A field is (name on the left, name on the right). `left` and `right` are the aliases of `join left=L right=R
    where …`. `how` is the kind of join where a language has more than inner and left outer (`leftanti`, `fullouter`).
    `keys_once`: of the fields that are joined by, the rows have the left one only.
    Of the subsearch's rows, the first `most_rows` are looked at; all where that is 0.
    """

    kind: ClassVar[str] = "join"
    pipeline: Pipeline
    fields: tuple[tuple[str, str], ...] = ()
    outer: bool = False
    max_matches: int = 1
    overwrite: bool = True
    use_time: bool = False
    earlier: bool = True
    left: str | None = None
    right: str | None = None
    how: str = ""
    most_rows: int = 0
    keys_once: bool = False


@dataclass(frozen=True, slots=True)
class SelfJoin(Stage):
    """Joins rows with rows of the same result that agree in the fields."""

    kind: ClassVar[str] = "selfjoin"
    fields: tuple[FieldItem, ...]
    overwrite: bool = True
    max_matches: int = 1
    keep_single: bool = False


@dataclass(frozen=True, slots=True)
class Union(Stage):
    """The rows of all pipelines and data sets (`names`), and the rows so far.

    Of a pipeline whose rows are no longer events, the first `most_rows` are taken; all where that is 0.
    """

    kind: ClassVar[str] = "union"
    pipelines: tuple[Pipeline, ...] = ()
    names: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    most_rows: int = 0


@dataclass(frozen=True, slots=True)
class MultiSearch(Stage):
    """The rows of all pipelines."""

    kind: ClassVar[str] = "multisearch"
    pipelines: tuple[Pipeline, ...]


@dataclass(frozen=True, slots=True)
class SetOperation(Stage):
    """`union`, `diff` or `intersect` of two pipelines' rows."""

    kind: ClassVar[str] = "set"
    operation: str
    pipelines: tuple[Pipeline, ...]


@dataclass(frozen=True, slots=True)
class Format(Stage):
    """Turns rows into one row whose `search` is a condition."""

    kind: ClassVar[str] = "format"
    row_prefix: str
    column_prefix: str
    column_separator: str
    column_end: str
    row_separator: str
    row_end: str
    multivalue_separator: str
    empty: str
    max_results: int = 0


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """`field`, `alias=field` or, for the bare value, `$field`."""

    field: str
    alias: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Return(Stage):
    """Returns values of the first rows from a subsearch."""

    kind: ClassVar[str] = "return"
    items: tuple[ReturnItem, ...]
    count: int = 1
