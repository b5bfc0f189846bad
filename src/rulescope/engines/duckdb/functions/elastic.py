"""What ES|QL and EQL compute over one text and SQL can't express.

Facts: Elastic, "ES|QL functions and operators", "EQL function reference", "DISSECT", "GROK".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

import pcre2

from rulescope.engines.duckdb.functions.registry import python_function

_KEY = re.compile(r"%\{([^}]*)\}")
_MODIFIED = re.compile(r"([?+*&]?)(.*?)(?:/(\d+))?(->)?", re.DOTALL)


@python_function("spl_es_from_base64", "VARCHAR", returns="VARCHAR")
def from_base64(text: str) -> str | None:
    """The text that is coded; NULL where it is no base64."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


@python_function("spl_es_to_base64", "VARCHAR", returns="VARCHAR")
def to_base64(text: str) -> str:
    """The text in base64."""
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


@python_function("spl_es_url_encode", "VARCHAR", returns="VARCHAR")
def url_encode(text: str) -> str:
    """The text with percent escapes, blanks as `+`."""
    return quote_plus(text, safe="*-._")


@python_function("spl_es_url_encode_component", "VARCHAR", returns="VARCHAR")
def url_encode_component(text: str) -> str:
    """The text with percent escapes, blanks too."""
    return quote(text, safe="*-._")


@python_function("spl_es_ip", "VARCHAR", returns="VARCHAR")
def ip(text: str) -> str | None:
    """The text where it is an address."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None


@python_function("spl_es_number", "VARCHAR", "DOUBLE", returns="DOUBLE")
def number(text: str, base: float) -> float | None:
    """The number that a text spells in a base; `0x` may stand before a hexadecimal one."""
    if len(text) > 64:
        return None
    try:
        return float(int(text, int(base)))
    except (ValueError, OverflowError):
        return None


@python_function("spl_es_slice", "VARCHAR", "DOUBLE", "DOUBLE", returns="VARCHAR", takes_null=True)
def slice_text(text: str | None, start: float | None, end: float | None) -> str | None:
    """Part of a text by positions from 0, negative ones from the end; no end: all that follows."""
    if text is None or start is None:
        return None
    return text[int(start) :] if end is None else text[int(start) : int(end)]


@python_function("spl_es_between", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def between(text: str, left: str, right: str, options: str) -> str:
    """What stands between the first `left` and the next `right`; else an empty text. Among the options `greedy` takes
    the last `right`, `fold` regards no case."""
    searched, first, last = text, left, right
    if "fold" in options:
        searched, first, last = text.lower(), left.lower(), right.lower()
    start = searched.find(first)
    if start < 0:
        return ""
    start += len(first)
    end = searched.rfind(last, start) if "greedy" in options else searched.find(last, start)
    return text[start:end] if end >= 0 else ""


@python_function("spl_es_groups", "VARCHAR", "VARCHAR", returns="VARCHAR[]")
def groups(text: str, pattern: str) -> list[str | None] | None:
    """What each group of a PCRE holds in its first match; NULL where it is not found."""
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        found = compiled.search(text)
    except pcre2.LibraryError:
        return None
    return None if found is None else [found.group(index) for index in range(1, compiled.groups + 1)]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    try:
        return pcre2.compile(pattern)
    except (pcre2.PatternError, pcre2.LibraryError, ValueError):
        return None


@lru_cache(maxsize=256)
def _dissected(pattern: str) -> tuple[str, tuple[tuple[str, str, int, bool, str], ...]]:
    """The text before the first key, and each key: its modifier, name, order, whether the text after it may be
    repeated, and that text."""
    pieces = _KEY.split(pattern)
    keys: list[tuple[str, str, int, bool, str]] = []
    for place in range(1, len(pieces), 2):
        found = _MODIFIED.fullmatch(pieces[place])
        assert found is not None
        keys.append((found[1], found[2], int(found[3] or 0), found[4] is not None, pieces[place + 1]))
    return pieces[0], tuple(keys)


@python_function("spl_es_dissect", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR[]", returns="VARCHAR[]")
def dissect(text: str, pattern: str, separator: str, names: list[str]) -> list[str] | None:
    """The values of the named keys; NULL where the text does not fit the pattern."""
    before, keys = _dissected(pattern)
    if not text.startswith(before):
        return None
    place = len(before)
    values: dict[str, list[tuple[int, str]]] = {}
    for modifier, name, order, padded, after in keys:
        end = len(text) if not after else text.find(after, place)
        if end < 0:
            return None
        if modifier in ("", "+") and name:
            values.setdefault(name, []).append((order, text[place:end]))
        place = end + len(after)
        while padded and after and text.startswith(after, place):
            place += len(after)
    return [separator.join(part for _, part in sorted(values[name], key=lambda one: one[0])) for name in names]
