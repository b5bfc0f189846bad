"""Builds a catalogue from rule repositories, reading only what changed since the last build."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import msgspec

from rulescope import __version__
from rulescope.analysis.comparing import comparison
from rulescope.analysis.corpus_index import CorpusIndex
from rulescope.analysis.relations import RuleSummary, relate_rules
from rulescope.catalog.contents import Contents, EventDetail, FileRow, RuleEntry, Share, TechniqueDetail, Tie
from rulescope.catalog.fingerprint import reading_fingerprint
from rulescope.catalog.known_files import FileMemory, KeptFile, kept_files, remember
from rulescope.catalog.libraries import Libraries
from rulescope.catalog.records import DiagnosticRecord, RuleRecord
from rulescope.catalog.rule_records import diagnostic_record
from rulescope.catalog.store import Catalog, open_existing
from rulescope.catalog.unread import all_passed_over, unread_records
from rulescope.catalog.workers import available_processes, read_files, read_rules
from rulescope.catalog.write import write_catalog
from rulescope.corpus import (
    Corpus,
    FileContent,
    FileProblem,
    FoundFile,
    RuleFile,
    assemble,
    find_rule_files,
    is_candidate,
)
from rulescope.corpus.macro_libraries import filter_macros
from rulescope.corpus.passed_over import count_endings, files_without_rules
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.errors import CatalogError, UsageError
from rulescope.knowledge import attack, events
from rulescope.text import Source

Progress = Callable[[str, int, int], None]
"""Told what is being done (`finding`, `reading`, `understanding`, `comparing`, `writing`), how far, out of how much."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RuleRecord)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `changed` is false where the catalogue was up to date and was left alone.

    `files` are those whose names say that they may hold rules; `files_read` and `rules_read` leave out what was kept
    from the build before.
    """

    changed: bool
    files: int
    files_read: int
    rules: int
    rules_read: int


def build_catalog(
    paths: Sequence[Path], catalog: Path, progress: Progress | None = None, processes: int | None = None
) -> BuildReport:
    """Reads everything under `paths` and puts the catalogue at `catalog` in its place in one step.

    Raises `NotFoundError` where a path isn't there, `UsageError` where there is no rule at all (the catalogue stays as
    it was); `CatalogError` where `catalog` is a file of someone else, or can't be written.
    """
    tell = progress or (lambda phase, done, total: None)
    workers = processes or available_processes()
    tell("finding", 0, 0)
    previous = open_existing(catalog)
    given = list(find_rule_files(paths))
    found = [file for file in given if file.problem is not None or is_candidate(file)]
    others = [file for file in given if file.problem is None and not is_candidate(file)]
    hashes = [hash_file(file) for file in found]
    meta = {
        "rulescope": __version__,
        "fingerprint": reading_fingerprint(),
        "inputs": _inputs_hash(found, hashes, others),
    }
    kept: dict[str, KeptFile] = {}
    if previous is not None:
        with previous:
            before = _said_before(previous)
            if before == meta:
                rules = previous.row("rule_count")
                return BuildReport(False, len(found), 0, rules["rules"] if rules else 0, 0)
            if before.get("fingerprint") == meta["fingerprint"]:
                kept = kept_files(previous)
    with _without_collecting():
        gathered = _gather(found, hashes, kept, tell, workers)
        contents = _contents(gathered, meta, others, tell, workers)
        if not contents.rules:
            raise _no_rule(paths)
        tell("writing", 0, 0)
        write_catalog(catalog, contents)
    return BuildReport(True, len(found), gathered.read, len(contents.rules), gathered.understood)


def _no_rule(paths: Sequence[Path]) -> UsageError:
    """There is nothing to make a catalogue of; the hint tells logs from other files."""
    from rulescope.logs.formats import LOG_SUFFIXES

    shown = ", ".join(map(str, paths))
    hint = "rules are files .yml, .yaml, .toml, .spl, .kql, .md, .conf and .jsonl in the layouts that are read"
    if any(path.suffix.lower() in LOG_SUFFIXES for path in paths):
        hint = "logs go with rules: rulescope run RULES... --logs LOGS..."
    return UsageError(f"no rule was found in {shown}; the catalogue was left as it is", code="RSC151", hint=hint)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Puts off the search for cycles: a build makes millions of objects that live to its end, and walking them over
    and over would take a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _said_before(previous: Catalog) -> dict[str, str]:
    """What the last build was made from; nothing where its catalogue is damaged."""
    try:
        return {row["name"]: row["value"] for row in previous.rows("meta")}
    except CatalogError:
        return {}


def hash_file(file: FoundFile) -> str:
    """A hash over the file's bytes and what else decides what it gives; `-` where it can't be read."""
    total = blake2b(f"{file.license}\0{file.problem}\0".encode("utf-8", "surrogatepass"), digest_size=16)
    if file.problem is None:
        try:
            with file.path.open("rb") as stream:
                while block := stream.read(1 << 20):
                    total.update(block)
        except OSError:
            return "-"
    return total.hexdigest()


def _inputs_hash(found: Sequence[FoundFile], hashes: Sequence[str], others: Sequence[FoundFile]) -> str:
    """A hash over everything that the catalogue tells of; of `others`, whose bytes aren't read, over their endings."""
    total = blake2b(repr(count_endings(others)).encode("utf-8", "surrogatepass"), digest_size=16)
    for path, digest in sorted(zip((file.catalog_path for file in found), hashes, strict=True)):
        total.update(f"{path}\0{digest}\n".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


@dataclass(slots=True)
class _Gathered:
    """All files, and the records that were kept from before, by the rule's path."""

    found: list[FoundFile]
    hashes: list[str]
    contents: list[FileContent]
    memories: list[FileMemory]
    corpus: Corpus
    libraries: Libraries
    records: dict[str, tuple[bytes, RuleRecord, str]]
    read: int = 0
    understood: int = 0


def _gather(
    found: list[FoundFile], hashes: list[str], kept: dict[str, KeptFile], tell: Progress, workers: int
) -> _Gathered:
    """Reads the files that changed, and those whose rules call macros that did. Where Sigma files tie rules of several
    files together, all Sigma files are read: any may have a part in any."""
    usable = {
        file.catalog_path: old
        for file, digest in zip(found, hashes, strict=True)
        if (old := kept.get(file.catalog_path)) is not None
        and old.hash == digest
        and digest != "-"
        and old.memory.plain
    }
    contents, memories = _read(found, usable, tell, workers)
    corpus = assemble(contents)
    libraries = Libraries(corpus.macros, filter_macros(contents))
    stale = {
        path
        for path, old in usable.items()
        if any(libraries.hash_of(record.info.repository, _called(record)) != digest for _, record, digest in old.rules)
    }
    if any(content.ties for content in contents) or any(old.memory.ties for old in kept.values()):
        stale |= {path for path, old in usable.items() if old.memory.linked}
    if stale:
        usable = {path: old for path, old in usable.items() if path not in stale}
        again = [number for number, file in enumerate(found) if file.catalog_path in stale]
        fresh, fresh_memories = _read([found[number] for number in again], {}, tell, workers)
        for number, content, memory in zip(again, fresh, fresh_memories, strict=True):
            contents[number], memories[number] = content, memory
        corpus = assemble(contents)
    records = {
        record.info.path: (encoded, record, digest) for old in usable.values() for encoded, record, digest in old.rules
    }
    return _Gathered(found, hashes, contents, memories, corpus, libraries, records, read=len(found) - len(usable))


def _called(record: RuleRecord) -> set[str]:
    return {*record.macros, *record.unknown_macros}


def _read(
    found: Sequence[FoundFile], usable: dict[str, KeptFile], tell: Progress, workers: int
) -> tuple[list[FileContent], list[FileMemory]]:
    """The content of every file, without its problems, which are in the memories; kept files give what they gave."""
    changed = [file for file in found if file.catalog_path not in usable]
    fresh = read_files(changed, workers, lambda done: tell("reading", done, len(changed)))
    contents: list[FileContent] = []
    memories: list[FileMemory] = []
    for file in found:
        old = usable.get(file.catalog_path)
        if old is None:
            content = next(fresh)
            memories.append(remember(content))
            contents.append(replace(content, problems=()))
        else:
            rules = tuple(
                _stub(record) for _, record, _ in old.rules if record.info.path not in old.memory.unread_paths
            )
            memories.append(old.memory)
            contents.append(FileContent(file, old.memory.outcome, old.memory.reader, rules, unread=old.memory.unread))
    return contents, memories


def _with_unique_paths(rules: Sequence[RuleFile]) -> list[RuleFile]:
    """The rules, those whose path another has already under one of their own: a path names one rule."""
    taken: set[str] = set()
    result: list[RuleFile] = []
    for rule in rules:
        path = rule.info.path
        number = 1
        while path in taken:
            number += 1
            path = f"{rule.info.path}~{number}"
        taken.add(path)
        result.append(rule if number == 1 else replace(rule, info=replace(rule.info, path=path)))
    return result


def _stub(record: RuleRecord) -> RuleFile:
    """A rule whose record is at hand: enough of it to be put beside the others."""
    return RuleFile(record.info, Source(record.body.query, file_of_rule(record.info.path)))


def _contents(
    gathered: _Gathered, meta: dict[str, str], others: Sequence[FoundFile], tell: Progress, workers: int
) -> Contents:
    new = [rule for rule in _with_unique_paths(gathered.corpus.rules) if rule.info.path not in gathered.records]
    gathered.understood = len(new)
    read = read_rules(new, gathered.libraries, workers, lambda done: tell("understanding", done, len(new)))
    for rule, (encoded, digest) in zip(new, read, strict=True):
        gathered.records[rule.info.path] = (encoded, _decoder.decode(encoded), digest)
    for record in unread_records(gathered.contents, gathered.memories, gathered.records):
        gathered.records[record.info.path] = (_encoder.encode(record), record, gathered.libraries.hash_of("", ()))
    tell("comparing", 0, 0)
    problems = _problems(gathered)
    paths = sorted(gathered.records, key=lambda path: (gathered.records[path][1].info.repository, path))
    for path in paths:
        encoded, record, digest = gathered.records[path]
        own = tuple(problems.get(path, ()))
        if own != record.file_diagnostics:
            record = replace(record, file_diagnostics=own)
            gathered.records[path] = (_encoder.encode(record), record, digest)
    records = [gathered.records[path] for path in paths]
    entries = _entries(records, {file.catalog_path: number for number, file in enumerate(gathered.found)})
    files = tuple(
        FileRow(file.repository, file.relative, digest, _encoder.encode(memory))
        for file, digest, memory in zip(gathered.found, gathered.hashes, gathered.memories, strict=True)
    )
    called = {name for _, record, _ in records for name in _called(record)}
    return Contents(
        meta=meta,
        files=files,
        rules=entries,
        macros=gathered.libraries.entries(called),
        events=_event_details(records),
        tactics=tuple(dict.fromkeys(tactic.name for tactic in attack().tactics())),
        techniques=_technique_details(records),
        passed_over=all_passed_over(gathered.contents, gathered.memories, gathered.corpus.problems),
        other_files=count_endings((*others, *files_without_rules(gathered.contents))),
    )


def _problems(gathered: _Gathered) -> dict[str, list[DiagnosticRecord]]:
    """What is wrong with the files, by the path of the rule that it is shown with: its own, else the file's first."""
    firsts: dict[str, str] = {}
    for path in sorted(gathered.records):
        firsts.setdefault(file_of_rule(path), path)
    result: dict[str, list[DiagnosticRecord]] = {}

    def add(path: str, found: DiagnosticRecord) -> None:
        home = path if path in gathered.records else firsts.get(file_of_rule(path))
        if home is not None:
            result.setdefault(home, []).append(found)

    for memory in gathered.memories:
        for one in memory.problems:
            if one.told.account != "unreadable":
                add(one.told.path, one.shown)
    for problem in gathered.corpus.problems:
        add(problem.path, _problem_record(problem))
    return result


def _problem_record(problem: FileProblem) -> DiagnosticRecord:
    return replace(diagnostic_record(problem.diagnostic, problem.source), stage=None)


def _entries(records: Sequence[tuple[bytes, RuleRecord, str]], files: dict[str, int]) -> tuple[RuleEntry, ...]:
    """The rules with what the others add."""
    index = CorpusIndex((record.info.path, record.info.language, record.facts) for _, record, _ in records)
    relations = relate_rules(
        RuleSummary(record.info.path, record.info, record.facts, record.query_signature, record.condition_signature)
        for _, record, _ in records
    )
    numbers = {record.info.path: number for number, (_, record, _) in enumerate(records)}
    entries: list[RuleEntry] = []
    for encoded, record, digest in records:
        path = record.info.path
        related = relations[path]
        ties = [Tie("variant", numbers[str(one.rule)], one.why) for one in related.variants]
        ties += [Tie("duplicate", numbers[str(other)]) for other in related.duplicates]
        ties += [Tie(one.relation, numbers[str(one.rule)], one.why) for one in related.neighbours]
        shares = []
        for indicator in record.facts.indicators:
            count = index.count(path, indicator)
            by_language = tuple(sorted(count.by_language.items()))
            shares.append(Share(comparison(indicator), by_language, count.derived))
        entries.append(RuleEntry(record, encoded, files[file_of_rule(path)], digest, tuple(shares), tuple(ties)))
    return tuple(entries)


def _event_details(records: Sequence[tuple[bytes, RuleRecord, str]]) -> dict[tuple[str, str | None], EventDetail]:
    details: dict[tuple[str, str | None], EventDetail] = {}
    for _, record, _ in records:
        for event in record.facts.events:
            key = (event.provider, event.event_id)
            if key not in details and event.event_id is not None:
                kind = events().find(event.provider, event.event_id)
                if kind is not None:
                    details[key] = EventDetail(kind.channel or None, kind.fields)
    return details


def _technique_details(records: Sequence[tuple[bytes, RuleRecord, str]]) -> dict[str, TechniqueDetail]:
    matrix = attack()
    details: dict[str, TechniqueDetail] = {}
    wanted = [row.technique_id for _, record, _ in records for row in record.facts.attack if row.technique_id]
    while wanted:
        identifier = wanted.pop()
        technique = matrix.technique(identifier)
        if identifier in details or technique is None:
            continue
        status = technique.status if technique.status != "active" else None
        details[identifier] = TechniqueDetail(technique.display_name, status, technique.parent)
        if technique.parent:
            wanted.append(technique.parent)
    return details
