"""Macro packs: what the macros of a rule repository stand for, where the rules don't say so themselves."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from rulescope.errors import KnowledgeError
from rulescope.knowledge.tables import DATA

MacroRole = Literal["condition", "stages", "fields"]

LARGEST_PACK = 4_000_000
"""Bytes of a pack beyond which it is refused unread."""


@dataclass(frozen=True, slots=True)
class PackMacro:
    """What a macro stands for.

    `definition` is SPL with `$argument$` in it, or None: then what it stands for is unknown, and a rule that calls
    it can't
    be run. `role` tells where it may stand: a condition, one stage or several (a definition that begins with `|` is
    written without a pipe before it), or part of a list of fields or options. `logs` are the keys of the logs that a
    condition selects, `adds` the fields that it makes. `basis` says how we know.
    """

    name: str
    arguments: tuple[str, ...]
    role: MacroRole
    description: str
    definition: str | None
    logs: tuple[str, ...]
    adds: tuple[str, ...]
    basis: str

    @property
    def key(self) -> str:
        """The name as Splunk files it: with the number of arguments where it has any (`group_events(2)`)."""
        return f"{self.name}({len(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class MacroPack:
    """The macros of one file, by key."""

    name: str
    source: str
    macros: dict[str, PackMacro]

    def find(self, name: str, arguments: int = 0) -> PackMacro | None:
        """The macro of that name and number of arguments; None if the pack has none."""
        return self.macros.get(f"{name}({arguments})" if arguments else name)


def load_macro_pack(path: Path) -> MacroPack:
    """Reads a pack from a TOML file; raises KnowledgeError, naming the file and the macro, if it can't be used.

    The file has `source = "…"` and tables `[[macro]]` with `name`, `role`, `description`, `basis`, and where they apply
    `arguments`, `definition`, `logs`, `adds`.
    """
    try:
        if path.stat().st_size > LARGEST_PACK:
            raise KnowledgeError(f"{path}: larger than {LARGEST_PACK} bytes")
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise KnowledgeError(f"{path}: cannot be read as a macro pack: {error}") from error
    entries = document.get("macro", [])
    if not isinstance(entries, list):
        raise KnowledgeError(f"{path}: 'macro' must be a list of tables, written [[macro]]")
    macros: dict[str, PackMacro] = {}
    for number, entry in enumerate(entries, 1):
        macro = _read_macro(entry, f"{path}: macro {number}")
        if macro.key in macros:
            raise KnowledgeError(f"{path}: macro {macro.key!r} is there twice")
        macros[macro.key] = macro
    return MacroPack(path.stem, str(document.get("source", path.name)), macros)


def _read_macro(entry: Any, place: str) -> PackMacro:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{place}: must be a table, written [[macro]]")
    unknown = entry.keys() - {"name", "arguments", "role", "description", "definition", "logs", "adds", "basis"}
    if unknown:
        raise KnowledgeError(f"{place}: unknown key {min(unknown)!r}")
    name = _text(entry, "name", place)
    if not name:
        raise KnowledgeError(f"{place}: needs a name")
    role = _text(entry, "role", place) or "condition"
    if role not in get_args(MacroRole):
        raise KnowledgeError(f"{place} ({name}): role must be one of {', '.join(get_args(MacroRole))}, not {role!r}")
    return PackMacro(
        name=name,
        arguments=_texts(entry, "arguments", place),
        role=cast(MacroRole, role),
        description=_text(entry, "description", place),
        definition=_text(entry, "definition", place) if "definition" in entry else None,
        logs=_texts(entry, "logs", place),
        adds=_texts(entry, "adds", place),
        basis=_text(entry, "basis", place),
    )


def _text(entry: dict[str, Any], key: str, place: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise KnowledgeError(f"{place}: {key} must be text")
    return value


def _texts(entry: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise KnowledgeError(f"{place}: {key} must be a list of texts")
    return tuple(value)


@cache
def macro_packs() -> tuple[MacroPack, ...]:
    """The packs as shipped: the Armory's (`macros_armory`) and Splunk's own (`macros_splunk`)."""
    return tuple(load_macro_pack(DATA / name) for name in ("macros_armory.toml", "macros_splunk.toml"))


def find_macro(name: str, arguments: int = 0) -> PackMacro | None:
    """The macro of that name and number of arguments in the first shipped pack that has it; None if none has."""
    return next((macro for pack in macro_packs() if (macro := pack.find(name, arguments)) is not None), None)
