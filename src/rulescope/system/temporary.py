"""Temporary folders that go with the process that made them, and are removed by the next one where it was killed.

A folder is locked for as long as its process lives; the system lets go of the lock however the process ends. So a
folder with a name of ours that can be locked is nobody's any more.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

_NAME = re.compile(r"rulescope-(?:run|logs|spill)-[0-9a-f]{16}")
_ATTEMPTS = 20


class TemporaryFolder:
    """A folder of this process under the system's folder for temporary files, for its user alone.

    `purpose` is `run`, `logs` or `spill`. Raises `OSError` where none can be made.
    """

    def __init__(self, purpose: str) -> None:
        above = Path(tempfile.gettempdir())
        _sweep_once(above)
        for _ in range(_ATTEMPTS):
            path = above / f"rulescope-{purpose}-{secrets.token_hex(8)}"
            path.mkdir(mode=0o700)
            lock = _lock(path)
            if lock is not None:
                break
        else:
            raise OSError(f"no temporary folder can be made in {above}")
        self.path = path
        self._lock: int | None = lock
        self._process = os.getpid()

    def remove(self) -> None:
        """Removes the folder with all that is in it, once; a fork of the process leaves it alone."""
        if self._lock is None or self._process != os.getpid():
            return
        shutil.rmtree(self.path, ignore_errors=True)
        _unlock(self._lock)
        self._lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def sweep(above: Path) -> None:
    """Removes the temporary folders in `above` that processes of this user left behind."""
    if os.name == "nt":
        return
    try:
        with os.scandir(above) as entries:
            found = [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]
    except OSError:
        return
    for path in found:
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            _unlock(lock)


@cache
def _sweep_once(above: Path) -> None:
    sweep(above)


def _lock(path: Path) -> int | None:
    """A lock on the folder (a descriptor); None where another process has it, it is gone, or it is not this user's.

    Links are not followed. The folder is looked at again once it is locked: a sweep may have removed it before.
    """
    if os.name == "nt":
        return _NO_LOCKS if path.is_dir() else None
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked, named = os.fstat(descriptor), path.lstat()
        if (locked.st_dev, locked.st_ino) == (named.st_dev, named.st_ino) and _is_ours(locked):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _unlock(lock: int) -> None:
    if lock != _NO_LOCKS:
        os.close(lock)


_NO_LOCKS = -1
"""Stands for a lock where the system has none on folders; there, nothing is swept."""
