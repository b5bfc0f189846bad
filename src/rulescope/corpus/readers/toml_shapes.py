"""Values of a TOML document as texts, maps and lists of them; what has another shape counts as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_text(value: object) -> str | None:
    """A text without white space around it; None for anything else, or where it is empty."""
    return (value.strip() or None) if isinstance(value, str) else None


def as_texts(value: object) -> tuple[str, ...]:
    """The texts of a list, or the one that stands where a list could."""
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    if not isinstance(value, Sequence):
        return ()
    return tuple(text for one in value if (text := as_text(one)))


def as_mapping(value: object) -> Mapping[str, Any]:
    """A map; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def as_mappings(value: object) -> list[Mapping[str, Any]]:
    """The maps of a list, or the one that stands where a list could."""
    if isinstance(value, Mapping):
        return [value]
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
