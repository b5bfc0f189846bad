"""Layouts that are recognised and counted, but whose rules no language of Rulescope reads yet."""

from __future__ import annotations

import re

from rulescope.corpus.model import FileContent, UnreadRule
from rulescope.corpus.parsed import ParsedFile, Reader, text_of

_FENCE = re.compile(r"^[ \t]*```[ \t]*(?:kql|kusto)\b", re.MULTILINE | re.IGNORECASE)
_HEADING = re.compile(r"^#[ \t]+(\S.*)$", re.MULTILINE)


def _unread(parsed: ParsedFile, reader: str, found: list[tuple[str, str, str]]) -> FileContent:
    repository = parsed.file.repository
    unread = tuple(UnreadRule(path, repository, language, title) for path, language, title in found)
    return FileContent(parsed.file, "not yet read" if unread else "no rule", reader, unread=unread)


def _is_sentinel(parsed: ParsedFile) -> bool:
    return any(
        "query" in document.entries
        and any(key in document.entries for key in ("queryFrequency", "requiredDataConnectors", "tactics"))
        for document in parsed.documents
    )


def _read_sentinel(parsed: ParsedFile) -> FileContent:
    found = [
        (parsed.document_path(index), "kusto", text_of(document.entries.get("name")) or parsed.file.stem)
        for index, document in enumerate(parsed.documents)
        if "query" in document.entries
    ]
    return _unread(parsed, SENTINEL.name, found)


def _is_kusto_markdown(parsed: ParsedFile) -> bool:
    return _FENCE.search(parsed.text) is not None


def _read_kusto_markdown(parsed: ParsedFile) -> FileContent:
    heading = _HEADING.search(parsed.text)
    title = heading[1].strip() if heading else parsed.file.stem
    return _unread(parsed, KUSTO_MARKDOWN.name, [(parsed.file.catalog_path, "kusto", title)])


def _read_kusto(parsed: ParsedFile) -> FileContent:
    return _unread(parsed, KUSTO.name, [(parsed.file.catalog_path, "kusto", parsed.file.stem)])


SENTINEL = Reader("sentinel", (".yml", ".yaml"), _is_sentinel, _read_sentinel)
KUSTO_MARKDOWN = Reader("kusto markdown", (".md",), _is_kusto_markdown, _read_kusto_markdown)
KUSTO = Reader("kusto", (".kql", ".kusto", ".csl"), lambda parsed: bool(parsed.text.strip()), _read_kusto)
