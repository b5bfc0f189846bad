"""Plain files of SPL: one search a file, named after it, described by the comments that it opens with."""

from __future__ import annotations

import re

from rulescope.corpus.model import FileContent
from rulescope.corpus.parsed import LayoutReader, ParsedFile
from rulescope.corpus.readers.plain_file import read_plain_file

_COMMENT = re.compile(r"\s*```(.*?)```", re.DOTALL)


def _read(parsed: ParsedFile) -> FileContent:
    return read_plain_file(parsed, READER.name, "spl", _COMMENT)


READER = LayoutReader("spl file", (".spl",), lambda parsed: True, _read)
