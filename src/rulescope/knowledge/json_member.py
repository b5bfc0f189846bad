"""Members of JSON objects as Java prints them: what Elastic's ingest pipelines keep of a request's parameters."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

_DEEPEST = 64


@lru_cache(maxsize=20_000)
def printed_member(text: str, key: str) -> str | None:
    """The member `key` of the object that `text` holds, printed as Java's maps and lists print themselves
    (`{a=1, b=[x, y]}`); None where the text is no object or has no such member.

    Members that are null, empty texts, or empty themselves are left out, as the pipeline drops them. Keys come in the
    order of the text; Java keeps none, so a rule that counts on their order counts on chance.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    member = _without_empty(found.get(key), 0) if isinstance(found, dict) else None
    return None if member is None else _printed(member)


def _without_empty(value: Any, depth: int) -> Any:
    if depth > _DEEPEST or value is None or value == "":
        return None
    if isinstance(value, dict):
        kept = {name: inner for name, item in value.items() if (inner := _without_empty(item, depth + 1)) is not None}
        return kept or None
    if isinstance(value, list):
        return [inner for item in value if (inner := _without_empty(item, depth + 1)) is not None] or None
    return value


def _printed(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_printed(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_printed, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
