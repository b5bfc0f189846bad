"""The time that the work on one rule or search may take, from its text to its last row."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

from rulescope.errors import LimitError
from rulescope.system.processes import set_alarm

GRACE = 1.5
"""Seconds after which work that does not notice its deadline is ended with its process, where that may be."""


_ITEMS = 32

Item = TypeVar("Item")


class Deadline:
    """A clock that runs while the work is being done: `with deadline:` starts it, and stops it at the end.

    Started again, it goes on with what is left. `check` is for loops; what runs the work elsewhere asks `left`. In a
    process that is ours to end, the system ends it `GRACE` seconds after the deadline, whatever it is doing.
    """

    __slots__ = ("_depth", "_ends", "_left", "seconds")

    def __init__(self, seconds: float = 0.0) -> None:
        """`seconds` 0: no bound."""
        self.seconds = seconds
        self._left = seconds or math.inf
        self._ends = math.inf
        self._depth = 0

    @property
    def left(self) -> float:
        """The seconds that are left (infinite where there is no bound, or the clock stands)."""
        return self._ends - time.monotonic()

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._ends

    def check(self) -> None:
        """Raises `LimitError` where the time is up."""
        if time.monotonic() > self._ends:
            raise self.error()

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items, with a look at the clock every now and then. Raises `LimitError` where the time is up."""
        for number, item in enumerate(items):
            if not number % _ITEMS:
                self.check()
            yield item

    def error(self) -> LimitError:
        """What is said where the time is up."""
        return LimitError(
            f"the search took more than {self.seconds:g} s", hint="--timeout S gives it longer, 0 as long as it takes"
        )

    def __enter__(self) -> Deadline:
        self._depth += 1
        if self._depth == 1:
            self._run()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stops the clock for work that is not the rule's own, such as what many rules share."""
        running = self._ends < math.inf
        if running:
            self._stop()
        try:
            yield
        finally:
            if running:
                self._run()

    def _run(self) -> None:
        if self._left < math.inf:
            self._ends = time.monotonic() + self._left
            set_alarm(max(self._left, 0.0) + GRACE)

    def _stop(self) -> None:
        if self._ends < math.inf:
            set_alarm(0)
            self._left = self._ends - time.monotonic()
            self._ends = math.inf
