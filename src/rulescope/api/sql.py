"""A rule or search as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rulescope.api.search import Note, diagnostic_of, note
from rulescope.errors import CatalogError, EngineError, InputError, NotFoundError
from rulescope.text import Source

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
    rule: str, dialect: str, *, catalog: Path, logs: Sequence[Path] = (), macros: Sequence[Path] = ()
) -> SqlAnswer:
    """The plan of a rule: a file, a rule of the catalogue (by path, identifier or slug), or a search as text.

    With `logs`, fields are resolved over the columns that those logs have. Raises `InputError` for a dialect or paths
    that can't be used.
    """
    from rulescope.hunt.macro_libraries import load_macros, pack_macros
    from rulescope.hunt.plan import plan_sql
    from rulescope.languages.registry import parser_of
    from rulescope.languages.spl import Macro, MacroLibrary

    name, language, text = _query(rule, catalog)
    source = Source(text, name)
    known = (*load_macros(macros), *pack_macros())
    library = MacroLibrary(known)
    parsed = parser_of(language)(source, library)
    filters = [macro for macro in parsed.unknown_macros if macro.endswith("_filter")]
    if filters and language == "spl":
        # security_content's filters are written as `search *` when its app is built.
        library = MacroLibrary((*known, *(Macro(macro, "search *") for macro in filters)))
        parsed = parser_of(language)(source, library)
    notes = [note(found, source) for found in parsed.diagnostics]
    try:
        if not logs:
            printed, findings = plan_sql(parsed.expanded, dialect, language=language)
        else:
            from rulescope.hunt.search import knowledge_of, logs_of
            from rulescope.logs import load_logs

            with load_logs(logs) as store:
                loaded = logs_of(store)
                knowledge = knowledge_of(loaded)
                printed, findings = plan_sql(
                    parsed.expanded, dialect, logs=loaded, knowledge=knowledge, language=language
                )
    except EngineError as error:
        return SqlAnswer(name, language, dialect, None, (*notes, note(diagnostic_of(error), source)))
    return SqlAnswer(name, language, dialect, printed, (*notes, *(note(found, source) for found in findings)))


def _query(rule: str, catalog: Path) -> tuple[str, str, str]:
    """Name, language and query text of what was asked for."""
    path = Path(rule) if len(rule) < 1024 and "\n" not in rule and "|" not in rule else None
    if path is not None and path.exists():
        from rulescope.corpus import read_corpus

        rules = read_corpus([path]).rules
        if len(rules) != 1:
            raise InputError(f"{rule} holds {len(rules)} rules; one is wanted", code="RSC102")
        return rules[0].info.path, rules[0].info.language, rules[0].query_text
    if path is not None and catalog.exists():
        from rulescope.api.rules import rule_page
        from rulescope.api.view import find_rule, open_view

        try:
            with open_view(catalog) as view:
                page = rule_page(view, find_rule(view, rule).slug)
            return page.path, page.language, page.body.query
        except (NotFoundError, CatalogError):
            return WRITTEN, "spl", rule  # not a rule of the catalogue: then it is the search itself
    return WRITTEN, "spl", rule
