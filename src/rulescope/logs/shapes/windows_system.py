"""The System part of a Windows event, as Splunk's fields and as the XML that Splunk would have had as `_raw`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from rulescope.knowledge.log_directory import channel_written_by
from rulescope.logs.event_keys import channel_of, event_id_of
from rulescope.logs.model import Event, Fields
from rulescope.logs.windows_xml import NAMESPACE, SOURCETYPE, escape, escape_attribute


@dataclass(slots=True)
class SystemPart:
    """What Windows itself says of an event; None for what a shipper left out. One is made for each event: with slots,
    and not frozen, its parts are read in half of the time."""

    time: float | None
    provider: str | None
    guid: str | None
    event_id: str | None
    version: str | None
    level: str | None
    task: str | None
    opcode: str | None
    keywords: str | None
    record: str | None
    activity: str | None
    process: str | None
    thread: str | None
    channel: str | None
    computer: str | None
    user: str | None
    qualifiers: str | None = None


def windows_event(number: int, fields: Fields, system: SystemPart, data: list[tuple[str, str]]) -> Event:
    """The event with Splunk's names for what the system says put among its `fields`, and `_raw` rebuilt; `data` are
    the names (empty for positional data) and values of its EventData."""
    event_id = event_id_of(system.event_id)
    # What is no number stays in the fields and in `_raw` as it was written.
    channel = channel_of(system.channel) or (channel_written_by(system.provider) if system.provider else None)
    if channel != system.channel or (event_id or system.event_id) != system.event_id:
        system = replace(system, channel=channel, event_id=event_id or system.event_id)
    guid = _braced(system.guid)
    stamp = _system_time(system.time)
    for name, known in (
        ("EventID", system.event_id),
        ("EventCode", system.event_id),
        ("Name", system.provider),
        ("Guid", guid),
        ("Qualifiers", system.qualifiers),
        ("Version", system.version),
        ("Level", system.level),
        ("Task", system.task),
        ("Opcode", system.opcode),
        ("Keywords", system.keywords),
        ("SystemTime", stamp),
        ("EventRecordID", system.record),
        ("RecordNumber", system.record),
        ("ActivityID", system.activity),
        ("ThreadID", system.thread),
        ("Channel", system.channel),
        ("Computer", system.computer),
        ("UserID", system.user),
    ):
        if known:
            fields[name] = known
    if system.process and "ProcessID" not in fields:
        fields["ProcessID"] = system.process
    if system.computer:
        fields["host"] = system.computer
    fields["source"] = f"{SOURCETYPE}:{system.channel}" if system.channel else SOURCETYPE
    fields["sourcetype"] = SOURCETYPE
    fields["index"] = "main"
    parts = _system_xml(system, guid, stamp)
    parts += [f"{_data_tag(name) if name else '<Data>'}{escape(value)}</Data>" for name, value in data]
    parts.append("</EventData></Event>")
    fields["_raw"] = "".join(parts)
    return Event(number, system.time, fields, system.provider, system.channel, event_id, True)


def _system_xml(system: SystemPart, guid: str | None, stamp: str | None) -> list[str]:
    parts = [f"<Event xmlns='{NAMESPACE}'><System><Provider"]
    if system.provider:
        parts.append(f" Name='{escape_attribute(system.provider)}'")
    if guid:
        parts.append(f" Guid='{escape_attribute(guid)}'")
    mark = f" Qualifiers='{escape_attribute(system.qualifiers)}'" if system.qualifiers else ""
    parts.append(f"/><EventID{mark}>{escape(system.event_id or '')}</EventID>")
    for name, value in (
        ("Version", system.version),
        ("Level", system.level),
        ("Task", system.task),
        ("Opcode", system.opcode),
    ):
        if value is not None:
            parts.append(f"<{name}>{escape(value)}</{name}>")
    if system.keywords:
        parts.append(f"<Keywords>{escape(system.keywords)}</Keywords>")
    if stamp:
        parts.append(f"<TimeCreated SystemTime='{stamp}'/>")
    if system.record:
        parts.append(f"<EventRecordID>{escape(system.record)}</EventRecordID>")
    activity = f" ActivityID='{escape_attribute(system.activity)}'" if system.activity else ""
    parts.append(f"<Correlation{activity}/>")
    if system.process is not None:
        threads = f" ThreadID='{escape_attribute(system.thread)}'" if system.thread is not None else ""
        parts.append(f"<Execution ProcessID='{escape_attribute(system.process)}'{threads}/>")
    channel, computer = escape(system.channel or ""), escape(system.computer or "")
    parts.append(f"<Channel>{channel}</Channel><Computer>{computer}</Computer>")
    parts.append(f"<Security UserID='{escape_attribute(system.user)}'/>" if system.user else "<Security/>")
    parts.append("</System><EventData>")
    return parts


@lru_cache(maxsize=4096)
def _data_tag(name: str) -> str:
    return f"<Data Name='{escape_attribute(name)}'>"


def _braced(guid: str | None) -> str | None:
    return "{" + guid + "}" if guid and len(guid) == 36 and guid[0] != "{" else guid


def _system_time(time: float | None) -> str | None:
    if time is None or not 0 <= time < 253402300800:
        return None
    whole = int(time)
    return f"{_second_text(whole)}.{min(round((time - whole) * 1e6), 999_999):06d}000Z"


@lru_cache(maxsize=4096)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
