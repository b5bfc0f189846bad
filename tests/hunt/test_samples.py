"""The detections of `samples/` on the logs of `samples/`: which events must be found follows from reading both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.run import RunReport, run
from rulescope.api.run_json import run_json
from rulescope.api.selection import Selection
from rulescope.hunt.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "samples"

# The line numbers of samples/logs/windows.jsonl (or the number of the record in cloudtrail.json).
FOUND = {
    # One console login says MFAUsed=No and Success.
    "cloud_console_login_without_mfa": (1, {1}),
    # c2.example.net is asked for every 60 s from line 12 on; evidence is every question that had one before it.
    "dns_beacon": (1, {14, 16, 17, 18, 19}),
    # Line 6 is PowerShell without an encoded command, line 7 one of SCCM.
    "encoded_powershell": (1, {5}),
    # Six failures and a success from one address within ten minutes.
    "logon_failures_then_success": (1, {20, 21, 22, 23, 24, 25, 26}),
    # Line 9 is a program of Windows itself.
    "lsass_opened_for_reading": (1, {8}),
    "new_run_key": (1, {10}),
    # Line 4 has another parent.
    "remote_shell_by_wmi": (1, {2, 3}),
    # The service of line 30 is a known one.
    "service_from_temporary_folder": (1, {29}),
}


@pytest.fixture(scope="module")
def report() -> RunReport:
    return run([SAMPLES / "rules"], [SAMPLES / "logs"], Settings(now="1795600000"), jobs=1)


@pytest.mark.parametrize("name", FOUND)
def test_detections_find_their_events(report: RunReport, name: str) -> None:
    one = next(one for one in report.rules if Path(one.path).stem == name)
    rows, records = FOUND[name]
    assert one.outcome.status == "run", one.outcome.message
    assert one.outcome.count == rows
    assert {event.record for event in one.outcome.events} == records


def test_every_stage_of_the_tour_runs_or_says_why_not(report: RunReport) -> None:
    assert report.with_status("failed") == []
    # `inputcsv` reads what a search on a Splunk server wrote.
    assert [(one.path.rpartition("/")[2], one.outcome.code) for one in report.with_status("refused")] == [
        ("datasets.spl", "RUN018")
    ]


def test_the_document_has_the_shape_of_the_contract(report: RunReport) -> None:
    document = json.loads(json.dumps(run_json(report)))
    assert document["events"] == 38
    assert document["rules"] == {"run": 20, "refused": 1, "failed": 0, "unreadable": 0, "no_log": 0}
    assert all(hit["count"] > 0 for hit in document["hits"])
    hit = next(hit for hit in document["hits"] if hit["rule"].endswith("new_run_key.yml"))
    assert hit["title"] == "New Run Key"
    assert hit["events"] == [{"file": str(SAMPLES / "logs" / "windows.jsonl"), "record": 10}]
    assert {"rule", "code", "message", "line", "column", "hint"} == document["refused"][0].keys()


def test_rules_can_be_chosen() -> None:
    chosen = run(
        [SAMPLES / "rules"],
        [SAMPLES / "logs"],
        selection=Selection(include=("*run_key*", "5d3b0c0e-0001-4c1e-9a55-000000000008")),
        jobs=1,
    )
    assert [Path(one.path).stem for one in chosen.rules] == ["dns_beacon", "new_run_key"]
    of_technique = run([SAMPLES / "rules"], [SAMPLES / "logs"], selection=Selection(techniques=("T1003",)), jobs=1)
    assert [Path(one.path).stem for one in of_technique.rules] == ["lsass_opened_for_reading"]


def test_several_processes_find_the_same(report: RunReport) -> None:
    from rulescope.hunt import run as module

    few, module.FEW = module.FEW, 0
    try:
        spread = run([SAMPLES / "rules"], [SAMPLES / "logs"], Settings(now="1795600000"), jobs=2)
    finally:
        module.FEW = few
    assert [(one.path, one.outcome.count, one.outcome.events) for one in spread.rules] == [
        (one.path, one.outcome.count, one.outcome.events) for one in report.rules
    ]
