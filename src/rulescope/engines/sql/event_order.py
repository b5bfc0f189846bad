"""The order in which a search takes events where its language says one: newest first.

Splunk, Search Reference, "dedup" (a historical search looks at the most recent events first), "head", "streamstats",
"Event order functions". Of events of one time the later in the input goes first, as what was indexed last is shown
first; events without a time come last, in the order of the input, which is all that is known of them.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import integer, sql

_TICKS = 2**22
"""Parts of a second that the doubles of today's times tell apart."""
_ROWS = 2**40
"""More than a load has events."""
_UNTIMED = 2**120
"""Beyond every time."""


def newest_first(row: exp.Expression, time: exp.Expression) -> exp.Expression:
    """The number of an event that counts from the newest, out of its time and its place in the input.

    It is computed from the event alone, so that a database can still filter before it, and leave it out where nothing
    asks for the order.
    """
    return sql(
        "COALESCE(-(CAST(:t * :ticks AS HUGEINT) * :rows + :r), :untimed + :r)",
        t=time,
        r=row,
        ticks=integer(_TICKS),
        rows=integer(_ROWS),
        untimed=integer(_UNTIMED),
    )


def ranked_newest_first(row: exp.Expression, time: exp.Expression) -> exp.Expression:
    """The same as the rank among all events: what every database has, for plans that are made without data."""
    untimed_last = exp.Ordered(this=time.copy(), desc=True, nulls_first=False)
    place = sql("CASE WHEN :t IS NULL THEN :r ELSE -:r END", t=time, r=row)
    order = exp.Order(expressions=[untimed_last, exp.Ordered(this=place)])
    return exp.Window(this=exp.RowNumber(), order=order)
