"""Printing: colours only where a terminal shows them, and nothing in it that steers the terminal."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_KEPT = "\n\t"
_TRAILING = re.compile(r"[ \t]+(?=\n)")

WIDTH_WITHOUT_TERMINAL = 120
"""Columns of output that goes to a file or a pipe."""


def printable(text: str) -> str:
    """The text with control characters, escapes and direction marks as U+FFFD: rules come from strangers."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _KEPT else "�" for one in text)


def one_line(text: str) -> str:
    """The text as `printable` gives it, on one line."""
    return " ".join(printable(text).split())


def output() -> Console:
    """Where results go: stdout, as wide as the terminal, in colour if it is one and NO_COLOR is not set."""
    return _console(sys.stdout)


def messages() -> Console:
    """Where progress and remarks go: stderr."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    if stream.isatty():
        return Console(file=stream, highlight=False, emoji=False, markup=False)
    # Files and pipes have no width of their own; COLUMNS may give one.
    width = None if "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL
    return Console(file=_Trimmed(stream), width=width, highlight=False, emoji=False, markup=False)  # type: ignore[arg-type]


class _Trimmed:
    """A stream that leaves out the blanks that tables put at the ends of lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        return self._stream.write(_TRAILING.sub("", text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return False


def plain(text: str, style: str = "") -> Text:
    """A stranger's text, made harmless, in a style of ours."""
    from rich.text import Text

    return Text(printable(text), style=style)


def write_json(document: object) -> None:
    """Prints one JSON document on one line of stdout."""
    from rulescope.api.json_form import encode_json

    sys.stdout.buffer.write(encode_json(document) + b"\n")
    sys.stdout.buffer.flush()
