"""What a query or rule file that is in no catalogue looks for."""

from __future__ import annotations

from pathlib import Path

from rulescope.api.models import MacroUse, RulePage
from rulescope.api.rules import page_of_record
from rulescope.catalog.reading import read_rule
from rulescope.catalog.slugs import slug
from rulescope.corpus import RuleFile, read_corpus
from rulescope.errors import InputError
from rulescope.hunt.macro_libraries import find_macro, pack_macros, pack_meanings
from rulescope.ir import RuleInfo
from rulescope.languages.registry import check_language
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source

QUERY_NAME = "<query>"
"""What messages call a query that is in no file."""

LONGEST_NAME = 1024
"""Characters beyond which a text is taken for no name of a file."""


def explain(text: str, language: str = "spl", macros: MacroLibrary | None = None) -> RulePage:
    """The page of a query; macros are looked up in `macros`, or else in the knowledge packs.

    What is wrong with the query is in the page's diagnostics; `parse` sums up. Raises `InputError` for a language that
    isn't read.
    """
    check_language(language)
    library = macros if macros is not None else MacroLibrary(pack_macros())
    info = RuleInfo(path=QUERY_NAME, repository="", language=language, title="")
    return _page(RuleFile(info, Source(text, QUERY_NAME)), library)


def explain_file(path: Path, macros: MacroLibrary | None = None) -> RulePage:
    """The page of the one rule in a file, with what the file adds to its query. Raises `InputError` where the file
    holds none, or several."""
    return _page(rule_of_file(path), macros if macros is not None else MacroLibrary(pack_macros()))


def file_named(text: str) -> Path | None:
    """The file or folder that is there under this name, if the text is the name of one."""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        return None
    path = Path(text)
    try:
        return path if path.exists() else None
    except OSError:
        return None


def rule_of_file(path: Path) -> RuleFile:
    """The one rule in a file. Raises `InputError` where there is none, or there are several."""
    rules = read_corpus([path]).rules
    if len(rules) != 1:
        raise InputError(f"{path} holds {len(rules)} rules; one is wanted", code="RSC102")
    return rules[0]


def _page(rule: RuleFile, library: MacroLibrary) -> RulePage:
    record = read_rule(rule, library)
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
