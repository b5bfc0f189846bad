"""Read one input with the reader of its format; what fails is told to the collector, not raised."""

from __future__ import annotations

from rulescope.errors import LogFileError
from rulescope.logs.collect import Collector, Tally, WriteFailed
from rulescope.logs.formats import LogFormat
from rulescope.logs.inputs import LogInput
from rulescope.logs.model import LoadLimits
from rulescope.logs.readers.sink import NOT_ITS_ENCODING
from rulescope.logs.readers.streams import BROKEN_STREAM, Meter, explain_break, open_input
from rulescope.system.faults import explain_fault, report_hint


def read_input(unit: int, item: LogInput, collector: Collector, limits: LoadLimits) -> Tally:
    """Read an input into the collector. A file that breaks off keeps the events that were read before.

    Raises WriteFailed where the events can't be written any more.
    """
    collector.begin(unit, item.label, offsets=item.encoding is None)
    try:
        _read(item, collector, limits)
    except LogFileError as error:
        collector.problem(error.message, code=error.code)
    except BROKEN_STREAM as error:
        collector.problem(explain_break(error), code="LOG031")
    except MemoryError:
        collector.problem("there is not enough memory to read this file", code="LOG044")
    except WriteFailed:
        raise
    except Exception as error:  # noqa: BLE001 - one file must not end the reading of the others
        message = f"a fault in Rulescope ended the reading of this file: {explain_fault(error)}; {report_hint(error)}"
        collector.problem(message, code="LOG044")
    return collector.tally


def _read(item: LogInput, collector: Collector, limits: LoadLimits) -> None:
    if item.format is LogFormat.EVTX and item.member is None and not item.compressed:
        from rulescope.logs.readers.evtx_file import read_evtx

        read_evtx(item.path, None, collector, limits)
        return
    if item.format is LogFormat.PARQUET:
        from rulescope.logs.readers.parquet_file import read_parquet

        read_parquet(item.path, item.label, collector, limits)
        return
    with open_input(item.path, item.member, item.compressed, item.start) as stream:
        meter = Meter(stream, item.packed, limits, item.encoding)
        try:
            _read_stream(meter, item, collector, limits)
        finally:
            # What broke off is told whatever became of what came before.
            if meter.failure is not None:
                collector.problem(meter.failure, code=meter.code)
            if meter.replaced:
                collector.note("LOG030", NOT_ITS_ENCODING)


def _read_stream(meter: Meter, item: LogInput, collector: Collector, limits: LoadLimits) -> None:
    if item.format is LogFormat.EVTX:
        from rulescope.logs.readers.evtx_file import read_evtx

        read_evtx(None, meter, collector, limits)
    elif item.format is LogFormat.JSON_LINES:
        from rulescope.logs.readers.json_file import read_json_lines

        read_json_lines(meter, item.label, collector, limits, budget=item.length)
    elif item.format is LogFormat.JSON:
        from rulescope.logs.readers.json_file import read_json_document

        read_json_document(meter, item.label, collector, limits)
    elif item.format is LogFormat.CSV:
        from rulescope.logs.readers.csv_file import read_csv

        read_csv(meter, item.label, collector, limits)
    else:
        from rulescope.logs.readers.text_file import read_text

        read_text(meter, item.label, collector, limits)
