"""The contract's JSON of `run`."""

from __future__ import annotations

from typing import Any

from rulescope.api.load_report import load_json
from rulescope.api.passed_over import fact_json
from rulescope.api.run import RuleRun, RunReport


def run_json(report: RunReport) -> dict[str, Any]:
    """The report as plain values; `failed` and `unreadable` list rules as `refused` does."""
    return {
        "events": report.events,
        "rules": report.counts(),
        "hits": [_hit(one) for one in report.rules if one.outcome.count],
        "refused": [_reason(one) for one in report.with_status("refused")],
        "failed": [_reason(one) for one in report.with_status("failed")],
        "unreadable": [fact_json("rule", one) for one in report.unreadable],
        "not_opened": [fact_json("file", one) for one in report.not_opened],
        "warnings": [
            {"rules": list(one.rules), "code": one.code, "message": one.message, "hint": one.hint}
            for one in report.warnings()
        ],
        "other_files": report.other_files,
        "logs": load_json(report.load),
        "bad_records": report.load.bad,
        "seconds": {"load": round(report.load_seconds, 3), "run": round(report.run_seconds, 3)},
    }


def _hit(one: RuleRun) -> dict[str, Any]:
    return {
        "rule": one.path,
        "id": one.identifier,
        "title": one.title,
        "severity": one.severity,
        "techniques": list(one.techniques),
        "author": one.author,
        "license": one.license,
        "count": one.outcome.count,
        "events": [{"file": event.file, "record": event.record} for event in one.outcome.events],
        **({"more_events": True} if one.outcome.more else {}),
        **({"events_doubt": one.outcome.doubt} if one.outcome.doubt else {}),
    }


def _reason(one: RuleRun) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "rule": one.path,
        "code": outcome.code,
        "message": outcome.message,
        "line": one.line,
        "column": one.column,
        "hint": outcome.hint,
    }
