"""Indexes, sources, sourcetypes and hosts that a search asks for and no event has, said with those that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import combinations

from rulescope import ir
from rulescope.hunt.field_uses import EventSource, FieldReading
from rulescope.hunt.known_fields import KnownFields
from rulescope.hunt.labels import LABELS, Labels
from rulescope.ir.json_form import stage_predicate, value_text
from rulescope.ir.walk import walk
from rulescope.knowledge.log_directory import Log, logs
from rulescope.text import Diagnostic, similar_name

_CODE = "RUN132"
_LISTED = 5


def absent_values(reading: FieldReading, known: KnownFields, labels: Labels, *, alone: bool) -> list[Diagnostic]:
    """A warning for each index, source, sourcetype and host that the search must find at one of its sources, and that
    no event has; or for two of them that no event has at once.

    Not `alone`, among many rules, macros that choose the events of a log that is not here are silent: for rules of
    other logs there are such macros in every repository.
    """
    found: dict[Diagnostic, None] = {}
    for source in reading.sources:
        found |= dict.fromkeys(_of_source(source, known, labels, alone))
    return list(found)


def asks_for_values(reading: FieldReading) -> bool:
    """Whether some source of the search is chosen by what `absent_values` looks at."""
    conditions = (stage_predicate(stage) for source in reading.sources for stage in source.stages)
    nodes = (node for one in conditions for node in walk(one))
    return any(isinstance(node, ir.Compare) and node.field in LABELS for node in nodes)


def _of_source(source: EventSource, known: KnownFields, labels: Labels, alone: bool) -> Iterator[Diagnostic]:
    conditions = [one for stage in source.stages if (one := stage_predicate(stage)) is not None]
    leaves = [leaf for one in conditions for leaf in _unmet(one, known, labels)]
    if not alone and leaves and all(_is_of_macro(leaf) for leaf in leaves) and _is_elsewhere(leaves, known):
        return
    for label in LABELS:
        of_label = [leaf for leaf in leaves if leaf.field == label]
        if of_label:
            message = f"no event has {_asked(of_label)}"
            yield Diagnostic(_CODE, message, of_label[0].span, "warning", _there_are(of_label, labels.values(label)))
    if not leaves and not source.kinds:
        yield from _apart(conditions, known, labels)


def _unmet(condition: ir.Predicate, known: KnownFields, labels: Labels) -> list[ir.Compare]:
    """The comparisons of labels for which no event meets the condition."""
    match condition:
        case ir.And(operands):
            return [leaf for one in operands for leaf in _unmet(one, known, labels)]
        case ir.Or(operands):
            parts = [_unmet(one, known, labels) for one in operands]
            impossible = all(part or not known.possible(one) for one, part in zip(operands, parts, strict=True))
            return [leaf for part in parts for leaf in part] if impossible else []
        case ir.Compare(label) if label in LABELS and condition.values and not labels.meet(condition):
            return [condition]
    return []


def _is_of_macro(leaf: ir.Compare) -> bool:
    """Whether the comparison stands in the body of a macro: its place, and that of its value, are then the call's."""
    return leaf.value_spans[:1] == (leaf.span,)


def _is_elsewhere(leaves: list[ir.Compare], known: KnownFields) -> bool:
    """Whether the sources and sourcetypes that are asked for are those of logs that are not here."""
    asked = {
        _shown(leaf, value_text(value)).casefold()
        for leaf in leaves
        if leaf.field in ("source", "sourcetype")
        for value in leaf.values
    }
    wanted = [log for log in logs().logs if any(fnmatchcase(name, one) for name in _names(log) for one in asked)]
    return bool(wanted) and not any(known.raw.of_log(log) for log in wanted)


def _names(log: Log) -> tuple[str, ...]:
    return (*log.sources, *log.sourcetypes)


def _apart(conditions: list[ir.Predicate], known: KnownFields, labels: Labels) -> Iterator[Diagnostic]:
    """Two labels that are each there, but in no event at once."""
    required = [leaf for one in conditions for leaf in _required(one) if leaf.field != "host"]
    for one, other in combinations(required, 2):
        if one.field != other.field and not known.possible(one) & known.possible(other):
            message = f"no event has {_asked([one])} and {_asked([other])} at once"
            there = labels.values(other.field, known.possible(one))
            yield Diagnostic(
                _CODE, message, other.span, "warning", f"with {_asked([one])} {_there_are([other], there)}"
            )
            return


def _required(condition: ir.Predicate) -> Iterator[ir.Compare]:
    if isinstance(condition, ir.And):
        for one in condition.operands:
            yield from _required(one)
    elif isinstance(condition, ir.Compare) and condition.field in LABELS and condition.values:
        yield condition


def _asked(leaves: Iterable[ir.Compare]) -> str:
    """What the comparisons of one label ask for: `index 'a' or 'b'`."""
    found = list(dict.fromkeys(_shown(leaf, value_text(value)) for leaf in leaves for value in leaf.values))
    label = next(iter(leaves)).field
    if len(found) > _LISTED:
        return f"{label} '{found[0]}', '{found[1]}' or another of {len(found)} that are asked for"
    listed = [f"'{one}'" for one in found]
    return f"{label} {', '.join(listed[:-1])}{' or ' if len(listed) > 1 else ''}{listed[-1]}"


def _shown(leaf: ir.Compare, value: str) -> str:
    """The value with the stars that the kind of comparison stands for."""
    first = "*" if leaf.kind in ("contains", "ends_with") else ""
    last = "*" if leaf.kind in ("contains", "starts_with") else ""
    return f"{first}{value}{last}"


def _there_are(leaves: list[ir.Compare], values: list[str]) -> str | None:
    """The values of a label that there are, the nearest first, and no more than a few."""
    near = [similar_name(value_text(value), values) for leaf in leaves for value in leaf.values]
    listed = list(dict.fromkeys([*(one for one in near if one is not None), *values]))
    if not listed:
        return None
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return f"there are: {', '.join(listed[:_LISTED])}{more}"


__all__ = ["absent_values"]
