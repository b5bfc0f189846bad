"""The functions of EQL: how many arguments each takes, and which are comparisons of a field.

Source: Elastic's "EQL function reference"; the last block is Endgame's (eql.readthedocs.io), which Elasticsearch has
no more.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rulescope.ir import ComparisonKind


class FunctionSignature(NamedTuple):
    """The least and the greatest number of arguments (None: no bound), and whether `name~` exists."""

    least: int
    most: int | None
    folding: bool = False
    endgame: bool = False


FUNCTIONS: Final[dict[str, FunctionSignature]] = {
    "add": FunctionSignature(2, 2),
    "between": FunctionSignature(3, 4, folding=True),
    "cidrmatch": FunctionSignature(2, None),
    "concat": FunctionSignature(1, None),
    "divide": FunctionSignature(2, 2),
    "endswith": FunctionSignature(2, None, folding=True),
    "indexof": FunctionSignature(2, 3, folding=True),
    "length": FunctionSignature(1, 1),
    "modulo": FunctionSignature(2, 2),
    "multiply": FunctionSignature(2, 2),
    "number": FunctionSignature(1, 2),
    "startswith": FunctionSignature(2, None, folding=True),
    "string": FunctionSignature(1, 1),
    "stringcontains": FunctionSignature(2, None, folding=True),
    "substring": FunctionSignature(2, 3),
    "subtract": FunctionSignature(2, 2),
    "arraycontains": FunctionSignature(2, None, folding=True, endgame=True),
    "arraycount": FunctionSignature(3, 3, endgame=True),
    "arraysearch": FunctionSignature(3, 3, endgame=True),
    "match": FunctionSignature(2, None, folding=True, endgame=True),
    "matchlite": FunctionSignature(2, None, folding=True, endgame=True),
    "wildcard": FunctionSignature(2, None, folding=True, endgame=True),
    "coalesce": FunctionSignature(1, None, endgame=True),
    "safe": FunctionSignature(1, 1, endgame=True),
}
"""Lower-case name → signature. Names are found regardless of case."""

COMPARING: Final[dict[str, ComparisonKind]] = {
    "startswith": "starts_with",
    "endswith": "ends_with",
    "stringcontains": "contains",
    "cidrmatch": "cidr",
}
"""Functions of a field and constants that are comparisons."""
