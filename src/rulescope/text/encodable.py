"""Text that can be written as UTF-8."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """The text with U+FFFD for each byte of a name or argument that is no UTF-8, which Python holds as a surrogate:
    neither databases nor JSON take those."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
