"""Correlation rules: what they count or order of other rules' hits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rulescope.ir import Compare, Pipeline, Predicate, stages
from rulescope.languages.sigma.conditions import ConditionReader
from rulescope.languages.sigma.detection import condition_source
from rulescope.languages.sigma.nodes import (
    SigmaReading,
    entry_span,
    listed_texts,
    node_span,
    plain_value,
    text_of,
)
from rulescope.text import Span, nearest_name
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar

TYPES: Final = (
    "event_count",
    "value_count",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
    "temporal",
    "temporal_ordered",
)
"""The types of the specification (2.1.0), and `value_median`, which readers of Sigma know besides."""

_KEYS: Final = frozenset({"type", "rules", "group-by", "timespan", "timeframe", "condition", "aliases", "generate"})
"""The keys of a correlation; `timeframe` is what early readers of Sigma called the time span."""

_COMPARISONS: Final = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le", "eq": "eq", "neq": "ne"}
_NAME = re.compile(r"[^\s()|]+")
_WORDS = frozenset({"and", "or", "not"})
_TIMESPAN = re.compile(r"(\d{1,9})([smhd])")
_ORDERED = frozenset({"temporal", "temporal_ordered"})


Find = Callable[[str, Span], Pipeline | None]
"""The pipeline of a rule by its name or identifier, which stands at the place; None, with a finding, where it can't be
had."""


def read_correlation(reading: SigmaReading, document: YamlMapping, find: Find) -> stages.Stage:
    """The stage of a correlation rule; an `Opaque` one, with findings, where it can't be read."""
    node = document.entries["correlation"]
    span = entry_span(document, "correlation", reading.source.text)
    if not isinstance(node, YamlMapping):
        return _unread(reading, span, "'correlation' is a map")
    before = len(reading.diagnostics)
    _check_keys(reading, node)
    kind = _type(reading, node, span)
    rules = _listed(reading, node, "rules")
    expression, named = _expression(reading, node, kind, rules)
    rules = rules or named
    if not rules and "rules" not in node.entries:
        reading.report("SIG030", "'rules' names no rule", span)
    group_by = _listed(reading, node, "group-by")
    timespan = _timespan(reading, node, span)
    as_text = kind in _ORDERED and _is_text(node.entries.get("condition"))
    conditions, fields = ((), ()) if as_text else _conditions(reading, node, kind, span)
    percentile = _percentile(reading, node, kind)
    aliases = _aliases(reading, node, rules)
    wrong = next((one for one in reading.diagnostics[before:] if one.severity == "error"), None)
    if kind is None or timespan is None or conditions is None or wrong is not None:
        return _unread(reading, span, wrong.message if wrong is not None else "it can't be read")
    found = _pipelines(reading, node, rules, find)
    return stages.Correlation(
        type=kind,
        rules=rules,
        group_by=group_by,
        timespan=timespan,
        conditions=conditions,
        field=fields[0] if fields else None,
        more_fields=fields[1:],
        percentile=percentile,
        expression=expression,
        aliases=aliases,
        pipelines=found,
        text=reading.source.slice(span),
        span=span,
    )


def _unread(reading: SigmaReading, span: Span, message: str) -> stages.Opaque:
    if not any(one.severity == "error" for one in reading.diagnostics):
        reading.report("SIG030", message, span)
    return stages.Opaque("correlation", message, text=reading.source.slice(span), span=span)


def _check_keys(reading: SigmaReading, node: YamlMapping) -> None:
    """Report keys that a correlation does not have: what they were meant to say would be left out."""
    for key, place in node.key_spans.items():
        if key not in _KEYS:
            near = nearest_name(key, _KEYS)
            hint = f"did you mean '{near}'?" if near else f"keys: {', '.join(sorted(_KEYS))}"
            reading.report("SIG030", f"a correlation has no '{key[:60]}'", place, hint=hint)


def _listed(reading: SigmaReading, node: YamlMapping, key: str) -> tuple[str, ...]:
    """The texts at a key; none where there is no such key, or, with a finding, where it holds something else."""
    written = node.entries.get(key)
    return () if written is None else listed_texts(reading, written, key) or ()


def _type(reading: SigmaReading, node: YamlMapping, span: Span) -> str | None:
    written = text_of(node.entries.get("type"))
    if written in TYPES:
        return written
    near = nearest_name(written, TYPES) if written else None
    place = _place(node, "type", span)
    message = f"unknown type of correlation '{written[:60]}'" if written else "'type' is missing"
    hint = f"did you mean '{near}'?" if near else f"types: {', '.join(TYPES)}"
    reading.report("SIG030", message, place, hint=hint)
    return None


def _timespan(reading: SigmaReading, node: YamlMapping, span: Span) -> stages.Interval | None:
    written = text_of(node.entries.get("timespan")) or text_of(node.entries.get("timeframe"))
    found = _TIMESPAN.fullmatch(written) if written else None
    if found is None:
        message = f"'{written[:60]}' is no time span" if written else "'timespan' is missing"
        reading.report("SIG030", message, _place(node, "timespan", span), hint="a number and one of s, m, h, d")
        return None
    return stages.Interval(found[0], float(found[1]), found[2], span=_place(node, "timespan", span))


