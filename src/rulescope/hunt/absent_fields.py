"""Fields that a search reads and no event has, said with the nearest names that the events do have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from rulescope import ir
from rulescope.hunt.absent_conditions import FieldUse, Weight
from rulescope.hunt.field_knowledge import left_out
from rulescope.hunt.field_uses import CutPattern, FieldReading
from rulescope.hunt.known_fields import KnownFields
from rulescope.hunt.row_fields import AbsentField
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.knowledge.every_field import every_field
from rulescope.text import Diagnostic, misspelt_name, similar_name

_NO_EVENT = "RUN130"
_NO_ROW = "RUN131"
_LEFT_OUT = "RUN133"
_LISTED = 6
_FEWER = "load fewer logs at once, and the file with so many fields apart"


def absent_fields(pipeline: ir.Pipeline, reading: FieldReading, known: KnownFields, *, alone: bool) -> list[Diagnostic]:
    """A warning for each field that is read where no row has it, as the `reading` of the pipeline found.

    What log the events are of is `known`: a field that its schema has is silent, though none of these events holds it.
    So is one that another alternative can stand for. Not `alone`, among many rules, a field is silent, too, that only
    shows something, or that a rule asks of events it is hardly about: those of no known log that have less than half
    of its fields. But a name that is one of the events' misspelt is always said.
    """
    judged: dict[tuple[str, str], _Judged] = {}
    for use in reading.uses:
        key = (use.field.name, use.field.after)
        before = judged.get(key)
        if before is None:
            judged[key] = _Judged(use, _meant(use.field, known))
        elif use.weight > before.use.weight:
            judged[key] = replace(before, use=use)
        elif use.excludes and use.weight is before.use.weight:
            judged[key] = replace(before, use=replace(before.use, excludes=True))
    least = Weight.SHOWS if alone else Weight.DECIDES
    kept = [one for one in judged.values() if one.is_certain or one.use.weight >= least]
    foreign = frozenset() if alone else _foreign(pipeline, kept, known)
    said = [one for one in kept if one.is_certain or one.use.field.name not in foreign]
    texts = _compared_with(pipeline) if said else frozenset()
    return [*(_said(one, known, texts) for one in said), *map(_of_pattern, reading.patterns)]


@dataclass(frozen=True, slots=True)
class _Judged:
    """The use of a field that weighs most, and the name that it is a slip of."""

    use: FieldUse
    meant: str | None

    @property
    def is_certain(self) -> bool:
        """Whether the author did not mean what is read, however little hangs on it."""
        return self.meant is not None or bool(self.use.field.left_out)


def _foreign(pipeline: ir.Pipeline, judged: list[_Judged], known: KnownFields) -> frozenset[str]:
    """The absent fields of events that the rule is hardly about."""
    asked = [one.use.field for one in judged if one.use.field.kinds and not one.use.field.kinds & known.raw.placed]
    if not asked:
        return frozenset()
    kinds = asked[0].kinds
    nodes = list(walk(pipeline))
    names = {node.field for node in nodes if isinstance(node, ir.Compare)}
    names |= {node.name for node in nodes if isinstance(node, ir.FieldReference)}
    there = sum(1 for name in names - _LABELS if not name.startswith("_") and known.lacking(name, kinds) != kinds)
    absent = frozenset(one.name for one in asked)
    if 2 * there >= there + len(absent):
        return frozenset()
    return absent if known.takes_untold else absent & every_field()


_LABELS = frozenset({"source", "sourcetype", "index", "host"})


def _meant(field: AbsentField, known: KnownFields) -> str | None:
    """The name that the field's is a slip of."""
    bare = field.name.removeprefix(field.prefix)
    if field.left_out or known.is_own(bare):
        return None
    found = _nearest(field, known, misspelt_name)
    # What other logs call a field is no slip, but in its letters' case.
    return found if found is None or found.lower() == field.name.lower() or bare not in every_field() else None


def _nearest(field: AbsentField, known: KnownFields, closest: Callable[[str, Iterable[str]], str | None]) -> str | None:
    bare = field.name.removeprefix(field.prefix)
    groups = (field.left,) if field.after else (field.left, *known.candidates(bare, field.kinds))
    if "*" in bare:
        groups = tuple(_cut(bare, names) for names in groups)
    found = next((one for names in groups if (one := closest(bare, names)) is not None), None)
    return None if found is None else field.prefix + found


