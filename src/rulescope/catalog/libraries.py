"""The macros that the rules of a build see, with hashes of what they say, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from rulescope.catalog.contents import MacroDefinitionRow, MacroEntry
from rulescope.corpus import MacroDefinition
from rulescope.corpus.macro_libraries import MacroLibraries, call_name, find_macro, pack_macros, pack_meanings


class Libraries(MacroLibraries):
    """Libraries that tell when the macros of a rule have changed."""

    def __init__(self, definitions: Sequence[MacroDefinition], filters: Iterable[str] = ()) -> None:
        """`definitions` are all that were found, `filters` the names that `filter_macros` gives."""
        super().__init__(definitions, filters)
        self._hashes: dict[tuple[str, str], bytes] = {}

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
        for one in self.definitions:
            row = MacroDefinitionRow(one.definition, one.arguments, one.path)
            by_name.setdefault(call_name(one.name, len(one.arguments)), []).append(row)
        for macro in (*pack_macros(), *self.filters):
            row = MacroDefinitionRow(macro.body, macro.arguments, macro.origin or "")
            by_name.setdefault(call_name(macro.name, len(macro.arguments)), []).append(row)
        meanings = pack_meanings()
        return tuple(MacroEntry(name, meanings.get(name), tuple(by_name.get(name, ()))) for name in sorted(set(names)))

    def _hash(self, repository: str, name: str) -> bytes:
        macro = find_macro(self.of(repository), name)
        said = "" if macro is None else repr((macro.body, macro.arguments, macro.is_eval))
        return blake2b(f"{name}\0{macro is None}\0{said}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
