"""What a load says of each file: kind, events that are of no known kind, and events without a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.logs import EventStore, FileReport, LoadLimits, load_logs

SYSMON = "Microsoft-Windows-Sysmon/Operational"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    windows = [{"EventID": 1, "Channel": channel, "SourceName": "P"} for channel in (SYSMON, SYSMON, "Security")]
    windows[0]["@timestamp"] = "2024-05-01T10:00:00Z"
    trail = {"eventSource": "s3", "eventName": "GetObject", "awsRegion": "eu", "eventTime": "2023-07-10T11:42:36Z"}
    contents: dict[str, list[dict[str, object]]] = {
        "a_windows.jsonl": windows,
        "b_trail.jsonl": [trail, {"x": 1}],
        "c_rows.jsonl": [
            {"_time": 1, "sourcetype": "acme:web"},
            {"_time": 2, "sourcetype": "XmlWinEventLog:Security"},
            {"_time": 3, "sourcetype": "Linux:Audit"},
            {"_time": 4},
        ],
        "d_many.jsonl": [
            {"_time": 1, "sourcetype": kind} for kind in ("okta", "OktaIM2:log", "suricata", "suricata", "x", "x", "x")
        ],
    }
    for name, records in contents.items():
        (logs / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    (logs / "e_auth.log").write_text("May  1 10:00:00 host sshd[1]: x\n")
    (logs / "f.csv").write_text("a,b\n1,2\n")
    (logs / "g_lists.jsonl").write_text('{"_time": 1, "sourcetype": ["suricata", "x"]}\n')
    (logs / "h_bad.jsonl").write_text("{broken\n")
    return logs


def reports(store: EventStore) -> dict[str, FileReport]:
    return {Path(file.path).name: file for file in store.files}


@pytest.fixture(params=["small", "large", "cached"])
def store(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[EventStore]:
    large = LoadLimits(in_process_bytes=0)
    cache = tmp_path / "cache" if request.param == "cached" else None
    if cache is not None:
        load_logs([folder], limits=large, cache=cache).close()
        assert len(list(cache.iterdir())) == 1
    with load_logs([folder], limits=LoadLimits() if request.param == "small" else large, cache=cache) as loaded:
        yield loaded


def test_each_file_says_what_it_was_taken_for(store: EventStore) -> None:
    found = {name: (one.kind, one.unplaced, one.without_time) for name, one in reports(store).items()}
    assert found == {
        "a_windows.jsonl": (f"{SYSMON}, Security", 0, 2),
        "b_trail.jsonl": ("_json, aws:cloudtrail", 1, 1),
        "c_rows.jsonl": ("Linux:Audit, XmlWinEventLog:Security, acme:web", 2, 0),
        "d_many.jsonl": ("x, suricata, OktaIM2:log, …", 4, 0),
        "e_auth.log": ("syslog", 0, 0),
        "f.csv": ("csv", 1, 1),
        "g_lists.jsonl": ("suricata", 0, 0),
        "h_bad.jsonl": (None, 0, 0),
    }
    assert [(one.good, one.bad) for one in store.files][-1] == (0, 1)


def test_slices_of_one_file_are_one_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rulescope.logs.discover._SLICE", 1000)
    lines = [b'{"_time": 1}\n' for _ in range(900)]
    lines[99::100] = [b'{"n": "1", "x": "y\xff"}\n'] * 9
    (tmp_path / "big.jsonl").write_bytes(b"".join(lines))
    with load_logs([tmp_path], limits=LoadLimits(in_process_bytes=0)) as store:
        (report,) = store.files
        assert (report.good, report.kind, report.unplaced, report.without_time) == (900, "_json", 900, 9)
        (problem,) = store.problems
        assert (problem.code, problem.record) == ("LOG030", 100)
        assert "in 9 records" in problem.message
