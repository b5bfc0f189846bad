"""What the reference says of macros that it can't read."""

from __future__ import annotations

from rulescope.errors import Refusal
from rulescope.text import Span


def undefined_macro(name: str, span: Span) -> Refusal:
    """The refusal of a macro whose body is not known."""
    return Refusal(f"the macro '{name}' has no definition", span=span, code="RUN014")
