"""Writes a catalogue: the same contents give the same bytes, and a write that dies leaves the old file whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from rulescope.analysis.comparing import as_it_is
from rulescope.analysis.facts import Indicator
from rulescope.catalog.contents import Contents, RuleEntry, Share
from rulescope.catalog.slugs import unique_slugs
from rulescope.catalog.store import APPLICATION_ID, SCHEMA_VERSION
from rulescope.corpus.rule_paths import split_rule_path
from rulescope.errors import CatalogError
from rulescope.system.files import draft_of

_PAGE_SIZE = 4096

Row = tuple[Any, ...]


def write_catalog(path: Path, contents: Contents) -> None:
    """Puts the contents into the file at `path`, in place of what was there, in one step.

    The file is written beside `path` first and renamed when it is complete and on disk. Raises `CatalogError` where
    the folder can't be written to.
    """
    try:
        with draft_of(path) as draft, closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            _fill(connection, contents)
    except (OSError, sqlite3.OperationalError) as error:
        raise CatalogError(f"the catalogue can't be written to {path}: {error}", code="RSC204") from error


def _fill(connection: sqlite3.Connection, contents: Contents) -> None:
    connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode = OFF")  # a draft that fails is thrown away whole
    connection.execute("PRAGMA synchronous = OFF")  # one fsync at the end stands for all
    connection.execute("PRAGMA auto_vacuum = NONE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.executescript(_sql("schema.sql"))
    connection.execute("BEGIN")
    _insert(connection, "meta", sorted(contents.meta.items()))
    repositories = _repositories(contents)
    _insert(connection, "repository", repositories)
    _insert(
        connection,
        "file",
        ((number, row.repository, row.path, row.hash, row.content) for number, row in enumerate(contents.files, 1)),
    )
    fields = _fields(contents)
    numbers = {name: number for name, (number, _) in fields.items()}
    _insert(connection, "field", ((number, slug, name) for name, (number, slug) in fields.items()))
    _insert(connection, "rule", _rules(contents, {name: number for number, _, name, _ in repositories}))
    _insert(connection, "stage", _stages(contents))
    _insert(connection, "diagnostic", _diagnostics(contents))
    _insert(connection, "passed_over", _passed_over(contents))
    _insert(connection, "other_file", contents.other_files.items())
    _insert(connection, "rule_field", _rule_fields(contents, numbers))
    _insert(connection, "indicator", _indicators(contents, numbers))
    _insert(connection, "term", _terms(contents))
    _write_events(connection, contents)
    _write_attack(connection, contents)
    _write_macros(connection, contents)
    _insert(connection, "relation", _relations(contents))
    _insert(
        connection, "rule_text(rowid, title, description, identifiers, techniques, indicators, terms)", _texts(contents)
    )
    connection.execute("INSERT INTO rule_text(rule_text) VALUES ('optimize')")
    connection.execute("COMMIT")
    connection.executescript(_sql("indexes.sql"))
    connection.execute("ANALYZE")


def _sql(name: str) -> str:
    return (files("rulescope.catalog") / name).read_text(encoding="utf-8")


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Inserts rows, all as wide as the first; `table` is one of our own names, never a value from outside."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})"
    connection.execute(statement, first)
    connection.executemany(statement, iterator)


def _numbered(contents: Contents) -> Iterator[tuple[int, RuleEntry]]:
    return enumerate(contents.rules, 1)


def _repositories(contents: Contents) -> list[tuple[int, str, str, str | None]]:
    licenses: dict[str, set[str | None]] = {}
    for entry in contents.rules:
        licenses.setdefault(entry.record.info.repository, set()).add(entry.record.info.license)
    slugs = unique_slugs((name, name) for name in licenses)
    return [
        (number, slugs[name], name, next(iter(licenses[name])) if len(licenses[name]) == 1 else None)
        for number, name in enumerate(sorted(licenses), 1)
    ]


def rule_slugs(paths: Iterable[str]) -> list[str]:
    """The slug of each rule, from its path: the last part without the file's extension, and what follows a `#`."""
    given = list(paths)
    slugs = unique_slugs((path, _stem(path)) for path in given)
    return [slugs[path] for path in given]


def _stem(path: str) -> str:
    file, inner = split_rule_path(path)
    last = file.rstrip("/").rsplit("/", 1)[-1]
    for ending in _ENDINGS:
        if last.lower().endswith(ending):
            last = last[: -len(ending)]
            break
    # Many apps have a savedsearches.conf: there, what is inside it names the rule.
    if inner and not inner.isdecimal():
        return inner
    return f"{last}#{inner}" if inner else last


