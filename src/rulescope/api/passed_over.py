"""What a catalogue says of the files that gave no rule, or not all of it; the JSON of such things, in every verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rulescope.api.models.passed_over import FileNote, PassedOverPage, PassedThing
from rulescope.text import Severity

if TYPE_CHECKING:
    import sqlite3

    from rulescope.api.view import CatalogView


def passed_over(view: CatalogView) -> PassedOverPage:
    """Everything of the given files that was passed over, with its reason."""
    things: dict[str, list[PassedThing]] = {"unreadable": [], "not opened": []}
    for row in view.catalog.rows("passed_over"):
        things[row["account"]].append(_thing(row))
    return PassedOverPage(
        tuple(things["unreadable"]),
        tuple(things["not opened"]),
        tuple(
            FileNote(row["code"], row["severity"], row["places"], _thing(row))
            for row in view.catalog.rows("noted_in_files")
        ),
        {row["ending"]: row["files"] for row in view.catalog.rows("other_files")},
    )


def _thing(row: sqlite3.Row) -> PassedThing:
    parts = ("path", "code", "message", "severity", "hint", "line", "column", "slug")
    return PassedThing(*(row[part] for part in parts))


class Told(Protocol):
    """Something that was passed over, in a run or in a catalogue."""

    @property
    def path(self) -> str:
        """The rule's or file's path."""

    @property
    def code(self) -> str:
        """The diagnostic's code."""

    @property
    def severity(self) -> Severity:
        """The diagnostic's."""

    @property
    def message(self) -> str:
        """Why."""

    @property
    def line(self) -> int | None:
        """Where in the file, from 1."""

    @property
    def column(self) -> int | None:
        """Where in the line, from 1."""

    @property
    def hint(self) -> str | None:
        """What may help."""


def thing_json(key: str, one: Told) -> dict[str, Any]:
    """One thing that was passed over; its path is called `key`."""
    return {
        key: one.path,
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "line": one.line,
        "column": one.column,
        "hint": one.hint,
    }


def passed_over_json(found: PassedOverPage) -> dict[str, Any]:
    """The keys of `build` and `stats` that tell what was passed over, as those of `run` do."""
    return {
        "unreadable": [thing_json("rule", one) for one in found.unreadable],
        "not_opened": [thing_json("file", one) for one in found.not_opened],
        "file_notes": [
            {
                "code": one.code,
                "severity": one.severity,
                "count": one.count,
                "example": thing_json("file", one.example),
            }
            for one in found.notes
        ],
        "other_files": found.other_files,
    }
