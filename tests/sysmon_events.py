"""Sysmon events as Windows JSON has them, for tests that run rules of several languages on them."""

from __future__ import annotations


def sysmon(event_id: int, record: int, **fields: str) -> dict[str, object]:
    """An event of 1 May 2024, its record number the minute after 11 o'clock."""
    return {
        "EventID": event_id,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": "ws1.corp.local",
        "RecordNumber": record,
        "EventTime": f"2024-05-01 11:{record:02}:00",
        "@timestamp": f"2024-05-01T11:{record:02}:00Z",
        **fields,
    }
