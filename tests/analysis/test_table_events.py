"""Kinds of events of Kusto's tables.

Tables and their columns: learn.microsoft.com, "Understand the advanced hunting schema" and "Azure Monitor log tables".
"""

import pytest

from rulescope import ir
from rulescope.analysis.extract import facts
from rulescope.catalog.rule_records import parse_rule
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source


def coverage(text: str) -> list[tuple[str, str | None, bool]]:
    info = ir.RuleInfo(path="r", repository="", language="kusto", title="")
    found = facts(parse_rule(info, Source(text, "r"), MacroLibrary({}))).events
    return [(row.provider, row.event_id, row.derived) for row in found]


def test_a_table_of_defender_names_its_rows_and_their_kin_in_other_logs_is_derived() -> None:
    found = coverage('DeviceProcessEvents | where FileName =~ "a.exe"')
    assert found[0] == ("Microsoft Defender XDR", "DeviceProcessEvents", False)
    assert ("Sysmon", "1", True) in found
    assert ("Windows Security", "4688", True) in found


def test_an_action_type_names_an_event_of_its_table() -> None:
    found = coverage('DeviceEvents | where ActionType == "AntivirusDetection"')
    assert ("Microsoft Defender XDR", "AntivirusDetection", False) in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SigninLogs | where ResultType == 0", ("Azure AD", None, False)),
        ('AuditLogs | where OperationName == "Add member to role"', ("Azure AD", "Add member to role", False)),
        ("SecurityEvent | where EventID == 4688", ("Windows Security", "4688", False)),
        ('AWSCloudTrail | where EventName == "ConsoleLogin"', ("AWS CloudTrail", "ConsoleLogin", False)),
        ('OfficeActivity | where Operation == "New-InboxRule"', ("Microsoft 365", "New-InboxRule", False)),
    ],
)
def test_a_table_of_sentinel_is_the_log_that_it_holds(text: str, expected: tuple[str, str | None, bool]) -> None:
    assert coverage(text) == [expected]
