"""What Elastic's names and indexes stand for in raw logs.

Expected values follow Elastic's ingest pipelines for Sysmon, Windows Security, PowerShell and CloudTrail, and
Microsoft's "Parsing C command-line arguments", worked out by hand.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping

import pytest

from rulescope.knowledge.command_line import split_arguments, split_words
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.elastic_datasets import elastic_datasets, elastic_fields
from rulescope.knowledge.event_catalogue import events
from rulescope.knowledge.json_member import printed_member
from rulescope.knowledge.log_directory import logs
from rulescope.knowledge.tables import DATA

SYSMON = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", None)
SECURITY = ("Microsoft-Windows-Security-Auditing", "Security", None)
CLOUDTRAIL = (None, None, "aws:cloudtrail")


def value(name: str, log: tuple[str | None, str | None, str | None], event: Mapping[str, str]) -> object:
    """The field's value for one event of a log: that of the first rule that gives one."""
    for rule in elastic_fields().of_name(name):
        if rule.log.holds(*log) and rule.applies_to(event.get("EventID")):
            found = evaluate(rule.form, event)
            if found is not None:
                return found
    return None


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        (r'"abc" d e', ["abc", "d", "e"]),
        (r'a\\b d"e f"g h', [r"a\\b", "de fg", "h"]),
        (r"a\\\"b c d", [r"a\"b", "c", "d"]),
        (r'a\\\\"b c" d e', [r"a\\b c", "d", "e"]),
        ('a"b"" c d', ['ab"', "c", "d"]),  # before 2008: two quotes within quotes close, too
        (r"C:\Windows\cmd.exe  /c" + "\techo", [r"C:\Windows\cmd.exe", "/c", "echo"]),
        (r'"C:\Program Files\a.exe" -x', [r"C:\Program Files\a.exe", "-x"]),
        (r"dir \\", ["dir", r"\\"]),
        ('say ""', ["say", ""]),
        ("", []),
        ("   ", []),
    ],
)
def test_arguments_of_a_windows_command_line(line: str, arguments: list[str]) -> None:
    assert list(split_arguments(line)) == arguments


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'"C:\Program Files\a.exe" -x', [r'"C:\Program Files\a.exe"', "-x"]),
        ("cmd  /c", ["cmd", "", "/c"]),
        ("cmd", ["cmd"]),
        ("", []),
    ],
)
def test_words_of_a_security_event_keep_their_quotes(line: str, words: list[str]) -> None:
    assert list(split_words(line)) == words


def test_members_are_printed_as_java_does() -> None:
    record = json.dumps({"requestParameters": {"a": 1, "b": ["x", {"c": True}], "d": None, "e": {}}, "n": "text"})
    assert printed_member(record, "requestParameters") == "{a=1, b=[x, {c=true}]}"
    assert printed_member(record, "n") == "text"
    assert printed_member(record, "none") is None
    assert printed_member("[1]", "a") is None
    assert printed_member("{broken", "a") is None
    assert printed_member('{"a":' + "[" * 5000 + "]" * 5000 + "}", "a") is None


def test_a_new_process_in_sysmon() -> None:
    event = {
        "EventID": "1",
        "Image": r"C:\Windows\System32\cmd.exe",
        "CommandLine": r'"C:\Windows\System32\cmd.exe" /c whoami',
        "ParentImage": r"C:\Windows\explorer.exe",
        "User": r"CORP\ann",
        "UserID": "S-1-5-18",
        "Hashes": "SHA1=AA,MD5=BB,IMPHASH=CC",
        "OriginalFileName": "Cmd.Exe",
    }
    assert value("event.category", SYSMON, event) == "process"
    assert value("event.type", SYSMON, event) == "start"
    assert value("event.dataset", SYSMON, event) == "windows.sysmon_operational"
    assert value("host.os.type", SYSMON, event) == "windows"
    assert value("process.executable", SYSMON, event) == event["Image"]
    assert value("process.name", SYSMON, event) == "cmd.exe"
    assert value("process.parent.name", SYSMON, event) == "explorer.exe"
    assert value("process.args", SYSMON, event) == (r"C:\Windows\System32\cmd.exe", "/c", "whoami")
    assert value("process.args_count", SYSMON, event) == "3"
    assert value("user.name", SYSMON, event) == "ann"
    assert value("user.domain", SYSMON, event) == "CORP"
    assert value("user.id", SYSMON, event) == "S-1-5-18"  # of the service that logs, as Elastic has it
    assert value("process.hash.md5", SYSMON, event) == "bb"
    assert value("process.pe.imphash", SYSMON, event) == "cc"
    assert value("process.pe.original_file_name", SYSMON, event) == "Cmd.Exe"
    assert value("winlog.event_data.CommandLine", SYSMON, event) == event["CommandLine"]


