"""What of the given files was passed over."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulescope.corpus import PassedOver
from rulescope.text import Severity


@dataclass(frozen=True, slots=True)
class PassedThing:
    """A rule or file that was passed over; `rule` is the slug of its page, where it has one."""

    fact: PassedOver
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class FileNote:
    """What was said of `count` places in files that were read, under one code; the first of them is the example."""

    count: int
    example: PassedOver


@dataclass(frozen=True, slots=True)
class PassedOverPage:
    """What of the files that a catalogue was made of gave no rule, or may be missing from one.

    `unreadable` are rules, and files that may hold some; `not_opened` links, pipes and the like; `notes` what is said
    of files that were read, the most frequent first. `other_files` counts the files that hold nothing that is read, by
    the ending of their name.
    """

    unreadable: tuple[PassedThing, ...] = ()
    not_opened: tuple[PassedThing, ...] = ()
    notes: tuple[FileNote, ...] = ()
    other_files: dict[str, int] = field(default_factory=dict)

    def noted(self, severity: Severity) -> int:
        """How many notes have this severity."""
        return sum(one.count for one in self.notes if one.example.severity == severity)
