"""Read one input with the reader of its format; what fails is told to the collector, not raised."""

from __future__ import annotations

from rulescope.errors import LogFileError
from rulescope.logs.collect import Collector, Tally
from rulescope.logs.discover import Format, LogInput
from rulescope.logs.model import Limits
from rulescope.logs.readers.streams import BROKEN_STREAM, Meter, open_input


def read_input(unit: int, item: LogInput, collector: Collector, limits: Limits) -> Tally:
    """Read an input into the collector. A file that breaks off keeps the events that were read before."""
    collector.begin(unit, item.label)
    try:
        _read(item, collector, limits)
    except LogFileError as error:
        collector.tally.failure = error.message
    except BROKEN_STREAM as error:
        collector.tally.failure = str(error) or type(error).__name__
    tally = collector.tally
    if tally.failure is not None:
        collector.problem(tally.failure)
    return tally


def _read(item: LogInput, collector: Collector, limits: Limits) -> None:
    if item.format is Format.EVTX and item.member is None and not item.compressed:
        from rulescope.logs.readers.evtx_file import read_evtx

        read_evtx(item.path, None, collector, limits)
        return
    if item.format is Format.PARQUET:
        from rulescope.logs.readers.tables import read_parquet

        read_parquet(item.path, item.label, collector, limits)
        return
    with open_input(item.path, item.member, item.compressed) as stream:
        if item.start:
            stream.seek(item.start)
        meter = Meter(stream, item.packed, limits)
        if item.format is Format.EVTX:
            from rulescope.logs.readers.evtx_file import read_evtx

            read_evtx(None, meter, collector, limits)
        elif item.format is Format.JSON_LINES:
            from rulescope.logs.readers.json_file import read_json_lines

            read_json_lines(meter, item.label, collector, limits, budget=item.length)
        elif item.format is Format.JSON:
            from rulescope.logs.readers.json_file import read_json_document

            read_json_document(meter, item.label, collector, limits)
        elif item.format is Format.CSV:
            from rulescope.logs.readers.tables import read_csv

            read_csv(meter, item.label, collector, limits)
        else:
            from rulescope.logs.readers.text_file import read_text

            read_text(meter, item.label, collector, limits)
