"""The fields that rows have at one point of a pipeline, followed stage by stage without a look at the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rulescope import ir
from rulescope.analysis.stage_fields import is_read, stage_fields
from rulescope.engines.sql.context import DataSet
from rulescope.engines.sql.default_fields import DEFAULT_FIELDS
from rulescope.engines.sql.schema import name_pattern
from rulescope.hunt.field_knowledge import FieldKnowledge
from rulescope.hunt.simplify import ROW_FILTERS
from rulescope.ir import stages
from rulescope.logs.model import STANDARD_FIELDS
from rulescope.text import Span

_KEEPING = (stages.Reverse, stages.Tail, stages.Uniq, stages.Collect, stages.OutputLookup, stages.OutputCsv)
"""Stages that leave every field as it is, beside those whose fields are read by `stage_fields`."""

_OPENING = (
    stages.Transpose,
    stages.Foreach,
    stages.AutoRegress,
    stages.Threshold,
    stages.NewTerms,
    stages.ThreatMatch,
    stages.Contingency,
)
"""Stages that make fields whose names only the rows tell."""

_COMMANDS = frozenset({"grok", "dissect"})
"""Commands all of whose outputs are told by their arguments."""


_EVERY_EVENTS = frozenset({*STANDARD_FIELDS, *DEFAULT_FIELDS})
_OF_AN_INDEX = frozenset({"_indextime", "_cd", "_bkt", "_serial", "_si"})
"""Internal fields of events in an index, which no log file has (Knowledge Manager Manual, "Use default fields")."""

_FIRST_WORD = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class AbsentField:
    """A field that is read where no row has it.

    kinds     those of the events read there.
    after     the word of the stage that left the field out; empty where it would be the events' own.
    left      the fields that the pipeline made; `only`: rows have no others.
    now       what the stage called the field instead.
    prefix    what stands before the names of a data model.
    left_out  the field of the events that could not be kept.
    """

    name: str
    span: Span
    kinds: int = 0
    after: str = ""
    left: frozenset[str] = frozenset()
    prefix: str = ""
    left_out: str = ""
    only: bool = False
    now: str = ""


Roots = tuple[AbsentField, ...]
"""Why a field has no value: the absent fields that it is made of; empty for one that has, or may have."""


@dataclass(slots=True)
class RowFields:
    """What is known of the rows at one point.

    kinds     those of the events that the rows are, or are made of.
    made      the fields that the pipeline itself made, with why they have no value.
    gone      fields, or patterns of their names, that a stage took away: its word, and what it called them instead.
    closed    the stage that left only what is in `made`, and what the `patterns` take from before; `internal`: and the
              fields whose names begin with an underscore.
    open      there may be any field.
    moved     some field may no longer be the events'.
    nothing   there are no rows yet.
    model     the data set whose fields the rows have.
    """

    known: FieldKnowledge
    kinds: int
    made: dict[str, Roots] = field(default_factory=dict)
    gone: dict[str, tuple[str, str]] = field(default_factory=dict)
    closed: str = ""
    patterns: tuple[str, ...] = ()
    internal: bool = True
    open: bool = False
    moved: bool = False
    nothing: bool = False
    model: DataSet | None = None

    def copy(self) -> RowFields:
        """The same, to be followed apart."""
        return replace(self, made=dict(self.made), gone=dict(self.gone))

    def absent(self, name: str, span: Span, kinds: int | None = None) -> Roots:
        """Why no row has the field; empty where some may have it. `kinds` are those that are asked about."""
        if name in self.made:
            return self.made[name]
        if self.open or _is_of_no_name(name):
            return ()
        gone = self._taken_away(name)
        if gone is not None:
            word, now = gone
            return (AbsentField(name, span, after=word, left=frozenset(self.made), now=now),)
        if self._is_always_there(name):
            return ()
        kinds = self.kinds if kinds is None else kinds & self.kinds
        if "*" in name:
            return self._absent_like(name, span, kinds)
        if self._is_left_out(name):
            only = not self.patterns
            return (AbsentField(name, span, after=self.closed, left=frozenset(self.made), only=only),)
        return self._of_events(name, span, kinds)

    def _taken_away(self, name: str) -> tuple[str, str] | None:
        """The word of the stage that took the field away, and what it called it instead; None where none did."""
        found = self.gone.get(name)
        if found is None and self.gone and "*" not in name:
            fitting = (one for key, one in self.gone.items() if "*" in key and name_pattern(key).fullmatch(name))
            found = next(fitting, None)
        return found

    def _is_always_there(self, name: str) -> bool:
        """Whether every event has the field, and no stage left it out."""
        if is_internal(name):
            return self.internal
        return name in _EVERY_EVENTS and not self._is_left_out(name)

    def _is_left_out(self, name: str) -> bool:
        """Whether the field is none of those that a stage has let through."""
        return bool(self.closed) and not any(name_pattern(one).fullmatch(name) for one in self.patterns)

    def _absent_like(self, pattern: str, span: Span, kinds: int) -> Roots:
        """Why no row has a field whose name fits the pattern."""
        fits = name_pattern(pattern).fullmatch
        always = filter(self._is_always_there, _EVERY_EVENTS)
        if any(map(fits, (*always, *self.made))) or self.dropped_like(pattern):
            return ()
        left = frozenset(self.made)
        if self.closed and not self.patterns:
            return (AbsentField(pattern, span, after=self.closed, left=left, only=True),)
        if self.model is not None or not kinds:
            return ()
        there = [name for name in self.known.like(pattern, kinds) if self._taken_away(name) is None]
        if not there:
            return (AbsentField(pattern, span, kinds, left=left),)
        if all(map(self._is_left_out, there)):
            return (AbsentField(pattern, span, after=self.closed, left=left),)
        return ()

    def dropped_like(self, pattern: str) -> tuple[str, ...]:
        """The fields of the events that a pattern would take in here, had they been kept; sorted."""
        if not self.known.dropped or not self.kinds or self.model is not None:
            return ()
        asked = name_pattern(pattern)
        kept = [name_pattern(one) for one in self.patterns]
        return tuple(
            name
            for name in sorted(self.known.dropped)
            if name not in self.made
            and name not in self.gone
            and asked.fullmatch(name)
            and (not self.closed or any(one.fullmatch(name) for one in kept))
        )

    def is_sure(self, name: str) -> bool:
        """Whether the field is told apart from an absent one whichever of the events are asked about."""
        if name in self.made or self.open or _is_of_no_name(name):
            return not self.made.get(name)
        if self.closed or self.gone:
            return False
        if self._is_always_there(name):
            return True
        if "*" in name or self.model is not None:
            return False
        return self.known.left_out(name) is None and not self.known.lacking(name, self.kinds)

    def _of_events(self, name: str, span: Span, kinds: int) -> Roots:
        bare = name if self.model is None else self.model.bare_name(name)
        if not kinds:
            return ()
        left_out = self.known.left_out(bare)
        if left_out is not None:
            return (AbsentField(name, span, kinds, left_out=left_out),)
        if self.model is not None and bare in self.model.fields:
            return ()
        if self.known.lacking(bare, kinds) != kinds:
            return ()
        left = frozenset(self.made if self.model is None else self.model.fields)
        return (AbsentField(name, span, kinds, left=left, prefix=name.removesuffix(bare)),)

    def after(self, stage: ir.Stage, roots: Mapping[str, Roots]) -> None:
        """What is known behind the stage. `roots` are those of the fields that it makes."""
        if isinstance(stage, ROW_FILTERS):
            return
        self.moved = True
        fields = stage_fields(stage)
        if isinstance(stage, _OPENING) or not (is_read(stage) or isinstance(stage, _KEEPING)):
            self.open = True
        if isinstance(stage, stages.Command) and stage.name not in _COMMANDS:
            self.open = True
        if isinstance(stage, stages.Rename):
            self._rename(stage, roots)
        else:
            if fields.keeps is not None:
                self._close(fields.keeps, _word(stage))
                self.internal = self.internal and isinstance(stage, stages.Fields)
            self._make((name for name in fields.writes if name not in fields.reads or "*" not in name), roots)
        if isinstance(stage, stages.Fields) and not stage.keep:
            self._remove(stage)

    def _make(self, names: Iterable[str], roots: Mapping[str, Roots]) -> None:
        for name in names:
            if "*" in name or "{" in name:
                self.open = True
            else:
                self.made[name] = roots.get(name, ())
                self.gone.pop(name, None)

    def _rename(self, stage: stages.Rename, roots: Mapping[str, Roots]) -> None:
        """Fields under other names, all read before any is written."""
        if any("*" in one.source for one in stage.renamings):
            return self._rename_alike(stage)
        for one in stage.renamings:
            self.made.pop(one.source, None)
            self.gone[one.source] = (_word(stage), one.target)
        self._make((one.target for one in stage.renamings), roots)
        return None

    def _rename_alike(self, stage: stages.Rename) -> None:
        """Renamings by pattern: of the fields that are made, these are known; of the events' own, they are not."""
        self.open = self.open or not self.closed or bool(self.patterns)
        for one in stage.renamings:
            pattern = name_pattern(one.source)
            for name in [name for name in self.made if pattern.fullmatch(name)]:
                found = pattern.fullmatch(name)
                pieces = iter(found.groups() if found is not None else ())
                parts = one.target.split("*")
                target = parts[0] + "".join(next(pieces, "") + part for part in parts[1:])
                self.made[target] = self.made.pop(name)

    def _remove(self, stage: stages.Fields) -> None:
        for item in stage.fields:
            if not isinstance(item, ir.FieldReference):
                continue
            made = [name for name in self.made if name_pattern(item.name).fullmatch(name)]
            for name in (item.name, *made):
                self.made.pop(name, None)
                self.gone[name] = (_word(stage), "")

    def _close(self, keeps: Iterable[str], word: str) -> None:
        """Only the fields that `keeps` names are left."""
        names = [name for name in keeps if "*" not in name]
        stars = tuple(name for name in keeps if "*" in name)
        made = {name: self.absent(name, Span(0, 0)) for name in names}
        for star in stars:
            made |= {name: roots for name, roots in self.made.items() if name_pattern(star).fullmatch(name)}
        self.patterns = stars if not self.closed or self.patterns else ()
        self.open = self.open and bool(stars)
        self.made, self.gone, self.closed = made, {}, word
        self.model = self.model if stars else None

    def merge(self, other: RowFields) -> None:
        """Rows of another pipeline stand under these: a field is absent where neither have it."""
        if self.nothing:
            self.made, self.gone, self.closed, self.patterns = dict(other.made), dict(other.gone), other.closed, ()
            self.kinds, self.open, self.model, self.nothing = other.kinds, other.open, other.model, False
            self.patterns, self.internal = other.patterns, other.internal
        elif not other.nothing:
            self._stand_over(other)
        self.moved = True

    def _stand_over(self, other: RowFields) -> None:
        both = {**self.made, **other.made}
        self.made = {
            name: self._or(self.made.get(name), other.made.get(name))
            if name in self.made and name in other.made
            else ()
            for name in both
        }
        self.gone = {name: word for name, word in self.gone.items() if name in other.gone}
        self.open = self.open or other.open or self.model is not other.model
        if not (self.closed and other.closed):
            self.patterns = ()
        self.closed = self.closed and other.closed
        self.patterns = tuple(dict.fromkeys((*self.patterns, *other.patterns))) if self.closed else ()
        self.kinds |= other.kinds
        self.internal = self.internal or other.internal

    @staticmethod
    def _or(one: Roots | None, other: Roots | None) -> Roots:
        return one if one and other else ()

    def join(self, other: RowFields) -> None:
        """Fields of another pipeline's rows stand beside these."""
        self.open = self.open or other.open or not other.closed or bool(other.patterns)
        self.made = {**other.made, **self.made}
        self.gone = {name: word for name, word in self.gone.items() if name not in other.made}
        self.moved = True


def is_internal(name: str) -> bool:
    """Whether a name is that of an internal field which every event has."""
    return name.startswith("_") and name not in _OF_AN_INDEX


def _is_of_no_name(name: str) -> bool:
    """Whether a name stands for fields that only the rows tell."""
    return not name.strip("*") or name.startswith(("{", "$", "<<"))


def _word(stage: ir.Stage) -> str:
    """The word that the stage begins with, as it is written."""
    found = _FIRST_WORD.match(stage.text)
    return found.group() if found is not None else ir.stage_kind(stage)
