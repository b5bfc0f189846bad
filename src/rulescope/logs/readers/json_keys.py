"""Whether a JSON text has a key twice in one object, of which a decoder keeps the last value only."""

from __future__ import annotations

import json
import re
from typing import Any

_AFTER_QUOTE = (b'" ', b'"\t', b'"\r', b'"\n')
_APART = re.compile(rb'"[ \t\r\n]+:')
"""A key with blanks before its colon, which counting does not see."""

REPEATED = ("LOG051", "a key stands more than once in an object: its last value counts")


def repeats_keys(data: bytes, value: Any) -> bool:
    """Whether an object in the text that `value` was read from has a key more than once."""
    # Counting is cheap: only where not as many keys seem to be written as were read, the text is read once more.
    # An escaped quote ends no key, unless what is escaped is the backslash before it.
    try:
        if _as_many(data, value):
            return False
    except RecursionError:
        pass  # Nests too deep to count: the text tells, as far as it can be read.
    found = False

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({name for name, _ in items}) < len(items)

    try:
        json.loads(data, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return found
    return found


def _as_many(data: bytes, value: Any) -> bool:
    """Whether as many keys are written as were read, as far as counting tells."""
    if any(blank in data for blank in _AFTER_QUOTE) and _APART.search(data):
        return False
    surplus = data.count(b'":') - _keys(value)
    if surplus > 0 and b'\\\\":' not in data:
        surplus -= data.count(b'\\":')
    return surplus == 0


def _keys(value: Any) -> int:
    named = value.__class__ is dict
    count = len(value) if named else 0
    for one in value.values() if named else value if value.__class__ is list else ():
        if one.__class__ is dict or one.__class__ is list:
            count += _keys(one)
    return count
