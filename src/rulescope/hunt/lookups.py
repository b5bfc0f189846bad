"""Lookup tables for searches: CSV files beside rules or given by the user, with the definitions that name them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.engines.sql.context import LookupTable
from rulescope.errors import KnowledgeError

if TYPE_CHECKING:
    from rulescope.corpus import LookupDefinition

_SUFFIXES = (".csv", ".csv.gz")
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

    A definition (transforms.conf, security_content's YAML) says how its table matches. A table without definition goes
    by its file's name, with and without `.csv`, and matches exactly and with case. A KV store collection is there with
    its fields and no rows, as on a new Splunk.
    """

    def __init__(self, definitions: Iterable[LookupDefinition] = (), folders: Iterable[Path] = ()) -> None:
        self._definitions: dict[str, LookupDefinition] = {}
        self._files: dict[str, Path] = {}
        self._tables: dict[str, LookupTable | None] = {}
        for folder in folders:
            for path in _csv_files(folder):
                self._add_file(path)
        for definition in definitions:
            self._definitions.setdefault(definition.name, definition)
            if definition.table is not None:
                self._add_file(definition.table)

    def add(self, table: LookupTable) -> None:
        """Makes a table known under its name, in place of another."""
        self._tables[table.name] = table

    def table(self, name: str) -> LookupTable | None:
        """The table called `name`, or None. Raises `KnowledgeError` where its file can't be used."""
        if name not in self._tables:
            self._tables[name] = self._load(name)
        return self._tables[name]

    def _add_file(self, path: Path) -> None:
        name = path.name.removesuffix(".gz")
        self._files.setdefault(name, path)
        self._files.setdefault(name.removesuffix(".csv"), path)

    def _load(self, name: str) -> LookupTable | None:
        definition = self._definitions.get(name)
        if definition is None:
            path = self._files.get(name)
            if path is None:
                return LookupTable(name, _FRAMEWORK[name], []) if name in _FRAMEWORK else None
            return read_table(path, name)
        path = definition.table or self._files.get((definition.filename or name).removesuffix(".gz"))
        settings = {
            "match_types": dict(definition.match_types),
            "case_sensitive": definition.case_sensitive,
            "max_matches": definition.maximum_matches or _DEFAULT_MATCHES,
            "min_matches": definition.minimum_matches or 0,
            "default_match": definition.default_match,
        }
        if path is None:
            if not definition.fields:
                return None
            return LookupTable(name, definition.fields, [], **settings)  # type: ignore[arg-type]
        read = read_table(path, name)
        return LookupTable(name, read.columns, read.rows, **settings)  # type: ignore[arg-type]


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
    return parse_table(data.decode("utf-8-sig", "replace"), name)


def parse_table(text: str, name: str) -> LookupTable:
    """CSV text as a table: the head line names the columns; short rows are filled up, long ones cut."""
    try:
        reader = csv.reader(io.StringIO(text))
        header = [cell.strip() for cell in next(reader, [])]
        width = len(header)
        rows = []
        for cells in reader:
            if not any(cells):
                continue
            rows.append([*cells[:width], *[""] * (width - len(cells))])
            if len(rows) > _MAXIMUM_ROWS:
                raise KnowledgeError(f"the lookup '{name}' has more than {_MAXIMUM_ROWS} rows")
    except csv.Error as error:
        raise KnowledgeError(f"the lookup '{name}' is no CSV: {error}") from error
    if len(set(header)) < width:
        kept = [index for index, column in enumerate(header) if header.index(column) == index]
        header = [header[index] for index in kept]
        rows = [[row[index] for index in kept] for row in rows]
    return LookupTable(name, tuple(header), rows, max_matches=_DEFAULT_MATCHES)


def _csv_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.name.endswith(_SUFFIXES) and path.is_file())
