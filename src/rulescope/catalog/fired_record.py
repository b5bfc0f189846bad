"""What a rule found when the catalogue's rules were last run on logs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FiredRecord:
    """What a rule found when the catalogue's rules were last run on logs (`rulescope run --catalog`).

    `at` is when (ISO 8601, UTC), `logs` the files and folders, `total_events` how many events they held. `status` is
    `run`, `refused` or `failed` (`message` says why). `rows` is the number of result rows, `events` that of the events
    behind them, and `places` the first of these as (file, EventRecordID or line).
    """

    at: str
    logs: tuple[str, ...]
    total_events: int
    status: str
    rows: int
    events: int
    message: str | None
    places: tuple[tuple[str, int], ...]
