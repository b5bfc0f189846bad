"""The operators that may follow a pipe, one module a family."""

from rulescope.languages.kusto.operators import combining, filtering, grouping, other, shaping
from rulescope.languages.kusto.operators.registry import OPERATORS

__all__ = ["OPERATORS", "combining", "filtering", "grouping", "other", "shaping"]