_ENDINGS = (".yml", ".yaml", ".spl", ".toml", ".md", ".json", ".jsonl", ".jsonl.gz")


def _rules(contents: Contents, repositories: dict[str, int]) -> Iterator[Row]:
    slugs = rule_slugs(entry.record.info.path for entry in contents.rules)
    for (number, entry), slug in zip(_numbered(contents), slugs, strict=True):
        info = entry.record.info
        yield (
            number, slug, repositories[info.repository], entry.file + 1, info.path, info.identifier, info.title,
            info.language, entry.record.status, info.severity, entry.macro_hash, entry.encoded,
        )  # fmt: skip


def _stages(contents: Contents) -> Iterator[Row]:
    for number, entry in _numbered(contents):
        for stage in entry.record.stages:
            yield number, stage.number, stage.kind, stage.effect


def _diagnostics(contents: Contents) -> Iterator[Row]:
    for number, entry in _numbered(contents):
        for position, found in enumerate(entry.record.all_diagnostics, 1):
            yield number, position, found.code, found.severity, found.message, found.line, found.column


def _passed_over(contents: Contents) -> Iterator[Row]:
    rules = {entry.record.info.path: number for number, entry in _numbered(contents)}
    for number, one in enumerate(contents.passed_over, 1):
        rule = rules.get(one.path) if one.account == "unreadable" else None
        yield (
            number, one.account, one.path, one.code, one.severity, one.message, one.hint, one.line, one.column, rule
        )  # fmt: skip


def _fields(contents: Contents) -> dict[str, tuple[int, str]]:
    names: set[str] = set()
    for entry in contents.rules:
        facts = entry.record.facts
        names.update(facts.fields)
        for group in (facts.indicators, facts.exclusions, facts.thresholds):
            names.update(indicator.canonical for indicator in group)
        names.update(share.compared.field for share in entry.shares)
    slugs = unique_slugs((name, name) for name in names)
    return {name: (number, slugs[name]) for number, name in enumerate(sorted(names), 1)}


def _rule_fields(contents: Contents, numbers: dict[str, int]) -> Iterator[Row]:
    for rule, entry in _numbered(contents):
        facts = entry.record.facts
        pairs = {(numbers[name], name) for name in facts.fields}
        for indicator in (*facts.indicators, *facts.exclusions, *facts.thresholds):
            pairs.discard((numbers[indicator.canonical], indicator.canonical))
            pairs.add((numbers[indicator.canonical], indicator.field))
        for field, written in sorted(pairs):
            yield rule, field, written


def _indicators(contents: Contents, numbers: dict[str, int]) -> Iterator[Row]:
    def row(rule: int, role: str, position: int, found: Indicator, share: Share) -> Row:
        languages = msgspec.json.encode(dict(share.by_language)).decode()
        compared = share.compared
        return (
            rule, role, position, numbers[found.canonical], found.field, found.kind, found.value,
            numbers[compared.field], compared.kind, compared.value, compared.key[2], compared.derived,
            found.stage, share.total, share.derived, languages,
        )  # fmt: skip

    for rule, entry in _numbered(contents):
        facts = entry.record.facts
        for position, (found, share) in enumerate(zip(facts.indicators, entry.shares, strict=True), 1):
            yield row(rule, "indicator", position, found, share)
        for role, group in (("exclusion", facts.exclusions), ("threshold", facts.thresholds)):
            for position, found in enumerate(group, 1):
                yield row(rule, role, position, found, Share(as_it_is(found)))


def _terms(contents: Contents) -> Iterator[Row]:
    for rule, entry in _numbered(contents):
        for position, term in enumerate(entry.record.facts.search_terms, 1):
            yield rule, position, term.stage, term.text, term.directive, int(term.excluded)


def _write_events(connection: sqlite3.Connection, contents: Contents) -> None:
    titles: dict[tuple[str, str | None], str | None] = {}
    for entry in contents.rules:
        for event in entry.record.facts.events:
            key = (event.provider, event.event_id)
            titles[key] = titles.get(key) or event.title
    keys = sorted(titles, key=lambda key: (key[0].casefold(), key[0], _number(key[1])))
    providers = unique_slugs((provider, provider) for provider in dict.fromkeys(key[0] for key in keys))
    slugs = unique_slugs((f"{provider}\0{number}", f"{provider}-{number or 'any'}") for provider, number in keys)
    rows: list[Row] = []
    for key in keys:
        provider, number = key
        detail = contents.events.get(key)
        fields = msgspec.json.encode(detail.fields if detail else ()).decode()
        slug = slugs[f"{provider}\0{number}"]
        channel = detail.channel if detail else None
        rows.append((len(rows) + 1, slug, provider, providers[provider], number, titles[key], channel, fields))
    _insert(connection, "event", rows)
    order = {key: number for number, key in enumerate(keys, 1)}
    links: list[Row] = []
    for rule, entry in _numbered(contents):
        for position, event in enumerate(entry.record.facts.events, 1):
            evidence = msgspec.json.encode(event.evidence).decode()
            key = (event.provider, event.event_id)
            links.append((rule, position, order[key], evidence, int(event.derived), int(event.alike)))
    _insert(connection, "rule_event", links)


