"""Texts against patterns: wildcards, regular expressions, address ranges, the tokens of raw events."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any

import pcre2

from rulescope import ir
from rulescope.errors import Refusal
from rulescope.text import Span

MAJOR = "[]<>(){}|!;,'\"*&?+ \t\r\n\f\v"
"""What ends a token (Splunk, segmenters.conf, MAJOR)."""
MINOR = "/:=@.-$#%\\_"
"""What splits a token further (segmenters.conf, MINOR)."""


def glob_holds(glob: ir.Glob, value: str) -> bool:
    """Whether the whole text matches a pattern of texts and wildcards."""
    return _rest_matches(list(glob.pieces), value)


def _rest_matches(pieces: list[str | ir.Any], value: str) -> bool:
    if not pieces:
        return not value
    first, rest = pieces[0], pieces[1:]
    if isinstance(first, str):
        return value.startswith(first) and _rest_matches(rest, value[len(first) :])
    if first is ir.Any.ONE:
        return bool(value) and _rest_matches(rest, value[1:])
    return any(_rest_matches(rest, value[start:]) for start in range(len(value) + 1))


def folded_glob(glob: ir.Glob) -> ir.Glob:
    """The pattern in lower case."""
    return ir.Glob(tuple(piece.lower() if isinstance(piece, str) else piece for piece in glob.pieces))


def like_holds(pattern: str, value: str) -> bool:
    """Whether the whole text matches a pattern of `%` and `_`."""
    wildcards = {"%": ir.Any.RUN, "_": ir.Any.ONE}
    return _rest_matches([wildcards.get(character, character) for character in pattern], value)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    return pcre2.compile(re.sub(r"(?<!\\)((?:\\\\)*)\\C", r"\1(?s:.)", pattern))


def regex(pattern: str, span: Span) -> Any:
    """The pattern as a PCRE. Raises `Refusal` where it is none."""
    try:
        return _compiled(pattern)
    except (pcre2.PatternError, pcre2.LibraryError, ValueError) as error:
        raise Refusal(f"not a regular expression: {error}", span=span, code="RUN033") from error


def is_network(written: str) -> bool:
    """Whether a text is an address range."""
    if "/" not in written:
        return False
    try:
        ipaddress.ip_network(written, strict=False)
    except ValueError:
        return False
    return True


def in_network(address: str, network: str, span: Span) -> bool:
    """Whether a text is an address in a range."""
    try:
        held = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError as error:
        raise Refusal(f"'{network}' is not an address range", span=span, code="RUN034") from error
    try:
        return ipaddress.ip_address(address) in held
    except ValueError:
        return False


def has_term(raw: str, leaf: ir.Term) -> bool:
    """Whether the raw event has the text between breakers; `*` is any run, in an unquoted term within a token."""
    wanted = leaf.text
    if leaf.directive != "CASE":
        raw, wanted = raw.lower(), wanted.lower()
    breakers = MAJOR if leaf.directive == "TERM" else MAJOR + MINOR
    pieces = wanted.split("*")
    for start in range(len(raw) + 1):
        free = not pieces[0] or pieces[0][0] in breakers
        if not free and start and raw[start - 1] not in breakers:
            continue
        if any(_ends(raw, end, pieces[-1], breakers) for end in _ends_of(raw, start, pieces, leaf.quoted)):
            return True
    return False


def _ends(raw: str, end: int, last: str, breakers: str) -> bool:
    return not last or last[-1] in breakers or end == len(raw) or raw[end] in breakers


def _ends_of(raw: str, start: int, pieces: list[str], quoted: bool) -> list[int]:
    """Where a match of the pieces that begins at `start` can end."""
    if not raw.startswith(pieces[0], start):
        return []
    end = start + len(pieces[0])
    if len(pieces) == 1:
        return [end]
    found: list[int] = []
    while True:
        found += _ends_of(raw, end, pieces[1:], quoted)
        if end >= len(raw) or (not quoted and raw[end] in MAJOR):
            return found
        end += 1


def fits_term(value: str, leaf: ir.Term) -> bool:
    """Whether the text of a column has the term; `*` at an end of it leaves that end open, and inside is any run.

    Source: Kusto's reference, "search operator", Search predicate syntax.
    """
    wanted = leaf.text
    pattern = ".*".join(re.escape(part) for part in wanted.strip("*").split("*"))
    before = "" if wanted.startswith("*") or not pattern[:1].isalnum() else r"(?<![^\W_])"
    after = "" if wanted.endswith("*") or not pattern[-1:].isalnum() else r"(?![^\W_])"
    flags = re.NOFLAG if leaf.directive == "CASE" else re.IGNORECASE
    return re.search(before + pattern + after, value, flags) is not None


def has_words(value: str, wanted: str) -> bool:
    """Whether a text has another one as whole terms: no letter or digit goes on at an end of it that is one.

    Source: "String operators" of Kusto's reference.
    """
    at = value.find(wanted)
    while at != -1:
        before, after = value[at - 1 : at], value[at + len(wanted) : at + len(wanted) + 1]
        begins = not (wanted[:1].isalnum() and before.isalnum())
        ends = not (wanted[-1:].isalnum() and after.isalnum())
        if begins and ends:
            return True
        at = value.find(wanted, at + 1)
    return False