def _cut(pattern: str, names: Iterable[str]) -> frozenset[str]:
    """The beginnings or ends of names, as patterns, that one which has a star behind or before it can be a slip of."""
    text = pattern.strip("*")
    if "*" in text or pattern == f"*{text}*":
        return frozenset()
    forward = pattern.endswith("*")
    found: set[str] = set()
    for name in names if forward else (name[::-1] for name in names):
        # A slip in the words before a point lets the point stand.
        border = text[-1] if forward else text[0]
        for size in range(len(text) - 1, len(text) + 2):
            part = name[:size]
            if part and (part[-1].isalnum() if border.isalnum() else part[-1] == border):
                found.add(f"{part}*" if forward else f"*{part[::-1]}")
    return frozenset(found)


def _compared_with(pipeline: ir.Pipeline) -> frozenset[str]:
    """The names of fields that others are compared with, and that may be texts without their quotes."""
    nodes = [node for node in walk(pipeline) if isinstance(node, ir.Binary) and node.operator in _COMPARISONS]
    return frozenset(node.right.name for node in nodes if isinstance(node.right, ir.FieldReference))


_COMPARISONS = frozenset({"=", "==", "!=", "<", "<=", ">", ">="})


def _said(one: _Judged, known: KnownFields, texts: frozenset[str]) -> Diagnostic:
    field = one.use.field
    if field.left_out:
        return _of_left_out(field)
    end = ", so it excludes nothing" if one.use.excludes else ""
    what = f"a field like '{field.name}'" if "*" in field.name else f"the field '{field.name}'"
    if field.after:
        message = f"no row has {what} after '{field.after}'{end}"
        return Diagnostic(_NO_ROW, message, field.span, "warning", _hint(one, known, texts) or _left(field))
    everything = known.kinds.everything
    events = "event of the kinds that are read" if _is_there(field, known, everything) else "event here"
    message = f"no {events} has {what}{end}"
    return Diagnostic(_NO_EVENT, message, field.span, "warning", _hint(one, known, texts))


def _is_there(field: AbsentField, known: KnownFields, kinds: int) -> bool:
    bare = field.name.removeprefix(field.prefix)
    return any(known.like(bare, kinds)) if "*" in bare else known.lacking(bare, kinds) != kinds


def lost_columns(pipeline: ir.Pipeline, dropped: Collection[str]) -> list[Diagnostic]:
    """A warning for each column of a table whose field, or one that it is made of, is among those that could not be
    kept."""
    if not dropped:
        return []
    found: dict[Diagnostic, None] = {}
    tables = [node for node in walk(pipeline) if isinstance(node, stages.TableRows)]
    for node in tables:
        for column in node.columns:
            lost = left_out(column.name, dropped, lambda _, rules=column.rules: rules)  # type: ignore[misc]
            if lost is not None:
                found[_of_left_out(AbsentField(column.name, node.span, left_out=lost))] = None
    return list(found)


def _of_left_out(field: AbsentField) -> Diagnostic:
    made = "" if field.left_out == field.name else f", of which '{field.name}' is made,"
    message = f"the field '{field.left_out}'{made} was left out: the events have more fields than can be kept"
    return Diagnostic(_LEFT_OUT, message, field.span, "warning", _FEWER)


def _of_pattern(pattern: CutPattern) -> Diagnostic:
    count = len(pattern.dropped)
    many = f"{count:,} fields, '{pattern.dropped[0]}' among them," if count > 1 else f"the field '{pattern.dropped[0]}'"
    verb = "were" if count > 1 else "was"
    message = f"'{pattern.text}' misses {many} that {verb} left out: the events have more fields than can be kept"
    return Diagnostic(_LEFT_OUT, message, pattern.span, "warning", _FEWER)


def _hint(one: _Judged, known: KnownFields, texts: frozenset[str]) -> str | None:
    near = one.meant
    name = one.use.field.name
    foreign = name.removeprefix(one.use.field.prefix) in every_field()
    if near is None and not foreign:
        near = _nearest(one.use.field, known, similar_name)
    if near is not None:
        return f"did you mean '{near}'?"
    return (
        f"if '{name}' is the text to compare with, put it into double quotes" if name in texts and not foreign else None
    )


def _left(field: AbsentField) -> str | None:
    if field.now:
        return f"from there on it is called '{field.now}'"
    names = sorted(field.left) if field.only else []
    more = ", …" if len(names) > _LISTED else ""
    return f"these are left: {', '.join(names[:_LISTED])}{more}" if names else None


__all__ = ["absent_fields"]
