"""JSON in all its layouts: names, values, `_raw`, `_time`."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

from rulescope.logs import load_logs

from .conftest import rows_of


def test_own_rows_are_taken_as_they_are(load):
    text = '{"_time": 1700000000.5, "host": "a", "n": 200, "t": ["x", "y"], "u": null, "ok": true, "f": 1.50}\n'
    store = load("events.jsonl", text)
    assert rows_of(store) == [
        {
            "_time": 1700000000.5,
            "_raw": text.strip(),
            "host": "a",
            "n": "200",
            "t": ["x", "y"],
            "ok": "true",
            "f": "1.50",
        }
    ]
    assert store.column("t").multivalue
    assert not store.column("n").multivalue
    assert store.column("sourcetype") is not None, "standard fields are columns even where no row has them"


def test_own_rows_of_windows_name_their_channel_in_their_source(load):
    """Splunk's add-on for Windows: the source, and in its old form the sourcetype, is `XmlWinEventLog:<channel>`."""
    sysmon = "Microsoft-Windows-Sysmon/Operational"
    store = load(
        "e.jsonl",
        [
            {"_time": 1, "EventCode": "1", "source": f"XmlWinEventLog:{sysmon}", "sourcetype": "xmlwineventlog"},
            {"_time": 2, "EventCode": "1", "source": "c.log", "sourcetype": f"XmlWinEventLog:{sysmon}"},
            {"_time": 3, "EventCode": "4688", "source": "WinEventLog:Security", "Channel": "Other"},
            {"_time": 4, "EventCode": "4688", "source": "c.log", "sourcetype": "xmlwineventlog"},
            {"_time": 5, "source": "WinEventLog:Security"},
        ],
    )
    found = rows_of(store, hidden=True)
    assert [row.get("_channel") for row in found] == [sysmon, sysmon, "Other", None, None]
    assert [row.get("_provider") for row in found[:2]] == ["Microsoft-Windows-Sysmon"] * 2


def test_fields_of_a_raw_row_are_those_of_its_text(load):
    raw = 'login user=bob action="log in" host=h2 _time=5 _raw=x user=eve'
    row = rows_of(load("e.jsonl", [{"_time": 7, "_raw": raw, "host": "h1"}]))[0]
    assert (row["user"], row["action"]) == (["bob", "eve"], "log in")
    # What every event has is what the row says, not its text.
    assert (row["host"], row["_time"], row["_raw"]) == ("h1", 7.0, raw)
    # Of a row with fields of its own, nothing is taken out of the text.
    assert "user" not in rows_of(load("f.jsonl", [{"_time": 7, "_raw": raw, "x": "1"}]))[0]


def test_given_raw_wins(load):
    assert rows_of(load("e.jsonl", [{"_raw": "as indexed", "x": "1"}]))[0]["_raw"] == "as indexed"


def test_one_value_in_a_list_is_a_single_value_and_joins_a_multivalue_column(load):
    rows = rows_of(load("e.jsonl", [{"_time": 1, "t": ["a"]}, {"_time": 2, "t": ["a", "b"]}, {"_time": 3, "t": "c"}]))
    assert [row["t"] for row in rows] == [["a"], ["a", "b"], ["c"]]


def test_real_json_gets_splunks_flattened_names(load):
    record = {
        "a": {"b": 1, "c": {"d": "x"}},
        "l": ["p", "q"],
        "o": [{"k": "1"}, {"k": "2"}],
        "n": None,
        "e": {},
        "z": [],
    }
    row = rows_of(load("e.json", [record]))[0]
    assert {key: value for key, value in row.items() if "{" in key or "." in key} == {
        "a.b": "1",
        "a.c.d": "x",
        "l{}": ["p", "q"],
        "o{}.k": ["1", "2"],
    }
    assert json.loads(row["_raw"]) == record
    assert row["sourcetype"] == "_json"
    assert row["index"] == "main"


def test_input_order_and_line_numbers(load):
    store = load("e.jsonl", '{"_time": 3}\n\n{"_time": 1}\n{"_time": 2}\n')
    rows = rows_of(store, hidden=True)
    assert [(row["_row"], row["_record"], row["_time"]) for row in rows] == [(0, 1, 3.0), (1, 3, 1.0), (2, 4, 2.0)]


