"""Raw text, CSV and Parquet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rulescope.logs import load_logs
from rulescope.logs.timestamps import begins_with_time, find_time, parse_time

from .conftest import rows_of


def test_audit_lines(load):
    line = "type=SERVICE_STOP msg=audit(1722957155.494:4802): pid=1 uid=0 msg='unit=atd comm=\"systemd\" res=success'"
    row = rows_of(load("audit.log", line + "\n"))[0]
    assert row["_time"] == 1722957155.494
    assert row["sourcetype"] == "linux:audit"
    assert (row["type"], row["pid"], row["unit"], row["comm"], row["res"]) == (
        "SERVICE_STOP",
        "1",
        "atd",
        "systemd",
        "success",
    )
    assert row["_raw"] == line


def test_lines_without_a_timestamp_continue_the_event_before(load):
    text = "2023-01-01 00:00:00 first a=1\n  at frame\n2023-01-01 00:00:01 second\n"
    rows = rows_of(load("app.log", text), hidden=True)
    assert [(row["_record"], row["_raw"]) for row in rows] == [
        (1, "2023-01-01 00:00:00 first a=1\n  at frame"),
        (3, "2023-01-01 00:00:01 second"),
    ]
    assert rows[0]["a"] == "1"


def test_lines_without_any_timestamp_are_events_each(load):
    assert [row["_raw"] for row in rows_of(load("x.txt", "one\n\ntwo\n"))] == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-11-14T22:13:20Z x", 1700000000.0),
        ("2023-11-14 23:13:20.250 +01:00", 1700000000.25),
        ("11/14/2023 10:13:20 PM", 1700000000.0),
        ("2023/11/14 22:13:20", 1700000000.0),
        ('1.2.3.4 - - [14/Nov/2023:22:13:20 +0000] "GET /"', 1700000000.0),
        ("1700000000.5 x", 1700000000.5),
        ("no time at all", None),
        ("2023-13-45T99:99:99Z", None),
        ("2023-11-15T00:43:20+02:30", 1700000000.0),
        ("2023-11-14T19:43:20-0230", 1700000000.0),
        ("2023-11-14 22:13:20 UTC", 1700000000.0),
        ("2023-11-14T22:13:20,123456789 x", 1700000000.123456789),
        ("2023-11-14T22:13:60Z", 1700000040.0),
        ("2023-11-14T22:13:61Z", None),
        ("1969-12-31T23:59:59Z", -1.0),
        ("1970-01-01T00:00:00.5Z", 0.5),
        ("11/14/2023 22:13:20", 1700000000.0),
        ("11/14/2023 10:13:20.25 PM", 1700000000.25),
        ("11/14/2023 12:13:20 AM", 1699920800.0),
        ("11/14/2023 12:13:20 PM", 1699964000.0),
        ("14/11/2023 22:13:20", None),
        ("2023/11/14 22:13:20 2020-01-01 00:00:00", 1700000000.0),
        ("type=USER_LOGIN msg=audit(1700000000.123:45): pid=1", 1700000000.123),
        ("1700000000,x", 1700000000.0),
        ("17000000001 x", None),
        ('1.2.3.4 - - [15/Nov/2023:00:13:20 +0200] "GET /"', 1700000000.0),
        ('1.2.3.4 - - [14/Abc/2023:22:13:20 +0000] "GET /"', None),
        ("Abc 14 22:13:20 host x", None),
        ("   2023-11-14T22:13:20Z", 1700000000.0),
        ("user=ann at 2023-11-14T22:13:20Z", 1700000000.0),
        ("x" * 160 + " 2023-11-14T22:13:20Z", None),
    ],
)
def test_timestamps(text: str, seconds: float | None):
    assert find_time(text) == seconds


def test_syslog_has_no_year_of_its_own():
    assert find_time("<13>Nov 14 22:13:20 host x", default_year=2023) == 1700000000.0
    assert find_time("Nov  4 22:13:20 host x", default_year=2023) == 1699136000.0
    this_year = datetime.now(UTC).year
    assert find_time("Jan  1 00:00:00 host x") == datetime(this_year, 1, 1, tzinfo=UTC).timestamp()


def test_lines_that_begin_with_a_time():
    assert begins_with_time("Nov 14 22:13:20 host x")
    assert not begins_with_time("at 2023-11-14T22:13:20Z")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0.0),
        (-1, None),
        (1700000000.5, 1700000000.5),
        (99_999_999_999, 99_999_999_999.0),
        (100_000_000_000, 100_000_000.0),
        (1700000000123, 1700000000.123),
        (99_999_999_999_999, 99_999_999_999.999),
        (100_000_000_000_000, 100_000_000.0),
        (1700000000123456, 1700000000.123456),
        (100_000_000_000_000_000, 100_000_000.0),
        (1_700_000_000_000_000_000, 1_700_000_000.0),
        (1e20, None),
        ("1700000000", 1700000000.0),
        ("1700000000123", 1700000000.123),
        ("2023-11-14T22:13:20Z", 1700000000.0),
        ("11/14/2023 22:13:20", 1700000000.0),
        ("no time", None),
        (True, None),
        (None, None),
        (["1700000000"], None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_numbers_as_times(value: object, seconds: float | None):
    """Seconds up to the year 5138, then by size milli-, micro- and nanoseconds."""
    assert parse_time(value) == seconds


def test_csv(load):
    store = load("t.csv", '_time,user,note\n1700000000,ann,"a, ""b"""\n1700000001,,x\n1,2,3,4\n')
    rows = rows_of(store)
    assert [(row["_time"], row.get("user"), row["note"]) for row in rows] == [
        (1700000000.0, "ann", 'a, "b"'),
        (1700000001.0, None, "x"),
    ]
    assert store.bad == 1
    assert store.problems[0].record == 3


