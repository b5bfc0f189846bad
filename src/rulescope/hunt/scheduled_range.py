"""The time range that a rule's file gives to its runs, where it is said when the run is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rulescope import ir
from rulescope.engines.options import Options
from rulescope.engines.sql.times import instant_of
from rulescope.errors import Refusal
from rulescope.languages.spl.times import written_time

if TYPE_CHECKING:
    from rulescope.corpus.frame import RuleFrame


def in_scheduled_range(
    parsed: ir.ParsedQuery, frame: RuleFrame | None, options: Options
) -> tuple[ir.ParsedQuery, Options]:
    """The query and how it is run: within the range of its runs, which is then said of it, or over all events.

    A range that can't be read is not applied, and what is said of it stays.
    """
    scheduled = frame.scheduled if frame is not None else None
    if scheduled is None or not options.scheduled:
        return parsed, options
    try:
        earliest = None if scheduled.earliest == "0" else instant_of(written_time(scheduled.earliest), options)
        latest = instant_of(written_time(scheduled.latest), options)
    except Refusal:
        return parsed, options
    left_out, applied = scheduled.left_out(), scheduled.applied()
    diagnostics = tuple(applied if one == left_out else one for one in parsed.diagnostics)
    return replace(parsed, diagnostics=diagnostics), replace(options, earliest=earliest, latest=latest)


__all__ = ["in_scheduled_range"]
