"""Whether a JSON text has a key twice in one object, of which a decoder keeps the last value only."""

from __future__ import annotations

import json
from typing import Any

import msgspec

REPEATED = ("LOG051", "a key stands more than once in an object: its last value counts")

_ENCODE = msgspec.json.Encoder().encode
_ESCAPED_COLON = b"\\u003"


def repeats_keys(data: bytes, value: Any) -> bool:
    """Whether an object in the text that `value` was read from has a key more than once."""
    if _has_all(data, value):
        return False
    found = False

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({name for name, _ in items}) < len(items)

    try:
        json.loads(data, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return found
    return found


def _has_all(data: bytes, value: Any) -> bool:
    """Whether the value is written as the text is, or has as many colons, so that no key of it was lost: each key has
    one, and texts keep theirs, but for one that is written as an escape. This costs about what the decoding does."""
    try:
        written = _ENCODE(value)
    except (ValueError, OverflowError, RecursionError):
        return False
    return written == data or (_ESCAPED_COLON not in data and data.count(b":") == written.count(b":"))
