"""A query, as text or out of a rule file, with what its file adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rulescope.api.likely_language import likely_language
from rulescope.errors import InputError
from rulescope.languages.registry import LANGUAGES, check_language
from rulescope.text import Diagnostic, Source, encodable

if TYPE_CHECKING:
    from rulescope.corpus import FileProblem, LookupDefinition, MacroDefinition
    from rulescope.corpus.frame import RuleFrame
    from rulescope.ir import RuleInfo
    from rulescope.languages.spl import Macro, MacroLibrary

WRITTEN = "<search>"
"""What messages call the text of a query that is in no file."""

LONGEST_NAME = 1024
"""Characters beyond which a text is taken for no name of a file or rule."""

RULE_ENDINGS = (".conf", ".csl", ".kql", ".kusto", ".md", ".spl", ".toml", ".yaml", ".yml")
ARCHIVE_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
ONLY_RULES = (".kql", ".kusto", ".spl", ".toml", ".yaml", ".yml")
LOG_ENDINGS = (".csv", ".evtx", ".gz", ".json", ".log", ".parquet", ".tsv", ".txt", ".xml", ".zip")
"""How names of files end: those of rules, those of either, and those of logs."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and where it comes from.

    `frame` is what its file adds to it; `info`, `macros`, `filters` and `lookups` are what the file says of it and
    holds beside it, as a run of this file has them; `problems` is what was wrong with the file. `notes` say how the
    user's words were taken.
    """

    name: str
    language: str
    source: Source
    frame: RuleFrame | None = None
    info: RuleInfo | None = None
    macros: Sequence[MacroDefinition] = ()
    filters: frozenset[str] = frozenset()
    lookups: Sequence[LookupDefinition] = ()
    problems: Sequence[FileProblem] = ()
    notes: tuple[Diagnostic, ...] = ()

    def library(self, given: Sequence[Macro] = ()) -> MacroLibrary:
        """The macros that the query sees; those that the user gives go first."""
        from rulescope.corpus.macro_libraries import MacroLibraries, filter_macro, pack_macros
        from rulescope.languages.spl import MacroLibrary

        if self.info is not None:
            return MacroLibraries(self.macros, self.filters, given).of(self.info.repository)
        shipped = pack_macros() if "`" in self.source.text else ()
        return MacroLibrary((*given, *shipped, *map(filter_macro, self.filters)))


def text_query(text: str, language: str | None = None, notes: tuple[Diagnostic, ...] = ()) -> Query:
    """A query as text, of the `language` (SPL where none is given). Raises `UsageError` for a language that isn't
    read, `InputError` for a text that is too long to be read."""
    chosen = language or "spl"
    check_language(chosen)
    text = encodable(text)
    longest = LANGUAGES[chosen].longest
    if len(text) > longest:
        raise InputError(f"the query is longer than {longest:,} characters; it was not read", code="RSC910")
    doubt = likely_language(text, chosen)
    return Query(WRITTEN, chosen, Source(text, WRITTEN), notes=(*notes, doubt) if doubt is not None else notes)
