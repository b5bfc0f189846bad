"""Which events rules look at that name tables, and what of their conditions chooses the log."""

from __future__ import annotations

from rulescope import ir
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts
from rulescope.languages.registry import parser_of
from rulescope.text import Source


def facts_of(query: str) -> Facts:
    parsed = parser_of("snowflake")(Source(query), None)
    info = ir.RuleInfo(path="r", repository="x", language="snowflake", title="t")
    return facts(ir.Rule(info, parsed.source, parsed.pipeline, parsed.expanded, parsed.status))


def events(query: str) -> list[tuple[str, str | None, bool]]:
    return [(row.provider, row.event_id, row.derived) for row in facts_of(query).events]


def test_a_table_of_processes_is_crowdstrikes_own_event_and_derived_ones() -> None:
    found = events("select * from CrowdStrikeFDR_Process where process ilike '%x%'")
    assert found == [
        ("CrowdStrike", "ProcessRollup2", False),
        ("Sysmon", "1", True),
        ("Windows Security", "4688", True),
        ("Sysmon for Linux", "1", True),
    ]


def test_names_of_events_are_read_off_the_tables_column() -> None:
    query = "select * from awscloudtrail where event_name = 'RunInstances' or event_name in ('StopLogging', 'GetUser')"
    names = ["RunInstances", "StopLogging", "GetUser"]
    assert events(query) == [("AWS CloudTrail", name, False) for name in names]
    assert events("select * from okta where event_type ilike 'user.mfa.factor.reset_all'") == [
        ("Okta", "user.mfa.factor.reset_all", False)
    ]


def test_a_name_that_is_only_part_of_one_or_not_meant_names_no_event() -> None:
    assert events("select * from awscloudtrail where event_name ilike '%Run%'") == [("AWS CloudTrail", None, False)]
    assert events("select * from awscloudtrail where event_name <> 'GetUser'") == [("AWS CloudTrail", None, False)]
    # CloudTrail's column is another in Okta's table.
    assert events("select * from okta where event_name = 'GetUser'") == [("Okta", None, False)]


def test_an_unknown_table_tells_nothing() -> None:
    assert events("select * from my_table where event_name = 'GetUser'") == []


def test_the_platform_chooses_logs_and_is_no_indicator() -> None:
    found = facts_of("select * from crowdstrikefdr_process where event_platform = 'Win' and process ilike '%certutil%'")
    assert [(row.field, row.kind, row.value) for row in found.indicators] == [("process", "contains", "certutil")]
    assert [(row.field, row.value) for row in found.scopes] == [("event_platform", "Win")]


def test_a_pattern_that_every_value_fits_is_no_indicator() -> None:
    found = facts_of("select * from okta where reason like '%'")
    assert found.indicators == ()
    assert "reason" in found.fields


def test_the_time_of_the_search_is_no_value() -> None:
    found = facts_of("select * from okta where event_time > dateadd(hour, -2, sysdate()) and ts < $latest$ and a = 'x'")
    assert [(row.field, row.value) for row in found.indicators] == [("a", "x")]
    assert found.thresholds == ()
    assert set(found.fields) == {"event_time", "ts", "a"}


def test_what_was_not_read_has_the_events_of_its_log_source() -> None:
    parsed = parser_of("snowflake")(Source("select * from okta whereevent_time > 1"), None)
    source = ir.LogSource(names=("okta",))
    info = ir.RuleInfo(path="r", repository="x", language="snowflake", title="t", log_source=source)
    found = facts(ir.Rule(info, parsed.source, parsed.pipeline, parsed.expanded, parsed.status))
    assert [(row.provider, row.event_id) for row in found.events] == [("Okta", None)]
