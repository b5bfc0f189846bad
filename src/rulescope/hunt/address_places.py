"""Where addresses are, from a file in MaxMind's format (GeoLite2 City, GeoIP2 City, and others of its shape)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from rulescope.errors import KnowledgeError, missing_path


class PlaceFile:
    """Places of addresses; it is the compiler's `PlaceSource`.

    Raises `KnowledgeError` where the file can't be read as MaxMind's format, `NotFoundError` where it isn't there.
    """

    def __init__(self, path: Path) -> None:
        import maxminddb

        try:
            self._reader = maxminddb.open_database(str(path))
        except FileNotFoundError:
            raise missing_path(path, what="file of places") from None
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise KnowledgeError(f"{path} is no file of places: {error}") from error
        self._cached = lru_cache(maxsize=100_000)(self._place)

    def place(self, address: str, language: str | None) -> Mapping[str, str]:
        """What the file says of the address (or, of a network, of its first address); nothing where it has none."""
        return self._cached(address.partition("/")[0].strip(), language or "en")

    def _place(self, address: str, language: str) -> dict[str, str]:
        import maxminddb

        try:
            found = self._reader.get(ipaddress.ip_address(address))
        except (ValueError, KeyError, maxminddb.InvalidDatabaseError):
            return {}
        record = _record(found)
        location = _record(record.get("location"))
        regions = record.get("subdivisions")
        parts = {
            "City": _name(record.get("city"), language),
            "Country": _name(record.get("country"), language),
            "Region": _name(regions[0] if isinstance(regions, list) and regions else None, language),
            "Continent": _name(record.get("continent"), language),
            "lat": _text(location.get("latitude")),
            "lon": _text(location.get("longitude")),
            "MetroCode": _text(location.get("metro_code")),
            "Timezone": _text(location.get("time_zone")),
        }
        return {name: value for name, value in parts.items() if value}


def _record(value: object) -> dict[str, Any]:
    """The value if it is a record. Files of other makers may have anything in its place."""
    return value if isinstance(value, dict) else {}


def _name(entry: object, language: str) -> str | None:
    names = _record(_record(entry).get("names"))
    return _text(names.get(language) or names.get("en"))


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None
