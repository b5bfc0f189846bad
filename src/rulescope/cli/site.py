"""Whether a site still shows what a catalogue holds, so that a build without changes need not write it again."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import rulescope

STAMP = ".rulescope"
"""The file in a site that says what it was made from."""


def stamp_of(catalog: Path) -> str:
    """A hash over the catalogue's bytes, and over the code and templates that make a site of it."""
    total = blake2b(digest_size=16)
    home = Path(rulescope.__file__).resolve().parent
    for room in ("api", "web"):
        for path in sorted((home / room).rglob("*")):
            if path.suffix != ".pyc" and path.is_file():
                total.update(f"{path.relative_to(home).as_posix()}\0".encode())
                total.update(blake2b(path.read_bytes(), digest_size=16).digest())
    with catalog.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def is_current(site: Path, stamp: str) -> bool:
    """Whether the site was written whole, from what the stamp stands for."""
    try:
        return (site / STAMP).read_text(encoding="ascii") == stamp
    except (OSError, UnicodeDecodeError):
        return False


def forget(site: Path) -> None:
    """Takes the stamp away before the site is written anew: what dies halfway is not current."""
    (site / STAMP).unlink(missing_ok=True)


def remember(site: Path, stamp: str) -> None:
    """Says that the site is whole."""
    (site / STAMP).write_text(stamp, encoding="ascii")
