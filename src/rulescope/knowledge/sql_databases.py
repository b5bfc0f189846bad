"""What databases have of what plans need: their functions, types and forms, and what these mean there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from rulescope.knowledge.tables import DATA


@dataclass(frozen=True, slots=True)
class SqlDatabase:
    """A database, named by sqlglot's word for its dialect.

    `functions` and `types` are names in small letters; `features` the forms that it reads. `differs` says in words what
    a form means there, where that is something else than in a plan.
    """

    dialect: str
    name: str
    version: str
    functions: frozenset[str]
    types: frozenset[str]
    features: frozenset[str]
    differs: dict[str, str]

    def calls(self, *names: str) -> bool:
        """Whether the database has a function of one of these names."""
        return not self.functions.isdisjoint(names)

    def reads(self, form: str) -> bool:
        """Whether the database reads a form."""
        return form in self.features


_TAKEN_AS_READ = frozenset(["bitwise_xor", "filter", "ilike", "like_brackets", "like_escape", "wide_arguments"])


def unknown_database(dialect: str) -> SqlDatabase:
    """A database that no table was made of: it is taken to read the forms that nearly all have, and to call nothing."""
    return SqlDatabase(dialect, dialect, "", frozenset(), frozenset(), _TAKEN_AS_READ, {})


@cache
def sql_databases() -> dict[str, SqlDatabase]:
    """The databases that a table was made of, by dialect."""
    with (DATA / "sql_databases.toml").open("rb") as file:
        entries = tomllib.load(file)
    return {
        dialect: SqlDatabase(
            dialect,
            entry["name"],
            entry["version"],
            frozenset(entry["functions"].split()),
            frozenset(entry["types"].split()),
            frozenset(entry["features"]),
            entry["differs"],
        )
        for dialect, entry in entries.items()
    }
