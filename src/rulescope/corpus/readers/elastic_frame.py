"""What an Elastic rule adds to its query: the indexes before it, and after it filters, exceptions and what fires.

Each part decides what the rule finds, so one that has another shape than Elastic gives it ("Create a detection rule"
and the API's reference of it) is an error of the rule, and never left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rulescope.corpus.date_math import read_date_math
from rulescope.corpus.frame import RuleFrame
from rulescope.corpus.query_dsl import filter_predicate
from rulescope.corpus.readers.toml_shapes import as_mapping, as_text, as_texts
from rulescope.corpus.toml_places import TomlValue
from rulescope.ir import And, Predicate, Stage
from rulescope.ir.stages import (
    Argument,
    Command,
    Interval,
    NewTerms,
    Opaque,
    Origin,
    Suppress,
    ThreatMatch,
    Threshold,
    Where,
)
from rulescope.ir.times import WrittenTime
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Diagnostic, Source, nearest_name

_CODE = "RUL022"

TYPES: Final[dict[str, str | None]] = {
    "query": None, "saved_query": None, "eql": None, "esql": None, "machine_learning": None,
    "threshold": "threshold", "new_terms": "new_terms", "threat_match": "threat_mapping",
}  # fmt: skip
"""The types of rules, and the part that a type can't do without."""

DECIDING: Final = frozenset({
    "type", "language", "query", "index", "filters", "exceptions_list", "threshold", "new_terms", "alert_suppression",
    "threat_mapping", "threat_index", "threat_query", "threat_language", "threat_filters", "event_category_override",
    "anomaly_threshold", "machine_learning_job_id",
})  # fmt: skip
"""The keys of a rule that decide what it finds."""

_SCHEDULE: Final = frozenset({"from", "to", "interval"})
"""Those that say how often a rule is run, and over which time range."""

_OTHERS: Final = frozenset({
    "actions", "author", "building_block_type", "concurrent_searches", "created_at", "created_by", "data_view_id",
    "description", "enabled", "execution_summary", "false_positives", "from", "id", "immutable", "interval",
    "investigation_fields", "items_per_search", "license", "max_signals", "meta", "name", "namespace", "note",
    "outcome", "output_index", "references", "related_integrations", "required_fields", "response_actions", "revision",
    "risk_score", "risk_score_mapping", "rule_id", "rule_name_override", "rule_source", "saved_id", "setup",
    "severity", "severity_mapping", "tags", "threat", "threat_indicator_path", "throttle", "tiebreaker_field",
    "timeline_id", "timeline_title", "timestamp_field", "timestamp_override", "timestamp_override_fallback_disabled",
    "to", "updated_at", "updated_by", "version",
})  # fmt: skip


def read_frame(text: str, rule: Mapping[str, Any], places: Mapping[str, TomlValue]) -> RuleFrame | None:
    """What stands around the query of a rule; `text` is its file, `places` where the values in it stand."""
    return _FrameReader(text, rule, places).read()


