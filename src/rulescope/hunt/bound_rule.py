"""A rule as it meets logs: read within its file's frame, and bound to the events of the sources that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rulescope import ir
from rulescope.errors import Refusal
from rulescope.hunt.vocabularies import Vocabulary, vocabulary_of
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.languages.spl import MacroLibrary
from rulescope.text import Source

if TYPE_CHECKING:
    from rulescope.corpus.frame import Frame


@dataclass(frozen=True, slots=True)
class BoundRule:
    """What is compiled of a rule: its expanded pipeline with the conditions of its sources, and its vocabulary.

    `written` is the expanded pipeline before these conditions.
    """

    pipeline: ir.Pipeline
    written: ir.Pipeline
    vocabulary: Vocabulary


def read_query(source: Source, language: str, macros: MacroLibrary, frame: Frame | None = None) -> ir.ParsedQuery:
    """The query of a rule with what its file adds to it. Raises `Refusal` for a language that isn't read."""
    if language not in LANGUAGES:
        raise Refusal(f"rules in '{language}' can't be run yet", code="RUN002")
    parsed = parser_of(language)(source, macros)
    if frame is None:
        return parsed
    # A search, which stands in no file, starts sooner for not loading the readers of rule files.
    from rulescope.corpus.frame import framed

    return framed(parsed, frame)


def bind_rule(parsed: ir.ParsedQuery, language: str) -> BoundRule:
    """The rule bound to logs. Raises `Refusal` where nothing of it could be read, or a source can't be told."""
    if parsed.status == "failed":
        worst = next((found for found in parsed.diagnostics if found.severity == "error"), None)
        message = worst.message if worst else "the search could not be read"
        raise Refusal(message, code=worst.code if worst else "RUN016")
    vocabulary = vocabulary_of(language)
    return BoundRule(vocabulary.bind(parsed.expanded), parsed.expanded, vocabulary)


__all__ = ["BoundRule", "bind_rule", "read_query"]
