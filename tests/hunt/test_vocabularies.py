"""A rule's language chooses what its names mean over raw logs, in runs of rules as in single searches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.hunt.settings import Settings

RULE = """title: A shell
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\cmd.exe'}
  condition: selection
"""

EVENT = {
    "Channel": "Security",
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "EventID": 4688,
    "EventTime": "2026-01-05 10:00:00",
    "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
}


def test_a_name_of_another_log_is_derived_where_no_event_of_the_kind_has_it(tmp_path: Path) -> None:
    """Security 4688 has no `Image`: events of that kind must not be left out before it is derived."""
    rule, logs = tmp_path / "rule.yml", tmp_path / "events.json"
    rule.write_text(RULE, encoding="utf-8")
    logs.write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    answer = run([rule], [logs])
    assert [hit.outcome.count for hit in answer.hits] == [1]


ELASTIC_RULE = """[rule]
name = "A shell"
type = "eql"
language = "eql"
index = ["{index}"]
query = '''{query}'''
"""

SIGNED = 'process where process.name : "cmd.exe" and not process.code_signature.trusted == true'


@pytest.mark.parametrize(
    ("index", "query", "hits"),
    [
        ("logs-system.security*", 'process where process.name : "CMD.EXE" and event.type == "start"', 1),
        ("logs-system.security*", 'process where event.action == "exited-process"', 0),
        ("logs-windows.sysmon_operational-*", "process where true", 0),  # the event is in another log
        ("logs-endpoint.events.process-*", 'process where process.name : "cmd.exe"', 1),  # says the same
        ("logs-endpoint.events.process-*", SIGNED, 0),  # but not who signed it
        ("winlogbeat-*", SIGNED, 1),  # here Elastic has no signature either
        ("logs-*", 'any where event.code == "4688"', 1),
        ("logs-okta*", 'any where event.code == "4688"', 0),
    ],
)
def test_index_patterns_choose_events(index: str, query: str, hits: int, tmp_path: Path) -> None:
    rule, logs = tmp_path / "rule.toml", tmp_path / "events.json"
    rule.write_text(ELASTIC_RULE.format(index=index, query=query), encoding="utf-8")
    logs.write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    answer = run([rule], [logs])
    assert [one.outcome.message for one in answer.rules if one.outcome.status != "run"] == []
    assert sum(hit.outcome.count for hit in answer.hits) == hits


def test_events_that_tell_no_log_are_taken_in_by_every_rule(tmp_path: Path) -> None:
    rule, logs = tmp_path / "rule.toml", tmp_path / "events.json"
    rule.write_text(ELASTIC_RULE.format(index="logs-endpoint.events.process-*", query=SIGNED), encoding="utf-8")
    logs.write_text('{"event": {"category": "process"}, "process": {"name": "cmd.exe"}}\n', encoding="utf-8")
    assert [hit.outcome.count for hit in run([rule], [logs]).hits] == [1]


LIST_RULE = """title: Lists
logsource: {{category: test}}
detection:
  selection: {{{condition}}}
  condition: selection
