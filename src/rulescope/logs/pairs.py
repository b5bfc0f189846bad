"""`key=value` and `key="value"` in raw text, which become fields, as with Splunk's automatic extraction."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PAIR = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{0,100})=(?:"([^"]*)"|'([^']*)'|([^\s"',;|&]+))""")


def pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """Each pair's key and value, in their order; quotes around a value are no part of it."""
    for name, double, single, bare in _PAIR.findall(text):
        yield name, double or single or bare
