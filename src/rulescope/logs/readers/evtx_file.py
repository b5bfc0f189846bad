"""EVTX files, by the `evtx` library (Rust)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import IO, Any

from rulescope.errors import LogFileError
from rulescope.logs.model import Event, LoadLimits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter
from rulescope.logs.windows_xml import read_event_xml

_HEADER = 4096
_CHUNK = 65536
_CHUNK_HEADER = 128
_NO_RECORD = 0xFFFFFFFFFFFFFFFF
_SMALLEST_RECORD = 24
_RECORD = re.compile(r"record number (\d+)")
_RECORDS = re.compile(r"record IDs (\d+)\.\.=?(\d+)")
_MAXIMUM_PROBLEMS = 10_000
"""Chunks of garbage could raise for ever; a file with more broken records than this is given up, and says so."""


def read_evtx(path: Path | None, meter: Meter | None, sink: Sink, limits: LoadLimits) -> None:
    """Read a file by path, or the bytes of an archive's member. Broken records and chunks are problems, the rest stays.

    Raises LogFileError if the file as a whole is no EVTX.
    """
    if path is not None:
        with path.open("rb") as file:
            torn = _torn(path.stat().st_size)
            if torn and path.stat().st_size <= limits.document_bytes:
                data = _mend(file.read(), torn)
                _read_checked(io.BytesIO(data), io.BytesIO(data), torn, sink)
            else:
                _read_checked(str(path), file, torn, sink)
    else:
        assert meter is not None
        data = meter.read_all(limits.document_bytes)
        torn = _torn(len(data))
        data = _mend(data, torn)
        _read_checked(io.BytesIO(data), io.BytesIO(data), torn, sink)


def _torn(size: int) -> int:
    """How much there is of a last chunk that is not whole."""
    return (size - _HEADER) % _CHUNK if size > _HEADER else 0


def _mend(data: bytes, torn: int) -> bytes:
    """The data with the last, cut-off chunk filled up: the library drops incomplete chunks without a word."""
    return data + bytes(_CHUNK - torn) if torn else data


def _read_checked(source: object, file: IO[bytes], torn: int, sink: Sink) -> None:
    """Read the records, and hold their number against what the chunks state: of a damaged chunk the library gives what
    it understands, and says nothing of the rest."""
    if torn:
        message = f"the file ends inside a chunk, {_CHUNK - torn:,} bytes short: it was cut off"
        sink.problem(message, count=0, code="LOG039")
    told = _read_records(source, sink)
    stated, damaged, missing = _stated_records(file)
    if missing > 0:
        message = f"the file's header tells of {missing:,} more chunks of 64 KB than there are: it was cut off"
        sink.problem(message, count=missing, code="LOG039")
    if damaged:
        message = f"{damaged:,} of the file's chunks of 64 KB are damaged; records in them may not be read"
        sink.problem(message, count=0 if stated > told else damaged, code="LOG039")
    if stated > told:
        message = f"the file states that it holds {stated:,} records; {stated - told:,} of them are not to be found"
        sink.problem(message, count=stated - told, code="LOG039")


def _stated_records(file: IO[bytes]) -> tuple[int, int, int]:
    """How many records the headers of the chunks tell of, how many chunks are neither good nor empty, and how many the
    file's own header tells of that are not there."""
    stated = damaged = 0
    file.seek(0)
    chunks = int.from_bytes(file.read(_HEADER)[42:44], "little")
    place = _HEADER
    while True:
        file.seek(place)
        header = file.read(_CHUNK_HEADER)
        if len(header) < _CHUNK_HEADER:
            return stated, damaged, chunks - (place - _HEADER) // _CHUNK
        first = int.from_bytes(header[8:16], "little")
        last = int.from_bytes(header[16:24], "little")
        if not header.startswith(b"ElfChnk\0"):
            damaged += any(header)
        elif first == last == _NO_RECORD:
            pass
        elif 0 <= last - first < _CHUNK // _SMALLEST_RECORD:
            stated += last - first + 1
        else:
            damaged += 1
        place += _CHUNK


def _read_records(source: object, sink: Sink) -> int:
    """Gives the records to the sink; returns how many of them were read or told to be broken."""
    import evtx

    try:
        records = evtx.PyEvtxParser(source, indent=False, number_of_threads=1).records()
    except BaseException as error:
        if isinstance(error, RuntimeError | OSError) or _is_panic(error):
            raise LogFileError(_first_line(error), code="LOG011") from error
        raise
    problems = told = last = 0
    while True:
        try:
            record: Any = next(records)
        except StopIteration:
            return told
        except RuntimeError as error:
            message = _first_line(error)
            found = _RECORD.search(message)
            span = _RECORDS.search(message)
            count = min(max(int(span.group(2)) - int(span.group(1)) + 1, 1), 10_000) if span else 1
            number = int(found.group(1)) if found else int(span.group(1)) if span else None
            sink.problem(message, record=number, count=count)
            problems += 1
            told += count
        except BaseException as error:
            if not _is_panic(error):
                raise
            sink.problem(f"the EVTX library gave up after record {last}: {_first_line(error)}", record=last)
            return told + 1
        else:
            number = record["event_record_id"]
            last = number
            told += 1
            try:
                event = read_event_xml(record["data"], number)
            except ValueError as error:
                sink.problem(str(error), record=number)
                problems += 1
            else:
                sink.event(_numbered(event))
        if problems > _MAXIMUM_PROBLEMS:
            sink.problem(f"more than {_MAXIMUM_PROBLEMS:,} broken records; the rest of the file is not read", count=0)
            return told


def _is_panic(error: BaseException) -> bool:
    """Whether this is a panic inside the Rust library: it arrives as pyo3's PanicException, which derives from
    BaseException and can't be imported. Nothing else of that sort may be held back."""
    return type(error).__name__ == "PanicException"


def _numbered(event: Event) -> Event:
    """The event under its EventRecordID, as Event Viewer shows it; exporting a log numbers the records anew, but leaves
    that as it was."""
    shown = event.fields.get("EventRecordID")
    if isinstance(shown, str) and shown.isdecimal() and len(shown) < 19:
        return event._replace(number=int(shown))
    return event


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:500] if text else type(error).__name__
