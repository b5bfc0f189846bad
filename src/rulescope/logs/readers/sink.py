"""Where readers put what they read: events, and problems with their place."""

from __future__ import annotations

from typing import Protocol

from rulescope.logs.model import Event


class Sink(Protocol):
    """Takes the events and problems of one input, in order."""

    def event(self, event: Event) -> None:
        """Take an event."""

    def problem(self, message: str, *, record: int | None = None, offset: int | None = None, count: int = 1) -> None:
        """Take a record that can't be read; `count` where one problem stands for several records."""

    def lines(self, count: int) -> None:
        """Learn how many lines the input (or the part of it that was read) has."""
