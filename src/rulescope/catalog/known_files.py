"""What the catalogue remembers of each file, so that the next build need not read it again."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rulescope.catalog.records import DiagnosticRecord, RuleRecord
from rulescope.catalog.rule_records import diagnostic_record
from rulescope.catalog.store import Catalog
from rulescope.corpus import FileContent, Outcome, PassedOver, UnreadRule
from rulescope.corpus.passed_over import passed_over
from rulescope.errors import CatalogError


@dataclass(frozen=True, slots=True)
class KeptProblem:
    """A problem of a file: what it is counted as, and how a page shows it."""

    told: PassedOver
    shown: DiagnosticRecord


@dataclass(frozen=True, slots=True)
class FileMemory:
    """What a file gave beside rules.

    `plain` says that it gave nothing that other files' rules depend on (macros, lookups, settings to be layered): only
    such a file can be left unread. `problems` is what is wrong with the file alone. `ties`: its Sigma rules and filters
    may change what other files' rules find; `linked`: they may have a part in such ones of other files.
    """

    outcome: Outcome
    reader: str | None
    plain: bool
    unread: tuple[UnreadRule, ...] = ()
    problems: tuple[KeptProblem, ...] = ()
    ties: bool = False
    linked: bool = False

    @property
    def unreadable(self) -> tuple[KeptProblem, ...]:
        """The problems for which a rule, a part of the file, or the file is unreadable."""
        return tuple(one for one in self.problems if one.told.account == "unreadable")

    @property
    def unread_paths(self) -> frozenset[str]:
        """The paths of the rules that were counted only, and of what is unreadable."""
        return frozenset((*(rule.path for rule in self.unread), *(one.told.path for one in self.unreadable)))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as the last build saw it, with its rules: each as msgpack, as record, with the hash over its macros."""

    hash: str
    memory: FileMemory
    rules: tuple[tuple[bytes, RuleRecord, str], ...]


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
        problems=tuple(
            KeptProblem(told, diagnostic_record(problem.diagnostic, problem.source))
            for told, problem in passed_over(content, content.problems)
        ),
        ties=content.ties,
        linked=content.linked,
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
