"""Kusto's functions of texts, addresses, encodings and times that SQL can't express. Lists and objects are JSON texts.

Source: the pages of Kusto's reference that bear the functions' names.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import math
import re
import unicodedata
import uuid
import zlib
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rulescope.engines.duckdb.functions.json_text import TOO_DEEP
from rulescope.engines.duckdb.functions.registry import Bound, GivenUp, python_function

_VERSION = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,8}){0,3}")
_STOPS = re.compile("[.\u3002\uff0e\uff61]")
_MOST_MADE = 16 * 1024 * 1024
_TOO_LONG = Bound(f"a text of more than {_MOST_MADE:,} characters or bytes is not made, and nothing given for it")
_LONGEST_PUNYCODE = 4096
_TOO_LONG_FOR_PUNYCODE = Bound(f"of more than {_LONGEST_PUNYCODE:,} characters no Punycode is made or read")


def listed(text: str) -> list[Any] | None:
    """The list that a JSON text is, None where it is none."""
    found = parsed(text)
    return found if isinstance(found, list) else None


def parsed(text: str) -> Any:
    """The value of a JSON text; None for what is none. Raises `GivenUp` where it nests too deeply."""
    try:
        return json.loads(text)
    except ValueError:
        return None
    except RecursionError as error:
        raise GivenUp(TOO_DEEP, text, None) from error


def dumped(value: Any) -> str:
    """The value as JSON without blanks."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise GivenUp(TOO_DEEP, "", None) from error


@python_function("spl_kusto_version", "VARCHAR", returns="VARCHAR")
def version(text: str) -> str | None:
    """Up to four parts of up to eight digits as one whole number that orders as they do."""
    if not _VERSION.fullmatch(text.strip()):
        return None
    parts = [int(part) for part in text.strip().split(".")]
    return str(sum(part * 10 ** (8 * (3 - place)) for place, part in enumerate(parts)))


