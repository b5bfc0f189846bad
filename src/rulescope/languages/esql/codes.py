"""What each diagnostic of the ES|QL front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "ESQ001": "a text in quotes, a name in backticks or a comment is not closed",
    "ESQ002": "something else stands where a part of the command is expected",
    "ESQ003": "brackets nest deeper than is read",
    "ESQ004": "the query is longer than is read",
    "ESQ005": "the text holds no query",
    "ESQ006": "there is no command between two pipes",
    "ESQ010": "there is no such command",
    "ESQ011": "a query begins with a source command (FROM, ROW, TS, SHOW)",
    "ESQ012": "a comparison with NULL is NULL, never true; IS NULL asks for it",
    "ESQ013": "`=` is no comparison; `==` is",
    "ESQ014": "a regular expression or an address range that is none",
    "ESQ015": "there is no such function",
    "ESQ016": "a function is called with too few or too many arguments",
    "ESQ017": "there is no such type behind `::`",
    "ESQ018": "METADATA names what is none of the metadata fields",
    "ESQ019": "an aggregate function stands where rows are not grouped",
    "ESQ020": "a pattern of LIKE has `%` where SQL has a wildcard; it is a plain character",
}
"""What each code means."""
