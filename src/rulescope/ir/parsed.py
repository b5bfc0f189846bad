"""What every language's parser gives for one query."""

from __future__ import annotations

from dataclasses import dataclass

from rulescope.ir.rule import ParseStatus, Pipeline
from rulescope.text import Diagnostic, Source


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query, read.

    `pipeline` is the query as written; `expanded` the same with the bodies of known macros put in, its spans pointing
    at the calls (it *is* `pipeline` where nothing was put in). `macros` are the names called (`name` or `name(2)`),
    `unknown_macros` those of them without a body.

    A query with an error among its diagnostics is never `full`, whatever its parser made of it: a part that was mended
    to be read may not mean what it says.
    """

    source: Source
    pipeline: Pipeline
    expanded: Pipeline
    status: ParseStatus
    diagnostics: tuple[Diagnostic, ...]
    macros: tuple[str, ...] = ()
    unknown_macros: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.status == "full" and any(found.severity == "error" for found in self.diagnostics):
            object.__setattr__(self, "status", "partial")
