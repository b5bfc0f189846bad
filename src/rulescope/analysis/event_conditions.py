"""Which kinds of events a rule's own conditions leave: a kind for which they can never hold is none that it looks at.

The facts that decide are those by which a rule is run: what a name is for events of a log and number, by the rules of
fields of the language's vocabulary. What these don't tell of an event stays open, and what is open drops nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import product

from rulescope import ir
from rulescope.analysis.stage_fields import fields_read, is_read, stage_fields
from rulescope.ir import Any, Glob, stages
from rulescope.ir.json_form import stage_predicate, value_text
from rulescope.ir.walk import walk
from rulescope.knowledge.derivation_value import Values, possible_values
from rulescope.knowledge.field_rule import FieldRule
from rulescope.knowledge.log_directory import EVERY_LOG, Log

Names = Callable[[str], Sequence[FieldRule]]
"""The rules that say what a name is, in the order in which they are tried."""

Outcomes = frozenset[bool | None]
"""What a condition may come to: true, false, or NULL."""

_OPEN: Outcomes = frozenset({True, False, None})
_SAME_ROWS = (
    stages.Search, stages.Where, stages.Regex, stages.Block, stages.Origin, stages.Eval, stages.Rex, stages.Rename,
    stages.Fields, stages.Table, stages.Sort, stages.Lookup, stages.Bucket, stages.MakeMv, stages.Spath,
    stages.FillNull,
)  # fmt: skip
"""Stages after which rows are still those events, of whose fields only the ones that the stage makes are others."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition, and the fields that the rule has made before it (`*`: any may be its own)."""

    predicate: ir.Predicate
    made: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Path:
    """The conditions that the rows of one source meet one after the other; `names` are the source's."""

    names: tuple[str, ...]
    conditions: tuple[_Condition, ...]


class EventConditions:
    """The conditions that a rule's events meet first, by the sources that they come from."""

    __slots__ = ("_paths",)

    def __init__(self, pipeline: ir.Pipeline) -> None:
        inner = (node for node in walk(pipeline) if isinstance(node, ir.Pipeline) and node is not pipeline)
        self._paths = tuple(path for one in (pipeline, *inner) for path in _paths(one))

    def allow(self, log: Log, event_id: str | None, names: Names, source: str | None = None) -> bool:
        """Whether the rule may look at events of that log and number (None: at any of the log's), where `names` says
        what its fields are; `source`: at those that come from the source of that name."""
        paths = [path for path in self._paths if source is None or not path.names or source in path.names]
        values = partial(self._values, log, event_id, names)
        return not paths or any(all(_may_hold(one, values) for one in path.conditions) for path in paths)

    def _values(self, log: Log, event_id: str | None, names: Names, name: str) -> Values | None:
        """What the field may hold in such events; None where that is open."""
        known = {} if event_id is None or log.id_field is None else {log.id_field: event_id}
        if log.channel:
            known["Channel"] = log.channel
        if name in known:
            return frozenset({(known[name],)})
        rules = [rule for rule in names(name) if rule.log.key in (log.key, log.family, EVERY_LOG)]
        if event_id is None and (not rules or any(rule.event_ids for rule in rules)):
            return None
        told = [rule for rule in rules if rule.applies_to(event_id)]
        # A field that the rules give to other events of the very log is missing in this one.
        if not told and all(rule.log != log for rule in rules):
            return None
        found: set[tuple[str, ...]] = {()}
        for rule in told:
            values = possible_values(rule.form, known)
            if values is None:
                return None
            found |= values
            if () not in values:
                return frozenset(found - {()})
        return frozenset(found)


def _paths(pipeline: ir.Pipeline) -> Iterator[_Path]:
    """The paths of a pipeline, as far as their conditions are those of events; pipelines inside it are left out."""
    names: list[str] = []
    conditions: list[_Condition] = []
    made: set[str] = set()
    of_events = True
    for stage in pipeline.stages:
        predicate = stage_predicate(stage)
        if isinstance(stage, stages.Sequence):
            for step in stage.steps:
                if step.missing:
                    continue
                parts = [_Condition(one) for one in (step.category_condition, step.predicate) if one is not None]
                yield _Path(tuple(names), (*conditions, *parts))
            return
        if isinstance(stage, stages.Origin):
            names += stage.names
        of_events = of_events and isinstance(stage, _SAME_ROWS)
        if of_events and predicate is not None and not isinstance(stage, stages.Block):
            conditions.append(_Condition(predicate, frozenset(made)))
        made.update(stage_fields(stage).writes if is_read(stage) else "*")
    yield _Path(tuple(names), tuple(conditions))


def _may_hold(condition: _Condition, values: Callable[[str], Values | None]) -> bool:
    if condition.made and ("*" in condition.made or not condition.made.isdisjoint(fields_read(condition.predicate))):
        return True
    return True in _outcomes(condition.predicate, values)


def _outcomes(predicate: ir.Predicate, values: Callable[[str], Values | None]) -> Outcomes:
    match predicate:
        case ir.And(operands):
            return reduce(_both, (_outcomes(one, values) for one in operands), frozenset({True}))
        case ir.Or(operands):
            turned = (_turned(_outcomes(one, values)) for one in operands)
            return _turned(reduce(_both, turned, frozenset({True})))
        case ir.Not(operand):
            return _turned(_outcomes(operand, values))
        case ir.Compare():
            found = values(predicate.field)
            return _OPEN if found is None else frozenset().union(*(_compared(predicate, one) for one in found))
        case ir.Test(ir.Constant(bool(value))):
            return frozenset({value})
        case _:
            return _OPEN


def _turned(outcomes: Outcomes) -> Outcomes:
    return frozenset(None if one is None else not one for one in outcomes)


def _both(first: Outcomes, second: Outcomes) -> Outcomes:
    return frozenset(
        False if one is False or other is False else None if one is None or other is None else True
        for one, other in product(first, second)
    )


def _compared(leaf: ir.Compare, held: tuple[str, ...]) -> Outcomes:
    """What a comparison comes to for a field that holds these values."""
    if leaf.kind in ("exists", "missing"):
        return frozenset({bool(held) == (leaf.kind == "exists")})
    if not held:
        return frozenset({None if leaf.missing == "unknown" else leaf.missing == "true"})
    each = [_meets(leaf, text) for text in held]
    if None in each or (leaf.quantifier == "one" and len(held) > 1):
        return _OPEN
    return frozenset({all(each) if leaf.quantifier == "all" else any(each)})


def _meets(leaf: ir.Compare, text: str) -> bool | None:
    """Whether one value meets the comparison; None where that is not decided here."""
    if leaf.kind not in ("eq", "in", "contains", "starts_with", "ends_with", "wildcard"):
        return None
    own = text.casefold() if leaf.ignore_case else text
    for value in leaf.values:
        if isinstance(value, Glob):
            if re.fullmatch(_expression(value), text, re.DOTALL | (re.IGNORECASE if leaf.ignore_case else 0)):
                return True
            continue
        sought = value_text(value).casefold() if leaf.ignore_case else value_text(value)
        match leaf.kind:
            case "contains":
                met = sought in own
            case "starts_with":
                met = own.startswith(sought)
            case "ends_with":
                met = own.endswith(sought)
            case _:
                met = own == sought
        if met:
            return True
    return False


def _expression(glob: Glob) -> str:
    parts = (re.escape(one) if isinstance(one, str) else ".*" if one is Any.RUN else "." for one in glob.pieces)
    return "".join(parts)
