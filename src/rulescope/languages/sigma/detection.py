"""The named blocks of a rule: from YAML to predicates, with the Boolean structure as it is written."""

from __future__ import annotations

from rulescope.ir import And, Or, Predicate, stages
from rulescope.languages.sigma.conditions import Aggregation, ConditionReader
from rulescope.languages.sigma.modifiers import read_condition
from rulescope.languages.sigma.nodes import SigmaReading, entry_span, node_span, text_of
from rulescope.text import Source, Span, nearest_name
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence, scalar_source

_OTHER_KEYS = frozenset({"condition", "timeframe"})
"""Keys of `detection` that are no search identifiers."""

_LOG_SOURCE = ("product", "category", "service")
"""The keys of `logsource` that say which events the rule is for; any other is a note of the author's."""


def read_detection(reading: SigmaReading, detection: YamlMapping, document: YamlMapping) -> list[stages.Stage]:
    """The stages of a detection: its blocks in order, the condition, and what could not be read; `document` is what the
    detection stands in.

    Where the condition is missing or can't be read whole, it is an `Opaque` stage: without it the rule would find every
    event of its log source, and to run half of it would be to guess.
    """
    text = reading.source.text
    found: list[stages.Stage] = []
    blocks: dict[str, Predicate | None] = {}
    for name, node in detection.entries.items():
        if name in _OTHER_KEYS:
            continue
        span = entry_span(detection, name, text)
        predicate = read_block(reading, node, span)
        blocks[name] = predicate
        found.append(stages.Block(name, predicate, text=text[span.start : span.end], span=span))
    conditions = ConditionReader(reading, blocks)
    found += _read_conditions(reading, detection, document, conditions)
    if "timeframe" in detection.entries and not any(isinstance(one, stages.Opaque) for one in found):
        found.append(_time_frame(reading, detection))
    for name in blocks:
        if name not in conditions.used and not name.startswith("_") and not reading.unreadable:
            span = detection.key_spans[name]
            reading.report("SIG013", f"'{name[:60]}' is not used by the condition", span, "warning")
    return found


def _read_conditions(
    reading: SigmaReading, detection: YamlMapping, document: YamlMapping, conditions: ConditionReader
) -> list[stages.Stage]:
    """The condition's stage; several conditions are alternatives."""
    node = detection.entries.get("condition")
    if node is None:
        return [_no_condition(reading, detection, document)]
    span = entry_span(detection, "condition", reading.source.text)
    items = node.items if isinstance(node, YamlSequence) else [node]
    found: list[Predicate | None] = []
    aggregations: list[Aggregation] = []
    for item in items:
        if not isinstance(item, YamlScalar) or item.is_null:
            reading.report("SIG011", "a condition is text", span if item is node else node_span(item))
            found.append(None)
            continue
        predicate, aggregation = conditions.read(*condition_source(reading, item))
        found.append(predicate)
        if aggregation is not None:
            aggregations.append(aggregation)
    if not items:
        reading.report("SIG010", "'condition' holds no condition", span)
        found.append(None)
    return [_condition_stage(reading, found, span), *(_aggregation_stage(reading, one) for one in aggregations)]


def _no_condition(reading: SigmaReading, detection: YamlMapping, document: YamlMapping) -> stages.Stage:
    """What stands for a condition that is missing, and where it probably is."""
    place, hint = Span(detection.start, detection.start + 1), None
    near = next((key for key in detection.entries if nearest_name(key, ("condition",))), None)
    if near is not None:
        place, hint = detection.key_spans[near], "did you mean 'condition'?"
    elif "condition" in document.entries:
        section = "filter" if "filter" in document.entries else "detection"
        place, hint = document.key_spans["condition"], f"put it below '{section}', beside what it names"
    elif detection.entries:
        hint = f"say which of the search identifiers must match, such as 'condition: {next(iter(detection.entries))}'"
    message = "'condition' is missing"
    reading.report("SIG010", message, place, hint=hint)
    return stages.Opaque("condition", message, text=reading.source.slice(place), span=place)


def _time_frame(reading: SigmaReading, detection: YamlMapping) -> stages.Stage:
    """What stands for a time span without an aggregation that it could be of."""
    span = entry_span(detection, "timeframe", reading.source.text)
    message = "'timeframe' is that of an aggregation, and there is none"
    reading.report("SIG015", message, span, hint="a correlation rule has a 'timespan'")
    return stages.Opaque("timeframe", message, text=reading.source.slice(span), span=span)


def _condition_stage(reading: SigmaReading, found: list[Predicate | None], span: Span) -> stages.Stage:
    text = reading.source.slice(span)
    known = [predicate for predicate in found if predicate is not None]
    if len(known) < len(found):
        # What is wrong may stand in a block that the condition names: a run's refusal has this reason alone.
        wrong = next((one.message for one in reading.diagnostics if one.severity == "error"), "it can't be read")
        return stages.Opaque("condition", wrong, text=text, span=span)
    return stages.Where(known[0] if len(known) == 1 else Or(tuple(known), span), text=text, span=span)


