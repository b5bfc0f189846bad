"""`iplocation`: where addresses are.

Facts: Splunk, Search Reference, "iplocation": the fields added; an address without a place adds none.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import column, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import NO_VALUE, Frame
from rulescope.engines.sql.schema import Column, free_name
from rulescope.engines.sql.stages.merging import literal_frame
from rulescope.engines.sql.values import Type, as_text
from rulescope.errors import Refusal
from rulescope.ir import stages

_FIELDS = ("City", "Country", "Region", "lat", "lon")
_ALL_FIELDS = ("City", "Continent", "Country", "MetroCode", "Region", "Timezone", "lat", "lon")
_MAXIMUM = 1_000_000
_LEFT, _RIGHT = "_rs_left", "_rs_right"


@compiles(stages.IpLocation)
def compile_iplocation(stage: stages.IpLocation, frame: Frame, context: Context) -> Frame:
    """City, country, region and coordinates of an address; fields without values where no place data is given."""
    names = _ALL_FIELDS if stage.all_fields else _FIELDS
    value = frame.value(stage.field)
    if context.places is None:
        message = "no file of places was given: iplocation adds fields without values"
        context.note("RUN105", message, stage.span)
    if context.places is None or value is None:
        targets = [f"{stage.prefix}{name}" for name in names]
        return frame.assign({name: NO_VALUE for name in targets if name not in frame.schema.fields})
    context.need_data(stage, "the places of the addresses are looked up")
    label = frame.stage
    stored = context.materialize(frame).at(label)
    address = as_text(value) if value.type is not Type.MULTI else sql("list_extract(:x, 1)", x=value.node)
    found = context.distinct(stored, address, _MAXIMUM + 1)
    if len(found) > _MAXIMUM:
        raise Refusal(f"iplocation takes at most {_MAXIMUM} addresses", span=stage.span, code="RUN021")
    rows = []
    for text in found:
        place = context.places.place(text, stage.language)
        if place:
            rows.append([text, *(place.get(name) for name in names)])
    columns = [("k", Type.AUTO), *((f"v{index}", Type.AUTO) for index in range(len(names)))]
    table = literal_frame(stored.program, columns, rows, f"{label}_places", context)
    return _joined(stage, stored, table, names, address)


def _joined(
    stage: stages.IpLocation, frame: Frame, table: Frame, names: tuple[str, ...], address: exp.Expression
) -> Frame:
    columns: dict[str, exp.Expression | None] = {name: column(name, _LEFT) for name in frame.passed()}
    fields = dict(frame.schema.fields)
    used = frame.schema.physical_names()
    for index, name in enumerate(names):
        target = f"{stage.prefix}{name}"
        node: exp.Expression = column(f"v{index}", _RIGHT)
        before = fields.get(target)
        if before is None:
            physical = free_name(target, used)
        else:
            physical = before.physical
            node = sql("COALESCE(:n, :o)", n=node, o=as_text(before.value(_LEFT)))
        columns[physical] = node
        fields[target] = Column(physical, Type.AUTO)
    key = address.transform(lambda part: column(part.name, _LEFT) if isinstance(part, exp.Column) else part)
    body = (
        exp.Select()
        .from_(_named(frame, _LEFT))
        .join(_named(table, _RIGHT), on=sql("(:a = :b)", a=key, b=column("k", _RIGHT)), join_type="left")
    )
    return frame.then(columns, frame.schema.with_fields(fields), body)


def _named(frame: Frame, alias: str) -> exp.Expr:
    return exp.alias_(exp.Table(this=exp.to_identifier(frame.relation, quoted=True)), alias, table=True, quoted=True)
