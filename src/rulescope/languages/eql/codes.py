"""What each diagnostic of the EQL front end means."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "EQL001": "a text in quotes is not closed",
    "EQL002": "something else stands where a part of the query is expected",
    "EQL003": "brackets nest deeper than is read",
    "EQL004": "the query is longer than is read",
    "EQL005": "the text holds no query",
    "EQL010": "there is no such function",
    "EQL011": "a function is called with too few or too many arguments",
    "EQL012": "a function that only Endgame's EQL has",
    "EQL013": "texts in single quotes are not supported; double quotes are",
    "EQL014": 'a raw text in the old form ?"…"; three double quotes are today\'s',
    "EQL015": "an escape that does not exist; it is read as its character",
    "EQL016": "`=` is no operator; `==` and `:` are",
    "EQL017": "a regular expression or an address range that is none",
    "EQL018": "a category whose name is a slip of one of the Elastic Common Schema's",
    "EQL020": "missing events need `with maxspan`",
    "EQL021": "`with runs` takes 1 to 100",
    "EQL022": "a sequence has fewer than two events",
    "EQL023": "a sample can't have `with maxspan`, `with runs`, `until` or missing events, and needs `by`",
    "EQL024": "a span of time that can't be read",
    "EQL025": "an operator for texts has a number or truth value, or a list holds values of several kinds",
    "EQL026": "a field is compared with another one, which Elasticsearch refuses",
    "EQL027": "a form that only Endgame's EQL has: `join`, `child of`, `fork`, a list's index, a calculated join key",
    "EQL028": "a pattern of `like` has `%` where SQL has a wildcard; it is a plain character",
    "EQL030": "there is no such pipe",
    "EQL031": "a pipe that only Endgame's EQL has",
}
"""What each code means."""
