"""The macros that each repository's rules see: its own, those of the others, and what the knowledge packs know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.errors import KnowledgeError
from rulescope.knowledge.macro_pack import MacroPack, load_macro_pack, macro_packs
from rulescope.languages.spl.macros import Macro, MacroLibrary

if TYPE_CHECKING:
    from rulescope.corpus import FileContent, MacroDefinition

FILTER_BODY = "search *"
FILTER_ORIGIN = "contentctl makes this macro with each detection, for users to change"
_FILTER = re.compile(r"`([\w-]+_filter)`")


class MacroLibraries:
    """A library of macros for each repository: the user's come first, then its own, then those of the others, in order
    of path, and last the knowledge packs."""

    def __init__(
        self,
        definitions: Sequence[MacroDefinition],
        filters: Iterable[str] = (),
        given: Sequence[Macro] = (),
    ) -> None:
        """`definitions` are all that were found, `filters` the names that `filter_macros` gives, `given` the user's."""
        self.definitions = definitions
        self.filters = [filter_macro(name) for name in sorted(set(filters))]
        self.given = given
        self._made: dict[str, MacroLibrary] = {}
        self._sources = frozenset(found.repository for found in definitions)

    def of(self, repository: str) -> MacroLibrary:
        """What the repository's rules see."""
        name = repository if repository in self._sources else ""
        if name not in self._made:
            self._made[name] = self._library(name)
        return self._made[name]

    def _library(self, repository: str) -> MacroLibrary:
        library = MacroLibrary(self.given)
        for one in sorted(self.definitions, key=lambda found: found.repository != repository):
            library.add(as_macro(one))
        for macro in (*pack_macros(), *self.filters):
            library.add(macro)
        return library


def filter_macro(name: str) -> Macro:
    """A filter macro of security_content with the body that it is made with."""
    return Macro(name, FILTER_BODY, origin=FILTER_ORIGIN)


def as_macro(definition: MacroDefinition) -> Macro:
    """A definition from a rule repository as the parser takes it."""
    return Macro(
        definition.name, definition.definition, definition.arguments, definition.is_eval, origin=definition.path
    )


def filter_macros(contents: Iterable[FileContent]) -> set[str]:
    """The filter macros that detections of security_content end in (`<detection>_filter`).

    They have no files there: contentctl writes them into the app's macros.conf, as `search *`.
    """
    from rulescope.corpus.readers.security_content import DETECTIONS

    return {
        name
        for content in contents
        if content.reader == DETECTIONS.name
        for rule in content.rules
        for name in filter_names(rule.source.text)
    }


def filter_names(search: str) -> list[str]:
    """The names of the filter macros that a search calls."""
    return _FILTER.findall(search)


def load_macros(paths: Sequence[Path]) -> list[Macro]:
    """The macros of the user's files, the first file first: `macros.conf`, a pack in TOML, or YAML as in
    security_content; a folder of such files too.

    Raises `NotFoundError` for a path that isn't there, `KnowledgeError` for a file that gives no macro.
    """
    found: list[Macro] = []
    for path in paths:
        if path.suffix.lower() == ".toml":
            macros = _of_pack(load_macro_pack(path))
        else:
            # A search without macros of the user's starts sooner for not loading the readers of rule files.
            from rulescope.corpus import read_corpus

            corpus = read_corpus([path])
            macros = [as_macro(one) for one in corpus.macros]
            if not macros and corpus.problems:
                raise KnowledgeError(f"{path}: {corpus.problems[0].diagnostic.message}")
        if not macros:
            raise KnowledgeError(
                f"{path}: there is no macro in this file",
                hint="macros are read from macros.conf, from YAML as in security_content, and from packs in TOML",
            )
        found += macros
    return found


@cache
def pack_macros() -> tuple[Macro, ...]:
    """The macros of the shipped knowledge packs whose bodies are known or inferred."""
    return tuple(macro for pack in macro_packs() for macro in _of_pack(pack))


def _of_pack(pack: MacroPack) -> list[Macro]:
    return [
        Macro(macro.name, macro.definition, macro.arguments, origin=f"Rulescope's pack {pack.name}; {macro.basis}")
        for macro in pack.macros.values()
        if macro.definition is not None
    ]


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
