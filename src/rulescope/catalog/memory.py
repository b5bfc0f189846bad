"""What the catalogue remembers of each file, so that the next build need not read it again."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rulescope.catalog.reading import diagnostic_record
from rulescope.catalog.records import DiagnosticRecord, RuleRecord
from rulescope.catalog.store import Catalog
from rulescope.corpus import FileContent, Outcome, Unreadable, UnreadRule
from rulescope.corpus.unreadable import unreadable_parts
from rulescope.errors import CatalogError


@dataclass(frozen=True, slots=True)
class FileMemory:
    """What a file gave beside rules.

    `plain` says that it gave nothing that other files' rules depend on (macros, lookups, settings to be layered): only
    such a file can be left unread. `unreadable` are broken parts of a file of which others were read. `problems` are
    those of the file alone, each with the path it was reported for.
    """

    outcome: Outcome
    reader: str | None
    plain: bool
    unread: tuple[UnreadRule, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    problems: tuple[tuple[str, DiagnosticRecord], ...] = ()

    @property
    def unread_paths(self) -> frozenset[str]:
        """The paths of the rules that were counted only, and of parts of the file that are broken."""
        return frozenset((*(rule.path for rule in self.unread), *map(part_path, self.unreadable)))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as the last build saw it, with its rules: each as msgpack, as record, with the hash over its macros."""

    hash: str
    memory: FileMemory
    rules: tuple[tuple[bytes, RuleRecord, str], ...]


def part_path(part: Unreadable) -> str:
    """What names a broken part of a file in the catalogue."""
    return f"{part.path}#line {part.line or 1}"


_memory_decoder = msgspec.msgpack.Decoder(FileMemory)
_record_decoder = msgspec.msgpack.Decoder(RuleRecord)


def remember(content: FileContent) -> FileMemory:
    """What to keep of a file that was just read."""
    supporting = content.macros or content.lookups or content.data_sources or content.table_fields
    return FileMemory(
        outcome=content.outcome,
        reader=content.reader,
        plain=not supporting and content.conf is None,
        unread=content.unread,
        unreadable=tuple(unreadable_parts(content, content.problems)) if content.outcome != "failed" else (),
        problems=tuple(
            (problem.path, diagnostic_record(problem.diagnostic, problem.source)) for problem in content.problems
        ),
    )


def kept_files(catalog: Catalog) -> dict[str, KeptFile]:
    """Every file of a catalogue by repository and path; nothing where the catalogue can't be trusted to be whole."""
    try:
        rules: dict[int, list[tuple[bytes, RuleRecord, str]]] = {}
        for row in catalog.rows("kept_rules"):
            record = _record_decoder.decode(row["record"])
            rules.setdefault(row["file_id"], []).append((row["record"], record, row["macro_hash"]))
        return {
            f"{row['repository']}/{row['path']}": KeptFile(
                row["hash"], _memory_decoder.decode(row["content"]), tuple(rules.get(row["file_id"], ()))
            )
            for row in catalog.rows("kept_files")
        }
    except (msgspec.DecodeError, CatalogError):
        return {}
