"""Records of what could not be read: rules in languages that aren't read, broken files, and broken parts of files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rulescope.catalog.memory import FileMemory, part_path
from rulescope.catalog.reading import unread_record
from rulescope.catalog.records import RuleRecord
from rulescope.corpus import FileContent, FoundFile, UnreadRule
from rulescope.ir import RuleInfo
from rulescope.text import Source

UNKNOWN = "unknown"
"""The language of a file of which nothing could be read."""

_MOST_BYTES = 64 * 1024


def unread_records(
    contents: Sequence[FileContent], memories: Iterable[FileMemory], known: Collection[str]
) -> list[RuleRecord]:
    """A failed record, with its reason, for everything that was given as a rule and is none of the `known` paths."""
    made: list[RuleRecord] = []
    for content, memory in zip(contents, memories, strict=True):
        file = content.file
        made += [_of_rule(rule, file) for rule in content.unread if rule.path not in known]
        if content.outcome == "failed" and file.problem is None and file.catalog_path not in known:
            info = RuleInfo(file.catalog_path, file.repository, UNKNOWN, file.name, license=file.license)
            message = "the file could not be read"
            made.append(unread_record(info, _file_source(file.catalog_path, file), message, "RUL003"))
        made += [record for record in _of_parts(memory, file) if record.info.path not in known]
    return made


def _of_rule(rule: UnreadRule, file: FoundFile) -> RuleRecord:
    info = RuleInfo(rule.path, rule.repository, rule.language, rule.title, license=file.license)
    return unread_record(info, _file_source(rule.path, file), f"rules in '{rule.language}' can't be read yet")


def _of_parts(memory: FileMemory, file: FoundFile) -> Iterator[RuleRecord]:
    for part in memory.unreadable:
        path = part_path(part)
        title = f"{file.name}, line {part.line or 1}"
        info = RuleInfo(path, file.repository, UNKNOWN, title, license=file.license)
        yield unread_record(info, _file_source(path, file), part.message, part.code)


def _file_source(path: str, file: FoundFile) -> Source:
    """The start of a file's text, to be shown where nothing of it was understood."""
    data = b""
    if file.problem is None and not file.name.endswith(".gz"):
        try:
            with file.path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
        except OSError:
            data = b""
    return Source(data.decode("utf-8", "replace"), path)
