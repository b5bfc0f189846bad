"""Correlation rules: what they count or order of other rules' hits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rulescope.ir import Compare, Pipeline, Predicate
from rulescope.ir import stages as st
from rulescope.languages.sigma.conditions import ConditionReader
from rulescope.languages.sigma.detection import condition_source
from rulescope.languages.sigma.nodes import Reading, entry_span, node_span, plain_value, text_of, texts_of
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

_COMPARISONS: Final = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le", "eq": "eq", "neq": "ne"}
_NAME = re.compile(r"[^\s()|]+")
_WORDS = frozenset({"and", "or", "not"})
_TIMESPAN = re.compile(r"(\d{1,9})([smhd])")
_ORDERED = frozenset({"temporal", "temporal_ordered"})


def read_correlation(
    reading: Reading, document: YamlMapping, find: Callable[[str], Pipeline | None]
) -> st.Correlation | None:
    """The stage of a correlation rule; None, with findings, where it can't be read.

    `find` gives the pipeline of a rule by its name or identifier, or None where it is not known.
    """
    node = document.entries["correlation"]
    span = entry_span(document, "correlation", reading.source.text)
    if not isinstance(node, YamlMapping):
        reading.report("SIG030", "'correlation' is a map", span)
        return None
    kind = _type(reading, node, span)
    rules = texts_of(node.entries.get("rules"))
    expression, named = _expression(reading, node, kind, rules)
    rules = rules or named
    if not rules:
        reading.report("SIG030", "'rules' names no rule", span)
    timespan = _timespan(reading, node, span)
    conditions, fields = ((), ()) if expression is not None else _conditions(reading, node, kind, span)
    percentile = _percentile(reading, node, kind)
    if kind is None or not rules or timespan is None or conditions is None:
        return None
    found = _pipelines(reading, node, rules, find)
    return st.Correlation(
        type=kind,
        rules=rules,
        group_by=texts_of(node.entries.get("group-by")),
        timespan=timespan,
        conditions=conditions,
        field=fields[0] if fields else None,
        more_fields=fields[1:],
        percentile=percentile,
        expression=expression,
        aliases=_aliases(node.entries.get("aliases")),
        pipelines=found,
        text=reading.source.slice(span),
        span=span,
    )


def _type(reading: Reading, node: YamlMapping, span: Span) -> str | None:
    written = text_of(node.entries.get("type"))
    if written in TYPES:
        return written
    near = nearest_name(written, TYPES) if written else None
    place = _place(node, "type", span)
    message = f"unknown type of correlation '{written[:60]}'" if written else "'type' is missing"
    hint = f"did you mean '{near}'?" if near else f"types: {', '.join(TYPES)}"
    reading.report("SIG030", message, place, hint=hint)
    return None


def _timespan(reading: Reading, node: YamlMapping, span: Span) -> st.Interval | None:
    written = text_of(node.entries.get("timespan")) or text_of(node.entries.get("timeframe"))
    found = _TIMESPAN.fullmatch(written) if written else None
    if found is None:
        message = f"'{written[:60]}' is no time span" if written else "'timespan' is missing"
        reading.report("SIG030", message, _place(node, "timespan", span), hint="a number and one of s, m, h, d")
        return None
    return st.Interval(found[0], float(found[1]), found[2], span=_place(node, "timespan", span))


def _conditions(
    reading: Reading, node: YamlMapping, kind: str | None, span: Span
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
    fields = texts_of(given.entries.get("field"))
    for key, value in given.entries.items():
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
    reading: Reading, node: YamlMapping, kind: str | None, rules: tuple[str, ...]
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
    return predicate, tuple(dict.fromkeys(names))


def _percentile(reading: Reading, node: YamlMapping, kind: str | None) -> float | None:
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


def _aliases(node: YamlNode | None) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for alias, rules in node.entries.items() if isinstance(node, YamlMapping) else ():
        for rule, field in rules.entries.items() if isinstance(rules, YamlMapping) else ():
            name = text_of(field)
            if name is not None:
                found.append((alias, rule, name))
    return tuple(found)


def _pipelines(
    reading: Reading, node: YamlMapping, rules: tuple[str, ...], find: Callable[[str], Pipeline | None]
) -> tuple[Pipeline, ...]:
    found: list[Pipeline] = []
    for rule in rules:
        pipeline = find(rule)
        if pipeline is None:
            place = _place(node, "rules", Span(node.start, node.end))
            message = f"the rule '{rule[:80]}' is not in this file: the correlation can be shown, not run"
            reading.report("SIG031", message, place, "info")
        else:
            found.append(pipeline)
    return tuple(found) if len(found) == len(rules) else ()


def _place(node: YamlMapping, key: str, otherwise: Span) -> Span:
    value = node.entries.get(key)
    if value is None:
        return otherwise
    return node_span(value) if isinstance(value, YamlScalar) else node.key_spans[key]
