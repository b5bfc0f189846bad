"""EVTX files, by the `evtx` library (Rust)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from rulescope.errors import LogFileError
from rulescope.logs.model import Event, Limits
from rulescope.logs.readers.sink import Sink
from rulescope.logs.readers.streams import Meter
from rulescope.logs.windows_xml import read_event_xml

_HEADER = 4096
_CHUNK = 65536
_RECORD = re.compile(r"record number (\d+)")
_RECORDS = re.compile(r"record IDs (\d+)\.\.=?(\d+)")
_MAXIMUM_PROBLEMS = 10_000
"""Chunks of garbage could raise for ever; a file with more broken records than this is given up, and says so."""


def read_evtx(path: Path | None, meter: Meter | None, sink: Sink, limits: Limits) -> None:
    """Read a file by path, or the bytes of an archive's member. Broken records and chunks are problems, the rest stays.

    Raises LogFileError if the file as a whole is no EVTX.
    """
    if path is not None:
        size = path.stat().st_size
        torn = (size - _HEADER) % _CHUNK if size > _HEADER else 0
        if torn and size <= limits.document_bytes:
            source: object = io.BytesIO(_mend(path.read_bytes(), torn))
        else:
            source = str(path)
    else:
        assert meter is not None
        data = meter.read_all(limits.document_bytes)
        torn = (len(data) - _HEADER) % _CHUNK if len(data) > _HEADER else 0
        source = io.BytesIO(_mend(data, torn) if torn else data)
    if torn:
        sink.problem(f"the file ends inside a chunk, {_CHUNK - torn:,} bytes short: it was cut off", count=0)
    _read_records(source, sink)


def _mend(data: bytes, torn: int) -> bytes:
    """The data with the last, cut-off chunk filled up: the library drops incomplete chunks without a word."""
    return data + bytes(_CHUNK - torn)


def _read_records(source: object, sink: Sink) -> None:
    import evtx

    try:
        records = evtx.PyEvtxParser(source, indent=False, number_of_threads=1).records()
    except (RuntimeError, OSError) as error:
        raise LogFileError(_first_line(error), code="LOG011") from error
    problems = 0
    last = 0
    while True:
        try:
            record: Any = next(records)
        except StopIteration:
            return
        except RuntimeError as error:
            message = _first_line(error)
            found = _RECORD.search(message)
            span = _RECORDS.search(message)
            count = min(max(int(span.group(2)) - int(span.group(1)) + 1, 1), 10_000) if span else 1
            number = int(found.group(1)) if found else int(span.group(1)) if span else None
            sink.problem(message, record=number, count=count)
            problems += 1
        except BaseException as error:
            # A panic inside the Rust library arrives as pyo3's PanicException, which derives from BaseException and
            # can't be imported. Nothing else may be held back here.
            if type(error).__name__ != "PanicException":
                raise
            sink.problem(f"the EVTX library gave up after record {last}: {_first_line(error)}", record=last)
            return
        else:
            number = record["event_record_id"]
            last = number
            try:
                event = read_event_xml(record["data"], number)
            except ValueError as error:
                sink.problem(str(error), record=number)
                problems += 1
            else:
                sink.event(_numbered(event))
        if problems > _MAXIMUM_PROBLEMS:
            sink.problem(f"more than {_MAXIMUM_PROBLEMS:,} broken records; the rest of the file is not read", count=0)
            return


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
