"""JSON rows as the events that the reference engine takes: what `json_rows` makes a table of."""

from __future__ import annotations

import json
from typing import Any

from json_rows import spelt


def load_events(text: str) -> tuple[dict[str, Any], ...]:
    """Each line of JSON as an event: a list is several values, `_time` a number, everything else text."""
    return tuple(event_of(json.loads(line)) for line in text.splitlines() if line.strip())


def event_of(held: dict[str, Any]) -> dict[str, Any]:
    """A JSON object as an event."""
    return {name: _value(name, value) for name, value in held.items() if value not in (None, [])}


def _value(name: str, value: Any) -> Any:
    if name == "_time":
        return float(value)
    if isinstance(value, list):
        texts = [spelt(item) for item in value]
        return texts[0] if len(texts) == 1 else texts
    return spelt(value)
