"""Elastic's detection rules: one TOML file a rule, with the query and what is made of the rows that it finds."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from rulescope.corpus.frame import Frame
from rulescope.corpus.model import FileContent, RuleFile, UnreadRule
from rulescope.corpus.parsed import ParsedFile, Reader
from rulescope.corpus.query_dsl import filter_predicate
from rulescope.corpus.toml_places import TomlValue, toml_values
from rulescope.ir import And, Attack, LogSource, Predicate, RuleInfo, Stage
from rulescope.ir.stages import (
    Argument,
    Command,
    NewTerms,
    Opaque,
    Origin,
    Suppress,
    ThreatMatch,
    Threshold,
    Where,
)
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Source

_TABLE = re.compile(r"^\[rule\][ \t\r]*$", re.MULTILINE)
# Rules of before 2021 say "Elastic License"; their repository has been under its second version since.
_ELASTIC_LICENSE = re.compile(r"elastic licen[cs]e(?: v?2(?:\.0)?)?", re.IGNORECASE)
_JOBS = "machine_learning_job_id"


def _recognises(parsed: ParsedFile) -> bool:
    return _TABLE.search(parsed.text) is not None


def _read(parsed: ParsedFile) -> FileContent:
    try:
        document = tomllib.loads(parsed.text)
    except tomllib.TOMLDecodeError as error:
        parsed.report("RUL003", f"broken TOML: {error}")
        return FileContent(parsed.file, "failed", READER.name)
    except (RecursionError, ValueError) as error:
        parsed.report("RUL003", f"TOML that can't be read: {type(error).__name__}")
        return FileContent(parsed.file, "failed", READER.name)
    rule = _mapping(document.get("rule"))
    places = toml_values(parsed.text)
    kind = _text(rule.get("type")) or ""
    language = "machine_learning" if kind == "machine_learning" else _text(rule.get("language")) or kind
    title = _text(rule.get("name")) or parsed.file.stem
    if language not in LANGUAGES:
        unread = UnreadRule(parsed.file.catalog_path, parsed.file.repository, language or "unknown", title)
        return FileContent(parsed.file, "not yet read", READER.name, unread=(unread,))
    source = _source(parsed, rule, places, _JOBS if language == "machine_learning" else "query")
    if source is None:
        parsed.report("RUL004", "the rule has no query: 'query' is missing or empty")
        return FileContent(parsed.file, "failed", READER.name)
    info = _info(parsed, document, rule, language, title)
    file = RuleFile(info, source, _frame(parsed.text, rule, places))
    return FileContent(parsed.file, "rules", READER.name, rules=(file,))


def _source(parsed: ParsedFile, rule: Mapping[str, Any], places: Mapping[str, TomlValue], key: str) -> Source | None:
    """The text of a key with its place; a list of jobs is taken as written."""
    written = rule.get(key)
    place = places.get(f"rule.{key}")
    name = parsed.file.catalog_path
    if isinstance(written, str) and written.strip():
        if place is not None and place.value == written:
            return Source(written, name, parsed.text, place.offsets)
        # A value that was not found where it was looked for stands where its key does, or at the file's start.
        return Source(written, name, parsed.text, ((0, place.start if place else 0),))
    if key == _JOBS and isinstance(written, list) and written:
        if place is not None:
            return Source(parsed.text[place.start : place.end], name, parsed.text, ((0, place.start),))
        return Source(", ".join(map(str, written)), name)
    return None


def _info(
    parsed: ParsedFile, document: Mapping[str, Any], rule: Mapping[str, Any], language: str, title: str
) -> RuleInfo:
    metadata = _mapping(document.get("metadata"))
    tags = _texts(rule.get("tags"))
    kind = _text(rule.get("type"))
    block = _text(rule.get("building_block_type"))
    written = _text(rule.get("license"))
    score = rule.get("risk_score")
    return RuleInfo(
        path=parsed.file.catalog_path,
        repository=parsed.file.repository,
        language=language,
        title=title,
        identifier=_text(rule.get("rule_id")),
        description=_text(rule.get("description")),
        author=", ".join(_texts(rule.get("author"))) or None,
        created=_date(metadata.get("creation_date")),
        modified=_date(metadata.get("updated_date")),
        severity=_text(rule.get("severity")),
        risk_score=score if isinstance(score, int) and not isinstance(score, bool) else None,
        status=_text(metadata.get("maturity")),
        kind=f"{kind}, building block" if block else kind,
        license=_license(written) or parsed.file.license,
        references=_texts(rule.get("references")),
        attack=_attack(rule.get("threat")),
        log_source=LogSource(names=_texts(rule.get("index"))),
        data_categories=tuple(tag.partition(":")[2].strip() for tag in tags if tag.startswith("Data Source:")),
        tags=tags,
        false_positives="\n".join(_texts(rule.get("false_positives"))) or None,
        implementation="\n\n".join(text for key in ("setup", "note") if (text := _text(rule.get(key)))) or None,
    )


def _license(written: str | None) -> str | None:
    return "Elastic-2.0" if written is not None and _ELASTIC_LICENSE.fullmatch(written) else written


def _attack(threats: object) -> tuple[Attack, ...]:
    """Techniques and sub-techniques under the tactics that the author gives; a tactic without any stands alone."""
    found: dict[Attack, None] = {}
    for threat in _mappings(threats):
        if not (_text(threat.get("framework")) or "MITRE ATT&CK").startswith("MITRE ATT&CK"):
            continue
        tactic = _text(_mapping(threat.get("tactic")).get("name"))
        techniques = _mappings(threat.get("technique"))
        for technique in techniques:
            for one in (technique, *_mappings(technique.get("subtechnique"))):
                identifier = _text(one.get("id"))
                if identifier:
                    found[Attack(identifier, tactic)] = None
        if tactic and not techniques:
            found[Attack(None, tactic)] = None
    return tuple(found)


def _frame(text: str, rule: Mapping[str, Any], places: Mapping[str, TomlValue]) -> Frame | None:
    """What stands around the query: indexes before it, and after it filters, exceptions and what fires."""

    def written(key: str) -> str:
        place = places.get(f"rule.{key}")
        return "" if place is None else text[place.key_start : place.end].strip()

    leading: list[Stage] = []
    indexes = _texts(rule.get("index"))
    if indexes:
        leading.append(Origin(names=indexes, text=written("index") or ", ".join(indexes)))
    trailing: list[Stage] = [
        *_filters(rule.get("filters")),
        *_exceptions(rule.get("exceptions_list")),
        *_firing(rule, written),
    ]
    score = rule.get("anomaly_threshold")
    category = _text(rule.get("event_category_override"))
    if not leading and not trailing and category is None and score is None:
        return None
    return Frame(
        tuple(leading),
        tuple(trailing),
        category,
        score if isinstance(score, int) and not isinstance(score, bool) else None,
    )


def _filters(written: object) -> list[Stage]:
    stages: list[Stage] = []
    for one in _mappings(written):
        predicate = filter_predicate(one)
        if predicate is not None:
            shown = {key: value for key, value in one.items() if key != "$state"}
            stages.append(Where(predicate=predicate, text=json.dumps(shown, default=str)))
    return stages


def _exceptions(written: object) -> list[Stage]:
    """Lists of exceptions are kept in Kibana, not in the rule: which of them apply is all that can be told."""
    lists = [name for one in _mappings(written) if (name := _text(one.get("list_id")))]
    if not lists:
        return []
    arguments = tuple(Argument(name) for name in lists)
    return [Command(name="exceptions", arguments=arguments, text=f"exceptions_list: {', '.join(lists)}")]


def _firing(rule: Mapping[str, Any], written: Any) -> list[Stage]:
    stages: list[Stage] = []
    window = _text(rule.get("from"))
    threshold = _mapping(rule.get("threshold"))
    if threshold:
        stages.append(_threshold(threshold, window, written("threshold")))
    terms = _mapping(rule.get("new_terms"))
    if terms:
        starts = _mappings(terms.get("history_window_start"))
        since = next((value for one in starts if (value := _text(one.get("value")))), None)
        text = written("new_terms") or "new_terms: " + ", ".join(_texts(terms.get("value")))
        stages.append(NewTerms(fields=_texts(terms.get("value")), window=since, text=text))
    if rule.get("threat_mapping") is not None:
        stages.append(_threat_match(rule, written("threat_mapping")))
    suppression = _mapping(rule.get("alert_suppression"))
    if suppression:
        stages.append(_suppression(suppression))
    return stages


def _threshold(written: Mapping[str, Any], window: str | None, text: str) -> Stage:
    count = written.get("value")
    cardinality = tuple(
        (name, number)
        for one in _mappings(written.get("cardinality"))
        if (name := _text(one.get("field"))) and isinstance(number := one.get("value"), int)
    )
    fields = _texts(written.get("field"))
    shown = text or f"threshold: {count} of {', '.join(fields) or 'all'}"
    if not isinstance(count, int) or isinstance(count, bool):
        return Opaque(text=shown, name="threshold", reason="the threshold has no number")
    return Threshold(fields=fields, count=count, cardinality=cardinality, window=window, text=shown)


def _threat_match(rule: Mapping[str, Any], text: str) -> Stage:
    groups: list[tuple[tuple[str, str], ...]] = []
    for group in _mappings(rule.get("threat_mapping")):
        pairs = [
            (field, value)
            for entry in _mappings(group.get("entries"))
            if (field := _text(entry.get("field"))) and (value := _text(entry.get("value")))
        ]
        if pairs:
            groups.append(tuple(pairs))
    parts: list[Predicate] = []
    query = _text(rule.get("threat_query"))
    if query is not None and query != "*:*":
        language = _text(rule.get("threat_language")) or "kuery"
        if language not in LANGUAGES:
            return Opaque(text=text, name="threat_match", reason=f"its query is in '{language}'")
        parsed = parser_of(language)(Source(query), None)
        found = getattr(parsed.pipeline.stages[0], "predicate", None) if parsed.pipeline.stages else None
        if found is None or parsed.status != "full":
            reason = parsed.diagnostics[0].message if parsed.diagnostics else "its query can't be read"
            return Opaque(text=query, name="threat_match", reason=reason)
        parts.append(found)
    parts += [found for one in _mappings(rule.get("threat_filters")) if (found := filter_predicate(one)) is not None]
    predicate = None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))
    shown = " or ".join(" and ".join(f"{field} = {value}" for field, value in group) for group in groups)
    return ThreatMatch(
        indexes=_texts(rule.get("threat_index")),
        mappings=tuple(groups),
        predicate=predicate,
        text=text or shown,
    )


def _suppression(written: Mapping[str, Any]) -> Stage:
    duration = _mapping(written.get("duration"))
    lasting = f"{duration.get('value')}{duration.get('unit')}" if duration else None
    by = _texts(written.get("group_by"))
    shown = f"alert_suppression: {', '.join(by)}" + (f" for {lasting}" if lasting else "")
    return Suppress(by=by, duration=lasting, missing=_text(written.get("missing_fields_strategy")), text=shown)


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    if not isinstance(value, Sequence):
        return ()
    return tuple(text for one in value if (text := _text(one)))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _date(value: object) -> str | None:
    text = _text(value)
    return None if text is None else text.replace("/", "-")


READER = Reader("elastic", (".toml",), _recognises, _read)
