"""Field names that mean the same, and the values that fields have for real kinds of events.

Expected values follow the shared maps (`sysmon_cim_map.csv`), read by hand.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from rulescope.knowledge import field_rules, fields, raw_fields
from rulescope.knowledge.tables import DATA


@pytest.mark.parametrize(
    ("canonical", "names"),
    [
        (
            "process_path",
            [
                "Image",
                "NewProcessName",
                "New_Process_Name",
                "process_path",
                "Processes.process_path",
                "process.executable",
            ]
            + ["winlog.event_data.Image", "InitiatingProcessFolderPath", "ImageFileName"],
        ),
        (
            "process_command_line",
            ["CommandLine", "process", "Processes.process", "process.command_line", "Process_Command_Line"]
            + ["ProcessCommandLine", "commandline"],
        ),
        ("event_id", ["EventCode", "EventID", "event_id", "signature_id", "event.code"]),
        (
            "parent_process_path",
            ["ParentImage", "ParentProcessName", "process.parent.executable", "Creator_Process_Name"],
        ),
        ("registry_path", ["TargetObject", "Registry.registry_path", "registry.path"]),
        ("source_ip", ["SourceIp", "src_ip", "All_Traffic.src_ip", "sourceIPAddress", "source.ip", "client.ipAddress"]),
        ("cloud_event_name", ["eventName", "event_name", "Operation"]),
        ("source_user", ["SubjectUserName", "src_user", "All_Changes.Account_Management.src_user"]),
    ],
)
def test_names_that_mean_the_same_meet(canonical: str, names: list[str]) -> None:
    assert {name: fields().canonical(name) for name in names} == dict.fromkeys(names, canonical)


def test_a_data_model_tells_what_a_name_means() -> None:
    vocabulary = fields()
    assert vocabulary.canonical("Processes.dest") == vocabulary.canonical("dest", "Endpoint") == "host"
    assert vocabulary.canonical("dest", "Endpoint.Processes") == "host"
    assert vocabulary.canonical("All_Traffic.dest") == vocabulary.canonical("dest") == "destination_address"
    assert vocabulary.canonical("InitiatingProcessFileName", "DeviceProcessEvents") == "parent_process_name"


def test_unknown_names_stay_as_they_are() -> None:
    for name in ("Foo", "my.own.Field", "x-y", "", "a\x00b", "'; DROP TABLE"):
        assert fields().canonical(name) == name
    assert fields().canonical("Processes.Foo") == "Foo"


def test_canonical_names_are_their_own() -> None:
    for canonical in fields().canonical_names:
        assert fields().canonical(canonical) == canonical


def test_derived_names_are_told_apart() -> None:
    derived = {
        (entry.vocabulary, entry.name) for entry in fields().names("process_name") if entry.relation == "derived"
    }
    assert ("sysmon", "Image") in derived
    assert fields().names("no such field") == ()


CMD = r"C:\Windows\System32\cmd.exe"


@pytest.mark.parametrize(
    ("log", "event", "expected"),
    [
        (
            "sysmon",
            {"EventID": "1", "CommandLine": "cmd.exe /Q /c dir", "Image": CMD, "User": r"CORP\alice", "Computer": "pc1"}
            | {
                "ParentImage": r"C:\Windows\System32\wbem\WmiPrvSE.exe",
                "Hashes": "MD5=AA,IMPHASH=BB",
                "IntegrityLevel": "High",
            },
            {
                "process": "cmd.exe /Q /c dir",
                "process_path": CMD,
                "process_name": "cmd.exe",
                "user": "alice",
                "dest": "pc1",
            }
            | {
                "parent_process_name": "WmiPrvSE.exe",
                "IMPHASH": "BB",
                "EventCode": "1",
                "signature": "Process creation",
            }
            | {"process_integrity_level": "high", "vendor_product": "Microsoft Sysmon", "dest_ip": None},
        ),
        (
            "sysmon",
            {
                "EventID": "3",
                "DestinationIp": "10.0.0.1",
                "DestinationHostname": "-",
                "Initiated": "true",
                "Image": CMD,
            },
            {"dest": "10.0.0.1", "dest_host": None, "direction": "outbound", "app": CMD, "process_name": "cmd.exe"},
        ),
        (
            "sysmon",
            {
                "EventID": "10",
                "SourceImage": CMD,
                "TargetImage": r"C:\Windows\System32\lsass.exe",
                "TargetProcessGUID": "g",
            },
            {"process_name": "lsass.exe", "parent_process_name": "cmd.exe", "process_guid": "g"},
        ),
        (
            "sysmon",
            {"EventID": "13", "TargetObject": r"HKLM\SOFTWARE\A\Run\x", "Details": "DWORD (0x00000001)"},
            {"registry_path": r"HKLM\SOFTWARE\A\Run\x", "registry_key_name": "Run", "registry_value_name": "x"}
            | {"registry_value_data": "0x00000001", "registry_value_type": "REG_DWORD"}
            | {"registry_hive": r"HKEY_LOCAL_MACHINE\Software", "action": "modified"},
        ),
        (
            "sysmon",
            {"EventID": "15", "TargetFilename": r"C:\a\b.txt:Zone.Identifier"},
            {"file_path": r"C:\a\b.txt", "file_name": "b.txt"},
        ),
        (
            "security",
            {
                "EventID": "4688",
                "CommandLine": "cmd.exe /c x",
                "NewProcessName": CMD,
                "ParentProcessName": r"C:\a b\p.exe",
            }
            | {"SubjectUserName": "svc", "TargetUserName": "-", "ProcessId": "0x1f4", "NewProcessId": "0x2a"},
            {"process": CMD + " /c x", "Process_Command_Line": "cmd.exe /c x", "process_name": "cmd.exe", "user": "svc"}
            | {"parent_process": r"C:\a b\p.exe", "parent_process_name": "p.exe", "process_id": "0x2a"}
            | {"parent_process_id": "0x1f4", "Creator_Process_Name": r"C:\a b\p.exe"},
        ),
        (
            "security",
            {"EventID": "4688", "CommandLine": r'"C:\x\y.exe" -k', "NewProcessName": r"C:\x\y.exe"},
            {"process": r'"C:\x\y.exe" -k', "parent_process_name": None},
        ),
        (
            "security",
            {"EventID": "4688", "CommandLine": "y -k", "NewProcessName": r"C:\Program Files\y.exe"},
            {"process": r'"C:\Program Files\y.exe" -k'},
        ),
        ("security", {"EventID": "4688", "NewProcessName": r"C:\x y\z.exe"}, {"process": r"C:\x y\z.exe"}),
        (
            "Security",
            {
                "EventID": "4625",
                "LogonType": "3",
                "TargetUserName": "bob",
                "WorkstationName": "ws",
                "IpAddress": "10.1.1.1",
            }
            | {"SubStatus": "0xC0000064", "IpPort": "0"},
            {
                "user": "bob",
                "src": "ws",
                "src_ip": "10.1.1.1",
                "app": "win:remote",
                "action": "failure",
                "Logon_Type": "3",
            }
            | {"reason": "User name does not exist", "signature": "An account failed to log on"},
        ),
        (
            "security",
            {
                "EventID": "4732",
                "MemberSid": "S-1-5-21-1",
                "MemberName": "CN=Eve,OU=x",
                "TargetUserName": "Administrators",
            },
            {"user": "Eve", "Group_Name": "Administrators", "object_id": "S-1-5-21-1"},
        ),
        (
            "security",
            {"EventID": "5156", "Direction": "%%14593", "Protocol": "6", "DestAddress": "10.0.0.2", "DestPort": "445"},
            {"direction": "outbound", "transport": "tcp", "dest_ip": "10.0.0.2", "dest_port": "445"},
        ),
        (
            "system",
            {"EventID": "7045", "ServiceName": "evil", "ImagePath": r"%COMSPEC% /c x", "StartType": "demand start"},
            {"service_name": "evil", "service_path": r"%COMSPEC% /c x", "start_mode": "manual", "status": "installed"},
        ),
        (
            "powershell",
            {"EventID": "4104", "ScriptBlockText": "iex $x", "Computer": "pc1", "UserID": "S-1-5-18"},
            {"process": "iex $x", "dest": "pc1", "user_id": "S-1-5-18", "EventCode": "4104"},
        ),
        (
            "cloudtrail",
            {"eventName": "GetCallerIdentity", "sourceIPAddress": "1.2.3.4", "awsRegion": "us-east-1"}
            | {"userIdentity.arn": "arn:aws:iam::1:user/eve", "errorCode": "AccessDenied"},
            {"signature": "GetCallerIdentity", "src_ip": "1.2.3.4", "region": "us-east-1", "user": "eve"}
            | {"action": "failure", "result_id": "AccessDenied"},
        ),
        (
            "auditd",
            {"type": "EXECVE", "a0": "cat", "a1": "/etc/shadow"},
            {"process": "cat /etc/shadow", "signature_id": "EXECVE"},
        ),
        (
            "sysmon_linux",
            {"EventID": "1", "Image": "/bin/sh", "CommandLine": "sh -i"},
            {"process": "sh -i", "process_name": "sh"},
        ),
    ],
)
def test_values(log: str, event: dict[str, str], expected: dict[str, str | None]) -> None:
    assert {name: field_rules().value(name, log, event) for name in expected} == expected


def test_rules_come_in_the_order_to_try() -> None:
    found = fields().raw_expressions("Processes.user", "sysmon", "8")
    assert [bool(rule.event_ids) for rule in found] == [True, False]
    of_security = fields().raw_expressions("dest", "security", "4648")
    assert [rule.log.key for rule in of_security] == ["security", "windows"]
    assert fields().raw_expressions("NoSuchField") == ()


# What the add-ons' maps say and our forms can't, or need not, express.
NOT_COVERED = {
    ("sysmon", "EventID"),  # the raw field itself
    ("sysmon", "_time"),  # set by whoever reads the log
    ("sysmon", "action"),  # constants: the map names no raw field
    ("sysmon", "granted_access_description"),  # bits of a mask, by name
    ("sysmon", "answer_count"),
    ("sysmon", "query_count"),  # always 1, so a constant
    ("security", "dvc_nt_host"),  # from Computer, for there is no host on files
    ("security", "Keywords"),  # the raw field goes before all rules
    ("security", "action"),
    ("security", "status"),
    ("security", "signature"),  # the event's title; the reason is in `reason`
}


@pytest.mark.corpus
def test_every_fact_of_the_shared_map_is_in_a_rule(shared: Path) -> None:
    logs = {
        "Microsoft-Windows-Sysmon/Operational": "sysmon",
        "Security": "security",
        "System": "system",
        "Microsoft-Windows-PowerShell/Operational": "powershell",
    }
    sourcetypes = {"aws:cloudtrail": "cloudtrail", "OktaIM2:log": "okta"}
    missing = set()
    with (shared / "knowledge/sysmon_cim_map.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            log = logs.get(row["log"]) or sourcetypes.get(row["sourcetype"])
            if log is None or row["raw_field"].startswith("(") or "classic" in row["sourcetype"]:
                continue
            wanted = set(re.findall(r"[A-Za-z_][\w.]*", row["raw_field"]))
            for target in re.findall(r"[A-Za-z_]\w*", row["cim_field"].partition("(")[0]):
                rules = field_rules().for_event(target, log)
                if not any(raw_fields(rule.form) & wanted for rule in rules):
                    missing.add((log, target))
    assert missing <= NOT_COVERED


def test_every_rule_can_be_read() -> None:
    for target in field_rules().targets:
        assert field_rules().of_target(target), target


def test_a_name_means_one_thing_in_a_place() -> None:
    with (DATA / "field_names.csv").open(encoding="utf-8", newline="") as file:
        meanings: dict[tuple[str, str], set[str]] = {}
        for row in csv.DictReader(file):
            if row["relation"] == "exact":
                meanings.setdefault((row["scope"], row["name"]), set()).add(row["canonical"])
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


def test_a_table_tells_what_a_name_means() -> None:
    """Microsoft Defender's advanced hunting schema: the initiating process of DeviceProcessEvents is the parent of
    the process that is created; in other tables it is the process that acts."""
    vocabulary = fields()
    assert vocabulary.scoped("FolderPath", "DeviceProcessEvents") == "process_path"
    assert vocabulary.scoped("FolderPath", "DeviceFileEvents") == "file_path"
    assert vocabulary.scoped("SHA256", "DeviceFileEvents") == "file_hash_sha256"
    assert vocabulary.scoped("InitiatingProcessAccountName", "DeviceProcessEvents") == "parent_user"
    assert vocabulary.canonical("InitiatingProcessAccountName") == "user"
    assert vocabulary.scoped("InitiatingProcessParentFileName", "DeviceProcessEvents") == "grandparent_process_name"
    assert vocabulary.canonical("InitiatingProcessParentFileName") == "parent_process_name"
    assert vocabulary.scoped("RemoteIP", "DeviceLogonEvents") == "source_ip"
    assert vocabulary.canonical("RemoteIP") == "destination_ip"


def test_crowdstrikes_own_identifiers_are_not_the_systems() -> None:
    assert fields().scoped("TargetProcessId", "crowdstrike") == "process_guid"
    assert fields().canonical("RawProcessId") == "process_id"
