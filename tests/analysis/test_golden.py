"""Facts of whole rules, read by the SPL front end: the page that we set out to surpass, and rules of our own."""

from pathlib import Path

import pytest

from rulescope import ir
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts
from rulescope.corpus import read_corpus
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.languages.spl.query import parse_search
from rulescope.text import Source


def read(text: str, info: ir.RuleInfo | None = None, macros: MacroLibrary | None = None) -> Facts:
    parsed = parse_search(Source(text), macros)
    return facts(
        ir.Rule(
            info or ir.RuleInfo("p", "r", "spl", "t"),
            Source(text),
            parsed.pipeline,
            parsed.expanded,
            parsed.status,
            parsed.diagnostics,
            parsed.macros,
            parsed.unknown_macros,
        )
    )


def rows(found: tuple[object, ...]) -> list[tuple[str, str, str]]:
    return [(row.field, row.kind, row.value) for row in found]  # type: ignore[attr-defined]


@pytest.mark.corpus
def test_the_impacket_page(shared: Path) -> None:
    folder = shared / "rules/armory/detections/endpoint/impacket_lateral_movement_activity"
    (file,) = [rule for rule in read_corpus([folder]).rules if rule.info.path.endswith("splunk-sysmon.yml")]
    found = read(file.query_text, file.info)
    assert [(row.field, row.kind, row.value, row.stage, row.branch) for row in found.indicators] == [
        ("EventCode", "eq", "1", 1, (1, 2)),
        ("parent_process_name", "match", r"(?i)(wmiprvse|mmc|explorer|services)\.exe", 2, (1, 2)),
        ("process", "match", r"(?i)cmd\.exe\s\/Q\s\/c\s", 2, (1, 2)),
        ("parent_process", "match", r"(?i)svchost\.exe\s-k\snetsvcs.+taskeng\.exe", 2, (2, 2)),
        ("process", "match", r"(?i)cmd\.exe\s\/c\s.+Windows\x5cTemp\x5c", 2, (2, 2)),
    ]
    assert found.exclusions == found.thresholds == ()
    # (term, directive, which OR of the stage, its arm)
    assert [(term.text, term.directive, term.choice, (term.branch or (0, 0))[0]) for term in found.search_terms] == [
        ("EventCode=1", "TERM", 1, 1),
        ("<EventID>1<", None, 1, 2),
        ("&1", None, 2, 1),
        ("&amp;1", None, 2, 2),
        ("wmiprvse.exe", None, 3, 1),
        ("mmc.exe", None, 3, 1),
        ("explorer.exe", None, 3, 1),
        ("services.exe", None, 3, 1),
        ("cmd.exe", None, 3, 1),
        ("/Q", None, 3, 1),
        ("/c", None, 3, 1),
        ("svchost", None, 3, 2),
        ("-k", None, 3, 2),
        ("netsvcs", None, 3, 2),
        ("taskeng.exe", None, 3, 2),
        ("cmd", None, 3, 2),
        ("/C", None, 3, 2),
        ("Windows\\Temp", None, 3, 2),
    ]
    assert {term.stage for term in found.search_terms} == {1}
    (event,) = found.events
    assert (event.provider, event.event_id, event.title) == ("Sysmon", "1", "Process creation")
    assert {"`get_endpoint_data_sysmon`", "TERM(EventCode=1)", '"<EventID>1<"'} <= set(event.evidence)
    assert [(row.tactic, row.technique_id, row.technique) for row in found.attack] == [
        ("Lateral Movement", "T1021.002", "Remote Services: SMB/Windows Admin Shares"),
        ("Lateral Movement", "T1210", "Exploitation of Remote Services"),
    ]


def test_a_rule_over_a_data_model() -> None:
    found = read(
        "| tstats count min(_time) as first from datamodel=Endpoint.Processes "
        'where Processes.process_name IN ("a.exe", "b*") NOT Processes.user="SYSTEM" by Processes.dest Processes.user '
        "| rename Processes.* as * | where count >= 3 | search dest!=10.0.0.1"
    )
    assert rows(found.indicators) == [("process_name", "eq", "a.exe"), ("process_name", "starts_with", "b")]
    assert rows(found.exclusions) == [("user", "eq", "SYSTEM"), ("dest", "eq", "10.0.0.1")]
    assert rows(found.thresholds) == [("count", "ge", "3")]
    assert found.data_models == ("Endpoint.Processes",)
    assert all(event.derived for event in found.events)
    assert ("Sysmon", "1") in {(event.provider, event.event_id) for event in found.events}


