"""PCRE, for patterns that RE2 can't run. The library's match limit bounds every match; what reaches it is `GivenUp`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pcre2

from rulescope.engines.duckdb.functions.registry import GivenUp, python_function

_REFERENCE = re.compile(r"\\(\d)")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    """The pattern, or None where it is none."""
    try:
        return pcre2.compile(pattern)
    except (pcre2.LibraryError, ValueError):
        return None


@python_function("spl_pcre_match", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def match(text: str, pattern: str) -> bool | None:
    """Whether the pattern is found; NULL where it is no pattern, false where it is given up."""
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        return compiled.search(text) is not None
    except pcre2.LibraryError as error:
        raise GivenUp(pattern, text, False) from error


@python_function("spl_pcre_replace", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def replace(text: str, pattern: str, replacement: str) -> str | None:
    """Every match replaced; `\\1` stands for a group."""
    return _substitute(text, pattern, replacement, 0)


@python_function("spl_pcre_replace_first", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def replace_first(text: str, pattern: str, replacement: str) -> str | None:
    """The first match replaced."""
    return _substitute(text, pattern, replacement, 1)


@python_function("spl_pcre_replace_nth", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", returns="VARCHAR")
def replace_nth(text: str, pattern: str, replacement: str, number: int) -> str | None:
    """The match with a number (from 1) replaced."""
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        for index, found in enumerate(compiled.finditer(text), 1):
            if index == number:
                start, end = found.span()
                return text[:start] + _filled(found, replacement) + text[end:]
    except pcre2.LibraryError as error:
        raise GivenUp(pattern, text, text) from error
    return text


def _substitute(text: str, pattern: str, replacement: str, count: int) -> str | None:
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        result: str = compiled.sub(lambda found: _filled(found, replacement), text, count)
    except pcre2.LibraryError as error:
        raise GivenUp(pattern, text, text) from error
    return result


def _filled(found: Any, replacement: str) -> str:
    def group(reference: re.Match[str]) -> str:
        number = int(reference.group(1))
        try:
            return found.group(number) or ""
        except IndexError:
            return ""

    return _REFERENCE.sub(group, replacement)


@python_function("spl_pcre_all", "VARCHAR", "VARCHAR", "BIGINT", returns="VARCHAR[]")
def find_all(text: str, pattern: str, group: int) -> list[str] | None:
    """What a group (0: the whole) holds in each match; a group that took no part gives an empty text."""
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        return [found.group(group) or "" for found in compiled.finditer(text)]
    except pcre2.LibraryError as error:
        raise GivenUp(pattern, text, []) from error


@python_function("spl_pcre_offsets", "VARCHAR", "VARCHAR", returns="VARCHAR")
def offsets(text: str, pattern: str) -> str | None:
    """Where the named groups of the first match stand: `name=first-last&…`, counted from 0, last included."""
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        found = compiled.search(text)
    except pcre2.LibraryError as error:
        raise GivenUp(pattern, text, None) from error
    if found is None:
        return None
    parts = []
    for name, number in sorted(compiled.groupindex.items(), key=lambda item: item[1]):
        start, end = found.span(number)
        if start >= 0 and end > start:
            parts.append(f"{name}={start}-{end - 1}")
    return "&".join(parts) or None
