"""Places in text and what is said about them; nothing here knows a query language."""

from rulescope.text.diagnostic import Diagnostic, Severity, render_diagnostic
from rulescope.text.nearest import nearest_name, nearest_path
from rulescope.text.source import NO_SPAN, Position, Source, Span

__all__ = [
    "NO_SPAN",
    "Diagnostic",
    "Position",
    "Severity",
    "Source",
    "Span",
    "nearest_name",
    "nearest_path",
    "render_diagnostic",
]
