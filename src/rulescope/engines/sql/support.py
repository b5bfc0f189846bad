"""How parts of languages are run, and the forms of SQL that their plans are made of: one table for each database."""

from __future__ import annotations

from typing import Any

from rulescope.engines.engine import Part, Support, SupportTable
from rulescope.engines.sql.dialect import EVERY, Dialect
from rulescope.engines.sql.lowering import CHANGES
from rulescope.engines.sql.needs import DIFFERENCES, FORMS
from rulescope.knowledge.sql_databases import SqlDatabase

_CALLED = {
    "contains": ("contains",),
    "ends_with": ("ends_with", "endswith"),
    "starts_with": ("starts_with", "startswith"),
}
"""Forms that are functions of a database, under one of these names."""


def support_of(dialect: Dialect) -> SupportTable:
    """How plans for DuckDB run each part of a language, by the tables of its dialect: they have all forms."""
    found: dict[tuple[Part, str], Support] = dict.fromkeys((("form", form) for form in FORMS), "simple")
    for one in reversed([*dialect.lineage(), EVERY]):
        found |= {("stage", kind.__name__): _compiled(compiler) for kind, compiler in one.stages.items()}
        found |= {("command", name): _compiled(compiler) for name, compiler in one.commands.items()}
        found |= dict.fromkeys((("function", name) for name in one.refused), "unsupported")
        found |= dict.fromkeys((("function", name) for name in one.functions), "simple")
        found |= dict.fromkeys((("operation", name) for name in one.operations), "simple")
    return SupportTable(found)


def support_for(dialect: Dialect, database: SqlDatabase) -> SupportTable:
    """How plans for another database run a language: its parts as in `support_of`, and each form as the database has
    it.

    What a part comes to depends on its arguments: a plan runs there where none of its forms is unsupported.
    """
    forms: dict[tuple[Part, str], Support] = {("form", form): _said(form, database) for form in FORMS}
    return SupportTable({**support_of(dialect).parts, **forms})


def _compiled(compiler: Any) -> Support:
    """A compiler that says that it never returns only refuses."""
    return "unsupported" if compiler.__annotations__.get("return") == "NoReturn" else "simple"


def _said(form: str, database: SqlDatabase) -> Support:
    if _has(form, database):
        return "simple"
    able = any(change.form == form and change.able(database) for change in CHANGES)
    return "lowered" if able else "unsupported"


def _has(form: str, database: SqlDatabase) -> bool:
    if form in _CALLED:
        return database.calls(*_CALLED[form])
    if form in DIFFERENCES:
        return form not in database.differs
    return database.reads(form)
