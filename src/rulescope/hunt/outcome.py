"""What became of a rule that was run on logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rulescope.text import NO_SPAN, Diagnostic, Span

OutcomeStatus = Literal["run", "refused", "failed"]
"""It ran; a stage of it can't be run here, or it could not be read; or it ran into an error or a limit."""


@dataclass(frozen=True, slots=True)
class EventPlace:
    """One event of the evidence: its file, and its EventRecordID or line number."""

    file: str
    record: int


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What became of one rule.

    `number` is the rule's place in the list that was run. `count` is the number of result rows, `events` are those
    behind the rows; `more` says that they are not all listed, `doubt` why some may be behind no row, or why there are
    none. `code`, `message`, `hint` and `span` (in the query) say why and where it was refused or failed; `broken` that
    the fault is in its own text. `seconds` is wall time. `warnings` say what may be missing from the result of a rule
    that ran.
    """

    number: int
    status: OutcomeStatus
    count: int = 0
    events: tuple[EventPlace, ...] = ()
    more: bool = False
    doubt: str = ""
    code: str | None = None
    message: str | None = None
    hint: str | None = None
    span: Span = NO_SPAN
    broken: bool = False
    seconds: float = 0.0
    warnings: tuple[Diagnostic, ...] = ()
