"""Rules that have no query but name machine-learning jobs: `job_one, job_two`, as the text of a rule."""

from __future__ import annotations

import re

from rulescope.ir import ParsedQuery
from rulescope.ir.stages import MachineLearning
from rulescope.languages.common.outcome import empty_query, parsed_query, too_long
from rulescope.text import Source, Span

DEFAULT_THRESHOLD = 50
"""The anomaly score that fires where the text does not say one; Elastic's scores go from 0 to 100."""

_JOB = re.compile(r"[a-z0-9][a-z0-9_.-]*", re.IGNORECASE)


def parse_jobs(source: Source | str, macros: object = None) -> ParsedQuery:
    """The jobs that a text names. Never raises: a text without any is `failed`."""
    if isinstance(source, str):
        source = Source(source)
    unread = too_long(source, "MLJ004")
    if unread is not None:
        return unread
    jobs = tuple(dict.fromkeys(found.group() for found in _JOB.finditer(source.text)))
    if not jobs:
        return empty_query(source, "MLJ005")
    span = Span(0, len(source.text))
    stage = MachineLearning(jobs=jobs, threshold=DEFAULT_THRESHOLD, text=source.text, span=span)
    return parsed_query(source, [stage], ())
