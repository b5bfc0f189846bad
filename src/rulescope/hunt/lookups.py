"""Lookup tables for searches: CSV files beside rules or given by the user, with the definitions that name them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.engines.sql.context import LookupTable
from rulescope.errors import KnowledgeError
from rulescope.text import decode_text

if TYPE_CHECKING:
    from rulescope.corpus import Corpus, FileProblem, LookupDefinition

_SUFFIXES = (".csv", ".csv.gz")
_YAML = (".yml", ".yaml")
_DEFAULT_MATCHES = 100
"""Knowledge Manager Manual, "Add field matching rules": max_matches where none is given."""
_MAXIMUM_ROWS = 1_000_000
_ASSET = (
    "asset ip mac nt_host dns owner priority lat long city country bunit category pci_domain is_expected"
    " should_timesync should_update requires_av"
)
_IDENTITY = (
    "identity prefix nick first last suffix email phone phone2 managedBy priority bunit category watchlist startDate"
    " endDate work_city work_country work_lat work_long"
)
_FRAMEWORK = {
    "asset_lookup_by_str": tuple(_ASSET.split()),
    "asset_lookup_by_cidr": tuple(_ASSET.split()),
    "identity_lookup_expanded": tuple(_IDENTITY.split()),
    "cim_corporate_web_domain_lookup": ("domain",),
    "cim_corporate_email_domain_lookup": ("domain",),
}
"""Tables that Splunk Enterprise Security and the CIM add-on bring empty, for users to fill, and their columns
(Enterprise Security, "Format an asset or identity list as a lookup"; CIM add-on, "Set up corporate domains")."""


class LookupTables:
    """Tables by name; it is the compiler's `LookupSource`. A CSV is read when a search first asks for it.

    A definition (transforms.conf, security_content's YAML) says how its table matches: one beside the rules, or else
    one beside the tables that the user gives. The user's table goes before that of the definition. A table without
    definition goes by its file's name, with and without `.csv`, and matches exactly and with case. A KV store
    collection is there with its fields and no rows, as on a new Splunk.
    """

    def __init__(self, definitions: Iterable[LookupDefinition] = (), folders: Iterable[Path] = ()) -> None:
        self._definitions: dict[str, LookupDefinition] = {}
        self._given: dict[str, Path] = {}
        self._tables: dict[str, LookupTable | None] = {}
        self._folders: Sequence[Path] | None = tuple(folders)
        self._damaged: tuple[str, ...] = ()
        for folder in self._folders:
            for path in _csv_files(folder):
                name = path.name.removesuffix(".gz")
                self._given.setdefault(name, path)
                self._given.setdefault(name.removesuffix(".csv"), path)
        for definition in definitions:
            self._definitions.setdefault(definition.name, definition)

    def add(self, table: LookupTable) -> None:
        """Makes a table known under its name, in place of another."""
        self._tables[table.name] = table

    def table(self, name: str) -> LookupTable | None:
        """The table called `name`, or None. Raises `KnowledgeError` where its file can't be used."""
        if name not in self._tables:
            self._tables[name] = self._load(name)
        return self._tables[name]

    def _definition(self, name: str) -> LookupDefinition | None:
        if name not in self._definitions and self._folders is not None:
            beside = _definitions_beside(self._folders)
            for found in beside.lookups if beside is not None else ():
                self._definitions.setdefault(found.name, found)
            self._damaged = _damages(beside.problems) if beside is not None else ()
            self._folders = None
        return self._definitions.get(name)

    def _load(self, name: str) -> LookupTable | None:
        definition = self._definition(name)
        if definition is None:
            path = self._given.get(name) or self._table_called(name)
            if path is None:
                return LookupTable(name, _FRAMEWORK[name], []) if name in _FRAMEWORK else None
            # A name that ends in .csv is that of a file in Splunk, too, which no definition is for.
            defined = name.endswith(".csv")
            return replace(read_table(path, name), defined=defined, doubts=() if defined else self._damaged)
        path = self._given.get((definition.filename or name).removesuffix(".gz")) or self._given.get(name)
        path = path or definition.table
        if path is None and not definition.fields:
            return None
        table = LookupTable(name, definition.fields, []) if path is None else read_table(path, name)
        return replace(
            table,
            match_types=dict(definition.match_types),
            case_sensitive=definition.case_sensitive,
            max_matches=definition.maximum_matches or _DEFAULT_MATCHES,
            min_matches=definition.minimum_matches or 0,
            default_match=definition.default_match,
            doubts=definition.doubts,
        )

    def _table_called(self, name: str) -> Path | None:
        """The table of some definition whose file goes by that name."""
        for definition in self._definitions.values():
            file = definition.table.name.removesuffix(".gz") if definition.table is not None else ""
            if name in (file, file.removesuffix(".csv")):
                return definition.table
        return None


def _damages(problems: Iterable[FileProblem]) -> tuple[str, ...]:
    """What is damaged in files of definitions: any that is not found may stand there."""
    return tuple(
        f"its definition may be in {one.path}, where something can't be read: {one.diagnostic.message}"
        for one in problems
        if one.diagnostic.severity == "error" or one.diagnostic.code == "RUL011"
    )


def _definitions_beside(places: Iterable[Path]) -> Corpus | None:
    """The definitions that lie among tables, or in the app whose `lookups/` they lie in."""
    from rulescope.corpus import read_corpus

    found: dict[Path, None] = {}
    for place in places:
        folder = (place if place.is_dir() else place.parent).resolve()
        if place.is_dir():
            candidates = [path for suffix in (*_YAML, "transforms.conf") for path in sorted(folder.rglob(f"*{suffix}"))]
        else:
            stem = place.name.partition(".")[0]
            candidates = [folder / f"{stem}{suffix}" for suffix in _YAML] + [folder / "transforms.conf"]
        if folder.name == "lookups":
            candidates += [folder.parent / layer / "transforms.conf" for layer in ("local", "default")]
        found.update(dict.fromkeys(path for path in candidates if path.is_file()))
    return read_corpus(list(found)) if found else None


def read_table(path: Path, name: str) -> LookupTable:
    """The CSV file (it may be gzipped) as a table. Raises `KnowledgeError` where it can't be read as one."""
    from rulescope.corpus.limits import MAXIMUM_LOOKUP_FILE

    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(MAXIMUM_LOOKUP_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise KnowledgeError(f"the lookup file {path} can't be read: {error}") from error
    if len(data) > MAXIMUM_LOOKUP_FILE:
        raise KnowledgeError(f"the lookup file {path} is larger than {MAXIMUM_LOOKUP_FILE} bytes")
    return parse_table(decode_text(data).text, name, str(path))


def parse_table(text: str, name: str, file: str | None = None) -> LookupTable:
    """CSV text (of that file) as a table: the head line names the columns; short rows are filled up, long ones cut."""
    problems: list[str] = []
    try:
        reader = csv.reader(io.StringIO(text))
        header = [cell.strip() for cell in next(reader, [])]
        width = len(header)
        rows = []
        long = 0
        for cells in reader:
            if not any(cells):
                continue
            long += any(cells[width:])
            rows.append([*cells[:width], *[""] * (width - len(cells))])
            if len(rows) > _MAXIMUM_ROWS:
                raise KnowledgeError(f"the lookup '{name}' has more than {_MAXIMUM_ROWS} rows")
    except csv.Error as error:
        raise KnowledgeError(f"the lookup '{name}' is no CSV: {error}") from error
    if '"' in text and (line := _odd_quote(text)) is not None:
        place = f"line {line:,}" if file is None else f"{file}, line {line:,}"
        problems.append(f"a quote that is not closed, or closed too soon ({place}); rows may be lost in it")
    if long:
        problems.append(
            f"{long:,} row{'' if long == 1 else 's'} with more cells than columns; these cells are left out"
        )
    if "\ufffd" in text:
        problems.append("bytes that are not UTF-8; they stand as U+FFFD")
    if len(set(header)) < width:
        twice = next(column for index, column in enumerate(header) if header.index(column) != index)
        problems.append(f"the column '{twice[:80]}' more than once; the first is taken")
        kept = [index for index, column in enumerate(header) if header.index(column) == index]
        header = [header[index] for index in kept]
        rows = [[row[index] for index in kept] for row in rows]
    return LookupTable(name, tuple(header), rows, max_matches=_DEFAULT_MATCHES, problems=tuple(problems))


def _odd_quote(text: str) -> int | None:
    """The line at which the record begins whose quotes are not those of a CSV (RFC 4180, 2.5 to 2.7), or None."""
    reader = csv.reader(io.StringIO(text), strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        return line
    return None


def _csv_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.name.endswith(_SUFFIXES) and path.is_file())
