"""Saved searches and macros of many Splunk apps as JSON Lines, one object a line (`.jsonl`, `.jsonl.gz`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rulescope.corpus.definitions import macro_signature
from rulescope.corpus.limits import MAXIMUM_RULE_FILE
from rulescope.corpus.model import FileContent, FileProblem, MacroDefinition, RuleFile, UnreadRule
from rulescope.corpus.parsed import LayoutReader, ParsedFile, is_true
from rulescope.corpus.unique_names import UniqueNames
from rulescope.ir import RuleInfo
from rulescope.text import Diagnostic, Severity, Source, Span

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAXIMUM_PROBLEMS = 100


class _Record:
    """One line: its object, and where each value starts and ends in the line."""

    __slots__ = ("line", "number", "places", "values")

    def __init__(self, line: str, number: int) -> None:
        self.line = line
        self.number = number
        self.values: dict[str, Any] = {}
        self.places: dict[str, tuple[int, int]] = {}

    def text(self, key: str) -> str | None:
        """A value that is text, as text that can be stored; else None."""
        value = self.values.get(key)
        return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        value = self.values.get(key)
        return value is True or value == 1 or (isinstance(value, str) and is_true(value))

    def source(self, key: str, name: str) -> Source:
        """The text under `key`, each character with its place in the line."""
        start, end = self.places[key]
        return Source(self.text(key) or "", name, self.line, _string_offsets(self.line, start, end), self.number)


def _string_offsets(line: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The offset map of a JSON string that stands, with its quotes, at `start` to `end` of the line."""
    runs = [(0, start + 1)]
    shift = start + 1
    for found in _ESCAPE.finditer(line, start + 1, end - 1):
        shift += len(found[0]) - 1
        runs.append((found.end() - shift, found.end()))
    return tuple(runs)


def _decode(line: str, number: int) -> _Record:
    """The top level of an object, with the places of its values; raises `ValueError` or `RecursionError`."""
    record = _Record(line, number)
    place = _skip(line, 0)
    if line[place : place + 1] != "{":
        raise json.JSONDecodeError("expected an object", line, place)
    place = _skip(line, place + 1)
    while line[place : place + 1] != "}":
        key, place = _DECODER.raw_decode(line, place)
        if not isinstance(key, str):
            raise json.JSONDecodeError("expected a key", line, place)
        place = _skip(line, place)
        if line[place : place + 1] != ":":
            raise json.JSONDecodeError("expected ':'", line, place)
        start = _skip(line, place + 1)
        value, place = _DECODER.raw_decode(line, start)
        record.values[key] = value
        record.places[key] = (start, place)
        place = _skip(line, place)
        if line[place : place + 1] == ",":
            place = _skip(line, place + 1)
        elif line[place : place + 1] != "}":
            raise json.JSONDecodeError("expected ',' or '}'", line, place)
    if _skip(line, place + 1) != len(line):
        raise json.JSONDecodeError("expected the end of the line", line, place + 1)
    return record


def _skip(line: str, place: int) -> int:
    found = _SPACE.match(line, place)
    return found.end() if found else place


