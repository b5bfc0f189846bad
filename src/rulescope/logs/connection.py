"""Databases that hold events: shut in, so that no statement can reach files, the network or settings.

Facts: DuckDB, Operations Manual, "Securing DuckDB": `enable_external_access`, `allowed_paths`, `lock_configuration`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.system.temporary import TemporaryFolder

if TYPE_CHECKING:
    import duckdb

MEMORY = "2GB"
"""What one database may hold in memory; beyond it sorts, groups and joins go to disk."""

SPILL = "10GB"
"""What they may put there."""


def open_connection(
    files: Iterable[str] = (), *, threads: int | None = None, memory: str = MEMORY, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A new database in memory whose statements can open these files and no others.

    Extensions can't be loaded, and no setting can be changed afterwards. What does not fit into `memory` goes to the
    folder `spill`: by default one of its own under the system's folder for temporary files, which goes with the
    connection (and `close_connection`); where none can be made there, nothing goes anywhere.
    """
    import duckdb

    own = _spill_folder() if spill is None else None
    place = own.path if own is not None else spill
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(place) if place is not None else "",
        "max_temp_directory_size": SPILL,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    if own is not None:
        _removers[connection] = weakref.finalize(connection, own.remove)
    # A bar on stdout would stand in the middle of results.
    connection.execute("SET enable_progress_bar = false")
    # Footers are read once, not once a query.
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET allowed_paths = ?", [list(files)])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def close_connection(connection: duckdb.DuckDBPyConnection) -> None:
    """Closes a database that `open_connection` gave, and removes its folder."""
    connection.close()
    remove = _removers.pop(connection, None)
    if remove is not None:
        remove()


_removers: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, Callable[[], object]] = weakref.WeakKeyDictionary()


def _spill_folder() -> TemporaryFolder | None:
    try:
        return TemporaryFolder("spill")
    except OSError:
        return None
