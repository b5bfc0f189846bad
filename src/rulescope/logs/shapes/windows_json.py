"""Windows events as JSON, from NXLog, Winlogbeat or a converter of EVTX: Splunk's fields and a rebuilt XML `_raw`.

What such shippers leave out or rename is put back by these rules:
- System fields get the names that Splunk's add-on uses, in Splunk's spelling (keywords as unsigned hexadecimal, the
  opcode as a number); where a shipper has the same name for another thing (NXLog's `Opcode` "Info"), Splunk's wins.
- NXLog's `EventTime` has no zone. Where Logstash's `@timestamp` (UTC, on arrival) is there, the offset between the two,
  rounded to a quarter of an hour, is the zone; Sysmon's `UtcTime` adds the milliseconds.
- `_raw` has the data in the order of the JSON keys, since the order of the manifest is not in the input.
"""

from __future__ import annotations

from typing import Any

from rulescope.logs.model import Event, Fields
from rulescope.logs.shapes.flatten import flatten, value_text
from rulescope.logs.shapes.windows_system import SystemPart, windows_event
from rulescope.logs.timestamps import parse_iso, parse_time
from rulescope.logs.windows_xml import field_name

NXLOG_FIELDS = frozenset(
    {
        "EventTime",
        "EventReceivedTime",
        "Hostname",
        "Keywords",
        "SeverityValue",
        "Severity",
        "EventID",
        "SourceName",
        "ProviderGuid",
        "Version",
        "Task",
        "OpcodeValue",
        "Opcode",
        "RecordNumber",
        "ExecutionProcessID",
        "ExecutionThreadID",
        "ThreadID",
        "Channel",
        "Domain",
        "AccountName",
        "UserID",
        "AccountType",
        "Message",
        "Category",
        "ActivityID",
        "RelatedActivityID",
        "SourceModuleName",
        "SourceModuleType",
        "@version",
        "@timestamp",
        "host",
        "port",
        "tags",
        "type",
        "Level",
        "TimeCreated",
        "ERROR_EVT_UNRESOLVED",
        "Computer",
        "ProviderName",
        "EventRecordID",
        "Qualifiers",
    }
)
"""Top-level names that are no event data (NXLog reference manual, im_msvistalog, "Fields"; Logstash's own names)."""

_LEVELS = {
    "CRITICAL": "1",
    "ERROR": "2",
    "WARNING": "3",
    "INFO": "4",
    "VERBOSE": "5",
    "AUDIT_SUCCESS": "0",
    "AUDIT_FAILURE": "0",
}
"""NXLog's EventType to the level in the event's System section."""


_TEXTS = ("#text", "text", "_text", "$", "_", "Value", "value", "content", "#content")
"""How converters of XML to JSON call the text of an element."""


def is_windows(record: dict[str, Any]) -> bool:
    """Whether an object looks like a Windows event of one of the known shippers."""
    if "EventID" in record:
        get = record.get
        return _is_told(get("Channel")) or _is_told(get("SourceName")) or _is_told(get("ProviderName"))
    winlog = record.get("winlog")
    if isinstance(winlog, dict):
        return "event_id" in winlog or "event_data" in winlog or "channel" in winlog
    event = record.get("Event")
    return isinstance(event, dict) and isinstance(event.get("System"), dict)


def read_windows(record: dict[str, Any], number: int, *, depth: int, values: int) -> Event:
    """An `Event` with Splunk's field names and a rebuilt `_raw`."""
    if "EventID" in record:
        return _from_nxlog(record, number, depth, values)
    if "winlog" in record:
        return _from_winlogbeat(record, number, depth, values)
    return _from_converter(record, number, depth, values)


