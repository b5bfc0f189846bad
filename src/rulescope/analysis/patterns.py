"""Patterns by what they let through: as plain comparisons where they are such, and in one spelling where they are not.

(?i)certutil            contains certutil, case not regarded
^.*(certutil).*\\z       the same: the ends of a pattern that must match the whole value
\\.exe$                  ends_with .exe
\\x5c\\-a                 \\\\-a, with no escapes that say nothing
"""

from __future__ import annotations

import re
from functools import lru_cache

from rulescope.ir import ComparisonKind

_FLAGS = re.compile(r"\(\?([a-z]+)\)")
_WHOLE_START, _WHOLE_END = re.compile(r"\^\.\*\??"), re.compile(r"\.\*\??(?:\\z|\$)\Z")
# The pieces of a pattern: an escape, a class, or any other character.
_PIECE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_SPECIAL = frozenset(".^$*+?()[]{}|")
_AT_A_WORDS_END = re.compile(r"(?<!\w)\?|\?(?!\w)")
_LONGEST = 4000
_MOST_BRACKETS = 10


@lru_cache(maxsize=4096)
def plain_pattern(pattern: str, ignore_case: bool) -> tuple[ComparisonKind, str, bool]:
    """A regular expression that is found anywhere, as (kind, value, whether case is not regarded).

    A pattern of nothing but plain characters is what the text contains, begins or ends with, or is; any other stays
    `match`, in one spelling. Line breaks, which `.` does not match, are left out of account.
    """
    if len(pattern) > _LONGEST or "\\Q" in pattern:
        # Between these marks nothing is escaped; no more is made of such a pattern.
        return "match", pattern, ignore_case
    while (flags := _FLAGS.match(pattern)) is not None and set(flags[1]) <= set("ims"):
        ignore_case = ignore_case or "i" in flags[1]
        pattern = pattern[flags.end() :]
    pieces = _pieces(_open_ends(pattern))
    start = pieces[:1] in (["^"], ["\\A"])
    end = pieces[-1:] in (["$"], ["\\z"], ["\\Z"])
    inner = pieces[start : len(pieces) - end]
    # `^a$` in a pattern that must match the whole value has both ends twice.
    while end and inner[-1:] in (["$"], ["\\z"]):
        inner.pop()
    if inner and all(_is_plain(piece) for piece in inner):
        text = "".join(piece[-1] for piece in inner)
        kind: ComparisonKind = "eq" if start and end else "starts_with" if start else "ends_with" if end else "contains"
        return kind, text, ignore_case
    if ignore_case:
        inner = [piece if "\\" in piece else piece.lower() for piece in inner]
    return "match", "".join((["^"] if start else []) + inner + (["$"] if end else [])), ignore_case


def underscored(kind: ComparisonKind, value: str) -> tuple[ComparisonKind, str] | None:
    """A pattern whose single-character wildcards all stand within words, as a comparison with `_` in their places.

    `_` in LIKE is any character, and in `user_name` most likely meant as itself. None for any other pattern.
    """
    inner = value.strip("*")
    if kind != "wildcard" or "*" in inner or "?" not in inner or _AT_A_WORDS_END.search(inner):
        return None
    start, end = value.startswith("*"), value.endswith("*")
    plain: ComparisonKind = "contains" if start and end else "ends_with" if start else "starts_with" if end else "eq"
    return plain, inner.replace("?", "_")


def _open_ends(pattern: str) -> str:
    """The pattern without `.*` at its ends, where it need not match the whole value, and without brackets around it."""
    for _ in range(_MOST_BRACKETS):
        before = pattern
        start, end = _WHOLE_START.match(pattern), _WHOLE_END.search(pattern)
        if start is not None and not _alternatives(pattern):
            pattern = pattern[start.end() :]
        elif end is not None and not _alternatives(pattern) and not _escaped(pattern, end.start()):
            pattern = pattern[: end.start()]
        elif pattern.startswith(".*") and not _alternatives(pattern):
            pattern = pattern[3 if pattern.startswith(".*?") else 2 :]
        elif pattern.endswith(".*") and not _alternatives(pattern) and not _escaped(pattern, len(pattern) - 2):
            pattern = pattern[:-2]
        elif (inner := _in_brackets(pattern)) is not None:
            pattern = inner
        if pattern == before:
            break
    return pattern


def _escaped(pattern: str, place: int) -> bool:
    """Whether a backslash stands before a place, itself not escaped."""
    before = pattern[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _depths(pattern: str) -> list[tuple[str, int]]:
    depth = 0
    found: list[tuple[str, int]] = []
    for piece in _PIECE.findall(pattern):
        depth += (piece == "(") - (piece == ")")
        found.append((piece, depth))
    return found


def _alternatives(pattern: str) -> bool:
    return any(piece == "|" and depth == 0 for piece, depth in _depths(pattern))


def _in_brackets(pattern: str) -> str | None:
    """What stands in brackets that are around the whole pattern; None where there are none, or they do more."""
    if not pattern.startswith("(") or not pattern.endswith(")"):
        return None
    depths = _depths(pattern)
    if any(depth == 0 for _, depth in depths[:-1]) or depths[-1] != (")", 0):
        return None
    if pattern.startswith("(?:"):
        return pattern[3:-1]
    return pattern[1:-1] if not pattern.startswith("(?") else None


def _pieces(pattern: str) -> list[str]:
    found: list[str] = []
    for piece in _PIECE.findall(pattern):
        if piece.lower().startswith("\\x") and len(piece) == 4:
            letter = chr(int(piece[2:], 16))
            piece = f"\\{letter}" if letter in _SPECIAL or letter == "\\" else letter
        elif len(piece) == 2 and piece[0] == "\\" and not piece[1].isalnum() and piece[1] not in _SPECIAL | {"\\"}:
            piece = piece[1]
        found.append(piece)
    return found


def _is_plain(piece: str) -> bool:
    if len(piece) == 1:
        return piece not in _SPECIAL and piece != "\\"
    return len(piece) == 2 and piece[0] == "\\" and (piece[1] in _SPECIAL or piece[1] == "\\")
