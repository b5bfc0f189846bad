"""What each diagnostic of the kuery front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "KQL001": "a text in quotes is not closed",
    "KQL002": "something else stands where a part of the query is expected",
    "KQL003": "brackets nest deeper than is read",
    "KQL004": "the query is longer than is read",
    "KQL005": "the text holds no query",
    "KQL010": "a backslash before a character that needs none; both are kept, as in quotes",
    "KQL011": "`\\t`, `\\n` and `\\r` are blanks even in quotes: a trap in Windows paths",
    "KQL013": "a regular expression or an address range that is none",
    "KQL014": "what other languages spell so, read as words: `=`, single quotes, a comma between values",
}
"""What each code means."""
