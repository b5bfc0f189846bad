"""The parts of an event's time that Splunk keeps as fields: `date_hour`, `date_wday` and their like.

Source: Knowledge Manager Manual, "Use default fields": they are of the time as the event itself writes it. Which zone
that was is not kept here, so that they are of UTC, as times without a zone are read; `date_zone` is not known.
"""

from __future__ import annotations

from rulescope.engines.sql.build import column, sql
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import Value, auto_value

_FORMATS = {
    "date_hour": "%-H", "date_mday": "%-d", "date_minute": "%-M", "date_month": "%B", "date_second": "%-S",
    "date_wday": "%A", "date_year": "%Y",
}  # fmt: skip
TIME_FIELDS = tuple(_FORMATS)
"""Their names."""


def time_field(name: str, time: Column) -> Value:
    """The part of the time; months and days of the week are lower-case words."""
    moment = sql("make_timestamp(CAST(floor(:t) AS BIGINT) * 1000000)", t=column(time.physical))
    return auto_value(sql("lower(strftime(:m, :f))", m=moment, f=_FORMATS[name]))
