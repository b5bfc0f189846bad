"""A rule as it meets logs: read within its file's frame, and bound to the events of the sources that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rulescope import ir
from rulescope.errors import BrokenRule, Refusal
from rulescope.hunt.engine_errors import engine_errors
from rulescope.hunt.stage_count import check_size
from rulescope.hunt.table_binding import check_tables
from rulescope.hunt.vocabularies import Vocabulary, vocabulary_of
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.languages.spl import MacroLibrary
from rulescope.text import Diagnostic, Source

if TYPE_CHECKING:
    from rulescope.corpus.frame import RuleFrame


@dataclass(frozen=True, slots=True)
class BoundRule:
    """What is compiled of a rule: its expanded pipeline with the conditions of its sources, and its vocabulary.

    `written` is the expanded pipeline before these conditions. `warnings` are those of its reading: the rule may not
    mean what it says.
    """

    pipeline: ir.Pipeline
    written: ir.Pipeline
    vocabulary: Vocabulary
    warnings: tuple[Diagnostic, ...] = ()


@engine_errors()
def read_query(source: Source, language: str, macros: MacroLibrary, frame: RuleFrame | None = None) -> ir.ParsedQuery:
    """The query of a rule with what its file adds to it. Raises `Refusal` for a language that isn't read."""
    if language not in LANGUAGES:
        raise Refusal(f"rules in '{language}' can't be run yet", code="RUN002")
    parsed = parser_of(language)(source, macros)
    if frame is None:
        return parsed
    # A search, which stands in no file, starts sooner for not loading the readers of rule files.
    from rulescope.corpus.frame import framed

    return framed(parsed, frame)


@engine_errors()
def bind_rule(parsed: ir.ParsedQuery, language: str, *, any_table: bool = False) -> BoundRule:
    """The rule bound to logs. `any_table`: they may be rows of a table that no log is known to hold.

    Raises `BrokenRule` where a part of it could not be read, or was mended to be read, and `Refusal` where it is larger
    than is run, or a source can't be told.
    """
    wrong = next((found for found in parsed.diagnostics if found.severity == "error"), None)
    if wrong is not None:
        raise BrokenRule(wrong.message, code=wrong.code, span=wrong.span, hint=wrong.hint)
    if parsed.status == "failed":
        raise BrokenRule("the search could not be read", code="RUN016")
    check_size(parsed.expanded)
    vocabulary = vocabulary_of(language)
    bound = vocabulary.bind(parsed.expanded)
    if vocabulary.tables and not any_table:
        check_tables(bound)
    if bound is not parsed.expanded:
        # Of one source with many tables, binding makes a search for each.
        check_size(bound)
    warnings = tuple(found for found in parsed.diagnostics if found.severity == "warning")
    return BoundRule(bound, parsed.expanded, vocabulary, warnings)


__all__ = ["BoundRule", "bind_rule", "read_query"]
