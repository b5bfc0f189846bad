"""Where readers put what they read: events, and problems with their place."""

from __future__ import annotations

from typing import Protocol

from rulescope.logs.model import Event

NOT_ITS_ENCODING = "bytes that are not of the file's encoding: U+FFFD stands in their place"


class Sink(Protocol):
    """Takes the events and problems of one input, in order."""

    def event(self, event: Event) -> None:
        """Take an event."""

    def problem(
        self,
        message: str,
        *,
        record: int | None = None,
        offset: int | None = None,
        count: int = 1,
        code: str = "LOG001",
    ) -> None:
        """Take a record that can't be read; `count` where one problem stands for several records, or for none."""

    def note(self, code: str, message: str, record: int | None = None, count: int = 1) -> None:
        """Take what is true of a record that was read, but not as it stands. The same of many records is said once."""

    def lines(self, count: int) -> None:
        """Learn how many lines the input (or the part of it that was read) has."""
