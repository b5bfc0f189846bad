"""Faults of ours: what is said of them, and a file with the traceback for a report."""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
import traceback
from pathlib import Path

import rulescope


def explain_fault(error: BaseException) -> str:
    """The exception on one line, cut where it is long."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]


def report_hint(error: BaseException) -> str:
    """What to do about a fault: report it, with the file that the traceback was put into where one could be written."""
    path = keep_traceback(error)
    return f"please report it with the traceback, which is in {path}" if path else "please report it"


def keep_traceback(error: BaseException) -> Path | None:
    """Write the traceback, with the versions that a report needs, into a file of the folder for temporary files.

    The same fault has the same file, so that a thousand rules with it make one. None where it can't be written.
    """
    trace = "".join(traceback.format_exception(error))
    head = f"rulescope {rulescope.__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    name = hashlib.blake2b(_places(error).encode(), digest_size=6).hexdigest()
    path = Path(tempfile.gettempdir()) / f"rulescope-fault-{name}.txt"
    try:
        # Others may write into this folder: a link, or a file of theirs, is left alone.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(head + trace)
    except FileExistsError:
        return path if _is_ours(path) else None
    except OSError:
        return None
    return path


def _places(error: BaseException) -> str:
    """Where the exception was raised, without what it says of single values."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join([type(error).__name__, *(f"{one.filename}:{one.lineno}" for one in frames)])


def _is_ours(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return os.name == "nt" or (status.st_uid == os.getuid() and not path.is_symlink())
