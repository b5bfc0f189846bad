"""Objects and lists of an event, of which the fields are the parts only: out of the raw event, where that is JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rulescope.engines.sql.build import sql
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Type, Value, as_text, auto_value

_RAW = "_raw"


def whole_value(name: str, value: Value | None, fields: Mapping[str, Column]) -> Value | None:
    """The value of a field, or, in events where it is an object or a list, that as JSON; `value` is what the field
    itself holds, None where there is no field of the name."""
    raw = fields.get(_RAW)
    several = value is not None and value.type is Type.MULTI
    if raw is None or not (several or name in _opened(tuple(fields))):
        return value
    path = "$" + "".join(f'."{step}"' for step in name.replace('"', "").split("."))
    whole = sql("json_extract_string(TRY_CAST(:x AS JSON), :p)", x=as_text(raw.value()), p=path)
    return auto_value(whole if value is None else sql("COALESCE(:w, :x)", w=whole, x=as_text(value)))


@lru_cache(maxsize=16)
def _opened(names: tuple[str, ...]) -> frozenset[str]:
    """What stands before a point or `{}` in the names: the objects and lists whose parts they are."""
    return frozenset(name[:place] for name in names for place, letter in enumerate(name) if letter in ".{")
