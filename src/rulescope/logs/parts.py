"""SQL over the Parquet files of a large load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from rulescope.logs.collect import MULTIVALUE_SUFFIX, column_key
from rulescope.logs.columns import quoted, text_literal
from rulescope.logs.model import EventColumn, Part


class PartSource:
    """The files of a load, and what the row and line numbers of each input begin at."""

    def __init__(self, parts: Sequence[Part], base: Sequence[int], lines: Sequence[int]) -> None:
        self.parts = tuple(parts)
        self._base = base
        self._lines = lines
        self.counts: Counter[str] = Counter()
        """How many events have each field."""
        for part in parts:
            self.counts.update(part.names)
        self.multivalue: set[str] = set().union(*(part.multivalue for part in parts))

    def select(
        self,
        columns: Sequence[EventColumn],
        *,
        channels: Collection[str] | None = None,
        event_ids: Collection[str] | None = None,
    ) -> str:
        """A SELECT of the hidden columns and these fields, over the files that can have rows of these channels and ids.

        It does not filter rows inside files.
        """
        parts = self._parts_of(channels, event_ids)
        nothing = not parts
        parts = parts or list(self.parts[:1])
        present: set[str] = set().union(*(part.names for part in parts))
        several: set[str] = set().union(*(part.multivalue for part in parts))
        selection = [
            f"_row + {_by_unit(self._base)} AS _row",
            "_file",
            f"_record + {_by_unit(self._lines)} AS _record" if any(self._lines) else "_record",
            "_provider",
            "_channel",
            "_event_id",
            "_rebuilt",
        ]
        for column in columns:
            selection.append(f"{_expression(column, present, several)} AS {quoted(column.physical)}")
        paths = ", ".join(text_literal(part.file) for part in parts)
        text = f"SELECT {', '.join(selection)} FROM read_parquet([{paths}], union_by_name = true)"
        return f"{text} WHERE false" if nothing else text

    def _parts_of(self, channels: Collection[str] | None, event_ids: Collection[str] | None) -> list[Part]:
        return [
            part
            for part in self.parts
            if (channels is None or not part.channels.isdisjoint(channels))
            and (event_ids is None or not part.event_ids.isdisjoint(event_ids))
        ]


def _expression(column: EventColumn, present: Collection[str], several: Collection[str]) -> str:
    if column.name == "_time":
        return "_time"
    if column.name not in present:
        return "NULL::VARCHAR[]" if column.multivalue else "NULL::VARCHAR"
    key = column_key(column.name)
    if not column.multivalue:
        return key
    single = f"CASE WHEN {key} IS NOT NULL THEN [{key}] END"
    if column.name not in several:
        return single
    return f"coalesce({quoted(key + MULTIVALUE_SUFFIX)}, {single})"


def _by_unit(numbers: Sequence[int]) -> str:
    if len(set(numbers)) < 2:
        return str(numbers[0]) if numbers else "0"
    return f"[{', '.join(map(str, numbers))}][_unit + 1]"