def _aggregation_stage(reading: SigmaReading, aggregation: Aggregation) -> stages.Stage:
    reading.report(
        "SIG014",
        "aggregations are no part of Sigma since version 2.0; this one is not read",
        aggregation.span,
        hint="a correlation rule says the same",
    )
    return stages.Opaque(
        "aggregation", "no part of Sigma since version 2.0", text=aggregation.text, span=aggregation.span
    )


def condition_source(reading: SigmaReading, node: YamlScalar) -> tuple[Source, PlaceOf]:
    """The text of a condition, and what moves spans over it to spans over the rule."""
    inner = scalar_source(reading.source.text, node, reading.source.name)
    return inner, PlaceOf(inner)


class PlaceOf:
    """Moves spans over a scalar's value to spans over the text that holds it."""

    def __init__(self, inner: Source) -> None:
        self._inner = inner

    def __call__(self, span: Span) -> Span:
        start = self._inner.file_offset(span.start)
        end = self._inner.file_offset(max(span.end - 1, span.start)) + (span.end > span.start)
        return Span(start, max(end, start))


# -- blocks ------------------------------------------------------------------------------------------------------


def read_block(reading: SigmaReading, node: YamlNode, span: Span) -> Predicate | None:
    """The predicate of a block: a map's entries all hold, of a list's items one; None where it can't be read."""
    if isinstance(node, YamlMapping):
        return _read_map(reading, node, span)
    if isinstance(node, YamlSequence):
        return _read_list(reading, node, span)
    if node.is_null:
        reading.report("SIG022", "the search identifier has no value", span)
        return None
    return read_condition(reading, "", (), [node], node_span(node), node_span(node))


def _read_map(reading: SigmaReading, node: YamlMapping, span: Span) -> Predicate | None:
    if not node.entries:
        reading.report("SIG022", "the map is empty", span)
        return None
    leaves: list[Predicate | None] = []
    for key, value in node.entries.items():
        field, *modifiers = key.split("|")
        entry = entry_span(node, key, reading.source.text)
        if not key.strip():
            reading.report("SIG022", "a field without a name", entry)
            leaves.append(None)
            continue
        values = _scalars(reading, value, entry)
        leaves.append(
            None if values is None else read_condition(reading, field, modifiers, values, entry, node.key_spans[key])
        )
    return _joined(And, leaves, span)


def _scalars(reading: SigmaReading, node: YamlNode, span: Span) -> list[YamlScalar] | None:
    items = node.items if isinstance(node, YamlSequence) else [node]
    scalars = [item for item in items if isinstance(item, YamlScalar)]
    if len(scalars) < len(items):
        reading.report("SIG022", "a value is text, a number, true, false or null, or a list of those", span)
        return None
    return scalars


def _read_list(reading: SigmaReading, node: YamlSequence, span: Span) -> Predicate | None:
    if not node.items:
        reading.report("SIG022", "the list is empty", span)
        return None
    keywords: list[YamlScalar] = [item for item in node.items if isinstance(item, YamlScalar)]
    if len(keywords) == len(node.items):
        return read_condition(reading, "", (), keywords, span, node_span(node))
    leaves: list[Predicate | None] = []
    for item in node.items:
        place = node_span(item)
        if isinstance(item, YamlSequence):
            reading.report("SIG022", "a list in a list", place)
            leaves.append(None)
        else:
            leaves.append(read_block(reading, item, place))
    return _joined(Or, leaves, span)


def _joined(kind: type[And] | type[Or], leaves: list[Predicate | None], span: Span) -> Predicate | None:
    known = [leaf for leaf in leaves if leaf is not None]
    if len(known) < len(leaves):
        return None
    return known[0] if len(known) == 1 else kind(tuple(known), span)


def read_origin(reading: SigmaReading, document: YamlMapping) -> stages.Origin | None:
    """The log source as a stage: `product=windows`, `category=process_creation`; None where the rule names none."""
    node = document.entries.get("logsource")
    if not isinstance(node, YamlMapping):
        near = next((key for key in document.entries if nearest_name(key, ("logsource",))), None)
        key = near if node is None else "logsource"
        place = document.key_spans.get(key or "", Span(document.start, document.start + 1))
        hint = "did you mean 'logsource'?" if near and node is None else None
        message = "the rule names no log source: it is read for every log"
        reading.report("SIG005", message, place, "warning", hint)
        return None
    span = entry_span(document, "logsource", reading.source.text)
    names = []
    for key in _LOG_SOURCE:
        value = text_of(node.entries.get(key))
        if value is not None:
            names.append(f"{key}={value}")
        elif key in node.entries:
            reading.report("SIG003", f"'{key}' of a log source is a text", node.key_spans[key])
    for key in node.entries:
        near = nearest_name(key, _LOG_SOURCE)
        if near is not None and key not in _LOG_SOURCE:
            message = f"'{key[:60]}' says nothing of the log source"
            reading.report("SIG006", message, node.key_spans[key], hint=f"did you mean '{near}'?")
    if not names:
        reading.report("SIG005", "the rule names no log source: it is read for every log", span, "warning")
        return None
    return stages.Origin(tuple(names), text=reading.source.slice(span), span=span)


__all__ = ["condition_source", "read_block", "read_detection", "read_origin"]
