"""Places in text and what is said about them; nothing here knows a query language."""

from rulescope.text.diagnostic import MOST_FINDINGS, Diagnostic, Severity, listed_findings, render_diagnostic
from rulescope.text.encodable import encodable
from rulescope.text.nearest import misspelt_name, nearest_name, similar_name
from rulescope.text.nearest_path import nearest_path
from rulescope.text.source import NO_SPAN, Position, Source, Span

__all__ = [
    "MOST_FINDINGS",
    "NO_SPAN",
    "Diagnostic",
    "Position",
    "Severity",
    "Source",
    "Span",
    "encodable",
    "listed_findings",
    "misspelt_name",
    "nearest_name",
    "nearest_path",
    "render_diagnostic",
    "similar_name",
]
