"""Reads files into rules and what belongs to them: one file at a time, then all of them together."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rulescope.corpus.find import find_rule_files
from rulescope.corpus.frame import with_problems
from rulescope.corpus.limits import MAXIMUM_ARCHIVE_FILE, MAXIMUM_LOOKUP_FILE, MAXIMUM_RULE_FILE
from rulescope.corpus.model import (
    Corpus,
    FileContent,
    FileProblem,
    FoundFile,
    LookupDefinition,
    Outcome,
    RuleFile,
    count_contents,
)
from rulescope.corpus.parsed import ParsedFile
from rulescope.corpus.passed_over import all_passed_over
from rulescope.corpus.readers import READERS, may_hold_rules
from rulescope.corpus.rule_like import report_listed_rules, report_rule_like
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.corpus.sigma_links import link_rules
from rulescope.corpus.splunk_app import layer_apps
from rulescope.text import Diagnostic, Severity, Source, Span, decode_text

_YAML = (".yml", ".yaml")
_ARCHIVES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_TABLE_HEAD = 64 * 1024


def read_corpus(paths: Sequence[Path]) -> Corpus:
    """Everything in the given files and folders; what can't be read is in `problems`, and nothing else is raised.

    Raises `NotFoundError` if one of `paths` isn't there.
    """
    return assemble(read_file(found) for found in find_rule_files(paths))


def is_candidate(found: FoundFile) -> bool:
    """Whether the file's name says that it may hold rules, macros, lookups or data sources (no bytes are read)."""
    return found.problem is None and (may_hold_rules(found.name) or found.name.lower().endswith(".csv"))


def read_file(found: FoundFile) -> FileContent:
    """All that one file gives. It opens no other file; a file that can't be read gives a problem."""
    if found.problem is not None:
        outcome: Outcome = "failed" if found.problem.severity == "error" else "no rule"
        problem = FileProblem(found.catalog_path, found.problem, Source("", found.catalog_path))
        return FileContent(found, outcome, problems=(problem,))
    if not is_candidate(found):
        return FileContent(found, "no rule")
    name = found.name.lower()
    limit = _limit(name)
    try:
        with found.path.open("rb") as file:
            data = file.read(_TABLE_HEAD if name.endswith(".csv") else limit + 1)
    except OSError as error:
        return _failed(found, "RUL010", f"the file could not be opened: {error.strerror}")
    return read_bytes(found, data)


