"""Texts from strangers as pages show them: nothing invisible, nothing that turns the line around, nothing endless."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Unicode's categories Cc, Cf and Cs: controls, zero-width and direction characters, tags, halves of pairs."""

_ADDRESS = re.compile(r"https?://[!#-;=?-~]+", re.IGNORECASE)
"""Printable ASCII without spaces, double quotes and angle brackets."""

LONGEST_ADDRESS = 2000
"""Characters of a link's address; browsers disagree on more."""

MOST_ROWS = 2000
"""Rows of a table, and arms of a condition, that a page shows. It says how many more there are; its JSON has them."""

LONGEST_TEXT = 256 * 1024
"""Characters of a query or a file that a page shows."""

LONG_VALUE = 320
"""Characters from which a value is folded; `SHOWN_OF_LONG` of them stay in view."""

SHOWN_OF_LONG = 120


def visible(text: str) -> str:
    """The text with every character that can't be seen, or that steers how others are shown, as a mark that can."""
    if text.isprintable() or _HIDDEN.search(text) is None:
        return text
    return _HIDDEN.sub(_mark, text.replace("\r\n", "\n"))


def _mark(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\u27e6U+{code:04X}\u27e7"


def web_address(text: str) -> str | None:
    """The text if it is a plain `http` or `https` address, fit to be linked to; else None."""
    address = text.strip()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.hostname and "@" not in parts.netloc else None
