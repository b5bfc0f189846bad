"""Opens a catalogue for reading, and asks it the named questions of `queries.sql`."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import msgspec

from rulescope.catalog.records import RuleRecord
from rulescope.errors import CatalogError, NotFoundError
from rulescope.text import nearest_path

APPLICATION_ID = 0x52534350
"""`RSCP`: what SQLite's header says of whose file this is."""

SCHEMA_VERSION = 5
"""Goes up with every change of `schema.sql`; kept in the file as SQLite's `user_version`."""

_decoder = msgspec.msgpack.Decoder(RuleRecord)


class Catalog:
    """A catalogue, open for reading. Use as a context manager, or `close` it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, query: str, /, **parameters: str | int | None) -> Iterator[sqlite3.Row]:
        """The rows of the named query; parameters are bound, never put into the text. Raises `CatalogError`."""
        try:
            yield from self._connection.execute(named_queries()[query], parameters)
        except sqlite3.Error as error:
            raise _broken(self.path, error) from error

    def row(self, query: str, /, **parameters: str | int | None) -> sqlite3.Row | None:
        """The first row of the named query, or None. Raises `CatalogError`."""
        return next(self.rows(query, **parameters), None)

    def record(self, rule_id: int) -> RuleRecord:
        """What was kept of one rule. Raises `CatalogError` where it can't be read."""
        row = self.row("record", rule_id=rule_id)
        if row is None:
            raise NotFoundError(f"no rule has the number {rule_id} in {self.path}")
        try:
            return _decoder.decode(row["record"])
        except (msgspec.DecodeError, TypeError) as error:
            raise _broken(self.path, error) from error

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_catalog(path: Path) -> Catalog:
    """The catalogue at `path`, read-only.

    Raises `NotFoundError` where there is no such file, `CatalogError` where it is not a catalogue, is broken, or was
    written by another version.
    """
    if not path.is_file():
        raise _missing(path)
    version = _schema_version(path)
    if version is None:
        raise _foreign(path)
    if version != SCHEMA_VERSION:
        raise CatalogError(
            f"{path} was written by another version of Rulescope (schema {version}; this one reads {SCHEMA_VERSION})",
            code="RSC202",
            hint="build it again: rulescope build RULES... --catalog FILE",
        )
    connection = sqlite3.connect(f"file:{quote(os.fsencode(path.resolve()))}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    # A catalogue may come from a stranger: no function or view in it may do more than read.
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    except sqlite3.Error as error:
        connection.close()
        raise _broken(path, error) from error
    return Catalog(connection, path)


def _missing(path: Path) -> NotFoundError:
    if path.is_dir():
        return NotFoundError(f"{path} is a folder, not a catalogue", hint="name the file that `rulescope build` wrote")
    near = nearest_path(path)
    hint = "make one with: rulescope build RULES... --catalog FILE"
    if near is not None and near.is_file() and _schema_version(near) is not None:
        hint = f"did you mean '{near}'?"
    return NotFoundError(f"there is no catalogue at {path}", hint=hint)


def open_existing(path: Path) -> Catalog | None:
    """The catalogue that a build is about to replace, or None where there is none that this version can use.

    Raises `CatalogError` where `path` holds something that is not a catalogue (it is not ours to overwrite), or where
    there is no folder for it.
    """
    if not path.parent.is_dir():
        message = f"the catalogue can't be written to {path}: there is no folder {path.parent}"
        raise CatalogError(message, code="RSC204", hint="make the folder first, or name another")
    if not path.exists():
        return None
    if not path.is_file() or (path.stat().st_size > 0 and _schema_version(path) is None):
        raise _foreign(path)
    try:
        return open_catalog(path)
    except CatalogError:
        return None


def _schema_version(path: Path) -> int | None:
    """The version of the schema in a catalogue's header, or None where the header is not that of a catalogue.

    Read from the bytes (SQLite's "Database File Format", section 1.3), so that a damaged catalogue is still ours.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise CatalogError(f"{path} can't be opened: {error.strerror}", code="RSC203") from error
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return None
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        return None
    return int.from_bytes(header[60:64], "big")


@cache
def named_queries() -> dict[str, str]:
    """The questions of `queries.sql` by name."""
    text = (files("rulescope.catalog") / "queries.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (part.strip().rstrip(";") for part in parts[1::2]), strict=True))


def _foreign(path: Path) -> CatalogError:
    return CatalogError(
        f"{path} is not a catalogue of Rulescope",
        code="RSC201",
        hint="name a file that `rulescope build` wrote, with --catalog FILE",
    )


def _broken(path: Path, error: Exception) -> CatalogError:
    return CatalogError(
        f"{path} can't be read: {error}",
        code="RSC203",
        hint="the file is damaged; build it again",
    )
