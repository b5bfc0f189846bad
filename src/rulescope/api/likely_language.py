"""Whether a query was probably written in another language than the one it is read in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Diagnostic, Source

CODE = "RSC190"


@cache
def _signs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The languages that are known by a sign, in the order of asking for it; each is then read to see."""
    signed = sorted(LANGUAGES.items(), key=lambda item: item[1].sign_rank)
    return tuple((name, re.compile(known.sign)) for name, known in signed if known.sign is not None)


def likely_language(text: str, language: str, hint: str = "give --language {}") -> Diagnostic | None:
    """A warning where a query in `language` reads wholly as another, and here holds errors, or begins with a word to
    look for in the text of events (which nearly everything can be, in SPL and in Kibana's languages). `hint` says what
    to do then; its `{}` is the language."""
    found = [name for name, sign in _signs() if name != language and sign.search(text)]
    if not found:
        return None
    doubt = _doubt(text, language)
    other = next((name for name in found if doubt is not None and _reads(text, name)), None)
    if other is None:
        return None
    meant = LANGUAGES[other].title
    message = f"the query reads wholly as {meant}; as {LANGUAGES[language].title}, {doubt}"
    return Diagnostic(CODE, message, severity="warning", hint=f"if it is {meant}, {hint.format(other)}")


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
