"""The operations of the tree: what no language spells as a function, but languages or their dialects come to.

A `Call` names a function of its pipeline's language, and means what that language says. An `Operation` is one of these,
so that no function which a rule calls can be mistaken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

OperationName = Literal[
    "starts_with", "ends_with", "contains",
    "has_key", "has_empty_data", "carries_event_type",
    "same", "holds", "in_rows", "not_in_rows", "first_of_rows", "list_of_rows",
    "as_moment", "as_number", "datetime_text", "timespan_text", "whole_division", "modulo", "kept",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OperationMeaning:
    """What an operation gives: the kinds of its arguments and its value, what it means, what it gives for NULL, and
    how it takes a field with several values (`any` of them, or `one`)."""

    arguments: tuple[str, ...]
    value: str
    meaning: str
    null: str
    several: str = "one"


_TWO = ("text", "text")

OPERATIONS: Final[dict[OperationName, OperationMeaning]] = {
    "starts_with": OperationMeaning(_TWO, "bool", "the first text begins with the second, with case", "NULL", "any"),
    "ends_with": OperationMeaning(_TWO, "bool", "the first text ends with the second, with case", "NULL", "any"),
    "contains": OperationMeaning(_TWO, "bool", "the first text holds the second, with case", "NULL", "any"),
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
    "whole_division": OperationMeaning(("long", "long"), "long", "the quotient without its fraction", "NULL"),
    "modulo": OperationMeaning(("number", "number"), "number", "what a division leaves, never negative", "NULL"),
    "kept": OperationMeaning(("any", "kind"), "any", "a result that was computed before, as it is", "NULL"),
}
"""Every operation, by its name."""
