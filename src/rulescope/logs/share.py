"""A load that other processes of this machine can open too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.logs.columns import text_literal
from rulescope.logs.model import EventColumn
from rulescope.logs.names import Dropped
from rulescope.logs.store import TABLE, EventStore

if TYPE_CHECKING:
    from rulescope.logs.parts import PartSource


@dataclass(frozen=True, slots=True)
class SharedEvents:
    """What another process needs to open a load: its Parquet files, or one file that a small load was written to.

    It can be pickled. The files live as long as the store that was shared and the folder that was given.
    """

    columns: tuple[EventColumn, ...]
    count: int
    file: str | None
    source: PartSource | None
    dropped: Dropped


def share_events(store: EventStore, folder: Path) -> SharedEvents:
    """Makes the store's events readable for other processes; those of a small load are written into `folder`."""
    if store.source is not None:
        return SharedEvents(store.columns, store.count, None, store.source, store.left_out)
    import pyarrow.parquet as parquet

    # The database itself may not write files.
    file = str(folder / "events.parquet")
    batches = store.connection.table(TABLE).to_arrow_reader()
    with parquet.ParquetWriter(file, batches.schema, compression="lz4") as writer:
        for batch in batches:
            writer.write_batch(batch)
    return SharedEvents(store.columns, store.count, file, None, store.left_out)


def open_shared(shared: SharedEvents, *, threads: int, memory: str, spill: Path) -> EventStore:
    """The same events on a connection of this process. `memory` is DuckDB's limit, such as `700MB`; what is more
    goes to the folder `spill`."""
    from rulescope.logs.connection import open_connection
    from rulescope.logs.tables import create_view

    files = [shared.file or ""] if shared.source is None else [part.file for part in shared.source.parts]
    connection = open_connection(files, threads=threads, memory=memory, spill=spill)
    if shared.source is not None:
        create_view(connection, shared.source, [column.name for column in shared.columns])
    else:
        connection.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM read_parquet({text_literal(shared.file or '')})")
    return EventStore(
        connection,
        shared.columns,
        (),
        (),
        shared.count,
        owns_connection=True,
        source=shared.source,
        dropped=shared.dropped,
    )
