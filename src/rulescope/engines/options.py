"""How a pipeline is to be run, whatever engine runs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Order = Literal["newest", "input"]
"""In which order SPL takes events: newest first, or as the logs have them."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a pipeline is to be read. Times are epoch seconds.

    now            the instant that `now()` and relative times mean.
    time_zone      IANA name for times that are printed, parsed or cut to days.
    earliest, latest  the time range of the whole search, None for open; `latest` is exclusive.
    scheduled      the time ranges that rules' files give to their runs hold: it is said when the run is.
    subsearch_rows how many rows of a subsearch become a condition (Splunk: limits.conf, [subsearch] maxout = 10000).
    append_rows    how many rows `append`, `join` and their like take (limits.conf: maxout = 50000).
    order          the order in which events are taken, in languages that take the newest first.
    write          a folder that `outputlookup`, `outputcsv` and `collect` may write into; None: they write nothing.
    """

    now: float
    time_zone: str = "UTC"
    earliest: float | None = None
    latest: float | None = None
    scheduled: bool = False
    subsearch_rows: int = 10_000
    append_rows: int = 50_000
    order: Order = "newest"
    write: Path | None = None
