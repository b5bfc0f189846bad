"""Kusto and Snowflake: languages over tables whose columns have kinds."""

from rulescope.engines.reference.tables import (
    functions,
    grouping,
    joining,
    kusto,
    rows,
    snowflake,
    times,
)

__all__ = ["functions", "grouping", "joining", "kusto", "rows", "snowflake", "times"]
