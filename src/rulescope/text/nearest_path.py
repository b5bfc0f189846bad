"""The file or folder that a path which isn't there was probably meant to be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from rulescope.text.nearest import nearest_name

_MOST_ENTRIES = 2_000
"""Files and folders that are looked at for one of a given name."""


def nearest_path(path: Path) -> Path | None:
    """The file or folder that a path which isn't there was probably meant to be.

    It is the one of nearly the same name at each step of the path; else the one of the very name further down.
    """
    slashed = Path(str(path).replace("\\", "/"))
    if slashed != path and slashed.exists():
        return slashed
    here = Path(slashed.anchor) if slashed.anchor else Path()
    for part in slashed.relative_to(slashed.anchor).parts:
        if not (here / part).exists():
            names = _names(here)
            near = nearest_name(part, names) or _alike_but_for_ending(part, names)
            if near is None:
                return _below(here, slashed.name)
            part = near
        here /= part
    return here


def _alike_but_for_ending(name: str, known: Iterable[str]) -> str | None:
    stem = Path(name).stem.lower()
    return next((one for one in known if Path(one).stem.lower() == stem), None)


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, _MOST_ENTRIES)]
    except OSError:
        return []


def _below(folder: Path, name: str) -> Path | None:
    """The one entry of that name under the folder, among the first that are met."""
    found = [path for path in islice(_entries(folder), _MOST_ENTRIES) if path.name == name]
    return found[0] if len(found) == 1 else None


def _entries(folder: Path) -> Iterator[Path]:
    """What is under a folder, each folder's own first; not by `os.walk`, which recurs with every level."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        yield from (Path(entry.path) for entry in found)
        below = [entry for entry in found if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)]
        waiting += [Path(entry.path) for entry in reversed(below)]
