"""The operators that may follow a pipe, one module a family."""

from rulescope.languages.kusto.operator_registry import OPERATORS
from rulescope.languages.kusto.operators import combining, filtering, grouping, other, pairs, shaping

__all__ = ["OPERATORS", "combining", "filtering", "grouping", "other", "pairs", "shaping"]
