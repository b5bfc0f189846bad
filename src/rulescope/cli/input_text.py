"""Text from standard input, bounded."""

from __future__ import annotations

import sys

MAXIMUM_TEXT = 8 * 1024 * 1024
"""Bytes read from standard input; no query that people wrote is near it."""


def read_standard_input() -> str:
    """The whole of standard input as text. Raises `InputError` where it is too long to be a query."""
    from rulescope.errors import InputError
    from rulescope.text import decode_text

    data = sys.stdin.buffer.read(MAXIMUM_TEXT + 1)
    if len(data) > MAXIMUM_TEXT:
        raise InputError(f"the query is longer than {MAXIMUM_TEXT:,} bytes")
    return decode_text(data).text