def test_a_process_without_a_path_has_no_name_in_sysmon() -> None:
    assert value("process.name", SYSMON, {"EventID": "3", "Image": "System"}) is None
    assert value("process.executable", SYSMON, {"EventID": "3", "Image": "System"}) == "System"


def test_a_new_process_in_windows_security() -> None:
    event = {
        "EventID": "4688",
        "NewProcessName": r"C:\Windows\System32\cmd.exe",
        "ParentProcessName": r"C:\Windows\explorer.exe",
        "NewProcessId": "0x1a4",
        "ProcessId": "0x10",
        "CommandLine": '"cmd.exe" /c',
        "SubjectUserName": "ann",
        "SubjectUserSid": "S-1-5-21-1",
        "Keywords": "0x8020000000000000",
    }
    assert value("process.name", SECURITY, event) == "cmd.exe"
    assert value("process.parent.executable", SECURITY, event) == event["ParentProcessName"]
    assert value("process.pid", SECURITY, event) == "420"
    assert value("process.parent.pid", SECURITY, event) == "16"
    assert value("process.args", SECURITY, event) == ('"cmd.exe"', "/c")
    assert value("user.name", SECURITY, event) == "ann"
    assert value("user.id", SECURITY, event) == "S-1-5-21-1"
    assert value("event.action", SECURITY, event) == "created-process"
    assert value("event.outcome", SECURITY, event) == "success"
    assert value("event.outcome", SECURITY, {"EventID": "4625", "Keywords": "0x8010000000000000"}) == "failure"


def test_a_logon_is_of_its_target_and_an_explicit_one_of_its_subject() -> None:
    event = {"TargetUserName": "bob@corp", "SubjectUserName": "ann", "LogonType": "3", "IpAddress": "-"}
    assert value("user.name", SECURITY, {"EventID": "4624", **event}) == "bob"
    assert value("user.name", SECURITY, {"EventID": "4648", **event}) == "ann"
    assert value("winlog.logon.type", SECURITY, {"EventID": "4624", **event}) == "Network"
    assert value("source.ip", SECURITY, {"EventID": "4624", **event}) is None


@pytest.mark.parametrize(
    ("details", "data"),
    [
        ("DWORD (0x00000001)", "1"),
        ("DWORD (0xffffffff)", "4294967295"),
        ("Binary Data", "Binary Data"),
        ("a.exe", "a.exe"),
    ]
    + [("QWORD (0x00000000-0x00000001)", None)],
)
def test_data_of_registry_values(details: str, data: str | None) -> None:
    event = {"EventID": "13", "TargetObject": r"HKLM\Software\Run\evil", "Details": details}
    assert value("registry.data.strings", SYSMON, event) == data
    assert value("registry.path", SYSMON, event) == event["TargetObject"]
    assert value("registry.value", SYSMON, event) == "evil"
    assert value("registry.key", SYSMON, event) == r"Software\Run\evil"
    assert value("event.category", SYSMON, event) == ("configuration", "registry")


def test_a_loaded_library_and_a_file() -> None:
    loaded = {
        "EventID": "7",
        "Image": r"C:\a.exe",
        "ImageLoaded": r"C:\x\IDStore.dll",
        "Signed": "failed: Invalid hash",
    }
    assert value("dll.name", SYSMON, loaded) == "IDStore.dll"
    assert value("dll.code_signature.status", SYSMON, loaded) == "failed: Invalid hash"
    assert value("event.category", SYSMON, loaded) == ("process", "library")
    assert value("event.action", SYSMON, loaded) == ("Image loaded", "load")
    made = {"EventID": "11", "TargetFilename": r"C:\x\test.test.exe"}
    assert value("file.name", SYSMON, made) == "test.test.exe"
    assert value("file.extension", SYSMON, made) == "exe"
    assert value("file.directory", SYSMON, made) == r"C:\x"
    assert value("file.name", SYSMON, {"EventID": "17", "PipeName": r"\evil"}) == r"\evil"


