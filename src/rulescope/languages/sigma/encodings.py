"""The modifiers that turn one text into others: Base64, UTF-16, and the kinds of dash."""

from __future__ import annotations

import base64
import re
from itertools import product

DASHES = ("-", "/", "\N{EN DASH}", "\N{EM DASH}", "\N{HORIZONTAL BAR}")
"""The characters that Windows' command lines take for one another (specification, modifier `windash`)."""

MAXIMUM_SPELLINGS = len(DASHES) ** 4
"""How many spellings `windash` gives one by one for a value; of more dashes, a pattern says them all."""

# The dash of an option: before a word, and not inside one (`-enc`, but not the one in `pre-built`).
_DASH = re.compile("\\B[-/\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}]\\b")
# How much of the encoded text depends on what stands before and after (0 to 2 bytes).
_HEAD = (0, 2, 3)
_TAIL = (None, -3, -2)

UTF16 = {"utf16le": "utf-16-le", "wide": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16"}
"""The modifiers that change how text is written as bytes, with the names of their codecs."""


def utf16_bytes(text: str, modifier: str) -> bytes:
    """The text in UTF-16; `utf16` puts the byte order mark before little-endian text, as the specification shows."""
    if modifier == "utf16":
        return b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")
    return text.encode(UTF16[modifier], "surrogatepass")


def base64_text(data: bytes) -> str:
    """The bytes in Base64."""
    return base64.b64encode(data).decode("ascii")


def base64_offsets(data: bytes) -> tuple[str, ...]:
    """What is sure of the bytes' Base64 when they begin 0, 1 or 2 bytes into a group of three; repeats left out."""
    found = []
    for offset in range(3):
        tail = _TAIL[(len(data) + offset) % 3]
        found.append(base64_text(b" " * offset + data)[_HEAD[offset] : tail])
    return tuple(dict.fromkeys(text for text in found if text))


def dash_spellings(text: str) -> tuple[str, ...] | None:
    """The text with every choice of dashes, its own first; None where these are too many to be told one by one."""
    parts = _DASH.split(text)
    count = len(parts) - 1
    if count == 0:
        return (text,)
    if len(DASHES) ** count > MAXIMUM_SPELLINGS:
        return None
    spelt = ("".join(map("".join, zip(parts, (*choice, ""), strict=True))) for choice in product(DASHES, repeat=count))
    return tuple(dict.fromkeys((text, *spelt)))


def any_dash_pattern(text: str) -> str:
    """The text as a regular expression that is true of every choice of dashes."""
    return f"[{re.escape(''.join(DASHES))}]".join(re.escape(part) for part in _DASH.split(text))
