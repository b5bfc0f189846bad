"""The functions of EQL: how many arguments each takes, and which are comparisons of a field.

Source: Elastic's "EQL function reference"; the last block is Endgame's (eql.readthedocs.io), which Elasticsearch has
no more.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rulescope.ir import ComparisonKind


class Function(NamedTuple):
    """The least and the greatest number of arguments (None: no bound), and whether `name~` exists."""

    least: int
    most: int | None
    folding: bool = False
    endgame: bool = False


FUNCTIONS: Final[dict[str, Function]] = {
    "add": Function(2, 2),
    "between": Function(3, 4, folding=True),
    "cidrmatch": Function(2, None),
    "concat": Function(1, None),
    "divide": Function(2, 2),
    "endswith": Function(2, None, folding=True),
    "indexof": Function(2, 3, folding=True),
    "length": Function(1, 1),
    "modulo": Function(2, 2),
    "multiply": Function(2, 2),
    "number": Function(1, 2),
    "startswith": Function(2, None, folding=True),
    "string": Function(1, 1),
    "stringcontains": Function(2, None, folding=True),
    "substring": Function(2, 3),
    "subtract": Function(2, 2),
    "arraycontains": Function(2, None, folding=True, endgame=True),
    "arraycount": Function(3, 3, endgame=True),
    "arraysearch": Function(3, 3, endgame=True),
    "match": Function(2, None, folding=True, endgame=True),
    "matchlite": Function(2, None, folding=True, endgame=True),
    "wildcard": Function(2, None, folding=True, endgame=True),
    "coalesce": Function(1, None, endgame=True),
    "safe": Function(1, 1, endgame=True),
}
"""Lower-case name → signature. Names are found regardless of case."""

COMPARING: Final[dict[str, ComparisonKind]] = {
    "startswith": "starts_with",
    "endswith": "ends_with",
    "stringcontains": "contains",
    "cidrmatch": "cidr",
}
"""Functions of a field and constants that are comparisons."""

SHARED_NAMES: Final[dict[str, str]] = {
    "length": "len",
    "substring": "slice_text",
    "string": "to_string",
    "number": "to_number",
}
"""Functions that the shared tree knows by another name."""
