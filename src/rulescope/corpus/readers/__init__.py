"""One module a repository layout; `READERS` is the registry, asked in its order."""

from __future__ import annotations

from rulescope.corpus.parsed import LayoutReader
from rulescope.corpus.readers import (
    armory,
    elastic,
    json_lines,
    kusto,
    security_content,
    sigma,
    spl_file,
    splunk_conf,
)

READERS: tuple[LayoutReader, ...] = (
    armory.READER,
    sigma.READER,
    kusto.SENTINEL,
    security_content.DETECTIONS,
    security_content.MACROS,
    security_content.LOOKUPS,
    security_content.DATA_SOURCES,
    splunk_conf.READER,
    spl_file.READER,
    json_lines.SAVED_SEARCHES,
    json_lines.MACROS,
    elastic.READER,
    kusto.MARKDOWN,
    kusto.PLAIN,
)
"""All readers. The first that recognises a file reads it, so particular layouts stand before general ones."""

__all__ = ["READERS"]
