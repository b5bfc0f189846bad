"""Fields that rules derive: the engine comes to what `derivation.evaluate` says, for every name of Elastic's."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlglot import exp

from rulescope.engines.duckdb import Database
from rulescope.engines.sql.vocabulary import KnowledgeFields
from rulescope.hunt.knowledge import derived_fields, logs_of
from rulescope.knowledge.derivation_value import evaluate
from rulescope.knowledge.elastic_datasets import elastic_fields
from rulescope.knowledge.tables import DATA
from rulescope.logs import load_logs

EVENTS: list[dict[str, Any]] = [
    {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "EventID": 1,
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "CommandLine": '"C:\\Program Files\\a b.exe" /c "say \\"hi\\""  x',
        "ParentImage": "C:\\Windows\\explorer.exe",
        "ParentCommandLine": "-",
        "User": "CORP\\ann",
        "Hashes": "SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=DD",
    },
    {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "EventID": 13,
        "Image": "System",
        "TargetObject": "HKLM\\Software\\Run\\evil",
        "Details": "DWORD (0x0000000a)",
    },
    {
        "Channel": "Security",
        "SourceName": "Microsoft-Windows-Security-Auditing",
        "EventID": 4688,
        "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
        "ParentProcessName": "C:\\Windows\\explorer.exe",
        "NewProcessId": "0x1a4",
        "ProcessId": "0x10",
        "CommandLine": '"cmd.exe"  /c',
        "SubjectUserName": "ann",
    },
    {
        "eventName": "ConsoleLogin",
        "eventSource": "signin.amazonaws.com",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-01-05T10:00:00Z",
        "responseElements": {"ConsoleLogin": "Failure"},
        "requestParameters": {"userName": "bob", "tags": ["a", "b"]},
        "sourceIPAddress": "203.0.113.9",
    },
]


def _names() -> list[str]:
    with (DATA / "elastic_fields.csv").open(encoding="utf-8", newline="") as file:
        names = dict.fromkeys(row["target"] for row in csv.DictReader(file) if not row["target"].endswith(".*"))
    return [*names, "winlog.event_data.CommandLine", "aws.cloudtrail.flattened.request_parameters.userName"]


def _expected(name: str, hidden: Mapping[str, Any], event: Mapping[str, str]) -> Any:
    for rule in elastic_fields().of_name(name):
        held = rule.log.holds(hidden["_provider"], hidden["_channel"], event.get("sourcetype"))
        if held and rule.applies_to(hidden["_event_id"]):
            found = evaluate(rule.form, event)
            if found is not None:
                return list(found) if isinstance(found, tuple) else found
    return None


def test_the_engine_derives_what_the_rules_say(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text("\n".join(json.dumps(event) for event in EVENTS), encoding="utf-8")
    compared = 0
    with load_logs([file]) as store:
        logs = logs_of(store)
        shipped = derived_fields(logs)
        assert isinstance(shipped, KnowledgeFields)
        database = Database(logs.connection)
        plain = [entry for entry in store.columns if not entry.multivalue and entry.name != "_time"]
        keys = ("_provider", "_channel", "_event_id")
        listed = ", ".join([f'"{entry.physical}"' for entry in plain] + list(keys))
        rows = logs.connection.execute(f"SELECT {listed} FROM {store.table} ORDER BY _row").fetchall()
        assert len(rows) == len(EVENTS)
        for name in _names():
            if name == "@timestamp":
                continue
            value = shipped.only_rules(elastic_fields().of_name(name)).expression(name, logs.events.fields)
            node = exp.Null() if value is None else value.node
            query = exp.select(node).from_(exp.to_table(logs.events.relation)).order_by(exp.column("_row"))
            found = database.fetch(query)
            for row, (got,) in zip(rows, found, strict=True):
                event = {entry.name: text for entry, text in zip(plain, row, strict=False) if text is not None}
                expected = _expected(name, dict(zip(keys, row[-3:], strict=True)), event)
                # A single value among several is kept as a list of one.
                got = got[0] if isinstance(got, list) and len(got) == 1 else got
                expected = expected[0] if isinstance(expected, list) and len(expected) == 1 else expected
                assert got == expected, (name, event)
                compared += got is not None
        database.close()
    assert compared > 80
