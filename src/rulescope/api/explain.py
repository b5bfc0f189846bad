"""What a query or rule that need be in no catalogue looks for."""

from __future__ import annotations

from dataclasses import replace

from rulescope.api.models import MacroUse, RulePage
from rulescope.api.notes import note
from rulescope.api.query import Query, text_query
from rulescope.api.rules import page_of_record
from rulescope.catalog.records import RuleRecord
from rulescope.catalog.rule_records import diagnostic_record, read_rule
from rulescope.catalog.slugs import slug
from rulescope.corpus import RuleFile
from rulescope.corpus.macro_libraries import find_macro, pack_macros, pack_meanings
from rulescope.ir import RuleInfo
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source

QUERY_NAME = "<query>"
"""What messages call a query that is in no file."""


def explain(query: Query | str, language: str = "spl", macros: MacroLibrary | None = None) -> RulePage:
    """The page of a query, or of a text in the `language`; macros are looked up in `macros`, or else in its file and
    the knowledge packs.

    What is wrong with the query and its file is in the page's diagnostics; `parse` sums up. Raises `UsageError` for a
    language that isn't read.
    """
    if isinstance(query, str):
        query = text_query(query, language)
    library = macros if macros is not None else query.library(() if query.info is not None else pack_macros())
    info, source = query.info, query.source
    if info is None:
        info = RuleInfo(path=QUERY_NAME, repository="", language=query.language, title="")
        source = Source(source.text, QUERY_NAME)
    record = read_rule(RuleFile(info, source, query.frame), library)
    return _page(_with_remarks(record, query), library)


def _with_remarks(record: RuleRecord, query: Query) -> RuleRecord:
    """The record with what is to be said of the query's file, and of how the user's words were taken."""
    nowhere = Source("", query.name)
    said = [replace(diagnostic_record(one, nowhere), drawing=note(one, nowhere).drawing) for one in query.notes]
    said += [diagnostic_record(problem.diagnostic, problem.source) for problem in query.problems]
    return replace(record, diagnostics=(*said, *record.diagnostics)) if said else record


def _page(record: RuleRecord, library: MacroLibrary) -> RulePage:
    uses: list[MacroUse] = []
    for name in sorted({*record.macros, *record.unknown_macros}):
        macro = find_macro(library, name)
        known = macro is not None and name not in record.unknown_macros
        uses.append(
            MacroUse(
                name=name,
                slug=slug(name),
                known=known,
                arguments=macro.arguments if macro else (),
                definition=macro.body if macro else None,
                meaning=pack_meanings().get(name),
                origin=macro.origin if macro else None,
            )
        )
    return page_of_record(record, tuple(uses))
