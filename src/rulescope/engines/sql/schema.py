"""Which fields the rows have, and the columns that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rulescope.engines.sql.build import column
from rulescope.engines.sql.values import Type, Value

ROW = "_row"
"""The hidden column that carries the order of the rows."""

EVENT = "_rs_event"
"""The hidden column that carries the number of the event that a row is, whatever the order of the rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation: its `physical` name (unique regardless of case), and what it holds.

    `delimiter` stands between several values where they are made one text: what the stage that gathered them said.
    """

    physical: str
    type: Type
    mixed: bool = False
    delimiter: str = field(default="\n", kw_only=True)

    def value(self, table: str | None = None) -> Value:
        """The column as a value."""
        return Value(column(self.physical, table), self.type, mixed=self.mixed)


@dataclass(frozen=True, slots=True)
class Evidence(Column):
    """A hidden column that tells the events behind a row: of this class, the number of one."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of the rows by SPL name, in order, and the hidden columns that results never show."""

    fields: Mapping[str, Column]
    hidden: Mapping[str, Column]

    def get(self, name: str) -> Column | None:
        """The column of field `name` (case-sensitive), or None where no row has it."""
        return self.fields.get(name)

    def names(self) -> Iterator[str]:
        """The names of the fields, in order."""
        return iter(self.fields)

    def matching(self, pattern: str) -> list[str]:
        """The fields whose name matches `pattern`, where `*` matches any run; `_…` only if asked for."""
        if "*" not in pattern:
            return [pattern] if pattern in self.fields else []
        regex = name_pattern(pattern)
        internal = pattern.startswith("_")
        return [name for name in self.fields if regex.fullmatch(name) and (internal or not name.startswith("_"))]

    def physical_names(self) -> set[str]:
        """All physical names in use, in lower case."""
        columns = [*self.fields.values(), *self.hidden.values()]
        return {ROW, *(entry.physical.lower() for entry in columns)}

    def with_fields(self, fields: Mapping[str, Column]) -> Schema:
        """The same hidden columns with other fields."""
        return Schema(dict(fields), self.hidden)


@lru_cache(maxsize=1024)
def name_pattern(pattern: str) -> re.Pattern[str]:
    """A field name pattern as a regular expression with one group a star."""
    return re.compile("(.*)".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def free_name(wanted: str, used: set[str]) -> str:
    """A physical name for `wanted` that differs from `used` regardless of case; it is added to `used`."""
    base = wanted or "_empty"
    name, number = base, 2
    while name.lower() in used:
        name, number = f"{base}_{number}", number + 1
    used.add(name.lower())
    return name


def is_internal(name: str) -> bool:
    """Whether a field is Splunk's own: wildcards don't take it unless they begin with the underscore."""
    return name.startswith("_")


def public(names: Iterable[str]) -> list[str]:
    """The names that are not internal."""
    return [name for name in names if not is_internal(name)]
