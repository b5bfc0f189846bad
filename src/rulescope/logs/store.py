"""The events of a load, ready to be queried."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rulescope.logs.columns import quoted, text_literal
from rulescope.logs.model import HIDDEN_COLUMNS, EventColumn, FileReport, Problem
from rulescope.logs.names import Dropped

if TYPE_CHECKING:
    import duckdb

    from rulescope.logs.parts import PartSource
    from rulescope.system.temporary import TemporaryFolder

TABLE = "events"


class EventStore:
    """A DuckDB connection with a relation `events`, and what was read into it.

    The relation has, for every event:
    - `_row` BIGINT, the place in input order from 0. The order of the rows in the relation is another one for large
      inputs (events of one kind stand together): whoever needs input order sorts by `_row`.
    - `_file` VARCHAR (`archive.zip!member` inside archives), `_record` BIGINT (EventRecordID, else line or row).
    - `_provider`, `_channel`, `_event_id` VARCHAR for routing, NULL where the event has none; `_rebuilt` BOOLEAN, true
      where `_raw` was put together from another shape.
    - `_time` DOUBLE, epoch seconds, UTC; NULL where the event has no time that we can read.
    - every other field as VARCHAR, or VARCHAR[] where `multivalue` (then also for rows with a single value).

    `columns` names the fields (not the hidden columns), `_time` and `_raw` first. Field names are case-sensitive,
    DuckDB's column names are not: use `physical` in SQL. Keep the store alive, and close it (or use it as a context),
    since large inputs live in a temporary folder that goes with it.
    """

    table = TABLE

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Sequence[EventColumn],
        files: Sequence[FileReport],
        problems: Sequence[Problem],
        count: int,
        *,
        owns_connection: bool,
        folder: TemporaryFolder | None = None,
        source: PartSource | None = None,
        dropped: Dropped | None = None,
    ) -> None:
        self.connection = connection
        self.columns = tuple(columns)
        self.files = tuple(files)
        self.problems = tuple(problems)
        self.count = count
        self._owns_connection = owns_connection
        self._source = source
        self.left_out = dropped or Dropped()
        self._by_name = {column.name: column for column in self.columns}
        self._remove = weakref.finalize(self, folder.remove) if folder is not None else None

    def column(self, name: str) -> EventColumn | None:
        """The column of a field by its exact name, or None if no event has such a field."""
        return self._by_name.get(name)

    @property
    def dropped(self) -> frozenset[str]:
        """Fields that events have and that became no columns, since there are too many: they can't be searched, and
        stand in `_raw` only. Not all are listed where `dropped_more` is not 0."""
        return frozenset(self.left_out.names)

    @property
    def dropped_more(self) -> int:
        """How many names were left out beyond those that `dropped` lists, at most."""
        return self.left_out.more

    def relation(
        self,
        names: Iterable[str] | None = None,
        *,
        channels: Collection[str] | None = None,
        event_ids: Collection[str] | None = None,
    ) -> str:
        """A SELECT that gives the same as `events`, but of these fields only (plus the hidden columns), and of the
        events of these channels and event ids only (compared with `_channel` and `_event_id`; None: all).

        For large inputs it opens only the files that can have such events, and is planned in a few milliseconds, where
        `events` with its hundreds of columns takes some tens. Names that no event has are left out.
        """
        wanted = frozenset(self._by_name if names is None else names)
        columns = [column for column in self.columns if column.name in wanted]
        conditions = [
            f"{column} IN ({', '.join(text_literal(value) for value in sorted(values)) or 'NULL'})"
            for column, values in (("_channel", channels), ("_event_id", event_ids))
            if values is not None
        ]
        if self._source is None:
            selection = ", ".join(map(quoted, (*HIDDEN_COLUMNS, *(column.physical for column in columns))))
            text = f"SELECT {selection} FROM {TABLE}"
        else:
            text = self._source.select(columns, channels=channels, event_ids=event_ids)
            if conditions:
                text = f"SELECT * FROM ({text})"
        return f"{text} WHERE {' AND '.join(conditions)}" if conditions else text

    @property
    def source(self) -> PartSource | None:
        """The Parquet files of a large load; None where the events are a table."""
        return self._source

    @property
    def good(self) -> int:
        """Records that were read, over all files."""
        return sum(report.good for report in self.files)

    @property
    def bad(self) -> int:
        """Records that could not be read, over all files."""
        return sum(report.bad for report in self.files)

    def close(self) -> None:
        """Give back the connection (if the store opened it) and the temporary files."""
        if self._owns_connection:
            from rulescope.logs.connection import close_connection

            close_connection(self.connection)
        if self._remove is not None:
            self._remove()

    def __enter__(self) -> EventStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