"""


@pytest.mark.parametrize(
    ("condition", "hits"),
    [
        ("'args': 'x'", 2),
        ("'args|contains|all': ['x', 'y']", 1),
        ("'args': null", 1),
        ("'nested.name': 'b'", 1),
        ("'args|neq': 'x'", 1),
    ],
)
def test_lists_of_json_go_by_their_plain_names_in_sigma(condition: str, hits: int, tmp_path: Path) -> None:
    rule, logs = tmp_path / "rule.yml", tmp_path / "events.json"
    rule.write_text(LIST_RULE.format(condition=condition), encoding="utf-8")
    events = ['{"args": ["x", "y"]}', '{"args": "x"}', '{"nested": [{"name": "a"}, {"name": "b"}]}']
    logs.write_text("\n".join(events) + "\n", encoding="utf-8")
    assert sum(hit.outcome.count for hit in run([rule], [logs]).hits) == hits


@pytest.mark.parametrize(("generate", "titles"), [("false", ["C"]), ("true", ["A", "C"])])
def test_rules_of_a_correlation_run_by_themselves_where_it_generates_them(
    generate: str, titles: list[str], tmp_path: Path
) -> None:
    """Sigma correlation rules specification 2.1, Generate: only the correlation is the default."""
    rule, logs = tmp_path / "rule.yml", tmp_path / "events.json"
    rule.write_text(
        "title: C\ncorrelation: {type: event_count, rules: [a], timespan: 5m, condition: {gte: 1}, generate: "
        f"{generate}}}\n"
        "---\ntitle: A\nname: a\nlogsource: {category: test}\ndetection: {s: {k: x}, condition: s}\n",
        encoding="utf-8",
    )
    logs.write_text('{"_time": 1000, "k": "x"}\n', encoding="utf-8")
    assert sorted(hit.title for hit in run([rule], [logs]).hits) == titles


def test_the_evidence_of_a_correlation_are_the_hits_that_met_its_condition(tmp_path: Path) -> None:
    rule, logs = tmp_path / "rule.yml", tmp_path / "events.json"
    rule.write_text(
        "title: C\ncorrelation: {type: event_count, rules: [a], group-by: [u], timespan: 10s, condition: {gte: 2}}\n"
        "---\ntitle: A\nname: a\nlogsource: {category: test}\ndetection: {s: {k: x}, condition: s}\n",
        encoding="utf-8",
    )
    times = [(1, "ann"), (2, "bob"), (5, "ann"), (100, "ann")]
    lines = [json.dumps({"_time": time, "k": "x", "u": user}) for time, user in times]
    logs.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (hit,) = run([rule], [logs]).hits
    assert [place.record for place in hit.outcome.events] == [1, 3]


def test_splunks_parts_of_an_events_time(tmp_path: Path) -> None:
    """Knowledge Manager Manual, "Use default fields"; 2023-11-14T22:03:09.7Z was a Tuesday."""
    logs = tmp_path / "events.jsonl"
    lines = ['{"_time": 1699999389.7, "k": "x"}', '{"k": "x"}', '{"_time": 0, "k": "y"}']
    logs.write_text("\n".join(lines), encoding="utf-8")
    parts = "date_year date_month date_mday date_wday date_hour date_minute date_second"
    answer = search(f"k=x date_hour>=22 | table {parts}", [logs], Settings(now="0"))
    assert [list(row.values()) for row in answer.rows] == [["2023", "november", "14", "tuesday", "22", "3", "9"]]
    assert not answer.notes
    # A log's own field of that name stays what it is.
    logs.write_text('{"_time": 0, "date_hour": "own"}\n', encoding="utf-8")
    assert search("* | table date_hour", [logs], Settings(now="0")).rows == ({"date_hour": "own"},)


def test_splunks_number_of_lines_and_what_an_index_alone_has(tmp_path: Path) -> None:
    """Knowledge Manager Manual, "Use default fields"."""
    logs = tmp_path / "events.jsonl"
    raws = ["one", "one\ntwo", "one\ntwo\n", "one\n\nthree"]
    logs.write_text("".join(json.dumps({"_time": 9 - n, "_raw": raw}) + "\n" for n, raw in enumerate(raws)))
    answer = search("* | table linecount", [logs], Settings(now="0"))
    assert [row["linecount"] for row in answer.rows] == ["1", "2", "2", "3"]
    assert search("linecount>1 | stats count", [logs], Settings(now="0")).rows == ({"count": 3},)
    for text in ("_indextime>0 | stats count", "* | eval lag=_indextime-_time | table lag", 'punct="*" | stats count'):
        (note,) = search(text, [logs], Settings(now="0")).notes
        assert note.message.startswith("no event here has the field '"), text
    logs.write_text('{"_time": 0, "_indextime": "5", "_raw": "x"}\n', encoding="utf-8")
    assert search("_indextime=5 | table _indextime", [logs], Settings(now="0")).rows == ({"_indextime": "5"},)
