"""Raw text as Splunk would have indexed it: one event a line, XML events, audit records, Zeek's logs.

An event is one line. If the file's first line begins with a timestamp, lines that begin with none continue the event
before them (a stack trace, a classic Windows event). `key=value` and `key="value"` pairs become fields, as with
Splunk's automatic extraction; everything else is left to `rex`.
"""

from __future__ import annotations

import re

from rulescope.logs.event_keys import event_id_of
from rulescope.logs.model import Event, Fields, LoadLimits
from rulescope.logs.pairs import pairs_of
from rulescope.logs.readers.event_xml import EVENT_END, EventXml
from rulescope.logs.readers.sink import NOT_ITS_ENCODING, Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.readers.zeek_text import ZeekText
from rulescope.logs.timestamps import begins_with_time, find_time
from rulescope.logs.windows_xml import add_value

_INNER_QUOTES = re.compile(r"""msg='([^']*)'""")
_AUDIT = re.compile(r"^(?:node=(\S+) )?type=\w+ msg=audit\(")
_SYSLOG_HOST = re.compile(r"^(?:<\d{1,3}>)?[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d (\S+) ")


def read_text(meter: Meter, source: str, sink: Sink, limits: LoadLimits) -> None:
    """Read a text log. `number` is the line on which the event begins."""
    pending = _Pending(source, sink, limits)
    xml = EventXml(sink, limits, pending.plain)
    zeek = ZeekText(source, sink)
    joined: bool | None = None
    number = 0
    for number, offset, line in bounded_lines(meter, limits.line_bytes, parted_at=EVENT_END):
        if line is None:
            sink.problem(f"the line is longer than {limits.line_bytes:,} bytes", record=number, offset=offset)
            continue
        text = _decoded(line, number, sink)
        if zeek.takes(text, number):
            continue
        if not joined:
            pending.emit()
            if xml.take(text, number):
                joined = False
                continue
        if joined is None and text.strip():
            joined = begins_with_time(text)
        if joined and pending.lines and not begins_with_time(text) and pending.take(text):
            continue
        pending.emit()
        if text.strip():
            pending.begin(text, number)
    pending.emit()
    xml.end()
    sink.lines(number)


def _decoded(line: bytes, number: int, sink: Sink) -> str:
    encoding = "utf-8-sig" if number == 1 else "utf-8"
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        sink.note("LOG030", NOT_ITS_ENCODING, number)
        return line.decode(encoding, "replace")


class _Pending:
    """The lines of the event that is being read."""

    def __init__(self, source: str, sink: Sink, limits: LoadLimits) -> None:
        self.lines: list[str] = []
        self._number = 0
        self._size = 0
        self._source = source
        self._sink = sink
        self._limits = limits

    def begin(self, text: str, number: int) -> None:
        """Start with an event's first line."""
        self.lines = [text]
        self._number = number
        self._size = len(text)

    def take(self, text: str) -> bool:
        """Take one line more; false where there is no room for it. It then begins another event, and that is said."""
        self._size += len(text) + 1
        if len(self.lines) < self._limits.event_lines and self._size <= self._limits.line_bytes:
            self.lines.append(text)
            return True
        bounds = f"{self._limits.event_lines:,} lines or {self._limits.line_bytes:,} characters"
        self._sink.note("LOG036", f"an event of more than {bounds} is read as several", self._number)
        return False

    def emit(self) -> None:
        """Give the event, if there is one, and be ready for the next."""
        if self.lines:
            self.plain("\n".join(self.lines).rstrip(), self._number)
            self.lines = []

    def plain(self, raw: str, number: int) -> None:
        """Give an event that is text."""
        self._sink.event(_plain(raw, number, self._source))


def _plain(raw: str, number: int, source: str) -> Event:
    fields: Fields = {}
    audit = _AUDIT.match(raw)
    for name, value in pairs_of(raw):
        if name != "msg" or not audit:
            add_value(fields, name, value)
    if audit:
        for inner in _INNER_QUOTES.findall(raw):
            for name, value in pairs_of(inner):
                add_value(fields, name, value)
        if audit.group(1):
            fields.setdefault("host", audit.group(1))
    elif (host := _SYSLOG_HOST.match(raw)) is not None:
        fields.setdefault("host", host.group(1))
    fields["_raw"] = raw
    fields["source"] = source
    fields["sourcetype"] = "linux:audit" if audit else "syslog" if _SYSLOG_HOST.match(raw) else "text"
    fields.setdefault("index", "main")
    event_id = fields.get("EventCode")
    return Event(number, find_time(raw), fields, event_id=event_id_of(event_id if isinstance(event_id, str) else None))
