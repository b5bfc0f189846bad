"""The macros that each repository's rules see, and hashes of what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b

from rulescope.catalog.contents import MacroDefinitionRow, MacroEntry
from rulescope.corpus import FileContent, MacroDefinition
from rulescope.corpus.readers.security_content import DETECTIONS
from rulescope.knowledge.macro_pack import macro_packs
from rulescope.languages.spl.macros import Macro, MacroLibrary

FILTER_BODY = "search *"
FILTER_ORIGIN = "contentctl makes this macro with each detection, for users to change"
_FILTER = re.compile(r"`([\w-]+_filter)`")


class Libraries:
    """A library of macros for each repository: its own come first, then those of the others, in order of path."""

    def __init__(self, definitions: Sequence[MacroDefinition], filters: Iterable[str] = ()) -> None:
        """`definitions` are all that were found, `filters` the names that `filter_macros` gives."""
        self._definitions = definitions
        self._filters = [Macro(name, FILTER_BODY, origin=FILTER_ORIGIN) for name in sorted(set(filters))]
        self._packs = pack_macros()
        self._made: dict[str, MacroLibrary] = {}
        self._hashes: dict[tuple[str, str], bytes] = {}
        self._sources = frozenset(found.repository for found in definitions)
        self._shared = self._library("")

    def of(self, repository: str) -> MacroLibrary:
        """What the repository's rules see."""
        if repository not in self._sources:
            return self._shared
        if repository not in self._made:
            self._made[repository] = self._library(repository)
        return self._made[repository]

    def hash_of(self, repository: str, names: Iterable[str]) -> str:
        """A hash over the definitions of those macros (`name` or `name(2)`) as the repository sees them."""
        total = blake2b(digest_size=12)
        for name in sorted(names):
            key = (repository, name)
            found = self._hashes.get(key)
            if found is None:
                found = self._hashes[key] = self._hash(repository, name)
            total.update(found)
        return total.hexdigest()

    def entries(self, names: Iterable[str]) -> tuple[MacroEntry, ...]:
        """What is known of those macros: every definition of each, in order of path, and what the packs say."""
        by_name: dict[str, list[MacroDefinitionRow]] = {}
        for one in self._definitions:
            row = MacroDefinitionRow(one.definition, one.arguments, one.path)
            by_name.setdefault(call_name(one.name, len(one.arguments)), []).append(row)
        for macro in (*self._packs, *self._filters):
            row = MacroDefinitionRow(macro.body, macro.arguments, macro.origin or "")
            by_name.setdefault(call_name(macro.name, len(macro.arguments)), []).append(row)
        meanings = pack_meanings()
        return tuple(MacroEntry(name, meanings.get(name), tuple(by_name.get(name, ()))) for name in sorted(set(names)))

    def _library(self, repository: str) -> MacroLibrary:
        ordered = sorted(self._definitions, key=lambda found: found.repository != repository)
        library = MacroLibrary(Macro(one.name, one.definition, one.arguments, one.is_eval, one.path) for one in ordered)
        for macro in (*self._packs, *self._filters):
            library.add(macro)
        return library

    def _hash(self, repository: str, name: str) -> bytes:
        macro = find_macro(self.of(repository), name)
        said = "" if macro is None else repr((macro.body, macro.arguments, macro.is_eval))
        return blake2b(f"{name}\0{macro is None}\0{said}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def filter_macros(contents: Iterable[FileContent]) -> set[str]:
    """The filter macros that detections of security_content end in (`<detection>_filter`).

    They have no files there: contentctl writes them into the app's macros.conf, as `search *`.
    """
    return {
        name
        for content in contents
        if content.reader == DETECTIONS.name
        for rule in content.rules
        for name in _FILTER.findall(rule.source.text)
    }


@cache
def pack_macros() -> tuple[Macro, ...]:
    """The macros of the knowledge packs whose bodies are known or inferred."""
    return tuple(
        Macro(macro.name, macro.definition, macro.arguments, origin=f"Rulescope's pack {pack.name}; {macro.basis}")
        for pack in macro_packs()
        for macro in pack.macros.values()
        if macro.definition is not None
    )


@cache
def pack_meanings() -> dict[str, str]:
    """What the knowledge packs say of macros in words, by `call_name`."""
    meanings: dict[str, str] = {}
    for pack in macro_packs():
        for key, macro in pack.macros.items():
            if macro.description:
                meanings.setdefault(key, macro.description)
    return meanings


def call_name(name: str, arguments: int) -> str:
    """How a macro is called in lists: with the number of its arguments, where it has any."""
    return f"{name}({arguments})" if arguments else name


def find_macro(library: MacroLibrary, name: str) -> Macro | None:
    """The macro of a name as `call_name` gives it."""
    head, bracket, rest = name.partition("(")
    number = rest.removesuffix(")")
    return library.find(head, int(number) if bracket and number.isdecimal() else 0)