def test_a_log_source_and_its_numbers_meet() -> None:
    found = read(
        'source="XmlWinEventLog:Security" EventCode IN (4624, 4625) NOT EventCode=4634 user="a*" | stats count by user'
    )
    assert {(event.provider, event.event_id) for event in found.events} == {
        ("Windows Security", "4624"),
        ("Windows Security", "4625"),
    }
    assert rows(found.exclusions) == [("EventCode", "eq", "4634")]


def test_a_number_that_many_logs_have_is_of_none_of_them() -> None:
    (event,) = read("EventCode=5 x=y").events
    assert (event.provider, event.event_id) == ("Windows event log", "5")
    (event,) = read("EventID=5 x=y").events
    assert (event.provider, event.event_id) == ("Log not named", "5")


def test_cloud_events_go_by_name() -> None:
    (event,) = read("sourcetype=aws:cloudtrail eventName=ConsoleLogin errorCode=success").events
    assert (event.provider, event.event_id) == ("AWS CloudTrail", "ConsoleLogin")


def test_an_unlisted_sourcetype_is_still_named() -> None:
    (event,) = read("sourcetype=acme:thing action=x").events
    assert (event.provider, event.event_id) == ("acme:thing", None)


def test_thresholds_under_not_are_turned_and_equalities_ruled_out() -> None:
    found = read("x=1 | stats count dc(y) as ys by z | where NOT count>5 AND ys!=1")
    assert rows(found.thresholds) == [("count", "le", "5")]
    assert rows(found.exclusions) == [("ys", "eq", "1")]


def test_values_deep_in_lists_and_sums_of_flags() -> None:
    found = read(
        'a=1 | eval hit=if(match(process,"x"),1,0), place=mvfind(args,"y") '
        '| stats sum(hit) as hits count(eval(action="fail")) as fails max(place) as p by host '
        '| where hits>0 AND fails>=2 | eval q=mvfind(list,"z") | where q>=0'
    )
    assert rows(found.thresholds) == [("hits", "gt", "0"), ("fails", "ge", "2")]
    assert set(rows(found.indicators)) == {
        ("a", "eq", "1"),
        ("process", "match", "x"),
        ("action", "eq", "fail"),
        ("list", "match", "z"),
    }


def test_a_mapped_search_counts_with_its_stage_and_row_values_are_no_indicators() -> None:
    text = 'a=1 | map search="search EventCode=4624 user=$user$"'
    found = read(text)
    assert rows(found.indicators) == [("a", "eq", "1"), ("EventCode", "eq", "4624")]
    assert found.indicators[1].stage == 2
    assert text[found.indicators[1].start : found.indicators[1].end].strip().startswith("map search=")


def test_a_transaction_that_starts_with_a_quoted_search() -> None:
    text = 'a=1 | transaction host startswith="x=2" maxspan=1m | where eventcount>3'
    found = read(text)
    assert rows(found.indicators) == [("a", "eq", "1"), ("x", "eq", "2")]
    assert rows(found.thresholds) == [("eventcount", "gt", "3")]
    assert text[found.indicators[1].start : found.indicators[1].end] == '"x=2"'


def test_macro_bodies_count_under_the_call() -> None:
    from rulescope.languages.spl.macros import Macro

    library = MacroLibrary([Macro("tool", '(process_name="t.exe" OR original_file_name="t.exe")')])
    text = "host=h `tool` | where x=1"
    found = read(text, macros=library)
    assert [(row.field, row.value, row.stage, row.macro) for row in found.indicators] == [
        ("host", "h", 1, None),
        ("process_name", "t.exe", 1, "tool"),
        ("original_file_name", "t.exe", 1, "tool"),
        ("x", "1", 2, None),
    ]
    assert {text[row.start : row.end] for row in found.indicators if row.macro} == {"`tool`"}


@pytest.mark.corpus
def test_every_rule_has_facts_and_no_row_points_nowhere(shared: Path) -> None:
    for file in read_corpus([shared / "rules/security_content/detections/web"]).rules:
        found = read(file.query_text, file.info)
        for row in (*found.indicators, *found.exclusions, *found.thresholds):
            assert 0 <= row.start < row.end <= len(file.query_text)
            assert row.stage >= 1