def _from_nxlog(record: dict[str, Any], number: int, depth: int, values: int) -> Event:
    fields = flatten(record, depth=depth, values=values)
    get = fields.get
    data: list[tuple[str, str]] = []
    event_type = get("EventType")
    system_process = None
    if "ExecutionProcessID" in fields:
        system_process = get("ExecutionProcessID")
    elif "ThreadID" in fields:
        system_process = get("ProcessID")
    data_process = "ExecutionProcessID" in fields or "ThreadID" not in fields
    for name, value in fields.items():
        if name in NXLOG_FIELDS or value.__class__ is not str:
            continue
        if name == "EventType" and value in _LEVELS:
            continue
        if name == "ProcessID" and not data_process:
            continue
        data.append((name, value))
    channel = _text(get("Channel"))
    provider = _text(get("SourceName") or get("ProviderName"))
    if channel == "Windows PowerShell" and not data and "Message" in fields:
        # These events have positional data only, which NXLog does not ship: the message holds the same text.
        fields["Data"] = fields["Message"]
        data.append(("", str(fields["Message"])))
    level = get("Level") or _LEVELS.get(str(event_type))
    opcode = get("OpcodeValue")
    if opcode is None and _is_number(get("Opcode")):
        opcode = get("Opcode")
    # By place: names would cost as much as half of what `windows_event` does.
    system = SystemPart(
        _nxlog_time(fields),
        provider,
        _text(get("ProviderGuid")),
        _text(fields["EventID"]) if "EventID" in fields else None,
        _text(get("Version")),
        _text(level),
        _text(get("Task")),
        _text(opcode),
        _keywords(get("Keywords")),
        _text(get("RecordNumber") or get("EventRecordID")),
        _text(get("ActivityID")),
        _text(system_process),
        _text(get("ExecutionThreadID") or get("ThreadID")),
        "Security" if channel == "security" else channel,
        _text(get("Hostname") or get("Computer")),
        _text(get("UserID")),
    )
    return windows_event(number, fields, system, data)


def _nxlog_time(fields: Fields) -> float | None:
    arrival = _iso(fields.get("@timestamp"))
    occurred = _iso(fields.get("EventTime"))
    if occurred is None:
        occurred = _iso(fields.get("TimeCreated"))
    if occurred is None:
        occurred = arrival
    elif arrival is not None and "EventTime" in fields and not _has_zone(fields["EventTime"]):
        occurred += round((arrival - occurred) / 900) * 900
    exact = _iso(fields.get("UtcTime"))
    if exact is not None and (occurred is None or abs(exact - occurred) < 60):
        return exact
    return occurred


def _from_winlogbeat(record: dict[str, Any], number: int, depth: int, values: int) -> Event:
    fields = flatten(record, depth=depth, values=values)
    winlog = record["winlog"]
    data = _data_items(winlog.get("event_data")) + _data_items(winlog.get("user_data"))
    process = winlog.get("process") if isinstance(winlog.get("process"), dict) else {}
    thread = process.get("thread") if isinstance(process.get("thread"), dict) else {}
    user = winlog.get("user") if isinstance(winlog.get("user"), dict) else {}
    event = record.get("event") if isinstance(record.get("event"), dict) else {}
    for name, value in data:
        fields.setdefault(field_name(name) or "Data", value)
    level = fields.get("log.level") or fields.get("winlog.level")
    system = SystemPart(
        time=_iso(fields.get("@timestamp")),
        provider=value_text(winlog.get("provider_name")),
        guid=value_text(winlog.get("provider_guid")),
        event_id=value_text(winlog.get("event_id", (event or {}).get("code"))),
        version=value_text(winlog.get("version")),
        level=_LEVELS.get({"information": "INFO"}.get(str(level), str(level).upper())),
        task=_number_only(winlog.get("task")),
        opcode=_number_only(winlog.get("opcode")),
        keywords=_keywords(winlog.get("keywords_raw")),
        record=value_text(winlog.get("record_id")),
        activity=value_text(winlog.get("activity_id")),
        process=value_text((process or {}).get("pid")),
        thread=value_text((thread or {}).get("id")),
        channel=value_text(winlog.get("channel")),
        computer=value_text(winlog.get("computer_name")),
        user=value_text((user or {}).get("identifier")),
    )
    return windows_event(number, fields, system, data)


