"""Indexes, sources, sourcetypes and hosts, or Elastic's categories, data sets and modules, that a search asks for and
no event has, said with those that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import combinations

from rulescope import ir
from rulescope.hunt.field_uses import EventSource, FieldReading
from rulescope.hunt.known_fields import KnownFields
from rulescope.hunt.labels import Labels
from rulescope.hunt.vocabularies import LABELS
from rulescope.ir.json_form import value_text
from rulescope.ir.walk import walk
from rulescope.knowledge.elastic_datasets import elastic_datasets
from rulescope.knowledge.log_directory import Log, logs
from rulescope.text import Diagnostic, misspelt_name, similar_name

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


def absent_categories(reading: FieldReading, known: KnownFields, labels: Labels, *, alone: bool) -> list[Diagnostic]:
    """The same for Elastic's categories, data sets and modules, and for the field that a rule reads categories from.

    Not `alone`, only what events can never have is said: a category that the common schema has not, and names that are
    known ones misspelt. Others are of logs that are not here.
    """
    found: dict[Diagnostic, None] = {}
    for source in reading.sources:
        own = _category_field(source)
        names = labels.vocabulary.labels
        names = (*names, own) if own and own not in names else names
        if not alone and not any(_is_never(leaf, labels) for leaf in _asking(source, names)):
            # Few rules ask for such: the others need no look at the events.
            continue
        leaves = [leaf for one in source.conditions for leaf in _unmet(one, known, labels, names)]
        for name in names:
            of_label = [leaf for leaf in leaves if leaf.field == name]
            there = labels.values(name) if of_label else []
            # Where no event has the field at all, that is said.
            if there and (alone or any(_is_never(leaf, labels) for leaf in of_label)):
                message = f"no event has {_asked(of_label)}"
                found[Diagnostic(_CODE, message, of_label[0].span, "warning", _there_are(of_label, there))] = None
    return list(found)


def _asking(source: EventSource, names: tuple[str, ...]) -> Iterator[ir.Compare]:
    for condition in source.conditions:
        for node in walk(condition):
            if isinstance(node, ir.Compare) and node.field in names:
                yield node


def _category_field(source: EventSource) -> str | None:
    """The field in which the event category of an EQL query is looked for."""
    first = source.step.category_condition if source.step is not None else None
    for stage in source.stages:
        # The condition of an index is a choice of logs; that of a category one comparison.
        if isinstance(stage, ir.stages.Origin) and isinstance(stage.predicate, ir.Compare):
            first = stage.predicate
    return first.field if isinstance(first, ir.Compare) else None


def _is_never(leaf: ir.Compare, labels: Labels) -> bool:
    """Whether no event of any log that is known can have one of the values."""
    values = [value for value in leaf.values if isinstance(value, str)]
    if leaf.kind not in ("eq", "in") or len(values) != len(leaf.values):
        return False
    if leaf.field == "event.category":
        return not labels.vocabulary.categories.intersection(value.casefold() for value in values)
    if leaf.field not in labels.vocabulary.labels:
        return False
    datasets = elastic_datasets().names
    names = {one.partition(".")[0] for one in datasets} if leaf.field == "event.module" else set(datasets)
    names.update(labels.values(leaf.field))
    return all(value not in names and misspelt_name(value, names) is not None for value in values)


def asks_for_values(reading: FieldReading) -> bool:
    """Whether some source of the search is chosen by what `absent_values` looks at."""
    nodes = (node for source in reading.sources for one in source.conditions for node in walk(one))
    return any(isinstance(node, ir.Compare) and node.field in LABELS for node in nodes)


def _of_source(source: EventSource, known: KnownFields, labels: Labels, alone: bool) -> Iterator[Diagnostic]:
    conditions = list(source.conditions)
    names = labels.vocabulary.labels
    leaves = [leaf for one in conditions for leaf in _unmet(one, known, labels, names)]
    if not alone and leaves and all(_is_of_macro(leaf) for leaf in leaves) and _is_elsewhere(leaves, known):
        return
    for label in names:
        of_label = [leaf for leaf in leaves if leaf.field == label]
        if of_label:
            message = f"no event has {_asked(of_label)}"
            yield Diagnostic(_CODE, message, of_label[0].span, "warning", _there_are(of_label, labels.values(label)))
    if not leaves and not source.kinds:
        yield from _apart(conditions, known, labels)


def _unmet(condition: ir.Predicate, known: KnownFields, labels: Labels, names: tuple[str, ...]) -> list[ir.Compare]:
    """The comparisons of labels for which no event meets the condition."""
    match condition:
        case ir.And(operands):
            return [leaf for one in operands for leaf in _unmet(one, known, labels, names)]
        case ir.Or(operands):
            parts = [_unmet(one, known, labels, names) for one in operands]
            impossible = all(part or not known.possible(one) for one, part in zip(operands, parts, strict=True))
            return [leaf for part in parts for leaf in part] if impossible else []
        case ir.Compare(label) if label in names and condition.values and not labels.meet(condition):
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
    required = [leaf for one in conditions for leaf in _required(one, labels.vocabulary.labels) if leaf.field != "host"]
    for one, other in combinations(required, 2):
        if one.field != other.field and not known.possible(one) & known.possible(other):
            message = f"no event has {_asked([one])} and {_asked([other])} at once"
            there = labels.values(other.field, known.possible(one))
            yield Diagnostic(
                _CODE, message, other.span, "warning", f"with {_asked([one])} {_there_are([other], there)}"
            )
            return


def _required(condition: ir.Predicate, names: tuple[str, ...]) -> Iterator[ir.Compare]:
    if isinstance(condition, ir.And):
        for one in condition.operands:
            yield from _required(one, names)
    elif isinstance(condition, ir.Compare) and condition.field in names and condition.values:
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


__all__ = ["absent_categories", "absent_values"]