@python_function("spl_kusto_replace_strings", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def replace_strings(text: str, lookups: str, replacements: str) -> str | None:
    """Each text of a list put for another; what one has put, the later ones leave alone."""
    old, new = listed(lookups), listed(replacements)
    if old is None or new is None or len(old) != len(new):
        return None
    pieces: list[tuple[str, bool]] = [(text, False)]
    for wanted, put in zip(old, new, strict=True):
        if not (isinstance(wanted, str) and wanted):
            continue
        # What is no text replaces nothing.
        put = put if isinstance(put, str) else wanted
        following: list[tuple[str, bool]] = []
        for piece, fixed in pieces:
            if fixed:
                following.append((piece, True))
                continue
            parts = piece.split(wanted)
            if len(piece) + (len(parts) - 1) * len(put) > _MOST_MADE:
                raise GivenUp(_TOO_LONG, text, None)
            for place, part in enumerate(parts):
                following += [(put, True)] if place else []
                following.append((part, False))
        pieces = following
    return "".join(piece for piece, _ in pieces)


def _spelt(value: Any) -> str:
    return value if isinstance(value, str) else dumped(value)


@python_function("spl_kusto_index_of", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "BIGINT", returns="BIGINT")
def index_of(text: str, lookup: str, start: int, length: int, occurrence: int) -> int:
    """Where an occurrence of a text begins, each within so many characters from a place on, or from behind where the
    one before it begins; -1 where there is none."""
    first = max(len(text) + start, 0) if start < 0 else start
    place = -1
    for _ in range(max(occurrence, 1)):
        place = text.find(lookup, first, len(text) if length < 0 else first + length)
        if place < 0:
            return -1
        first = place + 1
    return place


@python_function("spl_kusto_has_any_index", "VARCHAR", "VARCHAR", returns="BIGINT")
def has_any_index(text: str, terms: str) -> int | None:
    """Which is the first of the terms that the text has; -1 for none."""
    found = listed(terms)
    if found is None:
        return None
    for place, term in enumerate(map(_spelt, found)):
        if re.search(rf"(?<![^\W_]){re.escape(term)}(?![^\W_])", text, re.IGNORECASE):
            return place
    return -1


@python_function("spl_kusto_regex_quote", "VARCHAR", returns="VARCHAR")
def regex_quote(text: str) -> str:
    """The text with what means something in a regular expression escaped."""
    return re.sub(r"[\\.+*?()|\[\]{}^$#&\-~]", r"\\\g<0>", text)


@python_function("spl_kusto_code_points", "VARCHAR", returns="VARCHAR")
def code_points(text: str) -> str:
    """The numbers of a text's characters."""
    return dumped([ord(letter) for letter in text])


@python_function("spl_kusto_of_code_points", "VARCHAR", returns="VARCHAR")
def of_code_points(numbers: str) -> str:
    """The text whose characters have the numbers; lists among them count as what they hold."""
    found: list[str] = []
    for one in listed(numbers) or []:
        for number in one if isinstance(one, list) else [one]:
            if isinstance(number, int) and 0 < number < 0x110000 and not 0xD800 <= number < 0xE000:
                found.append(chr(number))
    return "".join(found)


@python_function("spl_kusto_base64_bytes", "VARCHAR", returns="VARCHAR")
def base64_bytes(text: str) -> str | None:
    """The bytes that Base64 stands for, as numbers."""
    found = _decoded(text)
    return None if found is None else dumped(list(found))


@python_function("spl_kusto_base64_of_bytes", "VARCHAR", returns="VARCHAR")
def base64_of_bytes(numbers: str) -> str:
    """Bytes, given as numbers, in Base64."""
    found = listed(numbers) or []
    if not all(isinstance(one, int) and 0 <= one < 256 for one in found):
        return ""
    return base64.b64encode(bytes(found)).decode()


@python_function("spl_kusto_base64_guid", "VARCHAR", returns="VARCHAR")
def base64_guid(text: str) -> str | None:
    """The GUID whose bytes Base64 stands for."""
    found = _decoded(text)
    return str(uuid.UUID(bytes_le=found)) if found is not None and len(found) == 16 else None


@python_function("spl_kusto_base64_of_guid", "VARCHAR", returns="VARCHAR")
def base64_of_guid(text: str) -> str | None:
    """A GUID's bytes in Base64."""
    try:
        return base64.b64encode(uuid.UUID(text).bytes_le).decode()
    except ValueError:
        return None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@python_function("spl_kusto_unpacked", "VARCHAR", returns="VARCHAR")
def unpacked(text: str) -> str:
    """The text that was packed with gzip or zlib and put in Base64; the empty text where it was not."""
    data = _decoded(text)
    if not data:
        return ""
    reader = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    try:
        found = reader.decompress(data, _MOST_MADE)
    except zlib.error:
        return ""
    if reader.unconsumed_tail:
        raise GivenUp(_TOO_LONG, text, None)
    return found.decode("utf-8", "replace") if reader.eof else ""


def _check_length(text: str) -> None:
    # Punycode is put together letter by letter, each time through all of the text.
    if len(text) > _LONGEST_PUNYCODE:
        raise GivenUp(_TOO_LONG_FOR_PUNYCODE, text, None)


@python_function("spl_kusto_punycode", "VARCHAR", returns="VARCHAR")
def punycode(text: str) -> str:
    """The text in Punycode."""
    _check_length(text)
    written = text.encode("punycode", "ignore").decode("ascii")
    return written.removesuffix("-") if text.isascii() else written


@python_function("spl_kusto_of_punycode", "VARCHAR", returns="VARCHAR")
def of_punycode(text: str) -> str | None:
    """The text that Punycode stands for."""
    _check_length(text)
    try:
        return text.encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return None


@python_function("spl_kusto_punycode_domain", "VARCHAR", returns="VARCHAR")
def punycode_domain(text: str) -> str:
    """A domain whose labels are in Punycode where they are not ASCII."""
    labels = (unicodedata.normalize("NFC", label) for label in _STOPS.split(text))
    return ".".join(label if label.isascii() else f"xn--{punycode(label)}" for label in labels)


@python_function("spl_kusto_of_punycode_domain", "VARCHAR", returns="VARCHAR")
def of_punycode_domain(text: str) -> str | None:
    """A domain with its labels that are in Punycode read."""
    labels = [of_punycode(label[4:]) if label[:4].lower() == "xn--" else label for label in _STOPS.split(text)]
    return None if None in labels else ".".join(label for label in labels if label is not None)


@python_function("spl_kusto_zone", "DOUBLE", "VARCHAR", "BOOLEAN", returns="DOUBLE")
def in_zone(seconds: float, zone: str, to_local: bool) -> float | None:
    """A time in UTC as that of a zone, or the other way round; NULL where there is no such zone, or no such time."""
    try:
        rules = ZoneInfo(zone)
        utc = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(seconds=seconds)
        if to_local:
            return seconds + (rules.utcoffset(utc.astimezone(rules)) or datetime.timedelta()).total_seconds()
        # Of a time that is there twice, or not at all, what holds after the change.
        shift = rules.utcoffset(utc.replace(tzinfo=rules, fold=1))
    except (ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
        return None
    return seconds - (shift or datetime.timedelta()).total_seconds()


@python_function("spl_kusto_erf", "DOUBLE", returns="DOUBLE")
def error_function(value: float) -> float:
    """The error function."""
    return math.erf(value)


@python_function("spl_kusto_erfc", "DOUBLE", returns="DOUBLE")
def other_error_function(value: float) -> float:
    """What the error function lacks to 1."""
    return math.erfc(value)


@python_function("spl_kusto_url_encode", "VARCHAR", "VARCHAR", returns="VARCHAR")
def url_encode(text: str, blank: str) -> str:
    """The text with percent escapes, whose digits are small letters."""
    written = quote(text, safe="-_.!*()", errors="replace")
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), written).replace("%20", blank)


_SIZES = ("Bytes", "KB", "MB", "GB", "TB", "PB", "EB")


@python_function("spl_kusto_bytes", "DOUBLE", "BIGINT", "VARCHAR", returns="VARCHAR")
def format_bytes(count: float, digits: int, unit: str) -> str | None:
    """A number of bytes in a unit that suits it, or the one that is said."""
    place = next((at for at, one in enumerate(_SIZES) if one.lower() == unit.lower()), None)
    if unit and place is None:
        return None
    if place is None:
        place = 0
        while abs(count) >= 1024 ** (place + 1) and place < len(_SIZES) - 1:
            place += 1
    value = f"{count / 1024**place:.{min(max(digits, 0), 15)}f}"
    return f"{value.rstrip('0').rstrip('.') if '.' in value else value} {_SIZES[place]}"
