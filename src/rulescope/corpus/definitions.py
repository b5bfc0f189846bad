"""How Splunk writes the names and lists of macros and lookups, in whichever file they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rulescope.text import nearest_name

_ARITY = re.compile(r"(?P<name>.*\S)\s*\(\s*(?P<count>\d{1,2})\s*\)\s*$", re.DOTALL)
_MATCH_TYPES = ("EXACT", "WILDCARD", "CIDR")
_TRUTH = re.compile(r"1|0|true|false|t|f|yes|no|y|n", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,17}(?:\.0*)?")
_MATCH_TYPE = re.compile(r"\b(\w++)\s*+\(([^()]*+)\)")


def split_list(text: str | None) -> tuple[str, ...]:
    """The names of a list that is written with commas."""
    return tuple(name.strip().strip('"') for name in (text or "").split(",") if name.strip())


def parse_match_types(text: str | None) -> tuple[tuple[str, str], ...]:
    """`WILDCARD(a), CIDR(b)` as pairs of field and kind; `EXACT` is what holds without one, and is left out."""
    pairs = [(field, kind.upper()) for kind, fields in _MATCH_TYPE.findall(text or "") for field in split_list(fields)]
    return tuple(pair for pair in pairs if pair[1] != "EXACT")


def lookup_doubts(settings: Mapping[str, str | None]) -> tuple[str, ...]:
    """What can't be read of how a lookup matches: of its `match_type`, and of settings that are numbers or truths.

    Source: transforms.conf.spec, `match_type`, `case_sensitive_match`, `min_matches`, `max_matches`.
    """
    found: list[str] = []
    written = settings.get("match_type") or ""
    for kind in (one for one, _ in _MATCH_TYPE.findall(written) if one.upper() not in _MATCH_TYPES):
        near = nearest_name(kind, _MATCH_TYPES)
        found.append(f"there is no match type '{kind[:80]}'" + (f"; did you mean '{near}'?" if near else ""))
    rest = _MATCH_TYPE.sub("", written).strip(" ,\t\r\n")
    if rest:
        found.append(f"'{rest[:80]}' in its match_type is no match type with a field, as in WILDCARD(name)")
    for name, forms in (("case_sensitive_match", _TRUTH), ("min_matches", _NUMBER), ("max_matches", _NUMBER)):
        value = (settings.get(name) or "").strip()
        if value and not forms.fullmatch(value):
            found.append(f"its {name} '{value[:80]}' can't be read")
    return tuple(found)


def macro_signature(stanza: str, arguments: str | None) -> tuple[str, tuple[str, ...]]:
    """A macro's name and arguments from its stanza's name, as `name(2)`, and its `args` setting.

    Where the setting is missing, the arguments are called `argument1` and on, so that their number is kept.
    """
    found = _ARITY.match(stanza)
    if found is None:
        return stanza.strip(), ()
    names = split_list(arguments)
    return found["name"], names or tuple(f"argument{number + 1}" for number in range(int(found["count"])))
