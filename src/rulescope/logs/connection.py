"""Databases that hold events: shut in, so that no statement can reach files, the network or settings.

Facts: DuckDB, Operations Manual, "Securing DuckDB": `enable_external_access`, `allowed_paths`, `lock_configuration`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY = "2GB"
"""What one database may hold in memory; beyond it sorts, groups and joins go to disk."""

SPILL = "10GB"
"""What they may put there."""

_numbers = count(1)


def open_connection(
    files: Iterable[str] = (), *, threads: int | None = None, memory: str = MEMORY
) -> duckdb.DuckDBPyConnection:
    """A new database in memory whose statements can open these files and no others.

    Extensions can't be loaded, and no setting can be changed afterwards. What does not fit into `memory` goes to a
    folder of its own under the system's folder for temporary files, which closing the connection removes.
    """
    import duckdb

    spill = Path(tempfile.gettempdir()) / f"rulescope-spill-{os.getpid()}-{next(_numbers)}"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "max_temp_directory_size": SPILL,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    # Footers are read once, not once a query.
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET allowed_paths = ?", [list(files)])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