def _from_converter(record: dict[str, Any], number: int, depth: int, values: int) -> Event:
    """`{"Event": {"System": …, "EventData": …}}`, as evtx_dump prints it."""
    fields = flatten(record, depth=depth, values=values)
    event = record["Event"]
    system = event["System"]

    def part(name: str, attribute: str | None = None) -> str | None:
        value = system.get(name)
        if isinstance(value, dict):
            inner = value.get("#attributes", value)
            if attribute is None:
                value = _spelt(value, _TEXTS)
            else:
                value = _spelt(inner, _attribute_names(attribute)) if isinstance(inner, dict) else None
        elif attribute:
            beside = system.get(f"{name}_attributes")
            value = beside.get(attribute) if isinstance(beside, dict) else None
        return None if isinstance(value, (dict, list)) else value_text(value)

    data = _data_items(event.get("EventData"))
    user_data = event.get("UserData")
    if isinstance(user_data, dict):
        for inner in user_data.values():
            data += _data_items(inner)
    for name, value in data:
        fields.setdefault(field_name(name) or "Data", value)
    system = SystemPart(
        time=_iso(part("TimeCreated", "SystemTime")),
        provider=part("Provider", "Name"),
        guid=part("Provider", "Guid"),
        event_id=part("EventID"),
        qualifiers=part("EventID", "Qualifiers"),
        version=part("Version"),
        level=part("Level"),
        task=part("Task"),
        opcode=part("Opcode"),
        keywords=_keywords(part("Keywords")),
        record=part("EventRecordID"),
        activity=part("Correlation", "ActivityID"),
        process=part("Execution", "ProcessID"),
        thread=part("Execution", "ThreadID"),
        channel=part("Channel"),
        computer=part("Computer"),
        user=part("Security", "UserID"),
    )
    return windows_event(number, fields, system, data)


def _data_items(data: Any) -> list[tuple[str, str]]:
    if not isinstance(data, dict):
        return []
    items: list[tuple[str, str]] = []
    for name, value in data.items():
        if name in ("#attributes", "xml_name"):
            continue
        if name == "Data" and isinstance(value, (dict, list)):
            items += (item for element in (value if isinstance(value, list) else [value]) for item in _element(element))
            continue
        label = "" if name == "Data" or (name.startswith("param") and data.keys() == {"param"}) else name
        if isinstance(value, list):
            items += [(label, text) for item in value if (text := value_text(item)) is not None]
        elif not isinstance(value, dict):
            text = value_text(value)
            items.append((label, text or ""))
    return items


def _element(element: Any) -> list[tuple[str, str]]:
    """The name (empty for positional data) and texts of one `Data`, by any of the spellings of converters of XML."""
    name: Any = None
    if isinstance(element, dict):
        attributes = element.get("#attributes")
        name = _spelt(attributes if isinstance(attributes, dict) else element, _attribute_names("Name"))
        element = _spelt(element, _TEXTS)
        if element is None and name is not None:
            return [(str(name), "")]
    values = element if isinstance(element, list) else [element]
    label = "" if name is None else str(name)
    return [(label, text) for value in values if (text := value_text(value)) is not None]


def _attribute_names(name: str) -> tuple[str, ...]:
    """How converters of XML to JSON call an attribute."""
    return (name, f"@{name}", f"-{name}", f"_{name}")


def _spelt(element: dict[str, Any], names: tuple[str, ...]) -> Any:
    """The value under the first of the names that is there."""
    return next((element[name] for name in names if name in element), None)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return str(value[0]) if value else None
    return value if value is None else str(value)


def _is_told(value: Any) -> bool:
    """Whether there is a value: null and blanks are none."""
    return value is not None and (value.__class__ is not str or bool(value.strip()))


def _iso(value: Any) -> float | None:
    if isinstance(value, str):
        return parse_iso(value) or parse_time(value)
    return None


def _has_zone(value: Any) -> bool:
    return isinstance(value, str) and (value.endswith("Z") or value[19:].find("+") >= 0 or value[19:].find("-") >= 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.isdecimal()


def _number_only(value: Any) -> str | None:
    text = value_text(value) if not isinstance(value, (dict, list)) else None
    return text if text is not None and text.isdecimal() else None


def _keywords(value: Any) -> str | None:
    """Keywords as the 64-bit hexadecimal number that Windows prints; NXLog has it as a signed integer."""
    text = _text(value)
    if text is None or text.startswith("0x"):
        return text
    try:
        return hex(int(text) & 0xFFFFFFFFFFFFFFFF)
    except ValueError:
        return text
