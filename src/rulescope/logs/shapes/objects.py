"""One JSON object to one event."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rulescope.knowledge.log_directory import without_windows_prefix
from rulescope.logs.event_keys import channel_of, event_id_of, put_keys
from rulescope.logs.model import STANDARD_FIELDS, Event, Fields, LoadLimits
from rulescope.logs.pairs import pairs_of
from rulescope.logs.shapes.flatten import flatten
from rulescope.logs.shapes.services import HOST_FIELDS, SERVICES, TIME_FIELDS
from rulescope.logs.shapes.windows_json import is_windows, read_windows
from rulescope.logs.timestamps import iso_text, parse_time
from rulescope.logs.windows_xml import add_value, read_event_xml


def shape_object(
    record: dict[str, Any], number: int, raw: str, source: str, limits: LoadLimits, *, sourcetype: str = "_json"
) -> Event:
    """The event of one object; `raw` is the text it was read from, `source` the file it stands in.

    A row of Splunk's or Rulescope's own (it has `_raw` or `_time`) is taken as it is: names are kept, a list is a
    multivalue field of that name, and host, source and sourcetype are not made up. Other objects are events of a
    Windows shipper, of a known service, or plain JSON, with Splunk's flattened names.
    Raises ValueError for an object beyond the limits.
    """
    try:
        return _shape(record, number, raw, source, limits, sourcetype)
    except (TypeError, AttributeError, LookupError, OverflowError) as error:
        # A shape that a shipper of that kind never writes. It must not cost the other records of the file.
        raise ValueError(f"a fault in Rulescope: {type(error).__name__}: {str(error)[:200]}") from error


def _shape(record: dict[str, Any], number: int, raw: str, source: str, limits: LoadLimits, sourcetype: str) -> Event:
    if "_raw" in record or "_time" in record:
        return _own_row(record, number, raw, limits)
    if is_windows(record):
        return read_windows(record, number, depth=limits.depth, values=limits.values)
    fields = flatten(record, depth=limits.depth, values=limits.values)
    time_fields: tuple[str, ...] = TIME_FIELDS
    host_fields: tuple[str, ...] = HOST_FIELDS
    for service in SERVICES:
        if all(key in record for key in service.keys):
            fields["sourcetype"] = service.sourcetype
            fields["source"] = service.source or source
            time_fields = service.time
            host_fields = service.host
            break
    else:
        fields.setdefault("source", source)
        fields.setdefault("sourcetype", sourcetype)
    if "host" not in fields:
        host = _first(fields, host_fields)
        if host is not None:
            fields["host"] = host
    fields.setdefault("index", "main")
    fields["_raw"] = raw
    time = parse_time(_first(fields, time_fields))
    if time is None and _without_zones(fields):
        time = parse_time(_first(fields, time_fields))
    return Event(number, time, fields)


_ZONE = " [UTC]"


def _without_zones(fields: Fields) -> bool:
    """Whether columns lost the zone that Azure's portal writes behind their names when it exports a table
    (`TimeGenerated [UTC]`); they have the names that queries know now, and their times are ISO 8601 text."""
    zoned = [name for name in fields if name.endswith(_ZONE)]
    for name in zoned:
        bare = name.removesuffix(_ZONE)
        if bare not in fields:
            value = fields.pop(name)
            at = parse_time(value)
            fields[bare] = value if at is None else str(iso_text(at))
    return bool(zoned)


_OF_EVERY_EVENT = frozenset({*STANDARD_FIELDS, "_indextime"})
_ID_NAMES = ("EventCode", "EventID")


def _own_row(record: dict[str, Any], number: int, raw: str, limits: LoadLimits) -> Event:
    given = record.get("_raw")
    if isinstance(given, str) and given.startswith("<Event") and "EventID" not in record and "EventCode" not in record:
        try:
            event = read_event_xml(given, number, raw=given)
        except ValueError:
            event = None
        if event is not None:
            event.fields.update(flatten(record, depth=limits.depth, values=limits.values, plain_lists=True))
            time = parse_time(event.fields.pop("_time", None))
            return event._replace(time=event.time if time is None else time)
    fields = flatten(record, depth=limits.depth, values=limits.values, plain_lists=True)
    time = parse_time(fields.pop("_time", None))
    given = fields.setdefault("_raw", raw)
    if isinstance(given, list):
        fields["_raw"] = "\n".join(given)
    elif _OF_EVERY_EVENT.issuperset(record):
        # Nobody has taken fields out of the text yet, as a Splunk server does when it is searched.
        for name, value in pairs_of(given):
            if name not in _OF_EVERY_EVENT:
                add_value(fields, name, value)
    written = _first(fields, _ID_NAMES)
    event_id = event_id_of(written)
    channel = channel_of(_first(fields, ("Channel",)))
    put_keys(fields, _ID_NAMES, event_id, channel)
    if event_id is not None and channel is None:
        labels = (_first(fields, ("source",)), _first(fields, ("sourcetype",)))
        channel = next((found for label in labels if label is not None and (found := _channel_of(label))), None)
    return Event(number, time, fields, _first(fields, ("Name",)) if written is not None else None, channel, event_id)


@lru_cache(maxsize=1024)
def _channel_of(label: str) -> str | None:
    """The Windows channel that a source or sourcetype of Splunk's names (`XmlWinEventLog:Security`), or None."""
    bare = without_windows_prefix(label)
    return bare if bare != label else None


def _first(fields: Fields, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if value is not None:
            return value[0] if isinstance(value, list) else value
    return None
