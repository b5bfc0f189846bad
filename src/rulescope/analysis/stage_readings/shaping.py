"""Reads stages that make, rename and choose fields: where the values of each come from afterwards."""

from __future__ import annotations

from collections.abc import Callable

from rulescope.analysis.explain_words import group_names
from rulescope.analysis.findings import Branch, Outcome, ValueOrigin
from rulescope.analysis.outcomes import AnyText
from rulescope.analysis.stage_fields import IP_LOCATION_FIELDS
from rulescope.analysis.stage_readings.reading_so_far import ReadingSoFar
from rulescope.ir import Call, Constant, Expression, FieldReference, Stage, Subsearch, stages
from rulescope.ir.walk import walk


def _eval(reading: ReadingSoFar, stage: stages.Eval | stages.FieldFormat, negative: bool, branch: Branch) -> None:
    for assignment in stage.assignments:
        if isinstance(assignment, stages.Assignment):
            _note_subsearches(reading, assignment.expression, negative, branch)
            origin = reading.conditions.origin(assignment.expression)
            if not isinstance(stage, stages.FieldFormat):
                reading.set_field(assignment.target, origin)


def _note_subsearches(reading: ReadingSoFar, expression: Expression, negative: bool, branch: Branch) -> None:
    if isinstance(expression, FieldReference | Constant):
        return
    for node in walk(expression):
        if isinstance(node, Subsearch):
            reading.subsearch(node.pipeline, negative, branch)


def _rename(reading: ReadingSoFar, stage: stages.Rename, negative: bool, branch: Branch) -> None:
    lineage = reading.conditions.lineage
    moved: dict[str, ValueOrigin] = {}
    for renaming in stage.renamings:
        source, target = reading.field_name(renaming.source), reading.field_name(renaming.target)
        if "*" in source:
            if source != target and target != "*" and source.count("*") == target.count("*"):
                lineage.patterns = ((target, source), *lineage.patterns)
            continue
        if source == target:
            continue
        moved[target] = lineage.of(source)
        reading.conditions.note_fields(FieldReference(source))
        lineage.known.pop(source, None)
    for target, origin in moved.items():
        reading.set_field(target, origin)


def _rex(reading: ReadingSoFar, stage: stages.Rex, negative: bool, branch: Branch) -> None:
    if stage.field != "_raw":
        reading.conditions.note_fields(FieldReference(stage.field))
    # What an extraction finds is text of the event, under the name that the rule gives it; a later stage that asks for
    # it asks for the match.
    matched = () if stage.field == "_raw" else reading.conditions.aside(_matching(stage))
    outcomes = (Outcome(AnyText(), matched),) if matched else ()
    for name in [] if stage.sed else group_names(stage.pattern):
        reading.conditions.lineage.known[name] = ValueOrigin((name,), outcomes=outcomes)


def _matching(stage: stages.Rex) -> Call:
    return Call("match", (FieldReference(stage.field), Constant(stage.pattern)), stage.span)


def _lookup(reading: ReadingSoFar, stage: stages.Lookup, negative: bool, branch: Branch) -> None:
    reading.lookups[stage.name] = None
    for key in stage.keys:
        reading.conditions.note_fields(FieldReference(key.event_field))
    # Columns of a table are neither of the event nor computed: they keep their own names.
    for output in stage.outputs:
        reading.conditions.lineage.known[output.event_field] = ValueOrigin((output.event_field,))


def _ip_location(reading: ReadingSoFar, stage: stages.IpLocation, negative: bool, branch: Branch) -> None:
    reading.conditions.note_fields(FieldReference(stage.field))
    for name in IP_LOCATION_FIELDS:
        reading.conditions.lineage.known[stage.prefix + name] = ValueOrigin((stage.prefix + name,))


def _alias(reading: ReadingSoFar, stage: Stage, negative: bool, branch: Branch) -> None:
    source: str = getattr(stage, "field", "")
    reading.conditions.note_fields(FieldReference(source))
    target = getattr(stage, "alias", None)
    if isinstance(stage, stages.Bucket):
        if target:
            reading.set_field(target, reading.conditions.lineage.of(reading.field_name(source)))
    else:
        reading.make(target or (f"delta({source})" if isinstance(stage, stages.Delta) else source))


def _convert(reading: ReadingSoFar, stage: stages.Convert, negative: bool, branch: Branch) -> None:
    for conversion in stage.conversions:
        if "*" not in conversion.field and conversion.alias:
            reading.set_field(conversion.alias, reading.conditions.lineage.of(reading.field_name(conversion.field)))


def _range_map(reading: ReadingSoFar, stage: stages.RangeMap, negative: bool, branch: Branch) -> None:
    reading.make("range")


def _fields_kept(
    reading: ReadingSoFar, stage: stages.Table | stages.Fields | stages.Dedup, negative: bool, branch: Branch
) -> None:
    for item in stage.fields:
        if isinstance(item, FieldReference) and "*" not in item.name:
            reading.conditions.note_fields(item)


def _set_fields(reading: ReadingSoFar, stage: stages.SetFields, negative: bool, branch: Branch) -> None:
    reading.make(*(name for name, _ in stage.values))


READERS: dict[type[Stage], Callable[..., None]] = {
    stages.IpLocation: _ip_location,
    stages.Eval: _eval,
    stages.FieldFormat: _eval,
    stages.Rename: _rename,
    stages.Rex: _rex,
    stages.Lookup: _lookup,
    stages.Bucket: _alias,
    stages.Accum: _alias,
    stages.Delta: _alias,
    stages.Convert: _convert,
    stages.RangeMap: _range_map,
    stages.SetFields: _set_fields,
    stages.Table: _fields_kept,
    stages.Fields: _fields_kept,
    stages.Dedup: _fields_kept,
}
