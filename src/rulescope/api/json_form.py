"""The JSON of the use cases: the contract's shapes for scripts, and whole pages for the site."""

from __future__ import annotations

from typing import Any

import msgspec

from rulescope.api.models import ComparedAs, IndicatorRow, Overview, RulePage, StatusCounts
from rulescope.api.passed_over import passed_over_json
from rulescope.catalog.fired_record import FiredRecord
from rulescope.text import encodable


def encode_json(value: object) -> bytes:
    """Any dataclass of `rulescope.api.models`, or plain data, as one line of UTF-8 JSON without a line break.

    Bytes of names that are no UTF-8, as Python holds them, are U+FFFD.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_encodable(msgspec.to_builtins(value)))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(held) for held in value]
    return value


def rule_json(page: RulePage) -> dict[str, Any]:
    """The contract's shape of a rule: stable keys, in the contract's order.

    Where they say something, rows have keys beside the contract's: an event that the rule does not name is `derived`,
    and `alike` where it only tells the same in another log than the rule's. `together` says which part of a denied
    combination a value is, which only as a whole rules an event out (`unless`: where that part does not hold);
    `regards_case`, that capitals count. An indicator has what it is counted as, where that is another field's value
    (`compared`), and how many of the rules in `corpus` compare another field to the same end (`derived`). `fired` is
    there once the catalogue's rules were run.
    """
    return {
        "rule": _about(page),
        "parse": page.parse,
        "diagnostics": [
            {key: getattr(found, key) for key in ("code", "severity", "message", "line", "column", "hint")}
            for found in page.diagnostics
        ],
        "events": [
            {
                "provider": row.fact.provider,
                "event_id": row.fact.event_id,
                "title": row.fact.title,
                "from": list(row.fact.evidence),
                **({"derived": True} if row.fact.derived else {}),
                **({"alike": True} if row.fact.alike else {}),
            }
            for row in page.events
        ],
        "stages": [
            {"number": stage.number, "kind": stage.kind, "text": stage.text, "predicate": stage.predicate_json}
            for stage in page.stages
        ],
        "indicators": [
            {
                **_value(row),
                "corpus": {"total": row.corpus.total, "by_language": row.corpus.by_language},
                **({"derived": row.corpus.derived} if row.corpus.derived else {}),
                **({"compared": _compared(row.compared)} if row.compared is not None else {}),
            }
            for row in page.indicators
        ],
        "exclusions": [_value(row) for row in page.exclusions],
        "thresholds": [_value(row) for row in page.thresholds],
        "search_terms": [
            {"stage": row.fact.stage, "term": row.fact.text, "directive": row.fact.directive}
            for row in page.search_terms
        ],
        "variants": [row.rule.path for row in page.variants],
        "neighbours": [{"path": row.rule.path, "relation": row.relation, "why": row.why} for row in page.neighbours],
        **({"fired": _fired_json(page.fired)} if page.fired is not None else {}),
    }


def _about(page: RulePage) -> dict[str, Any]:
    """What the rule's file says of it."""
    info = page.info
    return {
        "path": info.path,
        "repository": info.repository,
        "id": info.identifier,
        "title": info.title,
        "language": info.language,
        "description": info.description,
        "author": info.author,
        "severity": info.severity,
        "status": info.status,
        "license": info.license,
        "references": list(info.references),
        "attack": [
            {"tactic": row.tactic, "technique_id": row.technique_id, "technique": row.technique} for row in page.attack
        ],
    }


def _fired_json(fired: FiredRecord) -> dict[str, Any]:
    return {
        "at": fired.at,
        "logs": list(fired.logs),
        "log_events": fired.total_events,
        "status": fired.status,
        "message": fired.message,
        "count": fired.rows,
        "event_count": fired.events,
        "events": [{"file": file, "record": record} for file, record in fired.places],
    }


def stats_json(overview: Overview) -> dict[str, Any]:
    """The contract's shape of `stats`, and of `build`; then what was passed over, in the words of `run`."""
    return {
        "rules": overview.counts.total,
        "by_language": {language: counts_json(counts) for language, counts in overview.by_language.items()},
        "by_repository": {row.name: counts_json(row.counts) for row in overview.repositories},
        "stages": overview.stages,
        "indicators": overview.indicators,
        **passed_over_json(overview.passed_over),
    }


def counts_json(counts: StatusCounts) -> dict[str, int]:
    """`{"full", "partial", "failed"}`."""
    return {"full": counts.full, "partial": counts.partial, "failed": counts.failed}


def _compared(compared: ComparedAs) -> dict[str, Any]:
    return {"field": compared.field, "kind": compared.kind, "value": compared.value, "why": compared.why}


def _value(row: IndicatorRow) -> dict[str, Any]:
    fact = row.fact
    found: dict[str, Any] = {"field": fact.field, "kind": fact.kind, "value": fact.value, "stage": fact.stage}
    if fact.regards_case:
        found["regards_case"] = True
    if fact.together is not None:
        part, parts, number = fact.together
        found["together"] = {"part": part, "of": parts, "combination": number, "unless": fact.unless}
    return found