def _records(parsed: ParsedFile) -> Iterator[_Record]:
    for number, line in enumerate(parsed.text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(line) > MAXIMUM_RULE_FILE:
            _report(parsed, "RUL002", f"a record of {len(line)} characters was not read", line[:200], number)
            continue
        try:
            yield _decode(line, number)
        except json.JSONDecodeError as error:
            _report(parsed, "RUL003", f"broken JSON: {error.msg}", line, number, error.pos)
        except (ValueError, RecursionError) as error:
            _report(parsed, "RUL003", f"broken JSON: {type(error).__name__}", line, number)


def _report(
    parsed: ParsedFile, code: str, message: str, line: str, number: int, place: int = 0, severity: Severity = "error"
) -> None:
    if len(parsed.problems) > _MAXIMUM_PROBLEMS:
        return
    if len(parsed.problems) == _MAXIMUM_PROBLEMS:
        message = f"{message} (further problems of this file are not listed)"
    source = Source(line, parsed.file.catalog_path, line, ((0, 0),), number)
    diagnostic = Diagnostic(code, message, Span(place, place + 1), severity)
    parsed.problems.append(FileProblem(parsed.file.catalog_path, diagnostic, source))


def _first_keys(parsed: ParsedFile) -> set[str]:
    for line in parsed.text[: 1024 * 1024].split("\n", 20)[:20]:
        if line.strip():
            try:
                return set(_decode(line, 1).values)
            except (ValueError, RecursionError):
                continue
    return set()


def _is_saved_searches(parsed: ParsedFile) -> bool:
    return parsed.file.name.startswith("saved_searches.") or {"name", "search"} <= _first_keys(parsed)


def _read_saved_searches(parsed: ParsedFile) -> FileContent:
    rules: list[RuleFile] = []
    names = UniqueNames()
    for record in _records(parsed):
        search, name = record.text("search"), record.text("name") or f"line {record.number}"
        if search is None or not search.strip():
            message = f"the saved search '{name[:80]}' has no query"
            _report(parsed, "RUL004", message, record.line, record.number, severity="warning")
            continue
        app = record.text("app")
        key = _printable(f"{app}/{name}" if app else name)
        path = f"{parsed.file.catalog_path}#{names.take(key)}"
        info = RuleInfo(
            path=path,
            repository=parsed.file.repository,
            language="spl",
            title=name,
            description=record.text("description"),
            license=parsed.file.license,
        )
        rules.append(RuleFile(info, record.source("search", parsed.file.catalog_path)))
    return FileContent(parsed.file, "rules" if rules else "failed", SAVED_SEARCHES.name, rules=tuple(rules))


def _is_macros(parsed: ParsedFile) -> bool:
    return parsed.file.name.startswith("macros.") or {"name", "definition"} <= _first_keys(parsed)


def _read_macros(parsed: ParsedFile) -> FileContent:
    macros: list[MacroDefinition] = []
    names = UniqueNames()
    for record in _records(parsed):
        stanza, definition = record.text("name"), record.text("definition")
        if stanza is None or definition is None:
            _report(parsed, "RUL012", "a macro needs a name, and a definition that is text", record.line, record.number)
            continue
        name, arguments = macro_signature(stanza, record.text("args"))
        macros.append(
            MacroDefinition(
                name=name,
                definition=definition,
                path=f"{parsed.file.catalog_path}#{names.take(_printable(stanza))}",
                repository=parsed.file.repository,
                arguments=arguments,
                is_eval=record.flag("iseval"),
                validation=record.text("validation"),
                error_message=record.text("errormsg"),
                description=record.text("description"),
                source=record.source("definition", parsed.file.catalog_path),
            )
        )
    return FileContent(parsed.file, "supporting" if macros else "failed", MACROS.name, macros=tuple(macros))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
SAVED_SEARCHES = LayoutReader("saved searches as JSON Lines", _SUFFIXES, _is_saved_searches, _read_saved_searches)
MACROS = LayoutReader("macros as JSON Lines", _SUFFIXES, _is_macros, _read_macros)


def _is_kibana(parsed: ParsedFile) -> bool:
    return {"rule_id", "type", "name"} <= _first_keys(parsed)


def _read_kibana(parsed: ParsedFile) -> FileContent:
    """The rules of an export of Kibana's ("Export detection rules"), each counted as one that is not read yet; the last
    line of such a file sums up."""
    unread: list[UnreadRule] = []
    names = UniqueNames()
    for record in _records(parsed):
        if record.text("rule_id") is None:
            continue
        title = record.text("name") or f"line {record.number}"
        path = f"{parsed.file.catalog_path}#{names.take(_printable(title))}"
        unread.append(UnreadRule(path, parsed.file.repository, "Kibana's export", title))
    return FileContent(parsed.file, "not yet read" if unread else "failed", KIBANA.name, unread=tuple(unread))


KIBANA = LayoutReader("rules exported from Kibana", _SUFFIXES, _is_kibana, _read_kibana)
