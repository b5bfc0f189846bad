"""Log files of all kinds to one relation of events, in Splunk's field names and with Splunk's `_raw`."""

from rulescope.logs.load import load_logs
from rulescope.logs.model import EventColumn, FileReport, LoadLimits, Problem, Progress
from rulescope.logs.names import words_of
from rulescope.logs.store import EventStore

__all__ = ["EventColumn", "EventStore", "FileReport", "LoadLimits", "Problem", "Progress", "load_logs", "words_of"]
