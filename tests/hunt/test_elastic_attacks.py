"""Rules of Elastic on recordings of the attacks that they are for.

Which events must match was worked out by reading each rule and the events of the file; the comments say what decides.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.api.run import run

pytestmark = pytest.mark.corpus

RULES = Path("rules/elastic/rules")
ATTACKS = Path("events/evtx_to_attack")

# (file of the rule, file of events, EventRecordIDs of the evidence)
WINDOWS = [
    # sc.exe under cmd.exe with `create` among its arguments; the user is no SYSTEM.
    (
        "privilege_escalation_service_control_spawned_script_int.toml",
        "ID4688-4697 RDP hijack via service creation.evtx",
        {1829532},
    ),
    # `sc config sense start= disabled`, and the same of mpssvc and WinDefend.
    (
        "privilege_escalation_service_control_spawned_script_int.toml",
        "ID4688-Defender service deactivation attempt.evtx",
        {3294254, 3294255, 3294257},
    ),
    # lsass (4).DMP fits lsass*.dmp: EQL's `:` disregards case.
    (
        "credential_access_lsass_memdump_file_created.toml",
        "ID11-LSASS credentials dump via Task Manager.evtx",
        {48564},
    ),
    # mimilsa.log, written by lsass.exe.
    (
        "credential_access_mimikatz_memssp_default_logs.toml",
        "ID11-Mimikatz LSA SSP clear text password exfiltration.evtx",
        {69810},
    ),
    # Domain Admins, Enterprise Admins, Schema Admins: event 4728 and 4756 are "added-member-to-group".
    (
        "persistence_user_account_added_to_privileged_group_ad.toml",
        "ID4728-4756-Member added to sensitive domain groups.evtx",
        {16088263, 16088267, 16088274},
    ),
    (
        "persistence_user_account_added_to_privileged_group_ad.toml",
        "ID4732-DNSadmin new member added.evtx",
        {147781717},
    ),
    # The old name ends in $, the new one does not.
    (
        "privilege_escalation_samaccountname_spoofing_attack.toml",
        "ID4781-Computer account renamed without a trailing $ (CVE-2021-42278).evtx",
        {237294532},
    ),
    # 4698 of a user; its deletion (4699) is another action.
    (
        "persistence_scheduled_task_creation_winlog.toml",
        "ID4698-4699-Fast created & deleted task by SMBexec (sups. arg.).evtx",
        {1230348},
    ),
    # DWORD (0x00000001) is "1"; event 12 makes the key, and has no data.
    (
        "credential_access_mod_wdigest_security_provider.toml",
        "ID1-12-13-Wdigest authentication activation.evtx",
        {57280},
    ),
    # Debugger of sethc.exe set to cmd.exe.
    ("persistence_evasion_registry_ifeo_injection.toml", "ID12,13-Stickey key registry update.evtx", {32}),
    # `delete` and `shadowcopy` are arguments of their own.
    ("impact_volume_shadow_copy_deletion_via_wmic.toml", "ID4688-Delete VSS backup (WMI).evtx", {1210381}),
    # mimikatz.exe opens lsass.exe with 0x1010, which is none of the rights that the rule leaves out.
    ("credential_access_suspicious_lsass_access_generic.toml", "ID10-Mimikatz LSASS process dump.evtx", {82853}),
    # A sequence: the logon by seclogon (469349), and the process whose target has the same logon id.
    (
        "privilege_escalation_create_process_as_different_user.toml",
        "ID4688,4648,4624-Runas execution with different user.evtx",
        {469349, 469351},
    ),
]

CLOUDTRAIL = [
    # The third DeleteTrail of the file (913) was denied.
    ("defense_evasion_cloudtrail_logging_deleted.toml", {1182, 1998}),
    # The other PutEventSelectors (1334) leaves management events on; the text is that of Java's maps.
    ("defense_evasion_cloudtrail_management_events_disabled_via_eventselectors.toml", {682}),
    # It failed, and the rule does not ask for success.
    ("defense_evasion_organizations_leave_organization.toml", {943}),
    # `add=` and `remove=` of the permission to make volumes.
    ("exfiltration_ec2_ebs_snapshot_shared_with_another_account.toml", {2127}),
    ("impact_ec2_ebs_snapshot_access_removed.toml", {1675}),
    # Of three PutBucketPolicy, the two for CloudTrail name a service, no account.
    ("exfiltration_s3_bucket_policy_added_for_external_account_access.toml", {2552}),
    ("privilege_escalation_iam_administratoraccess_policy_attached_to_user.toml", {2572}),
    # ES|QL: bert-jan makes keys for two others.
    ("persistence_iam_user_created_access_keys_for_another_user.toml", {2570, 2573}),
]


def evidence(rules: list[Path], logs: Path) -> dict[str, set[int]]:
    report = run(rules, [logs], jobs=1)
    assert {one.outcome.status for one in report.rules} == {"run"}
    return {Path(hit.path).name: {event.record for event in hit.outcome.events} for hit in report.hits}


@pytest.mark.parametrize(("rule", "file", "records"), WINDOWS)
def test_an_attack_on_windows_is_found(rule: str, file: str, records: set[int], shared: Path) -> None:
    (logs,) = (shared / ATTACKS).rglob(file)
    assert evidence([shared / RULES / "windows" / rule], logs) == {rule: records}


def test_calls_to_aws_are_found(shared: Path) -> None:
    rules = [shared / RULES / "integrations" / "aws" / rule for rule, _ in CLOUDTRAIL]
    assert evidence(rules, shared / "events" / "cloudtrail") == dict(CLOUDTRAIL)


def test_wmiexec_is_found_and_dcomexec_is_not(shared: Path) -> None:
    """cmd.exe under WmiPrvSE.exe, its output sent to 127.0.0.1; the parent of dcomexec's is mmc.exe."""
    rule = "execution_suspicious_cmd_wmi.toml"
    found = evidence([shared / RULES / "windows" / rule], shared / "events" / "impacket")
    assert found == {rule: {9826, 9827, 9828}}
