"""What each diagnostic of the Lucene front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "LUC001": "a text in quotes or a regular expression is not closed",
    "LUC002": "something else stands where a part of the query is expected",
    "LUC003": "brackets nest deeper than is read",
    "LUC004": "the query is longer than is read",
    "LUC005": "the text holds no query",
    "LUC010": "a clause that only raises the score: beside clauses that must match it keeps and drops nothing",
    "LUC011": "`and`, `or` or `not` in small letters is a word to look for, not an operator",
    "LUC012": "a boost changes the score, and not what matches",
    "LUC013": "a regular expression or an address range that is none",
    "LUC014": "what other languages spell so, read as words (`=`, single quotes, commas), or a slip in `_exists_`",
}
"""What each code means."""
