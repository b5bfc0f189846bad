"""Processes that run rules. One that dies costs the rule that it was at, and another takes its place."""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Protocol

from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.worker import READY, NotReady
from rulescope.system.deadline import Deadline

_CHUNK = 16
_MOST_LAZY = 3
"""Processes in a row that may die before they have begun."""


class Process(Protocol):
    """A process that runs rules: what it answers is put into the queue it was made with, and None when it has died."""

    def give(self, rules: Sequence[HuntRule]) -> None:
        """Hands it rules to run."""

    def end(self) -> int:
        """Ends it, waits for that, and gives its exit status, negative where a signal ended it."""


Start = Callable[[Callable[[object], None]], Process]
"""Starts a process, which tells its answers to the function given."""


class RuleProcess:
    """A process of `rulescope.hunt.worker`."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], share: object, told: Callable[[object], None]
    ) -> None:
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._listen, args=(told,), daemon=True).start()
        self._send(share)

    def give(self, rules: Sequence[HuntRule]) -> None:
        """Hands it rules to run."""
        self._send(list(rules))

    def end(self) -> int:
        """Ends it, waits for that, and gives its exit status, negative where a signal ended it."""
        if self._process.poll() is None:
            self._process.kill()
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        return status

    def _send(self, what: object) -> None:
        assert self._process.stdin is not None
        # One that is gone is noticed by its listener.
        with suppress(OSError):
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()

    def _listen(self, told: Callable[[object], None]) -> None:
        assert self._process.stdout is not None
        # What a dying process wrote last may be cut off.
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
            while True:
                told(pickle.load(self._process.stdout))
        told(None)


class _Member:
    """A process of the crew, whether it has begun, and the rules that it has yet to answer."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self.begun = False
        self.rules: deque[HuntRule] = deque()


class Crew:
    """Runs rules in several processes: each has a run of rules that begin alike, and helps another when it is done."""

    def __init__(self, rules: Sequence[HuntRule], size: int, start: Start, seconds: float) -> None:
        """`start` starts a process; `seconds` is what a rule may take, for the words that say that one took more."""
        share = -(-len(rules) // size)
        self._left = [deque(rules[first : first + share]) for first in range(0, share * size, share)]
        self._start = start
        self._seconds = seconds
        self._answers: queue.SimpleQueue[tuple[int, _Member, Any]] = queue.SimpleQueue()
        self._members: dict[int, _Member] = {}
        self._lazy = 0
        self._reason = ""

    def work(self) -> Iterator[RuleOutcome]:
        """The outcome of each rule as it comes. All processes have ended when this has."""
        try:
            for number in range(len(self._left)):
                self._hire(number)
            while self._members:
                number, member, answer = self._answers.get()
                if self._members.get(number) is not member:
                    continue
                if answer is None:
                    yield from self._bury(number, member)
                elif isinstance(answer, NotReady):
                    self._reason = answer.reason
                else:
                    self._lazy = 0
                    if answer != READY:
                        member.rules.popleft()
                        yield answer
                    member.begun = True
                    if not member.rules:
                        self._supply(number, member)
        finally:
            for member in self._members.values():
                if member.process is not None:
                    member.process.end()

    def _hire(self, number: int) -> None:
        """Starts a process, where there is something to do for one."""
        if not any(self._left):
            return
        member = self._members[number] = _Member()
        member.process = self._start(lambda answer: self._answers.put((number, member, answer)))

    def _supply(self, number: int, member: _Member) -> None:
        """Gives a process the next few rules, or ends it where all are given out."""
        assert member.process is not None
        member.rules.extend(self._next(number))
        if member.rules:
            member.process.give(member.rules)
        else:
            del self._members[number]
            member.process.end()

    def _next(self, number: int) -> list[HuntRule]:
        own = self._left[number]
        if own:
            return [own.popleft() for _ in range(min(_CHUNK, len(own)))]
        other = max(self._left, key=len)
        return [other.pop() for _ in range(min(_CHUNK, len(other)))]

    def _bury(self, number: int, member: _Member) -> Iterator[RuleOutcome]:
        """A process died: that costs the rule that it was at; those that it had not begun are run by others."""
        assert member.process is not None
        del self._members[number]
        status = member.process.end()
        if member.rules:
            yield self._lost(member.rules.popleft(), status)
            self._left[number].extendleft(reversed(member.rules))
        elif not member.begun:
            self._lazy += 1
        if self._lazy < _MOST_LAZY:
            self._hire(number)
        elif not self._members:
            for rules in self._left:
                while rules:
                    yield self._unrun(rules.popleft(), status)

    def _lost(self, rule: HuntRule, status: int) -> RuleOutcome:
        if hasattr(signal, "SIGALRM") and status == -signal.SIGALRM:
            error = Deadline(self._seconds).error()
            return RuleOutcome(rule.number, "failed", code=error.code, message=error.message, seconds=self._seconds)
        message = f"the process that ran it ended ({_told(status)}), and the rule with it"
        if status == -9:
            message += "; a system short of memory ends processes so"
        return RuleOutcome(rule.number, "failed", code="RUN140", message=message)

    def _unrun(self, rule: HuntRule, status: int) -> RuleOutcome:
        why = self._reason or f"the last one ended ({_told(status)}) before it had begun"
        message = f"no process could be started to run it: {why}"
        return RuleOutcome(rule.number, "failed", code="RUN141", message=message)


def _told(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else "unknown"
    return f"signal {-status}, {name}"
