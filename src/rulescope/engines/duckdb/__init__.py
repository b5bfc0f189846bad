"""Plans on DuckDB, in process."""

from rulescope.engines.duckdb.database import Database, Limits, bound_by, prelude

__all__ = ["Database", "Limits", "bound_by", "prelude"]
