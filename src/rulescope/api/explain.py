"""What a query that is in no catalogue looks for."""

from __future__ import annotations

from rulescope.api.models import MacroUse, RulePage
from rulescope.api.rules import page_of_record
from rulescope.catalog.reading import read_rule
from rulescope.catalog.slugs import slug
from rulescope.corpus import RuleFile
from rulescope.hunt.macro_libraries import find_macro, pack_macros, pack_meanings
from rulescope.ir import RuleInfo
from rulescope.languages.registry import check_language
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source

QUERY_NAME = "<query>"
"""What messages call a query that is in no file."""


def explain(text: str, language: str = "spl", macros: MacroLibrary | None = None) -> RulePage:
    """The page of a query; macros are looked up in `macros`, or else in the knowledge packs.

    What is wrong with the query is in the page's diagnostics; `parse` sums up. Raises `InputError` for a language that
    isn't read.
    """
    check_language(language)
    library = macros if macros is not None else MacroLibrary(pack_macros())
    info = RuleInfo(path=QUERY_NAME, repository="", language=language, title="")
    record = read_rule(RuleFile(info, Source(text, QUERY_NAME)), library)
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
