"""Windows event XML: from the EVTX library's spelling to the one Splunk indexes, and to fields.

Splunk's Windows inputs (`renderXml = true`) index what Windows' EvtRender prints: one line, attributes in single
quotes, GUIDs in braces, `SystemTime` with nine digits, `<Data Name='X'></Data>` for an empty value, and `<Security/>`
for an empty element. Field names are those of Splunk's add-on for Windows: elements and attributes of System by their
own names, event data by its `Name`, other characters than letters, digits and `_` turned into `_`; an empty value is
no field; a name that occurs twice becomes a multivalue field.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rulescope.logs.event_keys import channel_of, event_id_of, put_keys
from rulescope.logs.model import Event, Fields
from rulescope.logs.timestamps import parse_iso

_TOKEN = re.compile(
    r"""<(/?)([A-Za-z_][^\s/>]*)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>([^<]*)""",
)
# What does not end takes in the rest, so that nothing is searched twice.
_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s=<>/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BARE_GUID_VALUE = re.compile(r"\A[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\Z")
_BARE_GUID_ATTRIBUTE = re.compile(r'="([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"')
_UNCLEAN = re.compile(r"[^A-Za-z0-9_]")
_MICROSECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z")
_SECTIONS = frozenset(("System", "EventData", "UserData", "RenderingInfo", "ProcessingErrorData", "DebugData"))

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
SOURCETYPE = "XmlWinEventLog"

SYSTEM_FIELDS = frozenset(
    ("EventID", "EventCode", "Name", "Guid", "Qualifiers", "Version", "Level", "Task", "Opcode", "Keywords")
    + ("SystemTime", "EventRecordID", "RecordNumber", "ActivityID", "RelatedActivityID", "ProcessID", "ThreadID")
    + ("Channel", "Computer", "UserID", "Data", "Message")
)
"""What every Windows event may have, whatever its data."""

TEXT_PROVIDERS = frozenset({"Microsoft-Windows-Windows Defender"})
"""Providers whose event data are all text in their manifest: a GUID there has only the braces its text has."""


def unescape(text: str) -> str:
    """Text with XML's five named entities and numeric references resolved."""
    if "&" not in text:
        return text
    if "&#" in text:
        text = re.sub(r"&#(x[0-9A-Fa-f]{1,6}|\d{1,7});", _numeric, text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _numeric(found: re.Match[str]) -> str:
    digits = found.group(1)
    number = int(digits[1:], 16) if digits[0] == "x" else int(digits)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else found.group(0)


def escape(text: str) -> str:
    """Text as EvtRender prints it inside an element: ampersands and angle brackets as entities, quotes as they are."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def escape_attribute(text: str) -> str:
    """Text as it may stand between single quotes."""
    return escape(text).replace("'", "&apos;")


def field_name(name: str) -> str:
    """A data name as Splunk's key cleaning leaves it: `Product Name` is `Product_Name`."""
    return _UNCLEAN.sub("_", name).lstrip("_0123456789") or name


def add_value(fields: Fields, name: str, value: str) -> None:
    """Put a value under a name; a second one makes the field multivalue; an empty one is no value."""
    if not value:
        return
    present = fields.get(name)
    if present is None:
        fields[name] = value
    elif isinstance(present, list):
        present.append(value)
    else:
        fields[name] = [present, value]


def read_event_xml(
    xml: str, number: int | None = None, *, raw: str | None = None, unbalanced: Callable[[], None] | None = None
) -> Event:
    """An `Event` from one event's XML, in either spelling.

    `raw` is kept as `_raw` where it is given (text that Splunk itself has indexed); otherwise `_raw` is printed anew.
    `number` defaults to the event's own record id. `unbalanced` is called where tags are missing, so that fields may be
    too. Raises ValueError if there is no System section.
    """
    if "<!" in xml:
        xml = _SECTION.sub(_as_text, xml)
    parts: list[str] = []
    fields: Fields = {}
    section = ""
    depth = 0
    opened: tuple[str, str, str] | None = None
    for closing, name, attributes, empty, text in _TOKEN.findall(xml):
        if closing:
            depth -= 1
            if opened is not None:
                parts.append(_leaf(opened, section, fields))
                opened = None
            else:
                parts.append(f"</{name}>")
            if text and text.strip():
                parts.append(text)
            continue
        if opened is not None:
            parts.append(_open(opened, section, depth, fields))
        if depth == 1:
            section = name
        if empty:
            parts.append(_leaf((name, attributes, ""), section, fields))
            opened = None
        else:
            opened = (name, attributes, text)
            depth += 1
    if opened is not None:
        # Text that was cut off inside a value: what is there of the value still counts.
        parts.append(_open(opened, section, depth, fields))
        _collect(opened[0], opened[1], opened[2], section, fields)
    if "EventID" not in fields and "Computer" not in fields:
        raise ValueError("no <System> section with an EventID")
    if depth and unbalanced is not None:
        unbalanced()
    return _event(fields, number, "".join(parts) if raw is None else raw)


def _as_text(found: re.Match[str]) -> str:
    """A section of character data as text with entities (XML 1.0, 2.7); nothing for a comment, which is no part of the
    text around it (2.5)."""
    return escape(found[1]) if found[1] is not None else ""


def _event(fields: Fields, number: int | None, raw: str) -> Event:
    event_id = event_id_of(_first(fields, "EventID"))
    record = _first(fields, "EventRecordID")
    channel = channel_of(_first(fields, "Channel"))
    stamp = _first(fields, "SystemTime")
    if event_id is not None:
        fields["EventCode"] = event_id
    put_keys(fields, ("EventID",), event_id, channel)
    if record is not None:
        fields["RecordNumber"] = record
    computer = _first(fields, "Computer")
    if computer is not None:
        fields["host"] = computer
    fields["source"] = f"{SOURCETYPE}:{channel}" if channel else SOURCETYPE
    fields["sourcetype"] = SOURCETYPE
    fields["index"] = "main"
    fields["_raw"] = raw
    return Event(
        number=number if number is not None else int(record) if record and record.isdecimal() else 0,
        time=parse_iso(stamp) if stamp else None,
        fields=fields,
        provider=_first(fields, "Name"),
        channel=channel,
        event_id=event_id,
    )


def _first(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    return value[0] if isinstance(value, list) else value


def _attributes_text(attributes: str) -> str:
    if not attributes:
        return ""
    if '"' not in attributes:
        return attributes
    attributes = _BARE_GUID_ATTRIBUTE.sub(r'="{\1}"', attributes)
    attributes = attributes.replace("'", "&apos;").replace('"', "'")
    return _MICROSECONDS.sub(r"\g<1>000Z", attributes) if "SystemTime" in attributes else attributes


def _value_text(text: str, fields: Fields) -> str:
    """A value as EvtRender prints it: the library leaves out a GUID's braces and a time's last three digits."""
    length = len(text)
    if length == 36 and text[8] == "-" and _BARE_GUID_VALUE.match(text):
        if fields.get("Name") in TEXT_PROVIDERS:
            return text
        return "{" + text + "}"
    if length == 27 and text[10] == "T" and _MICROSECONDS.fullmatch(text):
        return text[:-1] + "000Z"
    return text


def _leaf(element: tuple[str, str, str], section: str, fields: Fields) -> str:
    name, attributes, text = element
    attributes = _attributes_text(attributes)
    if text:
        text = _value_text(text, fields)
    _collect(name, attributes, text, section, fields)
    if text or name == "Data" or (section != "System" and name not in _SECTIONS and _only_namespace(attributes)):
        return f"<{name}{attributes}>{text}</{name}>"
    return f"<{name}{attributes}/>"


def _only_namespace(attributes: str) -> bool:
    """Whether an element without content is printed with an end tag: it is, unless it has attributes of its own."""
    return not attributes or (attributes.startswith(" xmlns=") and attributes.count("=") == 1)


def _open(element: tuple[str, str, str], section: str, depth: int, fields: Fields) -> str:
    name, attributes, text = element
    attributes = _attributes_text(attributes)
    if section == "UserData" and depth > 2:
        _collect_attributes(attributes, fields)
    return f"<{name}{attributes}>{text if text.strip() else ''}"


def _collect(name: str, attributes: str, text: str, section: str, fields: Fields) -> None:
    if section == "EventData":
        if name == "Data":
            found = _ATTRIBUTE.search(attributes) if attributes else None
            label = field_name(unescape(found.group(2) or found.group(3) or "")) if found else "Data"
            add_value(fields, label or "Data", unescape(text))
        elif name != "EventData":
            add_value(fields, field_name(name), unescape(text))
    elif section == "System":
        if attributes:
            _collect_attributes(attributes, fields)
        if text:
            add_value(fields, name, unescape(text))
    elif section == "UserData":
        if attributes:
            _collect_attributes(attributes, fields)
        add_value(fields, field_name(name), unescape(text))
    elif section == "RenderingInfo" and name == "Message":
        add_value(fields, "Message", unescape(text))


def _collect_attributes(attributes: str, fields: Fields) -> None:
    for name, double, single in _ATTRIBUTE.findall(attributes):
        if not name.startswith("xmlns"):
            add_value(fields, field_name(name), unescape(double or single))
