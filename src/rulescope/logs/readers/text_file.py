"""Raw text as Splunk would have indexed it: one event a line, XML events, audit records, Zeek's tab-separated logs.

An event is one line. If the file's first line begins with a timestamp, lines that begin with none continue the event
before them (a stack trace, a classic Windows event). `key=value` and `key="value"` pairs become fields, as with
Splunk's automatic extraction; everything else is left to `rex`.
"""

from __future__ import annotations

import re

from rulescope.logs.model import Event, Fields, Limits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.timestamps import begins_with_time, find_time, parse_time
from rulescope.logs.windows_xml import add_value, read_event_xml

_PAIR = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{0,100})=(?:"([^"]*)"|'([^']*)'|([^\s"',;|&]+))""")
_INNER_QUOTES = re.compile(r"""msg='([^']*)'""")
_AUDIT = re.compile(r"^(?:node=(\S+) )?type=\w+ msg=audit\(")
_SYSLOG_HOST = re.compile(r"^(?:<\d{1,3}>)?[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d (\S+) ")
_MAXIMUM_LINES = 10_000


def read_text(meter: Meter, source: str, sink: Sink, limits: Limits) -> None:
    """Read a text log. `number` is the line on which the event begins."""
    pending: list[str] = []
    start = 0
    size = 0
    joined: bool | None = None
    names: list[str] | None = None
    number = 0
    for number, offset, line in bounded_lines(meter, limits.line_bytes):
        if line is None:
            sink.problem(f"the line is longer than {limits.line_bytes:,} bytes", record=number, offset=offset)
            continue
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace")
        if text.startswith("#") and (names is not None or text.startswith(("#separator", "#fields"))):
            names = text.split("\t")[1:] if text.startswith("#fields") else names or []
            continue
        if names:
            sink.event(_zeek(text, names, number, source))
            continue
        if joined is None and text.strip():
            joined = begins_with_time(text) or (text.lstrip().startswith("<Event") and "</Event>" not in text)
        if joined and pending and not _begins(text, pending[0]) and len(pending) < _MAXIMUM_LINES:
            size += len(text)
            if size <= limits.line_bytes:
                pending.append(text)
            continue
        if pending:
            _emit(pending, start, source, sink)
            pending = []
        if text.strip():
            pending = [text]
            start = number
            size = len(text)
    if pending:
        _emit(pending, start, source, sink)
    sink.lines(number)


def _begins(text: str, first: str) -> bool:
    if first.lstrip().startswith("<Event"):
        return text.lstrip().startswith("<Event ") or text.lstrip().startswith("<Event>")
    return begins_with_time(text)


def _emit(lines: list[str], number: int, source: str, sink: Sink) -> None:
    raw = "\n".join(lines).rstrip()
    if raw.lstrip().startswith("<Event"):
        try:
            sink.event(read_event_xml(raw, number, raw=raw))
        except ValueError as error:
            sink.problem(str(error), record=number)
        return
    sink.event(_plain(raw, number, source))


def _plain(raw: str, number: int, source: str) -> Event:
    fields: Fields = {}
    audit = _AUDIT.match(raw)
    for name, double, single, bare in _PAIR.findall(raw):
        if name != "msg" or not audit:
            add_value(fields, name, double or single or bare)
    if audit:
        for inner in _INNER_QUOTES.findall(raw):
            for name, double, single, bare in _PAIR.findall(inner):
                add_value(fields, name, double or single or bare)
        if audit.group(1):
            fields.setdefault("host", audit.group(1))
    elif (host := _SYSLOG_HOST.match(raw)) is not None:
        fields.setdefault("host", host.group(1))
    fields["_raw"] = raw
    fields["source"] = source
    fields["sourcetype"] = "linux:audit" if audit else "syslog" if _SYSLOG_HOST.match(raw) else "text"
    fields.setdefault("index", "main")
    event_id = fields.get("EventCode")
    return Event(number, find_time(raw), fields, event_id=event_id if isinstance(event_id, str) else None)


def _zeek(text: str, names: list[str], number: int, source: str) -> Event:
    fields: Fields = {
        name: value for name, value in zip(names, text.split("\t"), strict=False) if value not in ("-", "(empty)", "")
    }
    time = parse_time(fields.get("ts"))
    fields["_raw"] = text
    fields["source"] = source
    fields["sourcetype"] = "bro"
    fields.setdefault("index", "main")
    return Event(number, time, fields)
