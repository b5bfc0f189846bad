"""Where addresses are, from a file in MaxMind's format (GeoLite2 City, GeoIP2 City, and others of its shape)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rulescope.errors import KnowledgeError


class PlaceFile:
    """Places of addresses; it is the compiler's `PlaceSource`.

    Raises `KnowledgeError` where the file can't be read as MaxMind's format, or the package `maxminddb` is not there.
    """

    def __init__(self, path: Path) -> None:
        try:
            maxminddb = import_module("maxminddb")
        except ImportError as error:
            raise KnowledgeError("places need the package 'maxminddb'", hint="pip install maxminddb") from error
        try:
            self._reader: Any = maxminddb.open_database(str(path))
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise KnowledgeError(f"{path} is no file of places: {error}") from error
        self._cached = lru_cache(maxsize=100_000)(self._place)

    def place(self, address: str, language: str | None) -> Mapping[str, str]:
        """What the file says of the address (or, of a network, of its first address); nothing where it has none."""
        return self._cached(address.partition("/")[0].strip(), language or "en")

    def _place(self, address: str, language: str) -> dict[str, str]:
        try:
            found = self._reader.get(address)
        except (ValueError, KeyError):
            return {}
        if not isinstance(found, dict):
            return {}
        location = found.get("location") or {}
        regions = found.get("subdivisions") or []
        parts = {
            "City": _name(found.get("city"), language),
            "Country": _name(found.get("country"), language),
            "Region": _name(regions[0] if regions else None, language),
            "Continent": _name(found.get("continent"), language),
            "lat": _text(location.get("latitude")),
            "lon": _text(location.get("longitude")),
            "MetroCode": _text(location.get("metro_code")),
            "Timezone": _text(location.get("time_zone")),
        }
        return {name: value for name, value in parts.items() if value}


def _name(entry: Any, language: str) -> str | None:
    names = entry.get("names") if isinstance(entry, dict) else None
    return (names.get(language) or names.get("en")) if isinstance(names, dict) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
