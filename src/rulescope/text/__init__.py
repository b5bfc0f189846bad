"""Places in text and what is said about them; nothing here knows a query language."""

from rulescope.text.diagnostic import Diagnostic, Severity, render_diagnostic
from rulescope.text.nearest import misspelt_name, nearest_name, similar_name
from rulescope.text.source import NO_SPAN, Position, Source, Span

__all__ = [
    "NO_SPAN",
    "Diagnostic",
    "Position",
    "Severity",
    "Source",
    "Span",
    "misspelt_name",
    "nearest_name",
    "render_diagnostic",
    "similar_name",
]
