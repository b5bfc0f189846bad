"""The documents of a text: which of them are rules, what templates give them, and which can't be told what they are.

Nothing of a collection is passed over: what is no rule, template, correlation or filter is an error, because it may
have been meant as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rulescope.languages.sigma.nodes import SigmaReading, node_span, text_of
from rulescope.text import Span, nearest_name
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar

SECTIONS: Final = ("detection", "correlation", "filter")
"""The keys of which each document has one: it says what the document is."""

ACTIONS: Final = ("global", "reset", "repeat")
"""What `action` may say (specification 1.x, "Rule Collections"; since 2.0 a matter of tools)."""


def maps_of(reading: SigmaReading, documents: Sequence[YamlNode]) -> list[YamlMapping]:
    """The documents that are maps; any other is an error, but for one that is empty."""
    found: list[YamlMapping] = []
    for document in documents:
        if isinstance(document, YamlMapping):
            found.append(document)
        elif not (isinstance(document, YamlScalar) and document.is_null):
            reading.report("SIG003", "a document of a rule file is a map", node_span(document))
    return found


def check_documents(reading: SigmaReading, documents: Sequence[YamlMapping]) -> None:
    """Report each document of which it can't be told what it is, and each that is two things at once. What one lacks
    may stand in a template."""
    before = False
    template: set[str] = set()
    for document in documents:
        action = document.entries.get("action")
        if action is not None and text_of(action) not in ACTIONS:
            written = (text_of(action) or "")[:60]
            near = nearest_name(written, ACTIONS)
            hint = f"did you mean '{near}'?" if near else f"actions: {', '.join(ACTIONS)}"
            reading.report("SIG003", f"there is no action '{written}'", node_span(action), hint=hint)
        elif action is not None and text_of(action) == "repeat" and not before:
            reading.report("SIG003", "'repeat' has no rule before it", node_span(action))
        given = [key for key in SECTIONS if key in document.entries]
        if len(given) > 1:
            message = f"a document has one of these: {', '.join(given)}"
            reading.report("SIG003", message, document.key_spans[given[1]])
        if text_of(action) == "global":
            template.update(given)
        elif text_of(action) == "reset":
            template.clear()
        elif action is None and not given and not template and len(documents) > 1:
            report_without_section(reading, document, named=True)
        before = before or (bool(given) and "filter" not in given)


def report_without_section(reading: SigmaReading, document: YamlMapping, *, named: bool = False) -> None:
    """Report a document that is no rule, at the key that was probably meant to make it one; `named` where it is one of
    several, the rules of which are told this, too."""
    message = "there is no rule: 'detection' and 'correlation' are missing"
    title = next((found for key in ("title", "name", "id") if (found := text_of(document.entries.get(key)))), None)
    if named and title is not None:
        message = f"in '{title[:60]}' {message}"
    for key, span in document.key_spans.items():
        near = nearest_name(key, SECTIONS)
        if near is not None:
            reading.report("SIG002", message, span, hint=f"did you mean '{near}'?")
            return
    reading.report("SIG002", message, Span(document.start, document.start + 1))


def merged_documents(documents: Sequence[YamlMapping]) -> Iterator[YamlMapping]:
    """The rules among the documents of a collection, with what templates give them.

    `action: global` documents go before each rule that follows, `reset` ends them, `repeat` changes the rule before.
    """
    template: YamlMapping | None = None
    before: YamlMapping | None = None
    for document in documents:
        action = text_of(document.entries.get("action"))
        if action == "global":
            template = document if template is None else _merged(template, document)
            continue
        if action == "reset":
            template = None
            continue
        if "filter" in document.entries:
            continue
        base = before if action == "repeat" else template
        rule = document if base is None else _merged(base, document)
        if "detection" in rule.entries or "correlation" in rule.entries:
            before = rule
            yield rule


def repeats(documents: Sequence[YamlMapping]) -> int:
    """How many `action: repeat` documents stand right after the first rule: the text is that of the last of them."""
    actions = [text_of(document.entries.get("action")) for document in documents]
    rules = (place for place, action in enumerate(actions) if action not in ("global", "reset"))
    following = actions[next(rules, len(actions)) + 1 :]
    return next((place for place, action in enumerate(following) if action != "repeat"), len(following))


def _merged(base: YamlMapping, change: YamlMapping) -> YamlMapping:
    """Two maps as one: maps within are merged too, anything else is replaced."""
    entries = dict(base.entries)
    spans = dict(base.key_spans)
    for key, value in change.entries.items():
        old = entries.get(key)
        if isinstance(old, YamlMapping) and isinstance(value, YamlMapping):
            entries[key] = _merged(old, value)
        else:
            entries[key] = value
        spans[key] = change.key_spans[key]
    entries.pop("action", None)
    return YamlMapping(change.start, change.end, entries, spans)
