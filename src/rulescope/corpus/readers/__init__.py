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
    json_lines.KIBANA,
    elastic.READER,
    kusto.MARKDOWN,
    kusto.PLAIN,
)
"""All readers. The first that recognises a file reads it, so particular layouts stand before general ones."""

SUFFIXES = tuple(sorted({suffix for reader in READERS for suffix in reader.suffixes}))
"""The endings of file names that some reader reads, in lower case."""


def may_hold_rules(name: str) -> bool:
    """Whether a file of this name or path is one that some reader reads."""
    return name.lower().endswith(SUFFIXES)


__all__ = ["READERS", "SUFFIXES", "may_hold_rules"]
