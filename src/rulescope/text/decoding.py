"""Bytes of a file as text, by the byte order mark that it begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "UTF-32", "utf-32-be"),
    (b"\xff\xfe", "UTF-16", "utf-16-le"),
    (b"\xfe\xff", "UTF-16", "utf-16-be"),
    (b"\xef\xbb\xbf", "UTF-8", "utf-8"),
)
"""Byte order marks, the name of what they stand for, and Python's. Source: The Unicode Standard, section 23.8, "Byte
Order Mark". That of UTF-16 begins as one of UTF-32 does, which is therefore looked for first."""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text without its byte order mark, and the `encoding` it was in (`UTF-8`, `UTF-16`, `UTF-32`).

    `lost` is where the first bytes stand that are none of that encoding, and became U+FFFD; None if all is well.
    """

    text: str
    encoding: str
    lost: int | None = None


def decode_text(data: bytes) -> DecodedText:
    """The text of a file: in the encoding that its byte order mark says, in UTF-8 where it has none."""
    mark, encoding, codec = next((one for one in _MARKS if data.startswith(one[0])), (b"", "UTF-8", "utf-8"))
    data = data.removeprefix(mark)
    try:
        return DecodedText(data.decode(codec), encoding)
    except UnicodeDecodeError as error:
        lost = len(data[: error.start].decode(codec, "replace"))
        return DecodedText(data.decode(codec, "replace"), encoding, lost)
