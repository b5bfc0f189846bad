"""Files that look like rules and have the shape of none that is read: a misspelt key must not make a rule vanish."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rulescope.corpus.parsed import ParsedFile
from rulescope.text import Span
from rulescope.text.nearest import nearest_name
from rulescope.text.yaml_document import YamlMapping

CODE = "RUL019"

SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "a Sigma rule": ("title", "logsource", "detection"),
    "a Sigma correlation": ("title", "correlation"),
    "a Sigma filter": ("title", "logsource", "filter"),
    "a rule of security_content": ("name", "search", "type"),
    "a rule of the Armory": ("title", "logic_format", "logic"),
    "a rule of Sentinel": ("name", "query", "tactics"),
}
"""The keys by which each layout of YAML is told; the readers say so in code."""

_TELLING = ("logsource", "detection", "correlation", "search", "logic_format", "logic", "query")
"""Keys that few other YAML files have at their top: with one of them, or a misspelling of one, and another key of a
shape, a document is a would-be rule. `title`, `name` and `type` stand in every kind of file."""


def report_rule_like(parsed: ParsedFile, unread: Iterable[YamlMapping]) -> None:
    """Notes an error for each of the `unread` documents that looks like a rule, with the keys that it lacks."""
    for document in unread:
        shape = _meant(document)
        if shape is not None:
            _report(parsed, document, shape)


def report_listed_rules(parsed: ParsedFile) -> None:
    """Notes an error for each mapping in a list that looks like a rule."""
    for item in parsed.listed:
        shape = _meant(item)
        if shape is not None:
            message = f"this looks like {shape}, but it stands in a list: it was not read"
            hint = "a rule is a document of its own; documents are parted by a line of ---"
            parsed.report(CODE, message, Span(item.start, item.start + 1), hint=hint)


def _report(parsed: ParsedFile, document: YamlMapping, shape: str) -> None:
    lacking = [key for key in SHAPES[shape] if key not in document.entries]
    place, hint = _misspelt(document, lacking, SHAPES[shape])
    missing = " and ".join(f"'{key}'" for key in lacking) or "what else such a rule has"
    parsed.report(CODE, f"this looks like {shape}, but it has not {missing}: it was not read", place, hint=hint)


def _meant(document: YamlMapping) -> str | None:
    """The shape that the document has most keys of, if it is told by one of them; None for other documents."""
    spelt = {key: key if key in document.entries else nearest_name(key, document.entries) for key in _TELLING}
    told = {key for key, written in spelt.items() if written is not None}
    scores = {
        shape: sum(key in document.entries for key in keys) + len(told.intersection(keys))
        for shape, keys in SHAPES.items()
        if told.intersection(keys)
    }
    best = max(scores, key=lambda shape: scores[shape], default=None)
    return best if best is not None and scores[best] > 1 else None


def _misspelt(document: YamlMapping, lacking: list[str], known: tuple[str, ...]) -> tuple[Span, str | None]:
    """The place of the key that was probably meant to be one of those that lack, and what to write instead."""
    others = [key for key in document.entries if key not in known]
    for key in lacking:
        near = nearest_name(key, others)
        if near is not None:
            return document.key_spans[near], f"did you mean '{key}' instead of '{near}'?"
    return Span(document.start, document.start + 1), None
