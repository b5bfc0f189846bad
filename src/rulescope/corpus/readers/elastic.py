"""Elastic's detection rules: one TOML file a rule, with the query and what is made of the rows that it finds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from rulescope.corpus.model import FileContent, RuleFile, UnreadRule
from rulescope.corpus.parsed import LayoutReader, ParsedFile
from rulescope.corpus.readers.elastic_frame import read_frame
from rulescope.corpus.readers.toml_shapes import as_mapping, as_mappings, as_text, as_texts
from rulescope.corpus.toml_places import TomlValue, toml_values
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.languages.registry import LANGUAGES
from rulescope.text import Source

_TABLE = re.compile(r"^\[rule\][ \t\r]*$", re.MULTILINE)
# Rules of before 2021 say "Elastic License"; their repository has been under its second version since.
_ELASTIC_LICENSE = re.compile(r"elastic licen[cs]e(?: v?2(?:\.0)?)?", re.IGNORECASE)
_WRITTEN = ("kuery", "lucene", "eql", "esql")
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
    rule = as_mapping(document.get("rule"))
    places = toml_values(parsed.text)
    kind = as_text(rule.get("type")) or ""
    language = "machine_learning" if kind == "machine_learning" else as_text(rule.get("language")) or kind
    title = as_text(rule.get("name")) or parsed.file.stem
    if rule.get("language") is None and language not in LANGUAGES and as_text(rule.get("query")):
        hint = f"write language = one of {', '.join(_WRITTEN)}"
        parsed.report("RUL022", "the key 'language' is missing: how the query is to be read is not said", hint=hint)
        return FileContent(parsed.file, "failed", READER.name)
    if language not in LANGUAGES:
        unread = UnreadRule(parsed.file.catalog_path, parsed.file.repository, language or "unknown", title)
        return FileContent(parsed.file, "not yet read", READER.name, unread=(unread,))
    key = _JOBS if language == "machine_learning" else "query"
    source = _source(parsed, rule, places, key)
    if source is None:
        parsed.report_no_query(key, rule.get(key))
        return FileContent(parsed.file, "failed", READER.name)
    info = _info(parsed, document, rule, language, title)
    file = RuleFile(info, source, read_frame(parsed.text, rule, places))
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
    metadata = as_mapping(document.get("metadata"))
    tags = as_texts(rule.get("tags"))
    kind = as_text(rule.get("type"))
    block = as_text(rule.get("building_block_type"))
    written = as_text(rule.get("license"))
    score = rule.get("risk_score")
    return RuleInfo(
        path=parsed.file.catalog_path,
        repository=parsed.file.repository,
        language=language,
        title=title,
        identifier=as_text(rule.get("rule_id")),
        description=as_text(rule.get("description")),
        author=", ".join(as_texts(rule.get("author"))) or None,
        created=_date(metadata.get("creation_date")),
        modified=_date(metadata.get("updated_date")),
        severity=as_text(rule.get("severity")),
        risk_score=score if isinstance(score, int) and not isinstance(score, bool) else None,
        status=as_text(metadata.get("maturity")),
        kind=f"{kind}, building block" if block else kind,
        license=_license(written) or parsed.file.license,
        references=as_texts(rule.get("references")),
        attack=_attack(rule.get("threat")),
        log_source=LogSource(names=as_texts(rule.get("index"))),
        data_categories=tuple(tag.partition(":")[2].strip() for tag in tags if tag.startswith("Data Source:")),
        tags=tags,
        false_positives="\n".join(as_texts(rule.get("false_positives"))) or None,
        implementation="\n\n".join(text for key in ("setup", "note") if (text := as_text(rule.get(key)))) or None,
    )


def _license(written: str | None) -> str | None:
    return "Elastic-2.0" if written is not None and _ELASTIC_LICENSE.fullmatch(written) else written


def _attack(threats: object) -> tuple[Attack, ...]:
    """Techniques and sub-techniques under the tactics that the author gives; a tactic without any stands alone."""
    found: dict[Attack, None] = {}
    for threat in as_mappings(threats):
        if not (as_text(threat.get("framework")) or "MITRE ATT&CK").startswith("MITRE ATT&CK"):
            continue
        tactic = as_text(as_mapping(threat.get("tactic")).get("name"))
        techniques = as_mappings(threat.get("technique"))
        for technique in techniques:
            for one in (technique, *as_mappings(technique.get("subtechnique"))):
                identifier = as_text(one.get("id"))
                if identifier:
                    found[Attack(identifier, tactic)] = None
        if tactic and not techniques:
            found[Attack(None, tactic)] = None
    return tuple(found)


def _date(value: object) -> str | None:
    text = as_text(value)
    return None if text is None else text.replace("/", "-")


READER = LayoutReader("elastic", (".toml",), _recognises, _read)
