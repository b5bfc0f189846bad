"""What each diagnostic of the Kusto front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "KUS001": "a text in quotes is not closed",
    "KUS002": "something else stands where a part of the query is expected",
    "KUS003": "brackets nest deeper than is read",
    "KUS004": "the query is longer than is read",
    "KUS005": "the text holds no query, or only statements before one",
    "KUS006": "a management command is no query",
    "KUS010": "there is no such operator",
    "KUS011": "an escape that does not exist",
    "KUS012": "a comparison that can never be true",
    "KUS013": "a `let` name that nothing uses",
    "KUS014": "named parts, put in where they are used, make the query longer than is read",
    "KUS015": "a second query follows an empty line: each is a query of its own",
    "KUS016": "a comma at the end of a list",
    "KUS017": "a word of the language with capitals; Kusto knows it in small letters only",
    "KUS018": "`null` without a type",
    "KUS019": "a regular expression or an address range that is none",
    "KUS020": "a `set` statement that decides what the query finds",
    "KUS021": "several names for the columns of an aggregate",
    "KUS022": "an operator that is called as a function",
}
"""What each code means."""
