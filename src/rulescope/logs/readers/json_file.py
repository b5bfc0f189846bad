"""JSON Lines, JSON arrays, and single JSON documents."""

from __future__ import annotations

from typing import Any

import msgspec

from rulescope.logs.model import LoadLimits
from rulescope.logs.readers.json_keys import REPEATED, repeats_keys
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter, bounded_lines
from rulescope.logs.shapes import shape_object

# Numbers with a fraction or an exponent keep the spelling they have in the log: "1.50" stays "1.50".
_DECODER = msgspec.json.Decoder(float_hook=str)
_ENCODER = msgspec.json.Encoder()


def read_json_lines(meter: Meter, source: str, sink: Sink, limits: LoadLimits, *, budget: int | None = None) -> None:
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
            if repeats_keys(line, record):
                sink.note(*REPEATED, number)
            inner = _wrapped(record)
            if inner is not None:
                _Records(source, sink, limits, number, counted=False).take_all(inner)
                continue
            sink.event(shape_object(record, number, line.decode(), source, limits))
        except (ValueError, RecursionError) as error:
            _read_damaged_line(line, number, offset, error, source, sink, limits)
    sink.lines(number)


def read_json_document(meter: Meter, source: str, sink: Sink, limits: LoadLimits) -> None:
    """An array of objects, an object with `Records`, or one object over several lines; `number` counts from 1. Of a
    document that is damaged or breaks off, those objects are read that are whole."""
    data = meter.read_all(limits.document_bytes)
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    records = _Records(source, sink, limits, 1, counted=True)
    try:
        document = _DECODER.decode(data)
    except (ValueError, RecursionError):
        records.take_pieces(data)
        return
    if repeats_keys(data, document):
        sink.note(*REPEATED)
    if isinstance(document, dict):
        inner = _wrapped(document)
        document = inner if inner is not None else [document]
    if not isinstance(document, list):
        sink.problem(f"expected an array or an object, found {_kind(document)}")
        return
    records.take_all(document)


def _read_damaged_line(
    line: bytes, number: int, offset: int, error: Exception, source: str, sink: Sink, limits: LoadLimits
) -> None:
    """What can be read of a line that is not one good object: the object itself, if it is only spelt badly; else the
    objects that stand in it one after the other, and those of an envelope that breaks off."""
    from rulescope.logs.readers.json_text import Piece, find_pieces, inside_envelope, repair

    records = _Records(source, sink, limits, number, counted=False)
    try:
        repaired = repair(line)
    except (ValueError, RecursionError):
        pieces = list(find_pieces(line))
        objects = all(kind in (Piece.OBJECT, Piece.CUT_OBJECT) for kind, _, _ in pieces)
        if objects and (len(pieces) > 1 or inside_envelope(line, 0, len(line)) is not None):
            records.take_pieces(line, offset)
        else:
            sink.problem(_message(error), record=number, offset=offset)
        return
    if not isinstance(repaired.value, dict):
        sink.problem(_message(error), record=number, offset=offset)
    elif (inner := _wrapped(repaired.value)) is not None:
        records.remark(repaired.remarks)
        records.take_all(inner)
    else:
        records.remark(repaired.remarks)
        records.take(repaired.value, repaired.text, offset)


class _Records:
    """Takes the objects of a document, or of one line, as events. `counted`: each has a number of its own."""

    def __init__(self, source: str, sink: Sink, limits: LoadLimits, number: int, *, counted: bool) -> None:
        self._source = source
        self._sink = sink
        self._limits = limits
        self._number = number
        self._counted = counted

    def take_all(self, records: list[Any]) -> None:
        """The elements of an array."""
        for record in records:
            self.take(record)

    def take(self, record: Any, raw: str | None = None, offset: int | None = None) -> None:
        """One element; `raw` is its text, where that is known."""
        try:
            if not isinstance(record, dict):
                raise ValueError(f"expected a JSON object, found {_kind(record)}")
            text = _ENCODER.encode(record).decode() if raw is None else raw
            self._sink.event(shape_object(record, self._number, text, self._source, self._limits))
        except (ValueError, RecursionError) as error:
            self._sink.problem(_message(error), record=self._number, offset=offset)
        self._number += self._counted

    def take_pieces(self, data: bytes, offset: int = 0) -> None:
        """The whole parts of a damaged text that begins `offset` bytes into the file."""
        from rulescope.logs.readers.json_text import Piece, find_pieces, inside_envelope

        for kind, first, end in find_pieces(data):
            inner = inside_envelope(data, first, end) if kind in (Piece.OBJECT, Piece.CUT_OBJECT) else None
            if kind in (Piece.OBJECT, Piece.ELEMENT):
                self._take_piece(data[first:end], offset + first, None if inner is None else inner - first)
            elif inner is not None:
                self.take_pieces(data[inner:end], offset + inner)
            else:
                cut = kind is not Piece.BETWEEN
                what = "the JSON breaks off here" if cut else "there is other text between the JSON values"
                message = f"{what}: {end - first:,} bytes are not read"
                self._sink.problem(message, record=self._number, offset=offset + first, code="LOG038")

    def _take_piece(self, piece: bytes, offset: int, inner: int | None) -> None:
        """One value; `inner` is where the array begins if it is an envelope."""
        from rulescope.logs.readers.json_text import repair

        try:
            value = _DECODER.decode(piece)
        except (ValueError, RecursionError) as error:
            try:
                repaired = repair(piece)
            except (ValueError, RecursionError):
                if inner is not None:
                    # Up to the bracket that closes the envelope.
                    self.take_pieces(piece[inner:-1], offset + inner)
                    return
                self._sink.problem(_message(error), record=self._number, offset=offset)
                self._number += self._counted
                return
            self.remark(repaired.remarks)
            value = repaired.value
        if inner is not None and (records := _wrapped(value)) is not None:
            self.take_all(records)
        else:
            self.take(value, offset=offset)

    def remark(self, remarks: tuple[tuple[str, str], ...]) -> None:
        """Tell what had to be put up with in the next record."""
        for code, message in remarks:
            self._sink.note(code, message, self._number)


_CLOUDTRAIL = ("eventName", "eventSource")
"""What every record of CloudTrail's has, and few other things that are called a record."""


def _wrapped(record: dict[str, Any]) -> list[Any] | None:
    """The events inside an envelope: CloudTrail's `Records`, Azure's `records`, when that is all there is, or when they
    are CloudTrail's (what asks for them a page at a time keeps `NextToken` beside them)."""
    inner = record.get("Records")
    if inner is None:
        inner = record.get("records")
    if not isinstance(inner, list):
        return None
    if len(record) == 1:
        return inner
    told = inner and all(isinstance(one, dict) and all(key in one for key in _CLOUDTRAIL) for one in inner)
    return inner if told else None


def _kind(value: object) -> str:
    return {list: "an array", str: "a text", dict: "an object", type(None): "null"}.get(type(value), "a number")


def _message(error: BaseException) -> str:
    return "the JSON nests too deep" if isinstance(error, RecursionError) else str(error)[:300]
