"""Kusto and Snowflake rules run on logs: tables bound to events, columns to raw fields, refusals with their reasons."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulescope.corpus import read_corpus
from rulescope.corpus.macro_libraries import MacroLibraries
from rulescope.hunt.outcome import RuleOutcome
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.run import plan_run, run_rules
from rulescope.hunt.settings import Settings
from rulescope.logs import EventStore, load_logs
from sysmon_events import sysmon

SHARED = Path(os.environ.get("RULESCOPE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
NOW = "2024-05-01T12:00:00"

EVENTS = [
    sysmon(
        1,
        1,
        Image="C:\\Windows\\System32\\cmd.exe",
        CommandLine="cmd.exe /c whoami",
        ParentImage="C:\\Program Files\\Office\\WINWORD.EXE",
        ParentCommandLine="winword.exe a.docx",
        User="CORP\\ann",
        Hashes="SHA1=AA11,MD5=BB22,SHA256=CC33",
        ProcessId="4242",
        ParentProcessId="100",
    ),
    sysmon(1, 2, Image="C:\\Windows\\System32\\whoami.exe", CommandLine="whoami", ProcessId="4243", User="CORP\\ann"),
    sysmon(
        3,
        3,
        Image="C:\\Windows\\System32\\cmd.exe",
        DestinationIp="8.8.8.8",
        DestinationPort="443",
        SourceIp="10.0.0.5",
        SourcePort="50000",
        Initiated="true",
        ProcessId="4242",
    ),
    sysmon(
        3,
        4,
        Image="System",
        DestinationIp="10.0.0.5",
        DestinationPort="445",
        SourceIp="10.0.0.9",
        SourcePort="50001",
        Initiated="false",
        ProcessId="4",
    ),
    sysmon(
        13,
        5,
        EventType="SetValue",
        Image="C:\\Windows\\regedit.exe",
        TargetObject="HKLM\\SOFTWARE\\Run\\Updater",
        Details="DWORD (0x00000001)",
        ProcessId="77",
    ),
    sysmon(17, 6, Image="C:\\evil.exe", PipeName="\\msagent_1", ProcessId="78"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "events.json").write_text("\n".join(map(json.dumps, EVENTS)) + "\n", encoding="utf-8")
    with load_logs([folder]) as loaded:
        assert loaded.count == len(EVENTS)
        yield loaded


def run(store: EventStore, *queries: str, language: str = "kusto", now: str = NOW) -> list[RuleOutcome]:
    rules = [HuntRule(number, language, "", query) for number, query in enumerate(queries)]
    plan = plan_run(rules, MacroLibraries({}), [], Settings(now=now), 100)
    return run_rules(plan, store, jobs=1)


def records(outcome: RuleOutcome) -> list[int]:
    assert outcome.status == "run", outcome.message
    return sorted(event.record for event in outcome.events)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('DeviceProcessEvents | where FileName == "cmd.exe"', [1]),
        ('DeviceProcessEvents | where FolderPath endswith @"\\whoami.exe"', [2]),
        ('DeviceProcessEvents | where InitiatingProcessFileName =~ "winword.exe"', [1]),
        ('DeviceProcessEvents | where ProcessCommandLine has "whoami"', [1, 2]),
        ('DeviceProcessEvents | where SHA1 == "aa11" and SHA256 == "cc33"', [1]),
        ('DeviceProcessEvents | where AccountDomain == "CORP" and AccountName == "ann" and ProcessId == 4242', [1]),
        ('DeviceProcessEvents | where ActionType == "ProcessCreated"', [1, 2]),
        ("DeviceProcessEvents | where Timestamp > ago(1h)", [1, 2]),
        ("DeviceProcessEvents | where Timestamp > ago(10m)", []),
        ('DeviceNetworkEvents | where ActionType == "ConnectionSuccess" and RemoteIPType == "Public"', [3]),
        ('DeviceNetworkEvents | where ActionType == "InboundConnectionAccepted" and RemoteIP == "10.0.0.9"', [4]),
        ("DeviceNetworkEvents | where LocalPort == 445", [4]),
        (
            'DeviceRegistryEvents | where RegistryKey == @"HKEY_LOCAL_MACHINE\\SOFTWARE\\Run"'
            ' and RegistryValueName == "Updater" and RegistryValueData == "1" and RegistryValueType == "Dword"',
            [5],
        ),
        (
            'DeviceEvents | where ActionType == "NamedPipeEvent"'
            ' | where tostring(parse_json(AdditionalFields).PipeName) == @"\\Device\\NamedPipe\\msagent_1"',
            [6],
        ),
        ('union DeviceProcessEvents, DeviceNetworkEvents | where DeviceName == "ws1.corp.local"', [1, 2, 3, 4]),
        ('search in (DeviceProcessEvents) "WINWORD"', [1]),
        ("Event | where EventID == 13", [5]),
    ],
)
def test_tables_of_defender_are_events(store: EventStore, query: str, expected: list[int]) -> None:
    assert records(run(store, query)[0]) == expected


def test_rows_are_counted_behind_groups_and_joins(store: EventStore) -> None:
    joined = (
        "DeviceProcessEvents | join kind=inner DeviceNetworkEvents on $left.ProcessId == $right.InitiatingProcessId"
    )
    grouped = "DeviceProcessEvents | summarize n = count() by DeviceName | where n > 1"
    outcomes = run(store, joined, grouped, "DeviceProcessEvents | summarize count() by FileName")
    assert [outcome.count for outcome in outcomes] == [1, 1, 2]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("EmailEvents | take 1", "RUN046"),
        ("union DeviceProcessEvents, SigninLogs", "RUN046"),
        ('DeviceEvents | where ActionType == "AsrOfficeChildProcessBlocked"', "RUN047"),
        ('DeviceProcessEvents | where AccountUpn == "a@b.c"', "RUN045"),
        ("DeviceProcessEvents | extend u = tolower(AccountUpn) | where u == 'a'", "RUN045"),
        ("DeviceProcessEvents | summarize count() by AccountUpn", "RUN045"),
        ('DeviceProcessEvents | where FileNam == "x"', "RUN044"),
        ('externaldata(a: string) ["https://x.org/a"]', "RUN048"),
        ("DeviceProcessEvents | invoke FileProfile(SHA1, 10)", "RUN010"),
        ("DeviceProcessEvents | extend g = geo_info_from_ip_address('1.1.1.1')", "RUN011"),
    ],
)
def test_what_logs_do_not_hold_is_refused(store: EventStore, query: str, code: str) -> None:
    outcome = run(store, query)[0]
    assert (outcome.status, outcome.code) == ("refused", code), outcome.message


def test_a_column_that_nothing_records_may_be_shown(store: EventStore) -> None:
    shown = 'DeviceProcessEvents | where FileName == "cmd.exe" | project Timestamp, AccountUpn, ReportId'
    assert records(run(store, shown)[0]) == [1]


def test_a_fuzzy_union_goes_on_without_a_table_that_is_not_there(store: EventStore) -> None:
    assert records(run(store, "union isfuzzy=true DeviceNetworkEvents, SigninLogs")[0]) == [3, 4]


def test_a_window_in_which_no_event_lies_is_said(store: EventStore) -> None:
    kusto = run(store, "DeviceProcessEvents | where Timestamp > ago(7d)", now="2024-06-01")[0]
    query = "select * from crowdstrikefdr_process where event_time > dateadd(hour, -2, sysdate())"
    snowflake = run(store, query, language="snowflake", now="2024-06-01")[0]
    for outcome in (kusto, snowflake):
        assert (outcome.count, [warning.code for warning in outcome.warnings]) == (0, ["RUN110"])
        assert "--now 2024-05-01T11:06:01" in (outcome.warnings[0].hint or "")
    assert not run(store, "DeviceProcessEvents | where Timestamp > ago(7d)")[0].warnings


def test_snowflake_tables_are_events(store: EventStore) -> None:
    window = "event_time > dateadd(hour, -2, sysdate())"
    queries = [
        f"select * from crowdstrikefdr_process where {window} and event_platform = 'Win' and process ilike '%whoami%'",
        f"select * from crowdstrikefdr_process where {window} and parent_process_name ilike 'winword.exe'",
        f"select * from crowdstrikefdr_process where {window} and not regexp_like(process_path, '.*cmd.*', 'i')",
        "select * from crowdstrikefdr_process where event_time > dateadd(minute, -5, sysdate())",
        "select process_path, count(*) as n from crowdstrikefdr_process group by process_path having count(*) > 1",
    ]
    outcomes = run(store, *queries, language="snowflake")
    assert [records(one) for one in outcomes[:4]] == [[1, 2], [1], [2], []]
    assert outcomes[4].count == 0
    refused = run(
        store,
        "select * from crowdstrikefdr_process where event_platform = 'Mac'",
        "select * from snowflake.account_usage.query_history",
        language="snowflake",
    )
    assert [one.code for one in refused] == ["RUN047", "RUN046"]


def test_rows_that_were_exported_from_a_table(tmp_path: Path) -> None:
    rows = [
        {
            "Type": "DeviceEvents",
            "TimeGenerated": "2024-05-01T11:00:00Z",
            "ActionType": "LdapSearch",
            "InitiatingProcessAccountUpn": "a@b",
        },
        {
            "Type": "EmailEvents",
            "TimeGenerated": "2024-05-01T11:00:00Z",
            "ActionType": "LdapSearch",
            "InitiatingProcessAccountUpn": "a@b",
        },
    ]
    (tmp_path / "rows.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with load_logs([tmp_path]) as store:
        found = run(store, 'DeviceEvents | where ActionType == "LdapSearch" and InitiatingProcessAccountUpn == "a@b"')[
            0
        ]
    assert records(found) == [1]


def test_objects_of_a_table_of_ones_own_are_reached_whole_and_in_parts(tmp_path: Path) -> None:
    rows = [
        {"user": "a", "d": {"l": [{"k": "v"}, 2], "n": 5}, "to": [{"k": "x"}]},
        {"user": "b", "d": {"l": [], "n": 7}, "to": []},
    ]
    (tmp_path / "rows.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    asked = "d.l[0].k == 'v' and tostring(d.l) == '[{\"k\":\"v\"},2]' and to[0].k == 'x'"
    with load_logs([tmp_path]) as store:
        parts, whole, missing = run(
            store, f"T | where d.n > 4 and {asked}", "T | where array_length(d.l) == 0", "T | where e.n > 4"
        )
    assert (records(parts), records(whole)) == ([1], [2])
    assert missing.code == "RUN044"


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "rules").exists(), reason="the corpora lie beside the project")
@pytest.mark.parametrize(
    ("language", "rules", "least"), [("kusto", "kusto_hunting", 195), ("snowflake", "armory", 370)]
)
def test_every_rule_of_the_corpora_runs_or_is_refused(language: str, rules: str, least: int) -> None:
    found = [rule for rule in read_corpus([SHARED / "rules" / rules]).rules if rule.info.language == language]
    with load_logs([SHARED / "events" / name for name in ("impacket", "sigma_regression", "cloudtrail")]) as store:
        outcomes = run(store, *[rule.query_text for rule in found], language=language)
    counts = Counter(outcome.status for outcome in outcomes)
    assert counts["failed"] == 0, [outcome.message for outcome in outcomes if outcome.status == "failed"]
    assert counts["run"] >= least
    assert all(outcome.code and outcome.message for outcome in outcomes if outcome.status == "refused")


@pytest.mark.parametrize(
    ("language", "query"),
    [("kusto", "Vpn_CL | where bytes > 10 | project user"), ("snowflake", "select user from vpn where bytes > 10")],
)
def test_a_table_of_ones_own_is_all_events_where_none_tells_its_log(tmp_path: Path, language: str, query: str) -> None:
    log = tmp_path / "vpn.jsonl"
    log.write_text('{"user": "ann", "bytes": 11}\n{"user": "bob", "bytes": 9}\n')
    with load_logs([log]) as store:
        outcome = run(store, query, language=language)[0]
    assert (outcome.status, records(outcome)) == ("run", [1])
    assert [warning.code for warning in outcome.warnings] == ["RUN046"]
    log.write_text(log.read_text() + json.dumps(sysmon(1, 1, Image="C:\\a.exe")) + "\n")
    with load_logs([log]) as store:
        assert run(store, query, language=language)[0].code == "RUN046"


@pytest.mark.parametrize(
    "condition",
    [
        "FileName != 5",
        "not(FileName == 5)",
        "FileName in (5, 6)",
        "FileName > 2",
        "FileName",
        "strcat(FileName, 'x') == 5",
        "ProcessId == '5'",
        "ProcessId != '5'",
        "ProcessId in ('5', '6')",
        "ProcessId in (5, '6')",
        "ProcessId > '5'",
        "ProcessId between ('1' .. '5')",
        "Timestamp > '2024-01-01'",
    ],
)
def test_what_kusto_refuses_to_compare_is_said(store: EventStore, condition: str) -> None:
    outcome = run(store, f"DeviceProcessEvents | where {condition}")[0]
    assert [warning.code for warning in outcome.warnings] == ["RUN135"]


@pytest.mark.parametrize(
    "condition",
    [
        "FileName != '5'",
        "ProcessId == 5",
        "ProcessId != 5.0",
        "tostring(ProcessId) == '5'",
        "tostring(ProcessId) in ('5', '6')",
        "tostring(ProcessId) startswith '5'",
        "isempty(ProcessId)",
        "isnotempty(ProcessId)",
        "Timestamp > datetime(2024-01-01)",
        "Timestamp > todatetime('2024-01-01')",
        "1 == 1",
    ],
)
def test_what_kusto_compares_is_not(store: EventStore, condition: str) -> None:
    assert not run(store, f"DeviceProcessEvents | where {condition}")[0].warnings


@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ("project-away nosuch*", "there is no column like 'nosuch*' here", None),
        ("project-keep FileName, nosuch*", "there is no column like 'nosuch*' here", None),
        ("project-reorder nosuch*", "there is no column like 'nosuch*' here", None),
        ("project-away FileNam", "there is no column 'FileNam' here", "did you mean 'FileName'?"),
        ("project FileName | project-away ProcessId", "there is no column 'ProcessId' here", None),
    ],
)
def test_a_column_that_is_not_there_to_keep_or_remove_is_said(
    store: EventStore, query: str, message: str, hint: str | None
) -> None:
    outcome = run(store, f"DeviceProcessEvents | {query}")[0]
    assert [(one.code, one.message, one.hint) for one in outcome.warnings] == [("RUN130", message, hint)]


@pytest.mark.parametrize("query", ["project-away File*, ProcessId", "project-keep *Name", "project-reorder File*"])
def test_columns_that_are_there_are_kept_and_removed_without_a_word(store: EventStore, query: str) -> None:
    assert not run(store, f"DeviceProcessEvents | {query}")[0].warnings
