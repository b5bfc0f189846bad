"""Processes of ours: they end when they should, and with the one that started them."""

from __future__ import annotations

import os
import signal
import sys

_KILLED_WITH_PARENT = 1
"""Linux, prctl(2), PR_SET_PDEATHSIG."""

_owner = 0
_ending = 0


def own_process() -> None:
    """Says that this process does our work and nothing else: where a bound of time is passed, it may be ended."""
    global _owner
    _owner = os.getpid()
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def set_alarm(seconds: float) -> None:
    """Has the system end this process after so many seconds (0: not any more); nothing where it is not ours to end."""
    if _owner == os.getpid() and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def begin_worker(parent: int) -> None:
    """What a process that works for another one (`parent` is its id) does first.

    Interrupts are the other's business, which ends its workers; should it be killed, they go with it.
    """
    own_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_with(parent)


def is_running(process: int) -> bool:
    """Whether there is a process of this id; true where that can't be asked."""
    if os.name == "nt":
        return True  # there, asking by signal would end it
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def module_command(module: str) -> list[str]:
    """What starts a process that runs a module of ours; never one of that name in the current folder."""
    return [sys.executable, "-P", "-m", module]


def child_environment() -> dict[str, str]:
    """The environment for such a process: it finds modules where this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def end_with(parent: int) -> None:
    """Has the system end this process when the one that started it ends, on systems that can."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # It ended before the system was told.
        os._exit(1)


def end_on(number: int) -> None:
    """Has a signal end this process as `sys.exit` does, with 128 and its number; a fork of it ends at once."""
    process = os.getpid()

    def end(received: int, frame: object) -> None:
        global _ending
        if os.getpid() != process:
            os._exit(128 + received)
        signal.signal(received, signal.SIG_IGN)
        _ending = 128 + received
        # Raised while something is being thrown away, it would be printed and forgotten.
        sys.unraisablehook = lambda _: None
        raise SystemExit(_ending)

    signal.signal(number, end)


def check_ending() -> None:
    """Raises what a signal raised once more: a library that called us may have made an error of its own of it."""
    if _ending:
        raise SystemExit(_ending)
