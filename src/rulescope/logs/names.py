"""Which field names become columns where a load has more of them than it may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

from rulescope.logs.model import STANDARD_FIELDS
from rulescope.logs.windows_xml import SYSTEM_FIELDS

_MOST_KEPT = 10_000

_WORD = re.compile(r"""[^\W\d][\w.@{}:$-]*|@\w[\w.@-]*""")
_QUOTED = re.compile(r"""(["'])([^"'\n]{2,100})\1""")


class Dropped:
    """Names that became no column: the first of them, and how many there are beyond those."""

    def __init__(self, names: Iterable[str] = (), more: int = 0) -> None:
        self.names = set(names)
        self.more = more

    def add(self, name: str) -> None:
        """Take one name more."""
        if name in self.names:
            return
        if len(self.names) < _MOST_KEPT:
            self.names.add(name)
        else:
            self.more += 1

    def merge(self, other: Dropped) -> None:
        """Take what another reader has dropped. A name that was dropped beyond the bound may count twice."""
        for name in sorted(other.names):
            self.add(name)
        self.more += other.more

    def same_as(self, other: Dropped) -> bool:
        """Whether both left out the same names."""
        return self.names == other.names and self.more == other.more

    def __bool__(self) -> bool:
        return bool(self.names)


class NameRanks:
    """How much it matters that a field is there: 0 where rules or the vocabulary read it, 1 where a log that is known
    has it, 2 for others.

    `wanted` gives the names, and words that may be names, of the rules that are to be run; it is asked when there are
    so many names that it matters.
    """

    def __init__(self, wanted: Callable[[], Collection[str]] = tuple) -> None:
        self._ask = wanted

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The names that were asked for."""
        return frozenset(self._ask())

    def of(self, name: str) -> int:
        """The rank of a name. Letters that differ in case only are another name, but come next."""
        bare = name.replace("{}", "")
        if name in self._read or bare in self._read or name in STANDARD_FIELDS:
            return 0
        return 1 if bare.casefold() in self._near else 2

    @cached_property
    def _read(self) -> frozenset[str]:
        from rulescope.knowledge.field_names import names_read

        return frozenset((*self.wanted, *names_read(), *SYSTEM_FIELDS))

    @cached_property
    def _near(self) -> frozenset[str]:
        from rulescope.knowledge.field_names import names_known

        return frozenset(name.casefold() for name in self._read | names_known())


def choose_columns(
    names: Collection[str], counts: Callable[[], Mapping[str, int]], most: int, ranks: NameRanks
) -> tuple[Collection[str], Dropped]:
    """The names that become columns, and those that don't: what rules read goes first, then what most events have.

    `counts` says how many events have each name; it is asked only where there are too many.
    """
    if len(names) <= most:
        return names, Dropped()
    found = counts()
    ordered = sorted(names, key=lambda name: (ranks.of(name), -found[name], name))
    rest = ordered[most:]
    return ordered[:most], Dropped(rest[:_MOST_KEPT], max(len(rest) - _MOST_KEPT, 0))


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of rules or searches that may be names of fields, for `load_logs(wanted=…)`."""
    found: set[str] = set()
    for text in texts:
        found.update(_WORD.findall(text))
        found.update(quoted for _, quoted in _QUOTED.findall(text) if not quoted.isalnum())
    return frozenset(word.rstrip(".:-$") for word in found)
