"""How Splunk writes the names and lists of macros and lookups, in whichever file they stand."""

from __future__ import annotations

import re

_ARITY = re.compile(r"(?P<name>.*\S)\s*\(\s*(?P<count>\d{1,2})\s*\)\s*$", re.DOTALL)
_MATCH_TYPE = re.compile(r"\b(\w++)\s*+\(([^()]*+)\)")


def split_list(text: str | None) -> tuple[str, ...]:
    """The names of a list that is written with commas."""
    return tuple(name.strip().strip('"') for name in (text or "").split(",") if name.strip())


def parse_match_types(text: str | None) -> tuple[tuple[str, str], ...]:
    """`WILDCARD(a), CIDR(b)` as pairs of field and kind; `EXACT` is what holds without one, and is left out."""
    pairs = [(field, kind.upper()) for kind, fields in _MATCH_TYPE.findall(text or "") for field in split_list(fields)]
    return tuple(pair for pair in pairs if pair[1] != "EXACT")


def macro_signature(stanza: str, arguments: str | None) -> tuple[str, tuple[str, ...]]:
    """A macro's name and arguments from its stanza's name, as `name(2)`, and its `args` setting.

    Where the setting is missing, the arguments are called `argument1` and on, so that their number is kept.
    """
    found = _ARITY.match(stanza)
    if found is None:
        return stanza.strip(), ()
    names = split_list(arguments)
    return found["name"], names or tuple(f"argument{number + 1}" for number in range(int(found["count"])))
