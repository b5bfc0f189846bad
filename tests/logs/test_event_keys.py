"""Channels and event ids in other spellings than Windows': events are found all the same, or counted as not placed."""

from __future__ import annotations

from typing import Any

import pytest

from rulescope.knowledge.log_directory import channel_written_by
from rulescope.logs import EventStore
from rulescope.logs.event_keys import channel_of, event_id_of

from .conftest import rows_of

SYSMON = "Microsoft-Windows-Sysmon/Operational"
PROVIDER = "Microsoft-Windows-Sysmon"


def keys(store: EventStore) -> tuple[Any, ...]:
    """What the one event is told apart by, and how many are not placed."""
    (row,) = rows_of(store, hidden=True)
    return row.get("_channel"), row.get("_event_id"), store.files[0].unplaced


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(
            ("1", "1"),
            ("4688", "4688"),
            ("1.0", "1"),
            ("1.", "1"),
            (" 1 ", "1"),
            ("1\t", "1"),
            ("01", "1"),
            ("+1", "1"),
        ),
        *(("0x1", "1"), ("0X1250", "4688"), ("1e1", "10"), ("0", "0"), ("4294967295", "4294967295")),
        *(("4294967296.0", None), ("1.5", None), ("-1", None), ("one", None), ("", None), (" ", None), (None, None)),
        *(("1_0", None), ("nan", None), ("inf", None), ("٣", None), ("0x", None), ("1e99", None), ("1 2", None)),
    ],
)
def test_whole_numbers_are_event_ids(written: str | None, read: str | None) -> None:
    assert event_id_of(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Security", "Security"),
        (f" {SYSMON}\n", SYSMON),
        ("Microsoft-Windows-Sysmon%4Operational", SYSMON),
        *((word, None) for word in ("", "  ", "-", "NULL", "unknown", "N/A", None)),
    ],
)
def test_names_of_channels(written: str | None, read: str | None) -> None:
    assert channel_of(written) == read


def test_channels_that_a_publisher_tells() -> None:
    found = [channel_written_by(name) for name in (PROVIDER, "PowerShell", "Microsoft-Windows-Eventlog", "*", "x")]
    assert found == [SYSMON, "Windows PowerShell", None, None, None]


NXLOG = {"EventID": 1, "Channel": SYSMON, "Image": "a.exe"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"EventID": 1.0}, (SYSMON, "1", 0)),
        ({"EventID": "1 "}, (SYSMON, "1", 0)),
        ({"EventID": "0x1"}, (SYSMON, "1", 0)),
        ({"EventID": "one"}, (SYSMON, None, 1)),
        ({"EventID": None}, (SYSMON, None, 1)),
        ({"Channel": f" {SYSMON} "}, (SYSMON, "1", 0)),
        ({"Channel": "Microsoft-Windows-Sysmon%4Operational"}, (SYSMON, "1", 0)),
        ({"Channel": None, "SourceName": PROVIDER}, (SYSMON, "1", 0)),
        ({"Channel": "unknown", "SourceName": PROVIDER}, (SYSMON, "1", 0)),
        ({"Channel": None, "SourceName": "Acme"}, (None, "1", 1)),
        ({"Channel": None}, (None, None, 1)),
        ({"Channel": " "}, (None, None, 1)),
    ],
)
def test_events_of_nxlog(load, changed: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert keys(load("e.jsonl", [NXLOG | changed])) == expected


def test_what_was_read_as_an_id_is_in_the_fields_and_what_was_not_stays(load) -> None:
    rows = rows_of(load("e.jsonl", [NXLOG | {"EventID": "1.0", "Channel": f"{SYSMON} "}, NXLOG | {"EventID": "one"}]))
    assert [(row["EventID"], row["EventCode"], row["Channel"]) for row in rows] == [
        ("1", "1", SYSMON),
        ("one", "one", SYSMON),
    ]
    assert "<EventID>1<" in rows[0]["_raw"]
    assert "<EventID>one<" in rows[1]["_raw"]


def test_a_windows_event_without_a_channel_is_plain_json_as_where_it_has_none(load) -> None:
    one, other = rows_of(load("e.jsonl", [NXLOG | {"Channel": None}, {"EventID": 1, "Image": "a.exe"}]))
    assert one["sourcetype"] == other["sourcetype"] == "_json"


def test_events_of_other_shapes(load) -> None:
    beat = {"@timestamp": "2024-01-01T00:00:00Z", "winlog": {"event_id": "1.0", "channel": f" {SYSMON}"}}
    converted = {"Event": {"System": {"EventID": 1, "Channel": None}, "EventData": {"Image": "a.exe"}}}
    assert keys(load("a.jsonl", [beat])) == (SYSMON, "1", 0)
    assert keys(load("b.jsonl", [converted])) == (None, "1", 1)
    converted["Event"]["System"]["Provider"] = {"#attributes": {"Name": PROVIDER}}  # type: ignore[assignment]
    assert keys(load("c.jsonl", [converted])) == (SYSMON, "1", 0)
    xml = "<Event><System><EventID> 1 </EventID><Channel>\n Security </Channel></System></Event>"
    assert keys(load("d.xml", xml)) == ("Security", "1", 0)


def test_rows_that_splunk_wrote(load) -> None:
    row = {"_time": 1, "EventCode": "1.0", "Channel": f"{SYSMON} "}
    assert keys(load("a.jsonl", [row])) == (SYSMON, "1", 0)
    assert keys(load("b.jsonl", [row | {"EventCode": None}])) == (SYSMON, None, 1)
    of_source = {"_time": 1, "sourcetype": "XmlWinEventLog", "source": "XmlWinEventLog:Security"}
    assert keys(load("c.jsonl", [of_source])) == (None, None, 0)
    assert keys(load("d.jsonl", [of_source | {"source": "XmlWinEventLog"}])) == (None, None, 1)