def test_packed_and_listed_layouts_give_the_same_events(tmp_path: Path):
    records = [{"_time": 1, "x": "ä"}, {"_time": 2, "x": "b"}]
    lines = "".join(json.dumps(record) + "\n" for record in records).encode()
    (tmp_path / "plain.jsonl").write_bytes(b"\xef\xbb\xbf" + lines)
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "list.json").write_text(json.dumps(records, indent=2))
    with zipfile.ZipFile(tmp_path / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escape/inner.json", lines)
        archive.writestr("__MACOSX/._inner.json", b"\0\5\x16\7")
    for name in ("plain.jsonl", "packed.json.gz", "list.json", "archive.zip"):
        rows = rows_of(load_logs([tmp_path / name]))
        assert [(row["_time"], row["x"]) for row in rows] == [(1.0, "ä"), (2.0, "b")], name
    report = [file for file in load_logs([tmp_path / "archive.zip"]).files if file.skipped is None]
    assert [(file.path, file.good) for file in report] == [(f"{tmp_path}/archive.zip!../../escape/inner.json", 2)]
    assert not (tmp_path.parent.parent / "escape").exists()


def test_cloudtrail_records_envelope(load):
    record = {
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "eventTime": "2023-07-10T11:42:36Z",
        "userIdentity": {"type": "IAMUser"},
    }
    row = rows_of(load("trail.json", json.dumps({"Records": [record, record]})))[1]
    assert row["_time"] == 1688989356.0
    assert row["sourcetype"] == "aws:cloudtrail"
    assert row["userIdentity.type"] == "IAMUser"
    assert json.loads(row["_raw"]) == record


def test_cloudtrail_records_with_something_beside_them(load):
    records = [{"eventSource": "s3.amazonaws.com", "eventName": name} for name in ("GetObject", "DeleteTrail")]
    for name, layout in (("a.json", 1), ("b.jsonl", None)):
        text = json.dumps({"Records": records, "NextToken": "abc"}, indent=layout)
        assert [row["eventName"] for row in rows_of(load(name, text))] == ["GetObject", "DeleteTrail"]
    # Another log may call the answers that it got so.
    answers = {"query": "a.example", "records": [{"type": "A"}]}
    assert [row["records{}.type"] for row in rows_of(load("dns.json", [answers]))] == ["A"]


def test_known_services(load):
    okta = {"eventType": "user.session.start", "published": "2022-01-01T00:00:01.5Z", "actor": {}, "outcome": {}}
    office = {"CreationTime": "2022-01-01T00:00:02", "Operation": "Set-Mailbox", "Workload": "Exchange"}
    rows = rows_of(load("e.jsonl", [okta, office]))
    assert [(row["sourcetype"], row["_time"]) for row in rows] == [
        ("OktaIM2:log", 1640995201.5),
        ("o365:management:activity", 1640995202.0),
    ]


def test_columns_of_an_export_from_azures_portal(load):
    exported = {"TimeGenerated [UTC]": "11/29/2026, 10:00:00.500 AM", "Computer": "c1", "Note [UTC]": "none"}
    row = rows_of(load("e.jsonl", [exported]))[0]
    assert (row["_time"], row["TimeGenerated"], row["Note"]) == (1795946400.5, "2026-11-29T10:00:00.5Z", "none")


def test_names_that_differ_in_case_and_names_of_ours(load):
    record = {
        "_time": 1,
        "user": "a",
        "User": "b",
        "USER": "c",
        "_row": "mine",
        '"; DROP TABLE events; --': "d",
        "": "e",
    }
    store = load("e.jsonl", [record])
    row = rows_of(store)[0]
    assert {name: row[name] for name in record if name != "_time"} == {k: v for k, v in record.items() if k != "_time"}
    physical = [column.physical.lower() for column in store.columns]
    assert len(set(physical)) == len(physical)
    assert store.connection.execute("SELECT _row FROM events").fetchall() == [(0,)]