def test_parquet(tmp_path: Path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    table = arrow.table({"_time": [1.5, 2.0], "n": [1, None], "t": [["a", "b"], []], "b": [True, False]})
    parquet.write_table(table, tmp_path / "t.parquet")
    rows = rows_of(load_logs([tmp_path / "t.parquet"]))
    assert [{key: row[key] for key in row if key != "_raw"} for row in rows] == [
        {"_time": 1.5, "n": "1", "t": ["a", "b"], "b": "true"},
        {"_time": 2.0, "b": "false"},
    ]


def test_zeek_text(load):
    text = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n1588205198.5\tC1\t-\n"
    rows = rows_of(load("dns.log", text))
    assert len(rows) == 1
    assert (rows[0]["_time"], rows[0]["uid"]) == (1588205198.5, "C1")
    assert "query" not in rows[0]


def test_pairs_of_a_query_string_stand_apart(load):
    """Splunk's search tutorial finds `action`, `itemId` and `JSESSIONID` in the addresses of a web server's log."""
    text = '10.1.1.1 - - [01/May/2024:10:00:02 +0000] "GET /?action=view&itemId=EST-6&JSESSIONID=SD1" 200\n'
    (row,) = rows_of(load("access.log", text))
    assert (row["action"], row["itemId"], row["JSESSIONID"]) == ("view", "EST-6", "SD1")


def test_lines_of_a_table_may_end_with_carriage_returns_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r1,2\r3,4\r")
    with load_logs([path]) as store:
        assert [(row["a"], row["b"]) for row in rows_of(store)] == [("1", "2"), ("3", "4")]
        assert store.problems == ()


def test_who_alone_writes_to_a_channel_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"x"}\n'
        '{"EventID":4688,"Channel":"Security","NewProcessName":"x"}\n'
        '{"EventID":1,"Channel":"Made-Up/Operational"}\n'
    )
    with load_logs([path]) as store:
        found = store.connection.execute("SELECT _provider FROM events ORDER BY _row").fetchall()
    assert found == [("Microsoft-Windows-Sysmon",), (None,), (None,)]
