"""What each diagnostic of the Snowflake front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "SNO001": "a text in quotes is not closed",
    "SNO002": "something else stands where a part of the query is expected",
    "SNO003": "brackets nest deeper than is read",
    "SNO004": "the query is longer than is read",
    "SNO005": "the text holds no query",
    "SNO006": "a statement that is no query",
    "SNO007": "a part of SQL that is kept by its text only",
    "SNO008": "an order of rows that is kept in part",
    "SNO010": "a keyword runs into the word before or behind it: a blank is missing",
    "SNO011": "a placeholder runs into the word behind it: a blank is missing",
    "SNO012": "`and` or `or` stands twice, or has nothing on one side",
    "SNO013": "a comparison that can never be true",
    "SNO014": "two texts stand side by side: a comma is missing",
    "SNO015": "an escape behind a backslash that is a control character, not a letter",
    "SNO016": "a backslash of a regular expression that is left out, because a quoted text takes it for its own",
    "SNO017": "alternatives of a regular expression that the open ends of the pattern don't reach",
    "SNO018": "a regular expression or an address range that is none",
    "SNO019": "a sign with nothing on one side of it",
}
"""What each code means."""
