"""The tables of Kusto and SQL rules: what their rows and columns are in logs."""

from __future__ import annotations

from rulescope.engines.sql.relational.table_rows import TYPES
from rulescope.knowledge.derivation import RawField
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.log_tables import LogTable, log_tables
from rulescope.knowledge.tables import load_rows


def table(language: str, name: str) -> LogTable:
    found = log_tables().find(language, name)
    assert found is not None
    return found


def value(found: LogTable, column: str, event_id: str, event: dict[str, str]) -> object:
    rules = next(one.rules for one in found.columns if one.name == column)
    values = (evaluate(rule.form, event) for rule in rules if rule.applies_to(event_id))
    return next((one for one in values if one is not None), None)


def test_every_row_is_read_and_every_kind_is_one_that_the_engine_holds() -> None:
    tables = {(row[0], row[1]) for row in load_rows("log_tables.csv")}
    for language, name in tables:
        found = table(language, name)
        assert found.members
        assert all(column.kind in TYPES for column in (*found.columns, *found.prefixed))
        assert len({column.name for column in found.columns}) == len(found.columns)
    named = {(row[0], name) for row in load_rows("log_table_columns.csv") for name in row[1].split(";")}
    assert named == tables


def test_kusto_regards_case_in_names_and_sql_does_not() -> None:
    assert log_tables().find("kusto", "deviceprocessevents") is None
    assert log_tables().find("snowflake", "CrowdStrikeFDR_Process") is not None
    assert log_tables().find("kusto", "SigninLogs") is None


def test_a_column_means_what_its_table_says() -> None:
    created = {"Image": "C:\\Windows\\cmd.exe", "ParentImage": "C:\\a\\b.exe", "User": "CORP\\ann"}
    processes = table("kusto", "DeviceProcessEvents")
    assert value(processes, "FileName", "1", created) == "cmd.exe"
    assert value(processes, "InitiatingProcessFileName", "1", created) == "b.exe"
    assert value(processes, "AccountDomain", "1", created) == "CORP"
    files = table("kusto", "DeviceFileEvents")
    written = {"Image": "C:\\Windows\\cmd.exe", "TargetFilename": "C:\\x\\y.txt"}
    assert value(files, "FileName", "11", written) == "y.txt"
    assert value(files, "InitiatingProcessFileName", "11", written) == "cmd.exe"


def test_action_types_follow_from_the_event() -> None:
    actions = {column.name: column for column in table("kusto", "DeviceRegistryEvents").columns}["ActionType"]
    assert actions.values == {
        "RegistryKeyCreated",
        "RegistryKeyDeleted",
        "RegistryValueDeleted",
        "RegistryValueSet",
        "RegistryKeyRenamed",
    }
    network = table("kusto", "DeviceNetworkEvents")
    inbound = {"Initiated": "false", "SourceIp": "10.0.0.9", "DestinationIp": "10.0.0.5"}
    assert value(network, "ActionType", "3", inbound) == "InboundConnectionAccepted"
    assert value(network, "RemoteIP", "3", inbound) == "10.0.0.9"
    assert value(network, "LocalIP", "3", inbound) == "10.0.0.5"


def test_a_log_with_rows_of_its_own_does_not_go_by_those_of_its_like() -> None:
    platform = {one.name: one for one in table("snowflake", "crowdstrikefdr_process").columns}["event_platform"]
    said = {rule.log.key: evaluate(rule.form, {}) for rule in platform.rules}
    assert said == {"sysmon": "Win", "security": "Win", "sysmon_linux": "Lin"}


def test_names_inside_an_object_are_raw_fields() -> None:
    columns = table("kusto", "AWSCloudTrail").columns_for(["RequestParameters.bucketName", "EventName"])
    inner = next(column for column in columns if column.name == "RequestParameters.bucketName")
    assert [rule.form for rule in inner.rules] == [RawField("requestParameters.bucketName")]
