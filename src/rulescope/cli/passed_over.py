"""Prints what was passed over, with reasons: the same words for a run and for a catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rulescope.api.models import PassedOverPage
    from rulescope.corpus import PassedOver

MOST_SHOWN = 10
"""Reasons that are shown of each kind; the JSON has all."""

Reason = tuple[int, str, str, str | None]
"""For how many things it holds, its code, what it says, and a hint."""


def print_passed_over(found: PassedOverPage) -> None:
    """Prints what of the given files gave no rule, or not all of it."""
    print_reasons("Why not read", reasons_of(one.fact for one in found.unreadable))
    print_reasons("Why not opened", reasons_of(one.fact for one in found.not_opened), counted="Files")
    notes = [
        (one.count, one.example.code, f"{place_of(one.example)}: {one.example.message}", one.example.hint)
        for one in found.notes
    ]
    print_reasons("Said of files that were read, for example", notes, counted="Places")
    if found.other_files:
        sys.stdout.write("\n")
    print_other_files(found.other_files)


def reasons_of(things: Iterable[PassedOver]) -> list[Reason]:
    """Each of the things as a reason of its own."""
    return [(1, one.code, f"{place_of(one)}: {one.message}", one.hint) for one in things]


def place_of(one: PassedOver) -> str:
    """The path, and the line where the path doesn't say it."""
    return one.path if one.line is None or f"#line {one.line}" in one.path else f"{one.path}, line {one.line}"


def print_reasons(head: str, reasons: Sequence[Reason], *, counted: str = "Rules") -> None:
    """For how many things each reason holds, and the reason: the first of them, and how many more there are."""
    from rulescope.cli.tables import draw_table
    from rulescope.cli.terminal import printable

    if not reasons:
        return
    shown = reasons[:MOST_SHOWN]
    rows = [[count, f"{code}: {message}" if code else message] for count, code, message, _ in shown]
    sys.stdout.write("\n" + draw_table([counted, head], rows, numbers=(0,)) + "\n")
    for code, hint in dict.fromkeys((code, hint) for _, code, _, hint in shown if hint):
        sys.stdout.write(f"hint[{code}]: {printable(hint)}\n")
    if len(reasons) > MOST_SHOWN:
        sys.stdout.write(f"… and {len(reasons) - MOST_SHOWN:,} more; --json lists all\n")


def print_other_files(counts: Mapping[str, int]) -> None:
    """How many files hold no rule, by the ending of their name."""
    from rulescope.cli.terminal import one_line

    if counts:
        endings = ", ".join(f"{count:,} {ending}" for ending, count in counts.items())
        sys.stdout.write(one_line(f"beside the rules there are files that hold none: {endings}") + "\n")
