"""Kusto and Snowflake: languages over tables whose columns have kinds."""

from rulescope.engines.reference.tables import (
    dynamic,
    functions,
    grouping,
    joining,
    kusto,
    numbers,
    rows,
    snowflake,
    texts,
    times,
)

__all__ = ["dynamic", "functions", "grouping", "joining", "kusto", "numbers", "rows", "snowflake", "texts", "times"]
