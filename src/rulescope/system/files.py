"""Files that are written whole or not at all."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rulescope.system.processes import is_running


def write_whole(path: Path, data: bytes) -> None:
    """Puts the data at `path` in one step: whoever reads it finds the old file or the new one, never a part.

    A file that was there keeps its mode, a link stays one. What is no file (a pipe, a device) is written to as it is,
    and so is a file in a folder that takes no new ones. Raises `OSError`, and then leaves what was there.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        target.write_bytes(data)
        return
    try:
        with draft_of(target) as draft:
            draft.write_bytes(data)
            if mode is not None:
                draft.chmod(stat.S_IMODE(mode))
    except PermissionError:
        if mode is None or os.access(target.parent, os.W_OK):
            raise
        target.write_bytes(data)


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes its place, once it is on disk.

    Where something is raised, the draft is removed and `path` is left as it was. Drafts that killed processes left
    there are removed.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    _remove_stale_drafts(path)
    try:
        yield draft
        _flush(draft)
        draft.replace(path)
        _flush(path.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Waits until a file (or what a folder lists) is on disk; folders can't be asked everywhere."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_stale_drafts(path: Path) -> None:
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.draft"):
        number = draft.name.split(".")[-2]
        # One with this process's id is of an earlier process of that id: this one begins its own only now.
        if number.isdecimal() and (int(number) == os.getpid() or not is_running(int(number))):
            draft.unlink(missing_ok=True)
