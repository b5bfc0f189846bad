"""A rule or search as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.api.search import Note, diagnostic_of, note
from rulescope.errors import CatalogError, EngineError, NotFoundError
from rulescope.text import Source

if TYPE_CHECKING:
    from rulescope.api.models import RulePage
    from rulescope.corpus import RuleFile
    from rulescope.corpus.frame import Frame

WRITTEN = "<search>"


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """The plan of one rule. `sql` is None where the rule can't be read or planned; `notes` say why."""

    rule: str
    language: str
    dialect: str
    sql: str | None
    notes: tuple[Note, ...]


def sql_of(
    rule: str,
    dialect: str,
    *,
    catalog: Path,
    logs: Sequence[Path] = (),
    macros: Sequence[Path] = (),
    lookups: Sequence[Path] = (),
) -> SqlAnswer:
    """The plan of a rule: a file, a rule of the catalogue (by path, identifier, slug or title), or a search as text.

    With `logs`, fields are resolved over the columns that those logs have; `lookups` are folders of tables.
    Raises `InputError` for a dialect or paths
    that can't be used.
    """
    from rulescope.hunt.bound_rule import bind_rule, read_query
    from rulescope.hunt.lookups import LookupTables
    from rulescope.hunt.macro_libraries import load_macros, pack_macros
    from rulescope.hunt.plan import plan_sql
    from rulescope.hunt.search import Knowledge, knowledge_of, logs_of
    from rulescope.languages.spl import Macro, MacroLibrary

    name, language, source, frame = _query(rule, catalog)
    known = (*load_macros(macros), *pack_macros())
    library = MacroLibrary(known)
    parsed = read_query(source, language, library, frame)
    filters = [macro for macro in parsed.unknown_macros if macro.endswith("_filter")]
    if filters and language == "spl":
        # security_content's filters are written as `search *` when its app is built.
        library = MacroLibrary((*known, *(Macro(macro, "search *") for macro in filters)))
        parsed = read_query(source, language, library, frame)
    notes = [note(found, source) for found in parsed.diagnostics]
    tables = LookupTables((), lookups)
    try:
        bound = bind_rule(parsed, language)
        if not logs:
            printed, findings = plan_sql(bound, dialect, knowledge=Knowledge(lookups=tables))
        else:
            from rulescope.logs import load_logs

            with load_logs(logs) as store:
                loaded = logs_of(store)
                knowledge = knowledge_of(loaded, tables)
                printed, findings = plan_sql(bound, dialect, logs=loaded, knowledge=knowledge)
    except EngineError as error:
        if all(one.message != error.message for one in notes):
            notes.append(note(diagnostic_of(error), source))
        return SqlAnswer(name, language, dialect, None, tuple(notes))
    return SqlAnswer(name, language, dialect, printed, (*notes, *(note(found, source) for found in findings)))


def _query(rule: str, catalog: Path) -> tuple[str, str, Source, Frame | None]:
    """Name, language and query of what was asked for, and what its file adds to the query."""
    from rulescope.api.explain import LONGEST_NAME, file_named, rule_of_file

    path = file_named(rule)
    if path is not None:
        return _of_file(rule_of_file(path))
    if len(rule) <= LONGEST_NAME and "|" not in rule and catalog.exists():
        from rulescope.api.rules import rule_page
        from rulescope.api.view import find_rule, open_view

        try:
            with open_view(catalog) as view:
                page = rule_page(view, find_rule(view, rule).slug)
        except (NotFoundError, CatalogError):
            pass  # not a rule of the catalogue: then it is the search itself
        else:
            return _of_catalog(page)
    return WRITTEN, "spl", Source(rule, WRITTEN), None


def _of_file(rule: RuleFile) -> tuple[str, str, Source, Frame | None]:
    return rule.info.path, rule.info.language, rule.source, rule.frame


def _of_catalog(page: RulePage) -> tuple[str, str, Source, Frame | None]:
    """The rule out of the text of its file, which the catalogue keeps: the page alone lacks what the file adds."""
    from rulescope.corpus.model import FoundFile
    from rulescope.corpus.read import assemble, read_bytes

    relative = page.path.removeprefix(f"{page.repository}/")
    found = FoundFile(Path(relative), page.repository, relative)
    for rule in assemble([read_bytes(found, page.body.file_text.encode("utf-8"))]).rules:
        if rule.query_text == page.body.query and rule.info.language == page.language:
            return _of_file(rule)
    return page.path, page.language, Source(page.body.query, page.path), None
