"""What readers of all languages raise where a text can't be read further."""

from __future__ import annotations

from rulescope.text import Diagnostic


class SyntaxProblem(Exception):
    """A query, or a stage of it, can't be read further; carries the diagnostic that says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
