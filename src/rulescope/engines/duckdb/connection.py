"""The type of the connections that plans run on, for those who name it and know no DuckDB."""

from duckdb import DuckDBPyConnection as Connection

__all__ = ["Connection"]
