"""Puts what rules found on logs into a catalogue, for their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.catalog.runs import MOST_EVENTS, RunRow, write_run

if TYPE_CHECKING:
    from rulescope.api.run import RunReport


def keep_run(catalog: Path, report: RunReport, logs: Sequence[Path]) -> int:
    """Keeps the run in the catalogue, in place of the one before; gives how many of its rules the catalogue has.

    Raises `NotFoundError` or `CatalogError` where there is no catalogue that can be written.
    """
    rows = [
        RunRow(
            one.path,
            one.outcome.status,
            one.outcome.count,
            len(one.outcome.events),
            one.outcome.message,
            tuple((event.file, event.record) for event in one.outcome.events[:MOST_EVENTS]),
        )
        for one in report.rules
    ]
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    return write_run(catalog, at, [str(path) for path in logs], report.events, rows)
