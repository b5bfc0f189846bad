"""The languages that are read, by name. What is told of one without reading it stands in `language.toml` of its folder;
its own modules are imported when it is first asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final

from rulescope.errors import UsageError
from rulescope.ir import ParsedQuery, Pipeline
from rulescope.languages.common.characters import doubtful_characters, doubtful_characters_of_values
from rulescope.languages.common.hollow import hollow_conditions
from rulescope.text import Diagnostic, Source, listed_findings, nearest_name

Parse = Callable[[Source, Any], ParsedQuery]
"""A language's parser: the query's text, and macros where the language has any (a library, or None)."""

Render = Callable[[Pipeline], str]
"""A language's printer: the pipeline in canonical form."""


LONGEST_QUERY = 256 * 1024
"""Characters of a query that is read. The longest of the SPL searches in our corpora has 23,730; one of this length
that is nothing but comparisons takes some ten seconds and 20 MB."""


@dataclass(frozen=True, slots=True)
class Language:
    """What is told of a language without reading it.

    title     what people call it.
    parser    where its parser lives, as `module:function` below `rulescope.languages`; so does its `printer`.
    longest   how many characters of a query are read.
    takes_any_character  in a word, so one that only looks like a quote or a blank is read as a part of it; elsewhere it
              can't be read.
    holds_prose  beside its conditions.
    comment   the pattern of a comment, where it has any; as that of a `text`, a `.` in it stands for a line's end, too.
    sign      the pattern by which a query that was taken for one of another language is known. `sign_rank`: those that
              queries of other languages may hold are looked for after theirs.
    categories  what sorts of events its queries name by a word of their own.
    quoting   how a field's name is written, as a hint where it was taken for a text.
    range_places  which argument of each function of addresses is the range.
    wildcards  what takes wildcards, as a hint where one stands in a text that is compared as it is.
    """

    title: str
    parser: str
    printer: str | None = None
    longest: int = LONGEST_QUERY
    takes_any_character: bool = False
    holds_prose: bool = False
    comment: str = r"(?!)"
    text: str = r'"""(?:.*?)"""|"(?:[^"\\]|\\.)*"'
    sign: str | None = None
    sign_rank: int = 0
    categories: Sequence[str] = ()
    quoting: str | None = None
    range_places: Mapping[str, int] = field(default_factory=dict)
    wildcards: str | None = None


def _described(name: str) -> Language:
    """What the language's folder says of it; its categories are put into its sign."""
    written = tomllib.loads(files(__package__).joinpath(name, "language.toml").read_text("utf-8"))
    found = Language(**written)
    return replace(found, sign=found.sign and found.sign.replace("{categories}", "|".join(found.categories)))


LANGUAGES: Final[dict[str, Language]] = {
    "spl": _described("spl"),
    "sigma": _described("sigma"),
    "eql": _described("eql"),
    "kuery": _described("kuery"),
    "lucene": _described("lucene"),
    "esql": _described("esql"),
    "kusto": _described("kusto"),
    "snowflake": _described("snowflake"),
    "machine_learning": Language("a machine-learning job", "common.jobs:parse_jobs"),
}
"""Every language that is read."""


OTHER_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "es|ql": ("esql",),
    "kql": ("kusto", "kuery"),
    "sentinel": ("kusto",),
    "defender": ("kusto",),
    "splunk": ("spl",),
    "sql": ("snowflake",),
    "yaml": ("sigma",),
    "kibana": ("kuery",),
}
"""What people call languages, and the names that they have here."""


def check_language(language: str) -> None:
    """Raises `UsageError`, with the nearest name, for a language that isn't read."""
    if language not in LANGUAGES:
        nearest = nearest_name(language, LANGUAGES)
        meant = OTHER_NAMES.get(language.lower()) or ((nearest,) if nearest else ())
        known = f"languages: {', '.join(LANGUAGES)}"
        hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else known
        raise UsageError(f"queries in '{language}' can't be read", code="RSC150", hint=hint)


@cache
def parser_of(language: str) -> Parse:
    """The parser of a language, whose pipelines say the language; raises KeyError for one that isn't read."""
    read: Parse = _load(LANGUAGES[language].parser)

    def parse(source: Source, macros: Any) -> ParsedQuery:
        parsed = read(source, macros)
        written = replace(parsed.pipeline, language=language)
        same = parsed.expanded is parsed.pipeline
        expanded = written if same else replace(parsed.expanded, language=language)
        doubts = _doubts(source, written, expanded, LANGUAGES[language])
        found = listed_findings([*parsed.diagnostics, *doubts]) if doubts else parsed.diagnostics
        status = parsed.status
        if status == "full" and any(one.severity == "error" for one in doubts):
            status = "partial"
        return replace(parsed, pipeline=written, expanded=expanded, diagnostics=found, status=status)

    return parse


def _doubts(source: Source, written: Pipeline, expanded: Pipeline, language: Language) -> list[Diagnostic]:
    """What reads well in any language, and hardly means what it says."""
    found = list(
        hollow_conditions(source.text, written, expanded, language.range_places, language.quoting, language.wildcards)
    )
    if language.holds_prose:
        found.extend(doubtful_characters_of_values(source.text, written))
    elif language.takes_any_character:
        found.extend(doubtful_characters(source.text))
    return found


@cache
def printer_of(language: str) -> Render | None:
    """The printer of a language, or None where it has none; raises KeyError for one that isn't read."""
    written = LANGUAGES[language].printer
    return None if written is None else _load(written)


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"{__package__}.{module}"), name)
