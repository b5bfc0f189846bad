"""What Windows events are told apart by, channel and event id, in the one spelling that rules name them with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rulescope.logs.model import Fields

_NUMBER = re.compile(r"\+?\d{1,20}(?:\.\d*)?(?:[eE]\+?\d{1,2})?", re.ASCII)
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,8}")
_NO_CHANNEL = frozenset({"", "-", "null", "none", "unknown", "n/a"})
"""What shippers write where they know no channel; none of Windows' is called so."""
_LARGEST = 0xFFFFFFFF


@lru_cache(maxsize=4096)
def event_id_of(text: str | None) -> str | None:
    """The event id that a log writes as `1`, `1.0`, ` 1 ` or `0x1`, in plain digits; None for what is none."""
    if text is None or (text.isdecimal() and text.isascii() and text[0] != "0"):
        return text
    text = text.strip()
    if _HEXADECIMAL.fullmatch(text):
        return str(int(text, 16))
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return str(int(value)) if value.is_integer() and value <= _LARGEST else None


@lru_cache(maxsize=4096)
def channel_of(text: str | None) -> str | None:
    """The name of a channel without blanks around it, and with the slash that Windows writes as `%4` in the names of
    its files; None for a word that says there is none."""
    if text is None:
        return None
    text = text.strip()
    return None if text.casefold() in _NO_CHANNEL else text.replace("%4", "/")


def put_keys(fields: Fields, id_names: Iterable[str], event_id: str | None, channel: str | None) -> None:
    """Have the fields that the keys were read from say them in that spelling; those with several values stay."""
    for name in id_names:
        value = fields.get(name)
        if value.__class__ is str and value != event_id and event_id_of(str(value)) == event_id is not None:
            fields[name] = event_id
    if channel is not None and fields["Channel"].__class__ is str:
        fields["Channel"] = channel
