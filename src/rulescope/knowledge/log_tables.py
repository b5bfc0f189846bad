"""The tables that rules of Kusto and SQL read: which events stand for their rows, which raw fields for their columns.

A table's columns are those of its vendor's schema. One that no raw field gives is listed all the same, without a rule:
so a rule that reads it can be told from one that misspells a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from rulescope.knowledge.derivation import Form, RawField
from rulescope.knowledge.derivation_notation import parse_form
from rulescope.knowledge.derivation_value import possible_values
from rulescope.knowledge.field_rule import FieldRule, expand_ids
from rulescope.knowledge.log_directory import Log, logs
from rulescope.knowledge.tables import load_rows, split_cell

_REST = ".*"

_FOLDED = frozenset({"snowflake"})
"""The languages whose names of tables regard no case (SQL: identifiers without quotes), so that the data has them in
small letters."""


@dataclass(frozen=True, slots=True)
class TableMember:
    """Events that are rows of a table: those of a log with one of these ids (none: all)."""

    log: Log
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column: its kind (`string long real datetime bool dynamic list`) and its rules, in the order of trying."""

    name: str
    kind: str
    rules: tuple[FieldRule, ...]

    @property
    def values(self) -> frozenset[str] | None:
        """The values that it can have, where the rules list them all; None where they are open."""
        found: set[str] = set()
        for rule in self.rules:
            listed = possible_values(rule.form, {})
            if listed is None:
                return None
            found.update(*listed)
        return frozenset(found) if self.rules else None


@dataclass(frozen=True, slots=True)
class LogTable:
    """A table of a language. `prefixed` are columns that hold an object: any name that begins with one is a raw field
    of the rest of the name."""

    language: str
    name: str
    members: tuple[TableMember, ...]
    columns: tuple[LogColumn, ...]
    prefixed: tuple[LogColumn, ...] = ()

    def rules_of(self, name: str) -> tuple[FieldRule, ...]:
        """The rules of the column of that name, regardless of case; empty where there is none."""
        folded = name.casefold()
        return next((column.rules for column in self.columns if column.name.casefold() == folded), ())

    def columns_for(self, words: Iterable[str]) -> tuple[LogColumn, ...]:
        """The columns, and those inside objects that a search with these words may name."""
        inner: list[LogColumn] = []
        for column in self.prefixed:
            inner += [
                _inside(column, word) for word in words if len(word) > len(column.name) and word.startswith(column.name)
            ]
        return (*self.columns, *inner)


def _inside(column: LogColumn, name: str) -> LogColumn:
    rest = name[len(column.name) :]
    rules = [replace(rule, target=name, form=RawField(_prefix(rule.form) + rest)) for rule in column.rules]
    return LogColumn(name, column.kind, tuple(rules))


def _whole(column: LogColumn) -> LogColumn:
    """The object itself, of which any member is a column: the raw field that holds it."""
    name = column.name.removesuffix(_REST)
    rules = [replace(rule, target=name, form=RawField(_prefix(rule.form).removesuffix("."))) for rule in column.rules]
    return LogColumn(name, "dynamic", tuple(rules))


def _prefix(form: Form) -> str:
    return form.name.removesuffix("*") if isinstance(form, RawField) else ""


class LogTables:
    """The tables of all languages, by language and name."""

    __slots__ = ("_tables",)

    def __init__(self, members: Iterable[list[str]], columns: Iterable[list[str]]) -> None:
        """Rows are (language, table, log, event ids, source) and (language, tables, column, kind, log, event ids, form,
        source); a column without log is one that nothing records."""
        parts: dict[tuple[str, str], list[TableMember]] = {}
        for language, name, key, ids, _ in members:
            parts.setdefault((language, name), []).append(TableMember(logs().by_key(key), expand_ids(ids)))
        held: dict[tuple[str, str], dict[str, LogColumn]] = {key: {} for key in parts}
        rows = list(columns)
        named = {(row[0], name, row[2], row[4]) for row in rows for name in split_cell(row[1])}
        for language, names, column, kind, key, ids, form, source in rows:
            for name in split_cell(names):
                known = held[language, name]
                before = known.get(column)
                # A log goes by the rows of its like, unless it has rows of its own.
                found = [
                    log
                    for log in logs().logs
                    if key and (log.key == key or (log.like == key and (language, name, column, log.key) not in named))
                ]
                numbers = frozenset(expand_ids(ids))
                rules = tuple(FieldRule(log, numbers, column, parse_form(form), source) for log in found)
                known[column] = LogColumn(column, kind, (*(before.rules if before else ()), *rules))
        self._tables = {key: _table(key, tuple(parts[key]), held[key].values()) for key in parts}

    def find(self, language: str, name: str) -> LogTable | None:
        """The table of that name, as the language regards case, or None where none is known."""
        return self._tables.get((language, name.lower() if language in _FOLDED else name))

    def names(self, language: str) -> tuple[str, ...]:
        """The tables of a language."""
        return tuple(name for of, name in self._tables if of == language)


def _table(key: tuple[str, str], members: tuple[TableMember, ...], columns: Iterable[LogColumn]) -> LogTable:
    families = {log.family for log in logs().logs if log.family}
    plain: list[LogColumn] = []
    prefixed: list[LogColumn] = []
    for column in columns:
        # What is said of fewer events goes first.
        order = sorted(column.rules, key=lambda rule: (rule.log.key in families, not rule.event_ids))
        ordered = replace(column, rules=tuple(order))
        if column.name.endswith(_REST):
            prefixed.append(replace(ordered, name=column.name.removesuffix("*")))
            if all(_prefix(rule.form) for rule in ordered.rules):
                plain.append(_whole(ordered))
        else:
            plain.append(ordered)
    return LogTable(key[0], key[1], members, tuple(plain), tuple(prefixed))


@cache
def log_tables() -> LogTables:
    """The tables as shipped."""
    return LogTables(load_rows("log_tables.csv"), load_rows("log_table_columns.csv"))
