"""Places in text and what is said about them; nothing here knows a query language."""

from rulescope.text.decoding import DecodedText, decode_text
from rulescope.text.diagnostic import MOST_FINDINGS, Diagnostic, Severity, listed_findings, render_diagnostic
from rulescope.text.encodable import encodable
from rulescope.text.nearest import misspelt_name, nearest_name, similar_name
from rulescope.text.nearest_path import nearest_path
from rulescope.text.source import NO_SPAN, Position, Source, Span

__all__ = [
    "MOST_FINDINGS",
    "NO_SPAN",
    "DecodedText",
    "Diagnostic",
    "Position",
    "Severity",
    "Source",
    "Span",
    "decode_text",
    "encodable",
    "listed_findings",
    "misspelt_name",
    "nearest_name",
    "nearest_path",
    "render_diagnostic",
    "similar_name",
]
