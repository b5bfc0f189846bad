"""The name that a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

_LONG = 8
"""From so many characters on, a slip of the pen may be two."""

_SEPARATORS = 5
"""How many characters between words two spellings of a name may differ by."""


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to `name` regardless of case, or None if none is close enough to suggest."""
    return _closest(name, known, str.lower, 0.7)


def similar_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that has nearly all of the letters of `name`, whatever stands between its words; else None."""
    found = _closest(name, known, _joined, 0.8)
    if found is None:
        return None
    # What two paths share at the beginning says nothing of the likeness of their ends.
    shared = 0
    while name[: shared + 1] == found[: shared + 1] and shared < len(name):
        shared += 1
    shared = len(name[:shared].rpartition(".")[0])
    return _closest(name[shared:], [found[shared:]], _joined, 0.8) and found


def _closest(name: str, known: Iterable[str], plain: Callable[[str], str], cutoff: float) -> str | None:
    by_plain: dict[str, str] = {}
    for candidate in known:
        by_plain.setdefault(plain(candidate), candidate)
    found = get_close_matches(plain(name), by_plain, n=1, cutoff=cutoff)
    return by_plain[found[0]] if found else None


def misspelt_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` differs from by a slip only: letters' case, points and lines between words, or one
    letter left out, put in, changed or swapped with the next (two in long names); None where there is none. Names that
    differ in their digits are different on purpose."""
    wanted = _joined(name)
    most = 2 if len(wanted) >= _LONG else 1 if len(wanted) > 2 else 0
    best: tuple[int, int, str] | None = None
    for candidate in known:
        if abs(len(candidate) - len(name)) > most + _SEPARATORS:
            continue
        plain = _joined(candidate)
        slips = _slips(wanted, plain, most)
        if slips <= most and _digits(wanted) == _digits(plain):
            found = (slips, _slips(name, candidate, len(name)), candidate)
            best = found if best is None else min(best, found)
    return best[2] if best is not None else None


def _joined(name: str) -> str:
    """The name's letters and digits, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _digits(name: str) -> str:
    return "".join(letter for letter in name if letter.isdigit())


def _slips(one: str, other: str, most: int) -> int:
    """How many slips part two texts (Damerau and Levenshtein's distance); anything above `most` where it is more."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, last, row = row, before, [place]
        for index, wanted in enumerate(other, 1):
            cost = min(before[index] + 1, row[index - 1] + 1, before[index - 1] + (letter != wanted))
            swapped = place > 1 and index > 1 and letter == other[index - 2] and one[place - 2] == wanted
            row.append(min(cost, last[index - 2] + 1) if swapped else cost)
        if min(min(row), min(before)) > most:
            return most + 1
    return row[-1]
