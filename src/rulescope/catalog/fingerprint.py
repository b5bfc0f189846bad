"""A hash over the code and knowledge that make records: where it differs, nothing kept from before is used."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import rulescope

_ROOMS = ("text", "ir", "languages", "knowledge", "corpus", "analysis", "catalog")
"""What rules pass through on their way into a catalogue."""


@cache
def reading_fingerprint() -> str:
    """The hash, over every file of the rooms that rules pass through on their way into a catalogue.

    Hashing the code itself, and not a number that people must remember to raise, costs some ten milliseconds.
    """
    home = Path(rulescope.__file__).resolve().parent
    total = blake2b(digest_size=16)
    paths = [path for room in _ROOMS for path in sorted((home / room).rglob("*"))]
    for path in paths:
        if path.suffix != ".pyc" and path.is_file():
            total.update(f"{path.relative_to(home).as_posix()}\0".encode())
            total.update(blake2b(path.read_bytes(), digest_size=16).digest())
    return total.hexdigest()
