"""The operations of the tree: what no language spells as a function, but languages or their dialects come to.

A `Call` names a function of its pipeline's language, and means what that language says. An `Operation` is one of these,
so that no function which a rule calls can be mistaken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

OperationName = Literal[
    "has_start", "has_end", "has_part",
    "has_key", "has_empty_data", "carries_event_type",
    "same", "holds", "in_rows", "not_in_rows", "first_of_rows", "list_of_rows",
    "as_moment", "as_number", "datetime_text", "timespan_text", "whole_division", "remainder", "kept",
    "is_null", "is_true", "is_false", "equals_ignoring_case",
    "like_pattern", "like_any", "like_all", "ilike_any", "ilike_all", "escape",
    "matches_regex", "match_text", "fuzzy", "proximity", "nested", "query_dsl", "any_column",
    "array", "member", "options", "parameter", "tuple",
    "date_add", "date_math", "time_span", "timespan_seconds", "ip_order",
    "window", "within_group", "partition_by", "order_by", "frame",
    "ascending", "descending", "nulls_first", "nulls_last",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OperationMeaning:
    """What an operation gives: the kinds of its arguments (`?`: may be left out, `…`: any number) and its value, what
    it means, what it gives for NULL, and how it takes several values of a field (`any`, `one`, or the `first` of them).

    What is of the kind `clause` or `key` has no value of its own: it says something to what it stands in.
    """

    arguments: tuple[str, ...]
    value: str
    meaning: str
    null: str
    several: str = "one"


_TWO = ("text", "text")
_PATTERNS = ("text", "pattern…")

OPERATIONS: Final[dict[OperationName, OperationMeaning]] = {
    "has_start": OperationMeaning(_TWO, "bool", "the first text begins with the second, with case", "NULL", "any"),
    "has_end": OperationMeaning(_TWO, "bool", "the first text ends with the second, with case", "NULL", "any"),
    "has_part": OperationMeaning(_TWO, "bool", "the first text holds the second, with case", "NULL", "any"),
    "has_key": OperationMeaning(("event", "name"), "bool", "the raw event names a field, with a value or not", "false"),
    "has_empty_data": OperationMeaning(
        ("event", "name"), "bool", "a Windows event has event data of that name with nothing in it", "false"
    ),
    "carries_event_type": OperationMeaning(("name",), "bool", "the event's own `eventtype` has the value", "false"),
    "same": OperationMeaning(("any", "any"), "bool", "equal", "false where one is NULL, NULL where both are"),
    "holds": OperationMeaning(("bool",), "bool", "the condition is true", "false"),
    "in_rows": OperationMeaning(
        ("any", "query"), "bool", "the value is in the first column of a query", "as the dialect has it"
    ),
    "not_in_rows": OperationMeaning(
        ("any", "query"), "bool", "the value is in no row of a query", "NULL where a row is NULL"
    ),
    "first_of_rows": OperationMeaning(("query",), "any", "the first value of a query's first row", "NULL for no row"),
    "list_of_rows": OperationMeaning(("query",), "list", "the values of a query's first column", "NULL for no row"),
    "as_moment": OperationMeaning(("any",), "datetime", "a point in time out of a text or a number", "NULL"),
    "as_number": OperationMeaning(("any",), "number", "the value as a number", "NULL"),
    "datetime_text": OperationMeaning(("datetime",), "text", "a point in time as the language writes it", "NULL"),
    "timespan_text": OperationMeaning(("timespan",), "text", "a span of time as the language writes it", "NULL"),
    "whole_division": OperationMeaning(
        ("number", "number"), "number", "the quotient, without its fraction where both are whole numbers", "NULL"
    ),
    "remainder": OperationMeaning(("number", "number"), "number", "what a division leaves, never negative", "NULL"),
    "kept": OperationMeaning(("any", "kind"), "any", "a result that was computed before, as it is", "NULL"),
    "is_null": OperationMeaning(("any",), "bool", "there is no value", "true"),
    "is_true": OperationMeaning(("bool",), "bool", "the condition is true", "false"),
    "is_false": OperationMeaning(("bool",), "bool", "the condition is false", "false"),
    "equals_ignoring_case": OperationMeaning(_TWO, "bool", "the texts are equal, whatever their case", "NULL"),
    "like_pattern": OperationMeaning(
        _PATTERNS, "bool", "the whole text fits a pattern of `*` and `?`, which a backslash makes plain", "NULL", "any"
    ),
    "like_any": OperationMeaning(_PATTERNS, "bool", "the whole text fits a pattern of `%` and `_`", "NULL"),
    "like_all": OperationMeaning(_PATTERNS, "bool", "the whole text fits all of the patterns", "NULL"),
    "ilike_any": OperationMeaning(_PATTERNS, "bool", "the same as `like_any`, whatever the case", "NULL"),
    "ilike_all": OperationMeaning(_PATTERNS, "bool", "the same as `like_all`, whatever the case", "NULL"),
    "escape": OperationMeaning(("text",), "clause", "what makes a wildcard of a pattern plain", "NULL"),
    "matches_regex": OperationMeaning(_TWO, "bool", "the second, a regular expression, is found in the first", "NULL"),
    "match_text": OperationMeaning(
        ("any", "text", "options?"), "bool", "a value is the text, as in a field that is not analysed", "NULL", "any"
    ),
    "fuzzy": OperationMeaning(
        ("text", "text", "number"), "bool", "a text is so many changes of letters from another at most", "NULL", "any"
    ),
    "proximity": OperationMeaning(
        ("text", "text", "number"), "bool", "the words of a phrase stand no further apart", "NULL", "any"
    ),
    "nested": OperationMeaning(
        ("name", "bool"), "bool", "one element of a nested field meets the whole condition", "false", "any"
    ),
    "query_dsl": OperationMeaning(("text",), "bool", "a filter of Elasticsearch's Query DSL that is not read", "false"),
    "any_column": OperationMeaning(("operator", "any…"), "bool", "some column of the row compares so", "false"),
    "array": OperationMeaning(("any…",), "list", "the values, in order", "left out"),
    "member": OperationMeaning(("dynamic", "key"), "any", "what stands under a key, or at a position", "NULL"),
    "options": OperationMeaning(("name", "any", "…"), "clause", "named parameters of a function", "kept"),
    "parameter": OperationMeaning(("text",), "any", "what is put in by whoever runs the query", "NULL"),
    "tuple": OperationMeaning(("any…",), "list", "a row of values, in order", "kept"),
    "date_add": OperationMeaning(("datetime", "number", "unit"), "datetime", "a moment moved by so many units", "NULL"),
    "date_math": OperationMeaning(
        ("text", "bool"),
        "datetime",
        "a moment by Elasticsearch's date math, rounded to the end of a unit or its start",
        "NULL",
    ),
    "time_span": OperationMeaning(("number", "unit"), "timespan", "so many seconds, months, …", "NULL"),
    "timespan_seconds": OperationMeaning(("number",), "timespan", "a span of so many seconds", "NULL"),
    "ip_order": OperationMeaning(("text",), "text", "what addresses are ordered by", "NULL", "first"),
    "window": OperationMeaning(
        ("call", "clause…"),
        "any",
        "a function over the rows that the clauses choose and order",
        "as the function has it",
    ),
    "within_group": OperationMeaning(
        ("call", "clause"), "any", "an aggregate that takes its rows in an order", "as the function has it"
    ),
    "partition_by": OperationMeaning(("any…",), "clause", "the rows that agree in these", "a value of its own"),
    "order_by": OperationMeaning(("any…",), "clause", "the rows in the order of these", "as the key says"),
    "frame": OperationMeaning(
        ("name", "number", "number"),
        "clause",
        "the rows (or values) from so far before a row to so far after it",
        "all rows on that side",
    ),
    "ascending": OperationMeaning(("any",), "key", "the least value first", "as the dialect has it"),
    "descending": OperationMeaning(("any",), "key", "the greatest value first", "as the dialect has it"),
    "nulls_first": OperationMeaning(("key",), "key", "rows without a value first", "first"),
    "nulls_last": OperationMeaning(("key",), "key", "rows without a value last", "last"),
}
"""Every operation, by its name."""
