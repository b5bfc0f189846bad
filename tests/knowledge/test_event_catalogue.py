"""Kinds of events and logs. Titles are those of Microsoft's documentation of auditing and of Sysmon."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rulescope.knowledge import events, logs


@pytest.mark.parametrize(
    ("log", "event_id", "provider", "title"),
    [
        ("Sysmon", 1, "Sysmon", "Process creation"),
        ("Microsoft-Windows-Sysmon/Operational", "22", "Sysmon", "DNSEvent (DNS query)"),
        ("XmlWinEventLog:Microsoft-Windows-Sysmon/Operational", "3", "Sysmon", "Network connection"),
        ("Security", "4688", "Windows Security", "A new process has been created"),
        ("Microsoft-Windows-Security-Auditing", "4624", "Windows Security", "An account was successfully logged on"),
        ("WinEventLog:Security", "4720", "Windows Security", "A user account was created"),
        ("security", "1102", "Windows Security", "The audit log was cleared"),
        ("System", "7045", "Service Control Manager", "A service was installed in the system"),
        ("Sysmon for Linux", "1", "Sysmon for Linux", "Process creation"),
    ],
)
def test_an_event_is_found_by_any_name_of_its_log(log: str, event_id: str | int, provider: str, title: str) -> None:
    kind = events().find(log, event_id)
    assert kind is not None
    assert (kind.provider, kind.event_id, kind.title) == (provider, str(event_id), title)


def test_fields_stand_in_the_order_of_the_schema() -> None:
    kind = events().find("Sysmon", 5)
    assert kind is not None
    assert kind.fields == ("RuleName", "UtcTime", "ProcessGuid", "ProcessId", "Image", "User")
    # Event 10 writes GUID in capitals, event 8 does not.
    access, thread = events().find("Sysmon", 10), events().find("Sysmon", 8)
    assert access is not None and "SourceProcessGUID" in access.fields
    assert thread is not None and "SourceProcessGuid" in thread.fields


def test_unknown_events_and_logs() -> None:
    assert events().find("Sysmon", 9999) is None
    assert events().find("No such log", 1) is None
    described = events().describe("XmlWinEventLog:Microsoft-Windows-Example/Operational", "7")
    assert (described.provider, described.event_id, described.title) == ("Example", "7", None)
    assert events().describe("AWS CloudTrail", "DescribeSnapshotAttribute").provider == "AWS CloudTrail"


def test_of_many_events_with_one_id_the_best_known_come_first() -> None:
    first = events().by_id("1")[0]
    assert (first.provider, first.title) == ("Sysmon", "Process creation")
    assert events().by_id("4104")[0].provider == "PowerShell"
    assert events().by_id("ConsoleLogin")[0].provider == "AWS CloudTrail"
    assert events().by_id("no such id") == ()


def test_classic_powershell_is_a_log_of_its_own() -> None:
    classic, modern = events().find("Windows PowerShell", 400), events().find("PowerShell", 4104)
    assert classic is not None and (classic.provider, classic.publisher) == ("Windows PowerShell", "PowerShell")
    assert modern is not None and modern.channel == "Microsoft-Windows-PowerShell/Operational"
    assert modern.fields == ("MessageNumber", "MessageTotal", "ScriptBlockText", "ScriptBlockId", "Path")


def test_source_and_sourcetype_tell_the_log() -> None:
    catalogue = events()
    sysmon = catalogue.from_sourcetype("XmlWinEventLog:Microsoft-Windows-Sysmon/Operational", "xmlwineventlog")
    assert sysmon is not None and sysmon.key == "sysmon"
    security = catalogue.from_sourcetype(None, "WinEventLog:Security")
    assert security is not None and security.name == "Windows Security"
    system = catalogue.from_sourcetype("XmlWinEventLog:System", "XmlWinEventLog")
    assert system is not None and system.key == "system"
    cloudtrail = catalogue.from_sourcetype("whatever", "aws:cloudtrail")
    assert cloudtrail is not None and cloudtrail.id_field == "eventName"
    any_windows = catalogue.from_sourcetype(None, "XmlWinEventLog")
    assert any_windows is not None and any_windows.key == "windows"
    assert catalogue.from_sourcetype("a", "b") is None
    assert catalogue.from_sourcetype(None, None) is None


def test_data_source_names_give_events() -> None:
    def read(name: str) -> list[tuple[str, str | None]]:
        return [(kind.provider, kind.event_id) for kind in events().from_data_source(name)]

    assert read("Sysmon EventID 1") == [("Sysmon", "1")]
    assert read("Windows Event Log Security 4688") == [("Windows Security", "4688")]
    assert read("Powershell Script Block Logging 4104") == [("PowerShell", "4104")]
    assert read("AWS CloudTrail ConsoleLogin") == [("AWS CloudTrail", "ConsoleLogin")]
    assert read("O365 Add member to role.") == [("Microsoft 365", "Add member to role.")]
    assert read("Linux Auditd Execve") == [("Linux auditd", "EXECVE")]
    assert read("Sysmon EventID 1 AND Sysmon EventID 11") == [("Sysmon", "1"), ("Sysmon", "11")]
    assert read("NTLM Operational 8004,8005,8006") == [("NTLM", "8004"), ("NTLM", "8005"), ("NTLM", "8006")]
    assert read("Authentication Events (various)") == []
    # Splunk files these under System; they are events of the Security log.
    assert read("Windows Event Log System 4720") == [("Windows Security", "4720")]


def test_every_log_is_found_by_its_own_name() -> None:
    for log in logs().logs:
        assert logs().find(log.name) is log, log


@pytest.mark.corpus
def test_every_data_source_of_security_content_resolves(shared: Path) -> None:
    unresolved = []
    for path in sorted((shared / "rules/security_content/data_sources").glob("*.yml")):
        name = yaml.safe_load(path.read_text(encoding="utf-8"))["name"]
        if not events().from_data_source(name):
            unresolved.append(name)
    assert unresolved == []


@pytest.mark.corpus
def test_data_sources_named_in_detections_resolve(shared: Path) -> None:
    """Also names that no data source file defines; the one left says of itself that it is various."""
    unresolved = set()
    for path in (shared / "rules/security_content/detections").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        listed = text.partition("\ndata_source:")[2].partition("\n")
        lines = listed[2].splitlines() if not listed[0].strip(" []") else []
        for line in lines:
            if not line.startswith(("- ", "  - ")):
                break
            name = yaml.safe_load(line.strip()[2:])
            if isinstance(name, str) and not events().from_data_source(name):
                unresolved.add(name)
    assert unresolved <= {"Authentication Events (various)"}
