"""Fields that Splunk gives every event as it takes it in: the parts of its time (`date_hour`, `date_wday` and their
like), and the number of its lines.

Source: Knowledge Manager Manual, "Use default fields". The parts of the time are of it as the event itself writes it.
Which zone that was is not kept here, so that they are of UTC, as times without a zone are read; `date_zone` is not
known. `punct`, `splunk_server`, `_indextime` and others are of an index alone: no log has them, which is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulescope.engines.sql.build import column, sql
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Value, auto_value

_FORMATS = {
    "date_hour": "%-H", "date_mday": "%-d", "date_minute": "%-M", "date_month": "%B", "date_second": "%-S",
    "date_wday": "%A", "date_year": "%Y",
}  # fmt: skip
_LINES = "linecount"
DEFAULT_FIELDS = (*_FORMATS, _LINES)
"""Their names."""


def default_field(name: str, fields: Mapping[str, Column]) -> Value | None:
    """The field over the raw columns, None where what it is of is not there. Months and days of the week are lower-case
    words."""
    held = fields.get("_raw" if name == _LINES else "_time")
    if held is None:
        return None
    node = column(held.physical)
    if name == _LINES:
        # A line that is not ended is one; an end without a line behind it begins none.
        return auto_value(sql("CAST(len(string_split(rtrim(:x, chr(10)), chr(10))) AS VARCHAR)", x=node))
    moment = sql("make_timestamp(CAST(floor(:t) AS BIGINT) * 1000000)", t=node)
    return auto_value(sql("lower(strftime(:m, :f))", m=moment, f=_FORMATS[name]))
