"""Records of what could not be read, and the account of everything that was passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rulescope.catalog.known_files import FileMemory
from rulescope.catalog.records import RuleRecord
from rulescope.catalog.rule_records import broken_record, unread_record
from rulescope.corpus import FileContent, FileProblem, FoundFile, PassedOver, UnreadRule
from rulescope.corpus.passed_over import account_of, not_read_yet, place_of
from rulescope.ir import RuleInfo
from rulescope.text import Source, decode_text

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
        if file.problem is None:
            made += [record for record in _of_parts(memory, file) if record.info.path not in known]
    return made


def all_passed_over(
    contents: Iterable[FileContent], memories: Iterable[FileMemory], problems: Iterable[FileProblem]
) -> tuple[PassedOver, ...]:
    """What of all files was passed over, in order of path and place; `problems` are those of several files at once."""
    found = [not_read_yet(rule) for content in contents for rule in content.unread]
    found += [one.told for memory in memories for one in memory.problems]
    found += map(account_of, problems)
    return tuple(sorted(found, key=place_of))


def _of_rule(rule: UnreadRule, file: FoundFile) -> RuleRecord:
    info = RuleInfo(rule.path, rule.repository, rule.language, rule.title, license=file.license)
    return unread_record(info, _file_source(rule.path, file), not_read_yet(rule).message)


def _of_parts(memory: FileMemory, file: FoundFile) -> Iterator[RuleRecord]:
    for part in memory.unreadable:
        path = part.told.path
        title = file.name if path == file.catalog_path else f"{file.name}, line {part.told.line or 1}"
        info = RuleInfo(path, file.repository, UNKNOWN, title, license=file.license)
        yield broken_record(info, _file_source(path, file), part.shown)


def _file_source(path: str, file: FoundFile) -> Source:
    """The start of a file's text, to be shown where nothing of it was understood."""
    data = b""
    if file.problem is None and not file.name.endswith(".gz"):
        try:
            with file.path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
        except OSError:
            data = b""
    return Source(decode_text(data).text, path)
