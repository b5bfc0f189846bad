"""What a catalogue says of the files that gave no rule, or not all of it; the JSON of such things, in every verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rulescope.api.models.passed_over import FileNote, PassedOverPage, PassedThing
from rulescope.api.notes import note_json
from rulescope.corpus import PassedOver

if TYPE_CHECKING:
    import sqlite3

    from rulescope.api.view import CatalogView


def passed_over(view: CatalogView) -> PassedOverPage:
    """Everything of the given files that was passed over, with its reason."""
    things = [PassedThing(_fact(row), row["slug"]) for row in view.catalog.rows("passed_over")]
    return PassedOverPage(
        tuple(one for one in things if one.fact.account == "unreadable"),
        tuple(one for one in things if one.fact.account == "not opened"),
        tuple(FileNote(row["places"], _fact(row)) for row in view.catalog.rows("noted_in_files")),
        {row["ending"]: row["files"] for row in view.catalog.rows("other_files")},
    )


def _fact(row: sqlite3.Row) -> PassedOver:
    parts = ("account", "path", "code", "message", "severity", "hint", "line", "column")
    return PassedOver(*(row[part] for part in parts))


def fact_json(key: str, one: PassedOver) -> dict[str, Any]:
    """One thing that was passed over; its path is called `key`."""
    return {key: one.path, **note_json(one)}


def passed_over_json(found: PassedOverPage) -> dict[str, Any]:
    """The keys of `build` and `stats` that tell what was passed over, as those of `run` do."""
    return {
        "unreadable": [fact_json("rule", one.fact) for one in found.unreadable],
        "not_opened": [fact_json("file", one.fact) for one in found.not_opened],
        "file_notes": [
            {
                "code": one.example.code,
                "severity": one.example.severity,
                "count": one.count,
                "example": fact_json("file", one.example),
            }
            for one in found.notes
        ],
        "other_files": found.other_files,
    }
