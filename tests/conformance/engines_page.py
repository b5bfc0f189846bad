"""The page `docs/reference/engines.md`: what each engine runs of each language, and what databases have of the forms
of SQL that plans are made of. It is made from the engines' tables of support.

Run as a program, it writes the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from rulescope.engines.engine import Part, SupportTable
from rulescope.engines.options import Options
from rulescope.engines.reference import ReferenceEngine
from rulescope.engines.sql.dialect import DIALECTS, EVERY, Dialect, dialect_of
from rulescope.engines.sql.needs import FORMS
from rulescope.engines.sql.support import support_for, support_of
from rulescope.knowledge.sql_databases import sql_databases

SPL = dialect_of("spl")
PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "reference" / "engines.md"

_HEAD = """# What engines and databases support

<!-- Made from the engines' tables of support; `python tests/conformance/engines_page.py` makes it anew. -->

`rulescope dev print-support LANGUAGE [DATABASE]` prints the same of one language.

## Forms of SQL

Rules run in DuckDB, in whose SQL plans are written. `rulescope sql --dialect` prints a plan for another database. What
that lacks or means otherwise is *lowered*, which is to say it in other words, or a note on the plan names it
(*unsupported*); all else stays as it is. Functions that begin with `spl_` are Rulescope's own and in no other database.
"""
_LANGUAGES = """
## Languages

What DuckDB runs of each; what it refuses by name; and what is run but not read a second time by the reference
(`engines/reference`), which judges the others in tests. A language that is based on another one has the parts of that,
too: SPL's table holds stages that only the searches of Sigma and Elastic come to. Of SPL,
[a page of its own](spl/support.md) says more. Operations are what the tree or a dialect makes of calls.
"""
_MARKS = {"simple": "", "lowered": "lowered", "unsupported": "unsupported"}


def _forms() -> Iterator[str]:
    databases = sql_databases()
    tables = [support_for(SPL, database) for database in databases.values()]
    yield f"| form | {' | '.join(f'{one.name} {one.version}' for one in databases.values())} |"
    yield f"|---|{'---|' * len(databases)}"
    for form, words in FORMS.items():
        yield f"| {words} | {' | '.join(_MARKS[table.of('form', form)] for table in tables)} |"
    yield ""
    for database in databases.values():
        for words in database.differs.values():
            yield f"- In {database.name}, {words}."


def _language(name: str) -> Iterator[str]:
    dialect = dialect_of(name)
    yield f"\n### {name}\n"
    parts = list(_parts(dialect))
    base = "Based on no other one" if dialect.base is None else f"Based on {dialect.base.name}"
    yield f"{base}.\n" if parts else f"{base}, with no parts of its own."
    if parts:
        yield from ("| part | run | refused | without a second reading |", "|---|---|---|---|", *parts)


def _parts(dialect: Dialect) -> Iterator[str]:
    table, inherited = support_of(dialect), support_of(dialect.base or EVERY)
    reference = ReferenceEngine(dialect.name, (), Options(now=0.0)).support()
    for part in get_args(Part):
        if part == "form":
            continue
        run, refused = (_own(part, support, table, inherited) for support in ("simple", "unsupported"))
        # Dialects make most operations while they compile, so that the reference never meets them.
        missing = [one for one in run if part != "operation" and reference.of(part, one) != "simple"]
        if run or refused:
            yield f"| {part}s | {_listed(run)} | {_listed(refused)} | {_listed(missing)} |"


def _own(part: Part, support: str, table: SupportTable, inherited: SupportTable) -> list[str]:
    """The parts of that support that the language itself declares."""
    return [
        name
        for (kind, name), found in sorted(table.parts.items())
        if kind == part and found == support and inherited.parts.get((kind, name)) != found
    ]


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names).replace("|", "\\|")


def render_page() -> str:
    """The page as the tables have it."""
    every = _listed(support_of(EVERY).names("operation", "simple"))
    lines = [_HEAD, *_forms(), f"{_LANGUAGES}\nThese mean the same in all languages: {every}."]
    for name in DIALECTS:
        lines += _language(name)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
