"""Python functions of the database, by family; importing this package declares them all."""

from rulescope.engines.duckdb.functions import (  # noqa: F401
    derived,
    elastic,
    hashes,
    json_text,
    kusto,
    markup,
    networks,
    patterns,
    printf,
    series,
    spath,
    tables,
    texts,
    times,
)
from rulescope.engines.duckdb.functions.registry import PYTHON_FUNCTIONS, PythonFunction

__all__ = ["PYTHON_FUNCTIONS", "PythonFunction"]