def _number(event_id: str | None) -> tuple[int, str]:
    """Sorts event ids as numbers where they are; no id at all comes first."""
    if event_id is None:
        return -1, ""
    digits = event_id.isdecimal() and event_id.isascii() and len(event_id) < 12
    return (int(event_id), "") if digits else (1 << 40, event_id)


def _write_attack(connection: sqlite3.Connection, contents: Contents) -> None:
    named = {row.tactic for entry in contents.rules for row in entry.record.facts.attack if row.tactic}
    tactics = [*contents.tactics, *sorted(named.difference(contents.tactics))]
    slugs = unique_slugs((tactic, tactic) for tactic in tactics)
    _insert(connection, "tactic", ((tactic, slugs[tactic], position) for position, tactic in enumerate(tactics, 1)))
    techniques: dict[str, Row] = {}
    links: list[Row] = []
    for rule, entry in _numbered(contents):
        for position, row in enumerate(entry.record.facts.attack, 1):
            links.append((rule, position, row.tactic, row.technique_id, int(row.derived_tactic)))
            identifier = row.technique_id
            if identifier is not None and identifier not in techniques:
                known = contents.techniques.get(identifier)
                parent = identifier.split(".")[0] if "." in identifier else None
                techniques[identifier] = (identifier, row.technique, row.status, known.parent if known else parent)
    for parent in {row[3] for row in techniques.values() if row[3] and row[3] not in techniques}:
        known = contents.techniques.get(parent)
        techniques[parent] = (parent, known.name if known else None, known.status if known else None, None)
    _insert(connection, "technique", (techniques[identifier] for identifier in sorted(techniques)))
    _insert(connection, "rule_attack", links)


def _write_macros(connection: sqlite3.Connection, contents: Contents) -> None:
    unknown = {name for entry in contents.rules for name in entry.record.unknown_macros}
    called = {name for entry in contents.rules for name in entry.record.macros}
    names = sorted(called | unknown)
    entries = {entry.name: entry for entry in contents.macros}
    slugs = unique_slugs((name, name) for name in names)
    numbers = dict(zip(names, count(1), strict=False))
    rows: list[Row] = []
    definitions: list[Row] = []
    for name in names:
        entry = entries.get(name)
        bodies = entry.definitions if entry else ()
        rows.append((numbers[name], slugs[name], name, int(bool(bodies)), entry.meaning if entry else None))
        for position, body in enumerate(bodies, 1):
            arguments = msgspec.json.encode(body.arguments).decode()
            definitions.append((numbers[name], position, arguments, body.definition, body.origin))
    _insert(connection, "macro", rows)
    _insert(connection, "macro_definition", definitions)
    _insert(
        connection,
        "rule_macro",
        (
            (rule, numbers[name], int(name not in entry.record.unknown_macros))
            for rule, entry in _numbered(contents)
            for name in sorted({*entry.record.macros, *entry.record.unknown_macros})
        ),
    )


def _relations(contents: Contents) -> Iterator[Row]:
    for rule, entry in _numbered(contents):
        positions: dict[str, int] = {}
        for tie in entry.ties:
            positions[tie.kind] = positions.get(tie.kind, 0) + 1
            yield rule, tie.kind, positions[tie.kind], tie.other + 1, tie.why


def _texts(contents: Contents) -> Iterator[Row]:
    for rule, entry in _numbered(contents):
        info, facts = entry.record.info, entry.record.facts
        identifiers = [info.identifier or "", info.path, *info.tags]
        techniques = [part or "" for row in facts.attack for part in (row.tactic, row.technique_id, row.technique)]
        indicators = [f"{found.field} {found.canonical} {found.value}" for found in facts.indicators]
        terms = [term.text for term in facts.search_terms if not term.excluded]
        terms += [f"{event.provider} {event.event_id or ''} {event.title or ''}" for event in facts.events]
        yield (
            rule, info.title, info.description or "", "\n".join(identifiers), "\n".join(dict.fromkeys(techniques)),
            "\n".join(indicators), "\n".join([*terms, *entry.record.macros]),
        )  # fmt: skip
