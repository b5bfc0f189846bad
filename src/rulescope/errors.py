"""The exceptions that Rulescope raises; everything a caller may want to catch is a `RulescopeError`.

RulescopeError
├── InputError            something given by the user can't be used
│   ├── UsageError        what was asked for can't be meant: no rule chosen, no such severity (exit status 2)
│   ├── RuleFileError     a rule file can't be read as one
│   ├── LogFileError      a log file can't be read as one
│   ├── KnowledgeError    a knowledge file (macros, lookups, fields) can't be used
│   └── NotFoundError     no such rule, file or catalogue
├── CatalogError          the catalogue is broken or of another version
└── EngineError
    ├── Refusal           a stage can't be run here, and why
    │   └── BrokenRule    an error in the rule's own text
    ├── LimitError        a bound on time, rows or memory was reached
    └── ExecutionError    the database failed while it ran a plan
"""

from __future__ import annotations

import os
import re
from glob import iglob
from pathlib import Path

from rulescope.text import NO_SPAN, Span, nearest_path


class RulescopeError(Exception):
    """The root of the family; `code` is stable, `hint` says the way out where there is one."""

    code = "RSC000"

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class InputError(RulescopeError):
    """Something that the user gave can't be used."""

    code = "RSC100"


class UsageError(InputError):
    """What was asked for can't be meant as it stands: no rule is chosen, a severity that there is none of."""

    code = "RSC150"


class LogFileError(InputError):
    """A log file can't be read."""

    code = "RSC120"


class KnowledgeError(InputError):
    """A knowledge file (macros, lookups, field vocabulary) can't be used."""

    code = "RSC130"


class NotFoundError(InputError):
    """There is no such rule, file or catalogue."""

    code = "RSC140"


def missing_path(path: Path, *, what: str = "file or folder", code: str | None = None) -> NotFoundError:
    """There is nothing at this path; the hint has what was probably meant."""
    return NotFoundError(f"no such {what}: {path}", code=code, hint=_meant_by(path))


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def _meant_by(path: Path) -> str | None:
    text = str(path)
    if _ADDRESS.match(text):
        return "only files of this machine are read: fetch it first"
    if "*" in text:
        there = any(True for _ in iglob(text))  # noqa: PTH207 - takes absolute paths, too
        return f"leave the quotes out, and the shell fills in the '*': {text}" if there else "no file matches it"
    parts = re.split(r"[,;\s]+", text.strip(",; "))
    if len(parts) > 1 and all(os.path.exists(part) for part in parts):  # noqa: PTH110 - never raises
        return f"these are several; blanks outside of quotes part them: {' '.join(parts)}"
    near = nearest_path(path)
    return f"did you mean '{near}'?" if near else None


class CatalogError(RulescopeError):
    """The catalogue file is broken, or was written by another version."""

    code = "RSC200"


class EngineError(RulescopeError):
    """A plan could not be made or run."""

    code = "RSC300"


class Refusal(EngineError):
    """A stage or function that an engine won't run; names it, its place in the rule, and the reason."""

    code = "RUN010"

    def __init__(
        self,
        message: str,
        *,
        span: Span = NO_SPAN,
        stage: str | None = None,
        code: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.span = span
        self.stage = stage


class BrokenRule(Refusal):
    """The rule's own text has an error: what it would find without the part that could not be read is not what it
    looks for."""


class LimitError(EngineError):
    """A bound on time, rows or memory was reached before the plan was done."""

    code = "RUN020"


class ExecutionError(EngineError):
    """The database failed while it ran a plan."""

    code = "RUN030"
