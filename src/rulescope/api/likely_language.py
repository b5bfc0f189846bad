"""Whether a query was probably written in another language than the one it is read in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.registry import parser_of
from rulescope.text import Diagnostic, Source

CODE = "RSC190"
NAMES: Final[dict[str, str]] = {
    "spl": "SPL",
    "sigma": "Sigma",
    "eql": "EQL",
    "kuery": "KQL of Kibana",
    "lucene": "Lucene",
    "esql": "ES|QL",
    "kusto": "Kusto",
    "snowflake": "SQL",
    "machine_learning": "a machine-learning job",
}
"""What people call the languages."""

_CATEGORIES = (
    "any|api|authentication|configuration|database|dns|driver|email|file|host|iam|intrusion_detection|library|malware"
    "|network|package|process|registry|session|threat|vulnerability|web"
)
_TELL_TALES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("sigma", re.compile(r"\A(?=.*^logsource\s*:)(?=.*^detection\s*:)", re.MULTILINE | re.DOTALL)),
    ("esql", re.compile(r"\A\s*(?:from|row)\s+[^|]+\|", re.IGNORECASE)),
    ("snowflake", re.compile(r"\A\s*(?:select\s.+\sfrom\s|with\s+\w+\s+as\s*\()", re.IGNORECASE | re.DOTALL)),
    ("eql", re.compile(rf"\A\s*(?:(?:{_CATEGORIES})\s+where\s|(?:sequence|sample)\s[^|]*\[)", re.IGNORECASE)),
    ("kusto", re.compile(r"\A\s*(?:let\s+\w+\s*=|[A-Z][a-z]+(?:[A-Z][A-Za-z]*)+\s*\|)")),
    ("kuery", re.compile(r"(?:^|[\s(])[a-z]+(?:\.[a-z_]+)+\s*:\s*[^\s|]")),
    ("spl", re.compile(r"\A\s*(?:search\s+)?[\w.]+\s*=(?![=~])\s*\S")),
)
"""How queries of a language begin that could be taken for others; each is then read to see."""


def likely_language(text: str, language: str, hint: str = "give --language {}") -> Diagnostic | None:
    """A warning where a query in `language` reads wholly as another, and here holds errors, or begins with a word to
    look for in the text of events (which nearly everything can be, in SPL and in Kibana's languages). `hint` says what
    to do then; its `{}` is the language."""
    found = [name for name, shape in _TELL_TALES if name != language and shape.search(text)]
    if not found:
        return None
    doubt = _doubt(text, language)
    other = next((name for name in found if doubt is not None and _reads(text, name)), None)
    if other is None:
        return None
    message = f"the query reads wholly as {NAMES[other]}; as {NAMES[language]}, {doubt}"
    return Diagnostic(CODE, message, severity="warning", hint=f"if it is {NAMES[other]}, {hint.format(other)}")


def _doubt(text: str, language: str) -> str | None:
    """What speaks against the query's being in this language."""
    parsed = parser_of(language)(Source(text), None)
    if parsed.status != "full" or any(found.severity == "error" for found in parsed.diagnostics):
        return "it can't be read wholly"
    first = parsed.pipeline.stages[0] if parsed.pipeline.stages else None
    leaf = None
    if isinstance(first, stages.Search) and first.predicate is not None:
        leaf = next(_leaves(first.predicate), None)
    if isinstance(leaf, ir.Term) and not leaf.quoted and leaf.directive is None:
        return "it begins with a word to look for in the text of events"
    return None


def _leaves(predicate: ir.Predicate) -> Iterator[object]:
    return (node for node in walk(predicate) if not isinstance(node, ir.And | ir.Or | ir.Not))


def _reads(text: str, language: str) -> bool:
    parsed = parser_of(language)(Source(text), None)
    return parsed.status == "full" and not any(found.severity == "error" for found in parsed.diagnostics)
