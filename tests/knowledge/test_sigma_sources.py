"""Sigma's log sources and field names as data: what single rows say, as the documents that they name say it."""

from __future__ import annotations

import pytest

from rulescope.knowledge.derivation_value import Value, evaluate
from rulescope.knowledge.sigma_sources import sigma_fields, sigma_sources


def logs_of(product: str | None, category: str | None = None, service: str | None = None) -> list[tuple[str, str]]:
    return [
        (member.log.channel or member.log.key if member.log else member.provider or "", " ".join(member.event_ids))
        for member in sigma_sources().members(product, category, service)
    ]


@pytest.mark.parametrize(
    ("category", "ids"),
    [
        ("process_creation", "1"),
        ("sysmon_status", "4 16"),
        ("registry_event", "12 13 14"),
        ("pipe_created", "17 18"),
        ("wmi_event", "19 20 21"),
        ("file_executable_detected", "29"),
        ("sysmon_error", "255"),
    ],
)
def test_categories_are_sysmons_events(category: str, ids: str) -> None:
    """Sigma taxonomy 2.1.0, "Windows Folder", "Category"."""
    assert logs_of("windows", category)[0] == ("Microsoft-Windows-Sysmon/Operational", ids)


def test_services_are_channels() -> None:
    """Sigma taxonomy 2.1.0, "Windows Folder", "Service"; the second names are those that Windows itself uses."""
    assert [log for log, _ in logs_of("windows", service="kernel-shimengine")] == [
        "Microsoft-Windows-Kernel-ShimEngine/Operational",
        "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
    ]
    assert [log for log, _ in logs_of("windows", service="vhdmp")] == [
        "Microsoft-Windows-VHDMP-Operational",
        "Microsoft-Windows-VHDMP/Operational",
    ]
    assert [log for log, _ in logs_of("windows", service="dns-client")] == [
        "Microsoft-Windows-DNS Client Events/Operational",
        "Microsoft-Windows-DNS-Client/Operational",
    ]


def test_a_member_can_be_narrowed_by_a_field() -> None:
    """pySigma's pipeline for Windows auditing: registry_add is 4657 where a new value was created."""
    member = sigma_sources().members("windows", "registry_add")[1]
    assert (member.field, member.values) == ("OperationType", ("%%1904", "New registry value created"))


def derived(target: str, event: dict[str, str], channel: str = "Security") -> Value:
    for rule in sigma_fields().of_name(target):
        if rule.log.channel == channel and rule.applies_to(event.get("EventID")):
            return evaluate(rule.form, event)
    return None


def test_the_user_of_a_4688_is_whose_token_the_process_has() -> None:
    """Microsoft, event 4688: the target subject is there where the process runs as another than its creator."""
    event = {
        "EventID": "4688",
        "SubjectDomainName": "LAB",
        "SubjectUserName": "PC1$",
        "SubjectLogonId": "0x3e7",
        "TargetDomainName": "-",
        "TargetUserName": "-",
        "TargetLogonId": "0x0",
    }
    assert derived("User", event) == "NT AUTHORITY\\SYSTEM"
    assert derived("LogonId", event) == "0x3e7"
    event |= {"TargetDomainName": "LAB", "TargetUserName": "ann", "TargetLogonId": "0x191ee"}
    assert derived("User", event) == "LAB\\ann"
    assert derived("LogonId", event) == "0x191ee"
    plain = {**event, "SubjectUserName": "bob", "SubjectLogonId": "0x5555", "TargetLogonId": "0x0"}
    assert derived("User", {**plain, "TargetDomainName": "-", "TargetUserName": "-"}) == "LAB\\bob"


def test_registry_paths_are_spelt_as_sysmon_spells_them() -> None:
    """Sysmon's documentation, events 12 to 14: abbreviated names of the roots, CurrentControlSet for ControlSet00x."""
    event = {"EventID": "4657", "ObjectValueName": "Start"}
    path = "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\Services\\EventLog"
    assert derived("TargetObject", {**event, "ObjectName": path}) == (
        "HKLM\\System\\CurrentControlSet\\Services\\EventLog\\Start"
    )
    path = "\\REGISTRY\\USER\\S-1-5-21-1-2-3-1001\\Software\\A"
    assert derived("TargetObject", {**event, "ObjectName": path}) == "HKU\\S-1-5-21-1-2-3-1001\\Software\\A\\Start"
    path = "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes\\.txt"
    assert derived("TargetObject", {**event, "ObjectName": path}) == "HKCR\\.txt\\Start"


def test_a_connection_that_windows_filtering_let_through() -> None:
    """Microsoft, event 5156: %%14593 is outbound; protocol numbers are IANA's."""
    event = {"EventID": "5156", "Direction": "%%14593", "Protocol": "6", "DestAddress": "10.0.0.1"}
    assert [derived(name, event) for name in ("Initiated", "Protocol", "DestinationIp")] == ["true", "tcp", "10.0.0.1"]


def test_device_path_of_a_connection() -> None:
    r"""Microsoft, event 5156: Application is a device path, `\device\harddiskvolume#\`; rules write `C:\`. What is on
    no local disk has no drive letter."""
    paths = (
        r"\device\harddiskvolume3\windows\system32\lsass.exe",
        r"\Device\HarddiskVolume12\x.exe",
        r"\device\mup\h\x",
        "System",
    )
    assert [derived("Image", {"EventID": "5156", "Application": path}) for path in paths] == [
        r"C:\windows\system32\lsass.exe", r"C:\x.exe", r"\device\mup\h\x", "System",
    ]  # fmt: skip


def test_hashes_of_sysmon_by_their_names() -> None:
    """Sigma taxonomy 2.1.0, "Process Creation Events": md5, sha1, sha256 and imphash are fields."""
    channel = "Microsoft-Windows-Sysmon/Operational"
    event = {"EventID": "1", "Hashes": "SHA1=AB12,MD5=CD34,SHA256=EF56,IMPHASH=0099"}
    assert [derived(name, event, channel) for name in ("sha1", "md5", "sha256", "imphash")] == [
        "AB12",
        "CD34",
        "EF56",
        "0099",
    ]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("Provider_Guid", "Guid"),
        ("Execution_ProcessID", "ProcessID"),
        ("Security_UserID", "UserID"),
        ("TimeCreated_SystemTime", "SystemTime"),
    ],
)
def test_attributes_of_the_system_part_are_named_with_their_element(name: str, raw: str) -> None:
    """Sigma specification 2.1, Field Usage: tag and attribute are linked with an underscore."""
    (rule,) = sigma_fields().of_name(name)
    assert evaluate(rule.form, {raw: "x"}) == "x"