def test_a_call_in_cloudtrail() -> None:
    event = {
        "eventName": "ConsoleLogin",
        "eventSource": "signin.amazonaws.com",
        "responseElements.ConsoleLogin": "Failure",
        "sourceIPAddress": "203.0.113.9",
        "userIdentity.userName": "ann",
        "additionalEventData.MFAUsed": "No",
        "_raw": '{"requestParameters": {"userName": "bob"}}',
        "requestParameters.userName": "bob",
    }
    assert value("event.action", CLOUDTRAIL, event) == "ConsoleLogin"
    assert value("event.outcome", CLOUDTRAIL, event) == "failure"
    assert value("event.outcome", CLOUDTRAIL, {"eventName": "CreateUser"}) == "success"
    assert value("event.outcome", CLOUDTRAIL, {"eventName": "CreateUser", "errorCode": "AccessDenied"}) == "failure"
    assert value("event.category", CLOUDTRAIL, event) == "authentication"
    assert value("source.ip", CLOUDTRAIL, event) == "203.0.113.9"
    assert value("source.ip", CLOUDTRAIL, {"sourceIPAddress": "ec2.amazonaws.com"}) is None
    assert value("aws.cloudtrail.request_parameters", CLOUDTRAIL, event) == "{userName=bob}"
    assert value("aws.cloudtrail.flattened.request_parameters.userName", CLOUDTRAIL, event) == "bob"
    assert value("aws.cloudtrail.console_login.additional_eventdata.mfa_used", CLOUDTRAIL, event) == "false"


def test_indexes_lead_to_data_sets() -> None:
    datasets = elastic_datasets()
    assert datasets.in_index("logs-endpoint.events.process-*") == ("endpoint.events.process",)
    assert datasets.in_index("logs-windows.sysmon_operational-*") == ("windows.sysmon_operational",)
    assert set(datasets.in_index("logs-system.*")) >= {"system.security", "system.system"}
    assert datasets.in_index("remote:logs-aws.cloudtrail-*") == ("aws.cloudtrail",)
    assert datasets.in_index("logs-okta*") == ("okta.system",)
    assert datasets.in_index(".alerts-security.*") == ("alerts-security",)
    assert datasets.in_index("logs-*") == ()
    assert datasets.is_broad("filebeat-*")


def test_a_category_leads_to_the_events_that_carry_it() -> None:
    datasets = elastic_datasets()
    start, process = frozenset({"start"}), frozenset({"process"})
    (found,) = datasets.events("windows.sysmon_operational", process, start)
    assert found.log is logs().by_key("sysmon")
    assert found.event_ids == ("1",)
    by_log = {
        member.log.key: member.event_ids for member in datasets.events("winlogbeat", process, start) if member.log
    }
    assert by_log["security"] == ("4688", "5024")
    (whole,) = datasets.events("okta.system", process)
    assert whole.event_ids == ()
    (defend,) = datasets.events("endpoint.events.process", process)
    assert (defend.log, defend.provider) == (None, "Elastic Defend")


def test_an_action_leads_to_its_events() -> None:
    found = elastic_datasets().events(
        "system.security", frozenset({"iam"}), actions=frozenset({"added-member-to-group"})
    )
    assert [(member.event_ids, member.said) for member in found] == [
        (("4728", "4732", "4756"), "event.action=added-member-to-group")
    ]


def test_data_sets_take_in_what_is_alike_when_rules_run() -> None:
    found = {
        member.log.key: member.event_ids for member in elastic_datasets().alike("endpoint.events.process") if member.log
    }
    assert found["sysmon"] == ("1", "5")
    assert found["security"] == ("4688", "4689")


def test_every_event_that_is_named_is_known() -> None:
    """The ids of elastic_fields.csv are events of the catalogue, so that coverage leads to their pages."""
    with (DATA / "elastic_fields.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["event_ids"]]
    named = {
        (rule.log.key, number)
        for row in rows
        for rule in elastic_fields().of_name(row["target"])
        for number in rule.event_ids
    }
    unknown = {
        (key, number) for key, number in named if events().find(logs().by_key(key).channel or "", number) is None
    }
    assert unknown == set()
