"""Names for things that may be called the same."""

from __future__ import annotations


class UniqueNames:
    """Gives each of many names once: a name that was taken already gets `~2`, `~3` and on."""

    __slots__ = ("_counts", "_taken")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """The name, or the next free form of it."""
        number = self._counts.get(name, 0) + 1
        while (candidate := name if number == 1 else f"{name}~{number}") in self._taken:
            number += 1
        self._counts[name] = number
        self._taken.add(candidate)
        return candidate
