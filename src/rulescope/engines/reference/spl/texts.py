"""Text functions. Facts: Search Reference, "Text functions", "Conversion functions", "Cryptographic functions"."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from rulescope.engines.reference.common.patterns import regex
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import SPL
from rulescope.engines.reference.values import Quoted, lowered, number, raised, text, texts_of


def single(call: RowCall, index: int) -> str | None:
    """An argument as one text."""
    return text(call.value(index))


def _of_text(name: str, change: Callable[[str], Any]) -> None:
    @SPL.function(name)
    def read(call: RowCall) -> Any:
        value = single(call, 0)
        return None if value is None else change(value)


def _of_each_text(name: str, change: Callable[[str], str]) -> None:
    @SPL.function(name)
    def read(call: RowCall) -> Any:
        value = call.value(0)
        found = [Quoted(change(spelt)) for spelt in texts_of(value)]
        return found or None if isinstance(value, list) else found[0] if found else None


_of_each_text("lower", lowered)
_of_each_text("upper", raised)
_of_text("len", lambda value: float(len(value)))
_of_text("urldecode", lambda value: Quoted(unquote_plus(value)))
for _name in ("md5", "sha1", "sha256", "sha512"):
    _of_text(_name, lambda value, name=_name: Quoted(hashlib.new(name, value.encode()).hexdigest()))  # type: ignore[misc]


@SPL.function("substr")
def part(call: RowCall) -> Any:
    """From a position (1 is the first character, -1 the last) on, so many characters; as SQLite's function, to which
    the manual points: position 0 stands before the first character, and a negative length takes what is before."""
    value, start = single(call, 0), number(call.value(1))
    count = number(call.value(2)) if len(call) > 2 else None
    if value is None or start is None or (len(call) > 2 and count is None):
        return None
    begin = int(start)
    length = len(value)
    if begin < 0:
        first = length + begin
    else:
        first = begin - 1
    if count is None:
        return Quoted(value[max(first, 0) :])
    end = first + int(count)
    if begin == 0 and count < 0:
        return Quoted("")
    low, high = sorted((first, end))
    return Quoted(value[max(low, 0) : max(high, 0)])


@SPL.function("replace")
def replaced(call: RowCall) -> Any:
    """Every match of a PCRE replaced; `\\1` is a group."""
    value, pattern, new = (single(call, place) for place in range(3))
    if value is None or pattern is None or new is None:
        return None

    def filled(found: Any) -> str:
        return re.sub(r"\\(\d)", lambda one: found.group(int(one.group(1))) or "", new)

    return Quoted(regex(pattern, call.span).sub(filled, value))


def _trimming(name: str, change: Callable[[str, str | None], str]) -> None:
    @SPL.function(name)
    def read(call: RowCall) -> Any:
        value, characters = single(call, 0), single(call, 1) if len(call) > 1 else " \t"
        return None if value is None or characters is None else Quoted(change(value, characters))


_trimming("trim", str.strip)
_trimming("ltrim", str.lstrip)
_trimming("rtrim", str.rstrip)


@SPL.function("tostring")
def spelt(call: RowCall) -> Any:
    """A value as it prints."""
    if len(call) > 1:
        raise call.refuse("the reference has no reading of its forms")
    value = call.value(0)
    if isinstance(value, list):
        return value
    found = text(value)
    return None if found is None else Quoted(found)


@SPL.function("tonumber")
def size(call: RowCall) -> Any:
    """The number that a text is; NULL where it is none."""
    if len(call) > 1:
        raise call.refuse("the reference has no reading of bases")
    return number(call.value(0))
