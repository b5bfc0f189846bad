"""One row a value of a multivalue field."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import column, integer, sql
from rulescope.engines.sql.frame import Frame, ordered, row_number
from rulescope.engines.sql.schema import ROW, Column
from rulescope.engines.sql.values import Type

_VALUE = "_rs_value"
_POSITION = "_rs_position"


def explode(frame: Frame, field: str, limit: int | None = None) -> Frame:
    """The rows, each once for every value of `field` (which then holds one); a row without a value stays as it is."""
    entry = frame.schema.fields[field]
    if entry.type is not Type.MULTI:
        return frame.then(frame.passed())
    # Qualified, as DuckDB takes a bare "user" in a subquery for the name of the database user.
    items: exp.Expression = column(entry.physical, frame.relation)
    if limit:
        items = sql("list_slice(:x, 1, :n)", x=items, n=integer(limit))
    inner = exp.Select(
        expressions=[
            exp.alias_(sql("unnest(COALESCE(:x, CAST([NULL] AS VARCHAR[])))", x=items), _VALUE, quoted=True),
            exp.alias_(
                sql("generate_subscripts(COALESCE(:x, CAST([NULL] AS VARCHAR[])), 1)", x=items), _POSITION, quoted=True
            ),
        ]
    )
    body = frame.source().join(exp.Subquery(this=inner).as_("_rs_values", quoted=True), join_type="cross")
    columns = frame.passed()
    columns[entry.physical] = column(_VALUE)
    columns[ROW] = row_number([ordered(column(ROW)), ordered(column(_POSITION))], then_row=False)
    schema = frame.schema.with_fields({**frame.schema.fields, field: Column(entry.physical, Type.AUTO, entry.mixed)})
    return frame.then(columns, schema, body)
