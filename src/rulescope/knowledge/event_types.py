"""Event types of Splunk's own add-ons: the searches that they stand for."""

from __future__ import annotations

from functools import cache

from rulescope.knowledge.tables import load_rows


@cache
def _event_types() -> dict[str, str]:
    return {name: search for name, search, _ in load_rows("event_types.csv")}


def event_type(name: str) -> str | None:
    """The search that an event type stands for, or None where it is not known; letters' case is not told apart."""
    return _event_types().get(name.lower())
