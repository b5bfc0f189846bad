"""What is said of errors: one line that names the code, and a hint; a traceback only where it is asked for."""

from __future__ import annotations

import os
import traceback

from rulescope.errors import RulescopeError

TRACEBACK = "RULESCOPE_TRACEBACK"
"""The variable of the environment that asks for tracebacks."""


def print_traceback(error: Exception) -> None:
    """Prints the traceback of an error to stderr, where it is asked for."""
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)


def as_known(error: Exception) -> RulescopeError:
    """Any other exception as an error of ours: what the system refused, what went beyond its means, or our fault."""
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return RulescopeError(": ".join([*names, what]), code="RSC164", hint=_hint(error))
    if isinstance(error, MemoryError):
        return RulescopeError("there is not enough memory", code="RSC165", hint="take fewer logs or rules at a time")
    if isinstance(error, RecursionError):
        return RulescopeError("something nests too deeply to be read", code="RSC166", hint=_HOW)
    from rulescope.system.faults import explain_fault, report_hint

    return RulescopeError(f"a fault in Rulescope: {explain_fault(error)}", code="RSC900", hint=report_hint(error))


_HOW = f"please report it with the traceback that {TRACEBACK}=1 in the environment prints"


def _hint(error: OSError) -> str | None:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full: make room, or name another place; TMPDIR says where temporary files go"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "it may not be read or written by this user"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many files are open: `ulimit -n` allows more"
    return None
