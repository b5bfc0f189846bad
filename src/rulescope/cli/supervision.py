"""The program as two processes: one does the work, the other sees to it that it ends well.

Python acts on a signal only between two steps of its own, and a library at work may take minutes for one; it may also
take the process down with it, and a system short of memory kills without a word. So the one that waits takes the
signals, ends the worker (at first gently), says in one line what happened, and removes what is left. Where a process
can't be forked, the program is one process, which is interrupted where it can be.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from rulescope.system.processes import end_on, end_with, own_process

PATIENCE = 3.0
"""Seconds that the worker has to clean up after itself before it is killed."""

_MESSAGES = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "the terminal was closed"}
_FAILED = 1

_earlier_end = 0


def earlier_end() -> int:
    """The signal that ended a process that did this work before; 0 where this is the first."""
    return _earlier_end


def supervised(work: Callable[[], int], again: Callable[[int], bool]) -> int:
    """Does the work in a process of its own, and gives its exit status, in either process.

    Where a signal that nobody sent us ended it, `again` is asked whether it is worth a second time.
    """
    if not hasattr(os, "fork") or _has_threads():
        return _alone(work)
    for attempt in (1, 2):
        watch = _Watch()
        parent = os.getpid()
        watch.hold()
        child = os.fork()
        if child == 0:
            _begin_work(parent)
            return work()
        status = watch.wait(child)
        if watch.received:
            return watch.ended(status)
        if status >= 0:
            return status
        _remove_leftovers()
        if attempt == 2 or not again(-status):
            break
        _keep_end(-status)
    return _died(-status)


def _has_threads() -> bool:
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


def _alone(work: Callable[[], int]) -> int:
    if not _has_threads():
        end_on(signal.SIGINT)
    status = work()
    if status == 128 + signal.SIGINT:
        sys.stderr.write(f"{_MESSAGES['SIGINT']}\n")
    return status


def _begin_work(parent: int) -> None:
    """What the process that works does first: signals of the terminal are for the other, which sends it SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_on(signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _Watch.SIGNALS)
    own_process()
    end_with(parent)


class _Watch:
    """The signals that the process that waits receives, and what it does about them."""

    SIGNALS = tuple(getattr(signal, name) for name in _MESSAGES if hasattr(signal, name))

    def __init__(self) -> None:
        self.received = 0
        self._child = 0

    def hold(self) -> None:
        """Puts signals off until there is a process to end."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self.SIGNALS)

    def wait(self, child: int) -> int:
        """Waits for the process, and gives its exit status, negative where a signal ended it."""
        self._child = child
        for number in self.SIGNALS:
            # What was to be ignored (`nohup`, a job in the background) still is.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._receive)
        signal.signal(signal.SIGALRM, self._kill)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self.SIGNALS)
        _, status = os.waitpid(child, 0)
        self._child = 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        return os.waitstatus_to_exitcode(status)

    def ended(self, status: int) -> int:
        """What is said of a process that was ended by a signal of ours, and the status to exit with."""
        if status >= 0 and status != 128 + signal.SIGTERM:
            # It was done before it heard of the signal.
            return status
        _remove_leftovers()
        sys.stderr.write(_MESSAGES[signal.Signals(self.received).name] + "\n")
        return 128 + self.received

    def _receive(self, number: int, frame: object) -> None:
        if self.received:
            self._kill(number, frame)
            return
        self.received = number
        self._send(signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def _kill(self, number: int, frame: object) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self._child:
            with suppress(ProcessLookupError):
                os.kill(self._child, number)


def _keep_end(number: int) -> None:
    global _earlier_end
    _earlier_end = number


def _remove_leftovers() -> None:
    """Removes the temporary folders of a process that was killed before it could."""
    import tempfile
    from pathlib import Path

    from rulescope.system.temporary import sweep

    with suppress(OSError):
        sweep(Path(tempfile.gettempdir()))


def _died(number: int) -> int:
    from rulescope.cli.errors import report
    from rulescope.errors import LimitError, RulescopeError

    if number == signal.SIGALRM:
        report(LimitError("the search took longer than its --timeout, and was ended"), sys.argv[1:])
        return _FAILED
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    hint = "a system short of memory ends processes so: take fewer logs or rules at a time"
    report(
        RulescopeError(
            f"the process that did the work was ended by {name}",
            code="RSC167",
            hint=hint if name == "SIGKILL" else None,
        ),
        sys.argv[1:],
    )
    return _FAILED
