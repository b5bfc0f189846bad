"""Plans on DuckDB, in process."""

from rulescope.engines.duckdb.database import Database, Limits, prelude

__all__ = ["Database", "Limits", "prelude"]