def read_bytes(found: FoundFile, data: bytes) -> FileContent:
    """As `read_file`, for a candidate whose bytes are at hand; they and the name alone decide what comes out."""
    name = found.name.lower()
    if name.endswith(".csv"):
        return _read_table(found, data)
    limit = _limit(name)
    if len(data) > limit:
        return _failed(found, "RUL002", f"larger than {limit // 1024 // 1024} MB; the file was not read")
    if name.endswith(".gz"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                data = file.read(limit + 1)
        except (OSError, EOFError, zlib.error) as error:
            return _failed(found, "RUL003", f"broken gzip: {error}")
        if len(data) > limit:
            return _failed(found, "RUL002", f"larger than {limit // 1024 // 1024} MB unpacked; the file was not read")
    decoded = decode_text(data)
    parsed = ParsedFile(found, decoded.text)
    if decoded.lost is not None:
        message = f"not valid {decoded.encoding}: bytes that can't be read stand as U+FFFD"
        parsed.report("RUL001", message, Span(decoded.lost, decoded.lost + 1), "warning", "save the file as UTF-8")
    if name.endswith(_YAML):
        parsed.load_documents()
    content: FileContent | None = None
    for reader in READERS:
        if name.endswith(reader.suffixes) and reader.recognises(parsed):
            content = reader.read(parsed)
            break
    if content is None:
        report_rule_like(parsed, parsed.documents)
        report_listed_rules(parsed)
        broken = any(problem.diagnostic.severity == "error" for problem in parsed.problems)
        content = FileContent(found, "failed" if broken else "no rule")
        if not broken:
            # What is wrong with a file that is none of ours concerns nobody.
            parsed.problems.clear()
    if decoded.lost is not None:
        content = replace(content, rules=tuple(_with_lost_bytes(rule, parsed) for rule in content.rules))
    if decoded.encoding != "UTF-8" and content.outcome != "no rule":
        # Only now: readers look at the problems of a file, and this is none of any rule.
        parsed.report("RUL025", f"the file is in {decoded.encoding}, as its byte order mark says", severity="info")
    return replace(content, problems=(*content.problems, *parsed.problems)) if parsed.problems else content


def _with_lost_bytes(rule: RuleFile, parsed: ParsedFile) -> RuleFile:
    """The rule; where a byte that can't be read stands in its query, its frame says so."""
    if "\ufffd" not in rule.query_text:
        return rule
    lost = next(one.diagnostic for one in parsed.problems if one.diagnostic.code == "RUL001")
    own = rule.frame.problems if rule.frame is not None else ()
    return replace(rule, frame=with_problems(rule.frame, (*own, lost)))


def assemble(contents: Iterable[FileContent]) -> Corpus:
    """Put the contents of many files together: layers of apps, tables of lookups, repeated identifiers, counts.

    The order of `contents` does not matter: all lists come out in the order of paths.
    """
    files = sorted(contents, key=lambda content: content.file.catalog_path)
    apps = layer_apps(files)
    rules = [rule for content in files for rule in content.rules] + apps.rules
    rules.sort(key=lambda rule: rule.info.path)
    rules, untied = link_rules(rules, [one for content in files for one in content.filters])
    macros = [macro for content in files for macro in content.macros] + apps.macros
    macros.sort(key=lambda macro: macro.path)
    lookups = [lookup for content in files for lookup in content.lookups] + apps.lookups
    lookups.sort(key=lambda lookup: lookup.path)
    problems = [problem for content in files for problem in content.problems]
    problems += apps.problems + untied + _repeated_identifiers(rules)
    problems.sort(key=lambda problem: (problem.path, problem.diagnostic.span, problem.diagnostic.code))
    return Corpus(
        rules=rules,
        macros=macros,
        lookups=_with_tables(lookups, files),
        data_sources=[source for content in files for source in content.data_sources],
        unread=[rule for content in files for rule in content.unread],
        passed_over=all_passed_over(files, problems),
        problems=problems,
        counts=count_contents(files, rules, problems),
    )


def _limit(name: str) -> int:
    if name.endswith(".csv"):
        return MAXIMUM_LOOKUP_FILE
    return MAXIMUM_ARCHIVE_FILE if name.endswith(_ARCHIVES) else MAXIMUM_RULE_FILE


def _failed(found: FoundFile, code: str, message: str, severity: Severity = "error") -> FileContent:
    problem = FileProblem(
        found.catalog_path, Diagnostic(code, message, severity=severity), Source("", found.catalog_path)
    )
    return FileContent(found, "failed", problems=(problem,))


def _read_table(found: FoundFile, data: bytes) -> FileContent:
    """A CSV beside lookup definitions: only its head line is read, for the names of its columns."""
    if "lookups" not in found.relative.split("/")[:-1]:
        return FileContent(found, "no rule")
    text = decode_text(data).text
    try:
        head = next(csv.reader(io.StringIO(text[:_TABLE_HEAD])), [])
    except csv.Error as error:
        return _failed(found, "RUL012", f"the head line of the table can't be read: {error}", "warning")
    return FileContent(found, "supporting", "lookup table", table_fields=tuple(name.strip() for name in head))


def _with_tables(lookups: list[LookupDefinition], files: list[FileContent]) -> list[LookupDefinition]:
    """The lookups with the tables that lie beside them, or in their app's `lookups/` folder."""
    tables = {content.file.catalog_path: content for content in files if content.reader == "lookup table"}
    result: list[LookupDefinition] = []
    for lookup in lookups:
        folder = file_of_rule(lookup.path).rpartition("/")[0]
        app = folder.rpartition("/")[0]
        name = lookup.filename or ""
        table = tables.get(f"{folder}/{name}") or tables.get(f"{app}/lookups/{name}")
        if table is not None:
            lookup = replace(lookup, table=table.file.path, fields=lookup.fields or table.table_fields)
        result.append(lookup)
    return result


def _repeated_identifiers(rules: list[RuleFile]) -> list[FileProblem]:
    """One note for each rule whose identifier another rule of the same repository has too."""
    by_identifier: dict[tuple[str, str], list[RuleFile]] = {}
    for rule in rules:
        if rule.info.identifier is not None:
            by_identifier.setdefault((rule.info.repository, rule.info.identifier), []).append(rule)
    problems: list[FileProblem] = []
    for (_, identifier), same in by_identifier.items():
        if len(same) < 2:
            continue
        for rule in same:
            other = next(candidate.info.path for candidate in same if candidate is not rule)
            more = f" and {len(same) - 2} more" if len(same) > 2 else ""
            message = f"the identifier '{identifier[:80]}' is also that of {other}{more}"
            problems.append(FileProblem(rule.info.path, Diagnostic("RUL006", message, severity="info"), rule.source))
    return problems
