"""A search cut down to what is not settled already by the kinds of events it runs on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rulescope import ir
from rulescope.hunt.frequent_words import Words
from rulescope.hunt.kinds import Kinds
from rulescope.ir import stages

ROW_FILTERS = (stages.Origin, stages.Search, stages.Where, stages.Regex)
"""Stages that keep rows and change no field: those at the beginning read the events as they were loaded."""

_EVERY_ROW = (
    stages.Eval,
    stages.Rex,
    stages.Table,
    stages.Fields,
    stages.Rename,
    stages.Bucket,
    stages.EventStats,
    stages.StreamStats,
    stages.Lookup,
    stages.FillNull,
    stages.FillDown,
    stages.MakeMv,
    stages.NoMv,
    stages.Spath,
    stages.Convert,
    stages.IpLocation,
    stages.Replace,
    stages.StrCat,
    stages.FieldFormat,
    stages.Foreach,
)
"""Stages that give each row that comes in once."""

_NO_ROW_FROM_NONE = (
    *ROW_FILTERS,
    *_EVERY_ROW,
    stages.Dedup,
    stages.Sort,
    stages.Head,
    stages.Tail,
    stages.Reverse,
    stages.MvExpand,
    stages.MvCombine,
    stages.Transaction,
)
"""Stages that give no row where none comes in."""


def simplify(pipeline: ir.Pipeline, kinds: int, known: Kinds, words: Words | None = None) -> ir.Pipeline:
    """The same search for events of those kinds: parts of its first conditions that hold for all of them are left out,
    and alternatives that hold for none. `words` are those that occur in the events."""
    if pipeline.generating:
        return pipeline
    changed = list(pipeline.stages)
    for place, stage in enumerate(changed):
        if not isinstance(stage, ROW_FILTERS):
            break
        if stage.predicate is not None:
            left = _left(stage.predicate, kinds, known, words)
            if left is not stage.predicate:
                changed[place] = _with(stage, left)
    return replace(pipeline, stages=tuple(changed))


def stays_empty(following: Iterable[ir.Stage]) -> bool:
    """Whether these stages certainly give no rows where none come in (`stats count` would give one)."""
    return all(
        isinstance(stage, _NO_ROW_FROM_NONE) or (isinstance(stage, stages.Stats) and bool(stage.by))
        for stage in following
    )


def keeps_every_row(following: Iterable[ir.Stage]) -> bool:
    """Whether the rows after these stages are those before them."""
    return all(isinstance(stage, _EVERY_ROW) for stage in following)


def _with(stage: ir.Stage, predicate: ir.Predicate | bool) -> ir.Stage:
    if isinstance(predicate, bool):
        predicate = ir.Test(ir.Constant(predicate))
    return replace(stage, predicate=predicate)  # type: ignore[call-arg]


def _left(predicate: ir.Predicate, kinds: int, known: Kinds, words: Words | None) -> ir.Predicate | bool:
    """What is left of the condition to be looked at, or its value where that is settled."""
    verdict = known.verdict(predicate)
    if kinds and kinds & ~verdict.always == 0:
        return True
    if kinds and kinds & ~verdict.never == 0:
        return False
    if isinstance(predicate, ir.Term) and words is not None and words.lack(predicate):
        return False
    if isinstance(predicate, ir.And | ir.Or):
        neutral = isinstance(predicate, ir.And)
        parts = [_left(part, kinds, known, words) for part in predicate.operands]
        kept = tuple(part for part in parts if part is not neutral)
        if any(part is (not neutral) for part in kept):
            return not neutral
        if len(kept) == len(parts) and all(one is other for one, other in zip(kept, predicate.operands, strict=True)):
            return predicate
        found = tuple(part for part in kept if not isinstance(part, bool))
        if not found:
            return neutral
        return found[0] if len(found) == 1 else replace(predicate, operands=found)
    if isinstance(predicate, ir.Not):
        inner = _left(predicate.operand, kinds, known, words)
        if isinstance(inner, bool):
            return not inner
        return predicate if inner is predicate.operand else replace(predicate, operand=inner)
    return predicate
