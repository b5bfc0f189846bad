"""Kusto's functions of texts and addresses. Facts: the pages of its reference of their names."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from rulescope.engines.reference.common.names import opened
from rulescope.engines.reference.common.patterns import in_network, regex
from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import KUSTO
from rulescope.engines.reference.tables.functions import single_number, single_text
from rulescope.engines.reference.tables.kusto import text_of
from rulescope.engines.reference.values import text


def _spelt(call: RowCall, place: int) -> str:
    return text_of(call.value(place))


def _name(call: RowCall) -> str:
    return str(getattr(call.node, "function", ""))


@KUSTO.function("trim", "trim_start", "trim_end")
def trimmed(call: RowCall) -> str:
    """A text without what matches a regular expression at its ends, or at one of them."""
    pattern, value = single_text(call, 0) or "", single_text(call, 1) or ""
    compiled = regex(f"(?:{pattern})+", call.span)
    if _name(call) != "trim_end" and (found := compiled.match(value)) is not None:
        value = value[found.end() :]
    if _name(call) != "trim_start":
        value = regex(f"(?:{pattern})+$", call.span).sub("", value, count=1)
    return value


@KUSTO.function("strcat_delim")
def joined(call: RowCall) -> str:
    """Texts as one, the first one between them."""
    return _spelt(call, 0).join(_spelt(call, place) for place in range(1, len(call)))


@KUSTO.function("strcat_array")
def joined_list(call: RowCall) -> str:
    """The values of a list as one text."""
    held = opened(call.value(0))
    if not isinstance(held, list) or not all(isinstance(one, str) for one in held):
        raise call.refuse("the reference has no reading of other values than lists of texts")
    return (single_text(call, 1) or "").join(held)


@KUSTO.function("strrep")
def repeated(call: RowCall) -> str:
    """A text so many times."""
    count = single_number(call, 1)
    if not isinstance(count, int) or not 0 <= count <= 1024:
        raise call.refuse("the reference has no reading of such a count")
    return (single_text(call, 2) or "" if len(call) > 2 else "").join([_spelt(call, 0)] * count)


@KUSTO.function("translate")
def translated(call: RowCall) -> str:
    """Letters put for others; the last one stands for all that have none of their own."""
    old, new, value = (single_text(call, place) or "" for place in range(3))
    if not new:
        raise call.refuse("the reference has no reading of no letters")
    table = {letter: new[min(place, len(new) - 1)] for place, letter in reversed(list(enumerate(old)))}
    return "".join(table.get(letter, letter) for letter in value)


@KUSTO.function("base64_encode_tostring")
def encoded(call: RowCall) -> str:
    """A text in base64."""
    return base64.b64encode((single_text(call, 0) or "").encode()).decode()


@KUSTO.function("url_encode", "url_encode_component")
def escaped(call: RowCall) -> str:
    """With percent escapes; a blank is `+`, in a component `%20`."""
    found = quote(single_text(call, 0) or "", safe="-_.~")
    return found.replace("%20", "+") if _name(call) == "url_encode" else found


@KUSTO.function("url_decode")
def unescaped(call: RowCall) -> str:
    """Without percent escapes."""
    value = single_text(call, 0) or ""
    if "+" in value:
        raise call.refuse("the reference has no reading of '+'")
    return unquote(value)


@KUSTO.function("hash_md5", "hash_sha1", "hash_sha256")
def digest(call: RowCall) -> str:
    """The digest in hexadecimal."""
    return hashlib.new(_name(call).removeprefix("hash_"), _spelt(call, 0).encode()).hexdigest()


@KUSTO.function("countof")
def counted(call: RowCall) -> Any:
    """How often a text is in another, also where one place runs into the next."""
    value, wanted = single_text(call, 0) or "", single_text(call, 1) or ""
    if len(call) > 2 or not wanted:
        raise call.refuse("the reference has no reading of regular expressions or of no text")
    return sum(value.startswith(wanted, place) for place in range(len(value)))


@KUSTO.function("strcmp")
def order(call: RowCall) -> int:
    """-1, 0 or 1: how two texts are in order."""
    left, right = single_text(call, 0) or "", single_text(call, 1) or ""
    return (left > right) - (left < right)


@KUSTO.function("string_size")
def size(call: RowCall) -> int:
    """How many bytes of UTF-8."""
    return len((single_text(call, 0) or "").encode())


@KUSTO.function("extract_all")
def all_matches(call: RowCall) -> Any:
    """All matches: of one group its text, of several a list of their texts; null where there are none."""
    if len(call) > 2:
        raise call.refuse("the reference has no reading of groups that are chosen")
    compiled = regex(single_text(call, 0) or "", call.span)
    found = [list(one.groups("")) for one in compiled.finditer(single_text(call, 1) or "")]
    return ([one[0] if compiled.groups == 1 else one for one in found]) or None


@KUSTO.function("set_has_element")
def has_element(call: RowCall) -> Any:
    """Whether a list has a value."""
    held, wanted = opened(call.value(0)), call.value(1)
    if not isinstance(held, list):
        raise call.refuse("the reference has no reading of what is no list")
    return any(one == wanted and isinstance(one, bool) is isinstance(wanted, bool) for one in held)


@KUSTO.function("parse_urlquery")
def query_of(call: RowCall) -> dict[str, Any]:
    """The parameters of a query of an address."""
    return {"Query Parameters": dict(parse_qsl(single_text(call, 0) or "", keep_blank_values=True))}


@KUSTO.function("parse_csv")
def cells(call: RowCall) -> list[str]:
    """The cells of one line of CSV."""
    value = single_text(call, 0) or ""
    if '"' in value or not value:
        raise call.refuse("the reference has no reading of quotes, or of no text")
    return value.split(",")


@KUSTO.function("extract_json")
def from_json(call: RowCall) -> Any:
    """What is at a path of names in a text of JSON, as text."""
    path, written = single_text(call, 0) or "", single_text(call, 1) or ""
    if len(call) > 2 or not re.fullmatch(r"\$(\.\w+)+", path):
        raise call.refuse("the reference has no reading of such a path, or of a type")
    try:
        value = json.loads(written)
    except ValueError:
        return ""
    for step in path.split(".")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str | None):
        raise call.refuse("the reference has no reading of other values than texts")
    return value or ""


# Addresses


def _address(written: str) -> int | None:
    """The number of an IPv4 address, with a prefix cut off to it."""
    host, _, prefix = written.partition("/")
    try:
        found = int(IPv4Address(host))
    except ValueError:
        return None
    if prefix and not (prefix.isdigit() and int(prefix) <= 32):
        return None
    return _cut(found, int(prefix) if prefix else 32)


def _cut(address: int, prefix: int) -> int:
    return address >> (32 - prefix) << (32 - prefix)


def _least_prefix(call: RowCall) -> int:
    written = [(text(call.value(place)) or "").partition("/")[2] for place in range(2)]
    given = [int(one) for one in written if one.isdigit()]
    return min([*given, single_number(call, 2) if len(call) > 2 else 32, 32])


@KUSTO.function("parse_ipv4")
def address_number(call: RowCall) -> Any:
    """The number of an address; null of what is none."""
    return _address(single_text(call, 0) or "")


@KUSTO.function("format_ipv4")
def address_text(call: RowCall) -> str:
    """An address as text; the empty text for what is none."""
    found = _address(single_text(call, 0) or "")
    if len(call) > 1:
        raise call.refuse("the reference has no reading of a prefix")
    return "" if found is None else str(IPv4Address(found))


@KUSTO.function("ipv4_compare", "ipv4_is_match")
def addresses_compared(call: RowCall) -> Any:
    """Two addresses in order, or whether they are the same, by the shortest prefix that is said."""
    one, other = (_address(single_text(call, place) or "") for place in range(2))
    if one is None or other is None:
        return None
    left, right = (_cut(found, _least_prefix(call)) for found in (one, other))
    return left == right if _name(call) == "ipv4_is_match" else (left > right) - (left < right)


@KUSTO.function("ipv4_is_in_any_range")
def is_in_any_range(call: RowCall) -> Any:
    """Whether an address is in one of several ranges; null of what is no address."""
    value = single_text(call, 0) or ""
    if not in_network(value, "0.0.0.0/0", call.span):
        return None
    return any(in_network(value, single_text(call, place) or "", call.span) for place in range(1, len(call)))


@KUSTO.function("has_ipv4", "has_ipv4_prefix")
def has_address(call: RowCall) -> Any:
    """Whether a text has an address, or one that begins so, with no letter or digit beside it."""
    value, wanted = single_text(call, 0) or "", single_text(call, 1) or ""
    if _name(call) == "has_ipv4" and _address(wanted) is None:
        return False
    found = re.findall(r"(?<![0-9A-Za-z.])(\d{1,3}(?:\.\d{1,3}){3})(?![0-9A-Za-z.])", value)
    held = [one for one in found if _address(one) is not None]
    return any(one.startswith(wanted) if _name(call) == "has_ipv4_prefix" else one == wanted for one in held)
