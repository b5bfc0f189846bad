"""JSON Lines, JSON arrays, and single JSON documents."""

from __future__ import annotations

from typing import Any

import msgspec

from rulescope.logs.model import Limits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.shapes import shape_object

# Numbers with a fraction or an exponent keep the spelling they have in the log: "1.50" stays "1.50".
_DECODER = msgspec.json.Decoder(float_hook=str)
_ENCODER = msgspec.json.Encoder()


def read_json_lines(meter: Meter, source: str, sink: Sink, limits: Limits, *, budget: int | None = None) -> None:
    """One object a line. A line that is an object with `Records` (CloudTrail's files) stands for its records."""
    number = 0
    decode = _DECODER.decode
    for number, offset, line in bounded_lines(meter, limits.line_bytes, budget=budget):
        if line is None:
            sink.problem(f"the line is longer than {limits.line_bytes:,} bytes", record=number, offset=offset)
            continue
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        if not line or line.isspace():
            continue
        try:
            record = decode(line)
            if record.__class__ is not dict:
                raise ValueError(f"expected a JSON object, found {_kind(record)}")
            inner = _wrapped(record)
            if inner is not None:
                _take_all(inner, number, source, sink, limits, numbered=False)
                continue
            sink.event(shape_object(record, number, line.decode(), source, limits))
        except (ValueError, RecursionError) as error:
            sink.problem(_message(error), record=number, offset=offset)
    sink.lines(number)


def read_json_document(meter: Meter, source: str, sink: Sink, limits: Limits) -> None:
    """An array of objects, an object with `Records`, or one object over several lines; `number` counts from 1."""
    data = meter.read_all(limits.document_bytes)
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        document = _DECODER.decode(data)
    except (ValueError, RecursionError) as error:
        sink.problem(f"{_message(error)} (the whole file is one JSON document)")
        return
    if isinstance(document, dict):
        inner = _wrapped(document)
        document = inner if inner is not None else [document]
    if not isinstance(document, list):
        sink.problem(f"expected an array or an object, found {_kind(document)}")
        return
    _take_all(document, 1, source, sink, limits, numbered=True)


def _take_all(records: list[Any], first: int, source: str, sink: Sink, limits: Limits, *, numbered: bool) -> None:
    for position, record in enumerate(records):
        number = first + position if numbered else first
        if not isinstance(record, dict):
            sink.problem(f"expected a JSON object, found {_kind(record)}", record=number)
            continue
        try:
            raw = _ENCODER.encode(record).decode()
            sink.event(shape_object(record, number, raw, source, limits))
        except (ValueError, RecursionError) as error:
            sink.problem(_message(error), record=number)


def _wrapped(record: dict[str, Any]) -> list[Any] | None:
    """The events inside an envelope: CloudTrail's `Records`, Azure's `records`, when that is all there is."""
    if len(record) == 1:
        inner = record.get("Records", record.get("records"))
        if isinstance(inner, list):
            return inner
    return None


def _kind(value: object) -> str:
    return {list: "an array", str: "a text", dict: "an object", type(None): "null"}.get(type(value), "a number")


def _message(error: BaseException) -> str:
    return "the JSON nests too deep" if isinstance(error, RecursionError) else str(error)[:300]