def _conditions(
    reading: SigmaReading, node: YamlMapping, kind: str | None, span: Span
) -> tuple[tuple[tuple[str, float], ...] | None, tuple[str, ...]]:
    """The comparisons with numbers, None where they can't be read; and the fields that are measured."""
    given = node.entries.get("condition")
    if given is None:
        if kind in _ORDERED:
            return (), ()
        reading.report("SIG030", "'condition' is missing", span)
        return None, ()
    if not isinstance(given, YamlMapping):
        reading.report("SIG030", "'condition' is a map, such as 'gte: 10'", _place(node, "condition", span))
        return None, ()
    found: list[tuple[str, float]] = []
    fields = _listed(reading, given, "field")
    measuring = kind is None or kind.startswith("value_")
    for key, value in given.entries.items():
        if (key == "field" and not measuring) or (key == "percentile" and kind not in (None, "value_percentile")):
            reading.report("SIG030", f"the condition of '{kind}' takes no '{key}'", given.key_spans[key])
        if key in ("field", "percentile"):
            continue
        number = plain_value(value) if isinstance(value, YamlScalar) else None
        if key not in _COMPARISONS or isinstance(number, bool) or not isinstance(number, int | float):
            message = f"'{key[:60]}' is no comparison with a number"
            reading.report("SIG030", message, given.key_spans[key], hint=", ".join(_COMPARISONS))
            return None, ()
        found.append((_COMPARISONS[key], float(number)))
    if not found and kind not in _ORDERED:
        reading.report("SIG030", "'condition' compares with no number", _place(node, "condition", span))
        return None, ()
    several = kind == "value_count"
    if kind is not None and kind.startswith("value_") and (not fields or (len(fields) > 1 and not several)):
        what = "needs a 'field'" if not fields else "takes one 'field'"
        reading.report("SIG030", f"the condition of '{kind}' {what}", _place(node, "condition", span))
        return None, ()
    return tuple(found), fields


def _expression(
    reading: SigmaReading, node: YamlMapping, kind: str | None, rules: tuple[str, ...]
) -> tuple[Predicate | None, tuple[str, ...]]:
    """A condition that is text, over the names of rules: which must hit and which must not; and the names in it.

    The specification has maps only; readers of Sigma know text for `temporal` besides.
    """
    given = node.entries.get("condition")
    if kind not in _ORDERED or not isinstance(given, YamlScalar) or given.is_null:
        return None, ()
    names = rules or tuple(word for word in _NAME.findall(given.value) if word.lower() not in _WORDS)
    reader = ConditionReader(reading, {name: Compare(name, "exists") for name in names})
    predicate, aggregation = reader.read(*condition_source(reading, given))
    if aggregation is not None:
        reading.report("SIG030", "a condition over rules has no aggregation", node_span(given))
        return None, ()
    for name in names if predicate is not None else ():
        if name not in reader.used:
            reading.report("SIG013", f"'{name[:60]}' is not used by the condition", node_span(given), "warning")
    return predicate, tuple(dict.fromkeys(names))


def _is_text(node: YamlNode | None) -> bool:
    return isinstance(node, YamlScalar) and not node.is_null


def _percentile(reading: SigmaReading, node: YamlMapping, kind: str | None) -> float | None:
    """Which percentile is measured; the specification does not say how one is chosen, readers of Sigma know the key."""
    given = node.entries.get("condition")
    if kind != "value_percentile" or not isinstance(given, YamlMapping) or "percentile" not in given.entries:
        return None
    value = given.entries["percentile"]
    number = plain_value(value) if isinstance(value, YamlScalar) else None
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 100:
        reading.report("SIG030", "'percentile' is a number from 0 to 100", given.key_spans["percentile"])
        return None
    return float(number)


def _aliases(reading: SigmaReading, node: YamlMapping, rules: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The names that fields of different rules have in common."""
    given = node.entries.get("aliases")
    found: list[tuple[str, str, str]] = []
    if given is not None and not isinstance(given, YamlMapping):
        reading.report("SIG030", "'aliases' is a map", node.key_spans["aliases"])
        return ()
    for alias, fields in given.entries.items() if given is not None else ():
        place = given.key_spans[alias] if given is not None else Span(0, 0)
        if not isinstance(fields, YamlMapping):
            reading.report("SIG030", f"the alias '{alias[:60]}' is a map of rules and their fields", place)
            continue
        for rule, field in fields.entries.items():
            name = text_of(field)
            if name is None:
                reading.report("SIG030", "the field of an alias is a text", fields.key_spans[rule])
            elif rule not in rules:
                near = nearest_name(rule, rules)
                hint = f"did you mean '{near}'?" if near else f"rules: {', '.join(rules)}"
                message = f"the correlation has no rule '{rule[:60]}'"
                reading.report("SIG030", message, fields.key_spans[rule], hint=hint)
            else:
                found.append((alias, rule, name))
    return tuple(found)


def _pipelines(reading: SigmaReading, node: YamlMapping, rules: tuple[str, ...], find: Find) -> tuple[Pipeline, ...]:
    place = _place(node, "rules", Span(node.start, node.end))
    found = [find(rule, place) for rule in rules]
    known = tuple(pipeline for pipeline in found if pipeline is not None)
    return known if len(known) == len(found) else ()


def _place(node: YamlMapping, key: str, otherwise: Span) -> Span:
    value = node.entries.get(key)
    if value is None:
        return otherwise
    return node_span(value) if isinstance(value, YamlScalar) else node.key_spans[key]
