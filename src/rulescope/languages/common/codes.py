"""The codes of what is said of queries in any language, one line a code; the guide lists them."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "QRY001": "a typographic quote, which is read as any letter",
    "QRY002": "an invisible character, or a no-break space, outside of quotes",
    "QRY003": "an empty text, regular expression or alternative of one, which is part of every value",
    "QRY004": "a comparison of two texts, which is true of every event or of none",
    "QRY005": "a range of addresses where a function takes the address",
    "QRY006": "a number of rows below zero",
    "QRY007": "a star at an end of a text, where it is no wildcard",
}
"""What each code means."""
