"""Fields of the user's own: a TOML file that says from which raw fields each is computed.

[[field]]
name = "process_name"
value = "basename(exe_path)"       # the notation of docs/reference/knowledge.md
sourcetype = "acme:edr"            # or log = "Sysmon"; without either, for all events
event_ids = ["1", "5"]             # optional
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from rulescope.errors import KnowledgeError, missing_path
from rulescope.knowledge import FieldRule, Log, logs, parse_form
from rulescope.knowledge.log_directory import every_log
from rulescope.text import nearest_name

LARGEST_FILE = 4_000_000
"""Bytes of a file of fields beyond which it is refused unread."""

_KEYS = frozenset({"name", "value", "log", "sourcetype", "event_ids"})


def load_fields(path: Path) -> tuple[FieldRule, ...]:
    """The fields of a file, in order. Raises `KnowledgeError`, naming file and field, where it can't be used, and
    `NotFoundError` where it isn't there."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise KnowledgeError(f"{path}: larger than {LARGEST_FILE:,} bytes")
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise missing_path(path, what="file of fields") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise KnowledgeError(f"{path}: cannot be read as a file of fields: {error}") from error
    entries = document.get("field")
    if not isinstance(entries, list) or not entries:
        raise KnowledgeError(f"{path}: there are no fields in it", hint="a field is a table, written [[field]]")
    return tuple(_field(entry, f"{path}: field {number}") for number, entry in enumerate(entries, 1))


def _field(entry: Any, place: str) -> FieldRule:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{place}: must be a table, written [[field]]")
    unknown = entry.keys() - _KEYS
    if unknown:
        name = min(unknown)
        near = nearest_name(name, sorted(_KEYS))
        raise KnowledgeError(f"{place}: unknown key {name!r}", hint=f"did you mean '{near}'?" if near else None)
    name, value = _text(entry, "name", place), _text(entry, "value", place)
    if not name or not value:
        raise KnowledgeError(f"{place}: needs a name and a value")
    ids = entry.get("event_ids", [])
    if not isinstance(ids, list):
        raise KnowledgeError(f"{place} ({name}): event_ids must be a list")
    try:
        form = parse_form(value)
    except KnowledgeError as error:
        raise KnowledgeError(f"{place} ({name}): {error.message}") from error
    return FieldRule(_log(entry, f"{place} ({name})"), frozenset(map(str, ids)), name, form, "the user's own")


def _log(entry: dict[str, Any], place: str) -> Log:
    named, sourcetype = _text(entry, "log", place), _text(entry, "sourcetype", place)
    if named and sourcetype:
        raise KnowledgeError(f"{place}: give a log or a sourcetype, not both")
    if sourcetype:
        return Log(f"sourcetype:{sourcetype}", sourcetype, None, None, None, None, None, (), (sourcetype.lower(),))
    if not named:
        return every_log()
    found = logs().find(named)
    if found is None:
        try:
            found = logs().by_key(named)
        except KeyError as error:
            raise KnowledgeError(f"{place}: there is no log called {named!r}") from error
    return found


def _text(entry: dict[str, Any], key: str, place: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise KnowledgeError(f"{place}: {key} must be text")
    return value
