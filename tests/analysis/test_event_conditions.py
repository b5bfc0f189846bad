"""What a rule's own conditions leave of the kinds of events that it may look at.

What Elastic's fields hold for events of Windows: the ingest pipelines of the integrations "Windows" and "System".
"""

import pytest

from rulescope import ir
from rulescope.analysis.extract import facts
from rulescope.catalog.rule_records import parse_rule
from rulescope.corpus.frame import RuleFrame
from rulescope.ir import stages
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source


def events(language: str, text: str, *indexes: str) -> set[tuple[str, str | None]]:
    info = ir.RuleInfo(path="r", repository="", language=language, title="")
    frame = RuleFrame(leading=(stages.Origin(names=indexes),)) if indexes else None
    rule = parse_rule(info, Source(text, "r"), MacroLibrary({}), frame)
    return {(row.provider, row.event_id) for row in facts(rule).events}


WINDOWS = ("logs-windows.sysmon_operational-*", "logs-system.security*")


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ('event.category == "process" AND event.type == "start"', {"1", "4688", "5024"}),
        # 5024 has no process: its mapping gives none.
        ('event.category == "process" AND event.type == "start" AND process.name == "a.exe"', {"1", "4688"}),
        ('event.category == "process" AND event.type == "start" AND event.code == "4688"', {"4688"}),
        ('event.category == "process" AND event.type == "start" AND NOT event.code == "1"', {"4688", "5024"}),
        ('event.category == "process" AND event.type == "start" AND event.code IN ("1", "10")', {"1", "10"}),
        ('event.category == "process" AND event.action IN ("exec", "start") AND event.type == "start"', set()),
        ('event.category == "process" AND event.type == "start" AND host.os.type == "linux"', set()),
        ('event.category == "process" AND event.type == "start" AND winlog.channel LIKE "Sec*"', {"4688", "5024"}),
        # A field that the rule itself makes says nothing of the events.
        ('event.category == "process" AND event.type == "start" | EVAL host.os.type = "x" | WHERE host.os.type == "x"',
         {"1", "4688", "5024"}),
    ],
)  # fmt: skip
def test_derived_events_meet_the_conditions(condition: str, ids: set[str]) -> None:
    found = events("esql", f"FROM {', '.join(WINDOWS)} | WHERE {condition}")
    assert {event_id for _, event_id in found if event_id} == ids


def test_each_step_of_a_sequence_has_its_own_events() -> None:
    text = """sequence by host.id [process where event.type == "start" and event.code == "1"]
        [file where event.type == "creation" and file.name : "a"] ![any where true]"""
    assert events("eql", text, *WINDOWS) == {("Sysmon", event_id) for event_id in ("1", "11", "17", "27", "29")}


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ('event.code:"10" and event.category:process', "logs-windows.sysmon_operational-*", ("Sysmon", "10")),
        ('event.code:"4624"', "winlogbeat-*", ("Windows Security", "4624")),
        ('event.code:"behavior"', "logs-endpoint.alerts-*", ("Elastic Defend alerts", "behavior")),
    ],
)
def test_a_number_is_of_the_log_that_the_indexes_hold(text: str, index: str, expected: tuple[str, str]) -> None:
    assert expected in events("kuery", text, index)
    assert not {provider for provider, _ in events("kuery", text, index)} & {"Unknown", "Log not named"}


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ('DeviceRegistryEvents | where ActionType == "RegistryValueSet"', 
         {("Sysmon", "13"), ("Windows Security", "4657")}),
        ('DeviceRegistryEvents | where ActionType has "KeyCreated"',
         {("Sysmon", "12"), ("Sysmon", "13"), ("Sysmon", "14"), ("Windows Security", "4657")}),
        ('DeviceFileEvents | where ActionType in~ ("filecreated")', {("Sysmon", "11"), ("Sysmon for Linux", "11")}),
        ('DeviceFileEvents | where ActionType != "FileCreated"',
         {("Sysmon", "23"), ("Sysmon", "26"), ("Sysmon for Linux", "23")}),
        # Each of two tables is held against what is asked of its own rows.
        ('DeviceRegistryEvents | where ActionType == "RegistryKeyRenamed"'
         ' | union (DeviceImageLoadEvents | where FileName == "a")', {("Sysmon", "14"), ("Sysmon", "7")}),
    ],
)  # fmt: skip
def test_what_tells_the_same_as_a_table_meets_the_conditions_on_it(text: str, alike: set[tuple[str, str]]) -> None:
    info = ir.RuleInfo(path="r", repository="", language="kusto", title="")
    found = facts(parse_rule(info, Source(text, "r"), MacroLibrary({}))).events
    assert {(row.provider, row.event_id) for row in found if row.alike} == alike
    assert all(row.derived for row in found if row.alike)
