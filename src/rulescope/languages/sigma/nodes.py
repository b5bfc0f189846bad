"""What the parts of the front end share: where findings go, and small steps on YAML nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rulescope.text import Diagnostic, Severity, Source, Span
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence

_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:\d{1,15}\.\d{1,15}|\d{1,15}\.\d{0,15}[eE][-+]\d{1,3})")
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})

Plain = str | int | float | bool | None


class PlaceholderBody(Protocol):
    """A definition of a placeholder: `body` lists its values, parted by commas."""

    @property
    def body(self) -> str:
        """The values."""


class Placeholders(Protocol):
    """Where bodies of placeholders are looked up (macro libraries have this shape)."""

    def find(self, name: str, arguments: int) -> PlaceholderBody | None:
        """The definition of placeholder `name` (without `%`; placeholders have no arguments), or None."""


@dataclass(slots=True)
class SigmaReading:
    """One rule being read: its text, what was found wrong, and which placeholders it uses.

    `unreadable` is set once a part was left out, so that the rule is not whole.
    """

    source: Source
    placeholders: Callable[[str], tuple[str, ...] | None] = lambda _: None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    used: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    unreadable: bool = False

    def report(
        self, code: str, message: str, span: Span, severity: Severity = "error", hint: str | None = None
    ) -> None:
        """Note a finding. An error means that a part of the rule is left out."""
        self.diagnostics.append(Diagnostic(code, message, span, severity, hint))
        if severity == "error":
            self.unreadable = True


def node_span(node: YamlNode) -> Span:
    """Where a node stands, the white space after a block scalar left out."""
    return Span(node.start, max(node.end, node.start))


def entry_span(mapping: YamlMapping, key: str, text: str) -> Span:
    """Where an entry stands, from its key to the end of its value."""
    start = mapping.key_spans[key].start
    value = mapping.entries[key]
    end = max(value.end, mapping.key_spans[key].end)
    # An alias's value may stand elsewhere; the entry then is its key.
    if value.start < start:
        return mapping.key_spans[key]
    return Span(start, start + len(text[start:end].rstrip()))


def plain_value(node: YamlScalar) -> Plain:
    """A scalar as YAML 1.1's core types read it: only plain scalars are numbers, truth values or null.

    Numbers in other bases, dates and the like stay text, as a log would hold them.
    """
    if node.is_null:
        return None
    if node.style is None:
        value = node.value
        if _INTEGER.fullmatch(value):
            return int(value)
        if _DECIMAL.fullmatch(value):
            return float(value)
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    return node.value


def plain_text(value: Plain) -> str:
    """A value as the text that a log would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def text_of(node: YamlNode | None) -> str | None:
    """A scalar's text without white space around it; None if it is no scalar, null, or empty."""
    if not isinstance(node, YamlScalar) or node.is_null:
        return None
    return node.value.strip() or None


def texts_of(node: YamlNode | None) -> tuple[str, ...]:
    """The scalars of a list, or the one scalar that stands where a list could."""
    if isinstance(node, YamlSequence):
        return tuple(text for item in node.items if (text := text_of(item)) is not None)
    text = text_of(node)
    return () if text is None else (text,)


def listed_texts(reading: SigmaReading, node: YamlNode, key: str) -> tuple[str, ...] | None:
    """The texts of a list, or the one that stands where a list could; None, with a finding, where a member of it is no
    text, or there is none."""
    items = node.items if isinstance(node, YamlSequence) else [node]
    texts = [text_of(item) for item in items]
    found = tuple(text for text in texts if text is not None)
    if found and len(found) == len(texts):
        return found
    wrong = next((item for item, text in zip(items, texts, strict=True) if text is None), node)
    reading.report("SIG003", f"'{key}' is a list of texts", node_span(wrong))
    return None