class _FrameReader:
    def __init__(self, text: str, rule: Mapping[str, Any], places: Mapping[str, TomlValue]) -> None:
        self.rule = rule
        self.problems: list[Diagnostic] = []
        self._text = text
        self._places = places

    def read(self) -> RuleFrame | None:
        rule = self.rule
        self._check_keys()
        leading: list[Stage] = []
        indexes = self.texts(rule, "index")
        if indexes:
            leading.append(Origin(names=indexes, text=self.written("index") or ", ".join(indexes)))
        trailing = [*self._filters(), *self._exceptions(), *self._firing()]
        category = self.text(rule, "event_category_override")
        score = rule.get("anomaly_threshold")
        threshold = score if isinstance(score, int) and not isinstance(score, bool) else None
        recurring = not _SCHEDULE.isdisjoint(rule)
        if not (leading or trailing or category or self.problems or recurring) and score is None:
            return None
        return RuleFrame(tuple(leading), tuple(trailing), category, threshold, recurring, tuple(self.problems))

    # -- shapes --------------------------------------------------------------------------------------------------

    def wrong(self, message: str, hint: str | None = None) -> None:
        """Note what is wrong with the rule."""
        self.problems.append(Diagnostic(_CODE, message, hint=hint))

    def written(self, key: str) -> str:
        """An entry of the rule as its file has it."""
        place = self._places.get(f"rule.{key}")
        return "" if place is None else self._text[place.key_start : place.end].strip()

    def text(self, owner: Mapping[str, Any], key: str) -> str | None:
        """The text at a key; None where there is no such key."""
        if key not in owner:
            return None
        found = as_text(owner[key])
        if found is None:
            self.wrong(f"'{key}' is a text")
        return found

    def texts(self, owner: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """The texts at a key; none where there is no such key."""
        value = owner.get(key, [])
        found = as_texts(value)
        if not isinstance(value, str | list) or len(found) < (1 if isinstance(value, str) else len(value)):
            self.wrong(f"'{key}' is a list of texts")
        return found

    def time(self, owner: Mapping[str, Any], key: str) -> WrittenTime | None:
        """The time at a key; None where there is no such key."""
        text = self.text(owner, key)
        found = None if text is None else read_date_math(text)
        if text is not None and found is None:
            self.wrong(f"'{key}' is no time: '{text[:60]}'", "write a time such as now-9m or now-7d")
        return found

    def mapping(self, owner: Mapping[str, Any], key: str, known: Iterable[str]) -> Mapping[str, Any]:
        """The map at a key, which has these keys; an empty one where there is no such key."""
        value = owner.get(key, {})
        if not isinstance(value, Mapping):
            self.wrong(f"'{key}' is a map")
        for name in as_mapping(value):
            if name not in known:
                near = nearest_name(name, known)
                self.wrong(f"'{key}' has no '{name[:60]}'", f"did you mean '{near}'?" if near else None)
        return as_mapping(value)

    def mappings(self, owner: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """The maps at a key, which is a list; none where there is no such key."""
        value = owner.get(key, [])
        found = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(found) < len(value):
            self.wrong(f"'{key}' is a list of maps")
        return found

    def _check_keys(self) -> None:
        """Report a type that is none, a part that the type can't do without, and keys that were meant to be others."""
        rule = self.rule
        kind = as_text(rule.get("type")) or ""
        if kind not in TYPES:
            near = nearest_name(kind, TYPES)
            hint = f"did you mean '{near}'?" if near else f"types: {', '.join(TYPES)}"
            self.wrong(f"there is no type '{kind[:60]}'" if kind else "'type' is missing", hint)
        language = as_text(rule.get("language"))
        if kind in ("eql", "esql") and language not in (None, kind):
            self.wrong(f"a rule of type '{kind}' has no query in '{(language or '')[:60]}'")
        needed = TYPES.get(kind)
        if needed is not None and not rule.get(needed):
            self.wrong(f"a rule of type '{kind}' needs '{needed}'")
        for key in rule:
            if key not in DECIDING and key not in _OTHERS and (near := nearest_name(key, DECIDING)) is not None:
                self.wrong(f"a rule has no '{key[:60]}'", f"did you mean '{near}'?")

    # -- the parts -----------------------------------------------------------------------------------------------

    def _filters(self) -> Iterator[Stage]:
        for one in self.mappings(self.rule, "filters"):
            predicate = filter_predicate(one)
            if predicate is not None:
                shown = {key: value for key, value in one.items() if key != "$state"}
                yield Where(predicate=predicate, text=json.dumps(shown, default=str))

    def _exceptions(self) -> Iterator[Stage]:
        """Lists of exceptions are kept in Kibana, not in the rule: which of them apply is all that can be told."""
        written = self.mappings(self.rule, "exceptions_list")
        lists = [name for one in written if (name := as_text(one.get("list_id")))]
        if len(lists) < len(written):
            self.wrong("a list of exceptions has a 'list_id'")
        if lists:
            arguments = tuple(Argument(name) for name in lists)
            yield Command(name="exceptions", arguments=arguments, text=f"exceptions_list: {', '.join(lists)}")

    def _firing(self) -> Iterator[Stage]:
        rule = self.rule
        if "threshold" in rule:
            yield self._threshold()
        if "new_terms" in rule:
            yield self._new_terms()
        if "threat_mapping" in rule:
            yield self._threat_match()
        if "alert_suppression" in rule:
            yield self._suppression()

    def _threshold(self) -> Stage:
        written = self.mapping(self.rule, "threshold", ("field", "value", "cardinality"))
        count = _whole(written.get("value"))
        several = self.mappings(written, "cardinality")
        cardinality = tuple(
            (name, number)
            for one in several
            if (name := as_text(one.get("field"))) is not None and (number := _whole(one.get("value"))) is not None
        )
        if len(cardinality) < len(several):
            self.wrong("'cardinality' has a 'field' and a number as its 'value'")
        fields = self.texts(written, "field") if written.get("field") != "" else ()
        shown = self.written("threshold") or f"threshold: {count} of {', '.join(fields) or 'all'}"
        if count is None:
            self.wrong("the threshold has no number", "'value' is a whole number")
            return Opaque(text=shown, name="threshold", reason="the threshold has no number")
        window = self.time(self.rule, "from")
        return Threshold(fields=fields, count=count, cardinality=cardinality, window=window, text=shown)

    def _new_terms(self) -> Stage:
        terms = self.mapping(self.rule, "new_terms", ("field", "value", "history_window_start"))
        starts = self.mappings(terms, "history_window_start")
        first = next((one for one in starts if as_text(one.get("value"))), None)
        since = None if first is None else self.time(first, "value")
        fields = self.texts(terms, "value")
        if not fields:
            self.wrong("the new terms name no field", "'value' is a list of fields")
        if first is None:
            self.wrong("the new terms have no time since when they are new", "'history_window_start' has a 'value'")
        text = self.written("new_terms") or "new_terms: " + ", ".join(fields)
        return NewTerms(fields=fields, window=since, text=text)

    def _threat_match(self) -> Stage:
        text = self.written("threat_mapping")
        groups = [self._threat_group(group) for group in self.mappings(self.rule, "threat_mapping")]
        parts: list[Predicate] = []
        query = self.text(self.rule, "threat_query")
        if "threat_query" not in self.rule:
            self.wrong("a rule of type 'threat_match' needs 'threat_query'", "'*:*' takes every one")
        if query is not None and query != "*:*":
            language = as_text(self.rule.get("threat_language")) or "kuery"
            if language not in LANGUAGES:
                self.wrong(f"the query of the threats is in '{language[:60]}'")
                return Opaque(text=text, name="threat_match", reason=f"its query is in '{language}'")
            parsed = parser_of(language)(Source(query), None)
            found = getattr(parsed.pipeline.stages[0], "predicate", None) if parsed.pipeline.stages else None
            if found is None or parsed.status != "full":
                reason = parsed.diagnostics[0].message if parsed.diagnostics else "its query can't be read"
                self.wrong(f"the query of the threats can't be read: {reason}")
                return Opaque(text=query, name="threat_match", reason=reason)
            parts.append(found)
        filters = self.mappings(self.rule, "threat_filters")
        parts += [found for one in filters if (found := filter_predicate(one)) is not None]
        predicate = None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))
        shown = " or ".join(" and ".join(f"{field} = {value}" for field, value in group) for group in groups)
        indexes = self.texts(self.rule, "threat_index")
        return ThreatMatch(indexes=indexes, mappings=tuple(groups), predicate=predicate, text=text or shown)

    def _threat_group(self, group: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """The fields that must agree with those of an indicator, all of them."""
        entries = self.mappings(group, "entries")
        pairs = tuple((as_text(one.get("field")), as_text(one.get("value"))) for one in entries)
        known = tuple((field, value) for field, value in pairs if field and value)
        if not known or len(known) < len(pairs):
            self.wrong("'threat_mapping' has 'entries', each with a 'field' and a 'value'")
        for one in entries:
            for key, value in one.items():
                if (key, value) not in (("type", "mapping"), ("negate", False)) and key not in ("field", "value"):
                    self.wrong(f"'threat_mapping' with '{key[:60]}' {value!r} is not supported")
        return known

    def _suppression(self) -> Stage:
        written = self.mapping(self.rule, "alert_suppression", ("group_by", "duration", "missing_fields_strategy"))
        duration = self.mapping(written, "duration", ("value", "unit"))
        lasting = _lasting(duration) if duration else None
        if duration and lasting is None:
            self.wrong("'duration' has a number as its 'value', and one of s, m, h as its 'unit'")
        by = self.texts(written, "group_by")
        if not by and as_text(self.rule.get("type")) != "threshold":
            self.wrong("'alert_suppression' needs 'group_by'")
        missing = self.text(written, "missing_fields_strategy")
        if missing not in (None, "suppress", "doNotSuppress"):
            self.wrong("'missing_fields_strategy' is 'suppress' or 'doNotSuppress'")
        shown = f"alert_suppression: {', '.join(by)}" + (f" for {lasting.text}" if lasting else "")
        return Suppress(by=by, duration=lasting, missing=missing, text=shown)


def _lasting(duration: Mapping[str, Any]) -> Interval | None:
    value, unit = _whole(duration.get("value")), duration.get("unit")
    if value is None or unit not in ("s", "m", "h"):
        return None
    return Interval(f"{value}{unit}", float(value), unit)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
