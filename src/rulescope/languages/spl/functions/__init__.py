"""The eval functions that Splunk has, and how many arguments each takes.

Source: Search Reference, "Evaluation functions".
"""

from __future__ import annotations

from functools import lru_cache

from rulescope.text import nearest_name

_ANY = 10_000

FUNCTIONS: dict[str, tuple[int, int]] = {
    # comparison and conditional
    "case": (2, _ANY), "cidrmatch": (2, 2), "coalesce": (1, _ANY), "false": (0, 0), "if": (3, 3), "in": (2, _ANY),
    "like": (2, 2), "lookup": (3, 3), "match": (2, 2), "null": (0, 0), "nullif": (2, 2), "searchmatch": (1, 1),
    "true": (0, 0), "validate": (2, _ANY),
    # conversion
    "ipmask": (2, 2), "printf": (1, _ANY), "tonumber": (1, 2), "tostring": (1, 2), "toarray": (1, 1), "tobool": (1, 1),
    "todouble": (1, 2), "toint": (1, 2), "tomv": (1, 1), "toobject": (1, 1),
    # cryptographic
    "md5": (1, 1), "sha1": (1, 1), "sha256": (1, 1), "sha512": (1, 1),
    # date and time
    "now": (0, 0), "relative_time": (2, 2), "strftime": (2, 2), "strptime": (2, 2), "time": (0, 0),
    # informational
    "isarray": (1, 1), "isbool": (1, 1), "isdouble": (1, 1), "isint": (1, 1), "ismv": (1, 1), "isnotnull": (1, 1),
    "isnull": (1, 1), "isnum": (1, 1), "isobject": (1, 1), "isstr": (1, 1), "typeof": (1, 1), "cluster": (2, 5),
    "getfields": (0, 1), "commands": (1, 1),
    # JSON
    "json": (1, 1), "json_append": (3, _ANY), "json_array": (0, _ANY), "json_array_to_mv": (1, 2),
    "json_delete": (2, _ANY),
    "json_entries": (1, 1), "json_extend": (3, _ANY), "json_extract": (1, _ANY), "json_extract_exact": (1, _ANY),
    "json_has_key_exact": (2, 2), "json_keys": (1, 1), "json_object": (0, _ANY), "json_set": (3, _ANY),
    "json_set_exact": (3, _ANY), "json_valid": (1, 1), "all": (2, 2), "any": (2, 2), "filter": (2, 2), "map": (2, 2),
    "reduce": (3, 3),
    # mathematical
    "abs": (1, 1), "ceil": (1, 1), "ceiling": (1, 1), "exact": (1, 1), "exp": (1, 1), "floor": (1, 1), "ln": (1, 1),
    "log": (1, 2), "pi": (0, 0), "pow": (2, 2), "round": (1, 2), "sigfig": (1, 1), "sqrt": (1, 1), "sum": (1, _ANY),
    "avg": (1, _ANY),
    # bitwise
    "bit_and": (2, _ANY), "bit_or": (2, _ANY), "bit_not": (1, 2), "bit_xor": (2, _ANY), "bit_shift_left": (2, 2),
    "bit_shift_right": (2, 2),
    # multivalue
    "mvappend": (1, _ANY), "mvcount": (1, 1), "mvdedup": (1, 1), "mvfilter": (1, 1), "mvfind": (2, 2),
    "mvindex": (2, 3),
    "mvjoin": (2, 2), "mvmap": (2, 2), "mvrange": (2, 3), "mvsort": (1, 1), "mvzip": (2, 3), "mv_to_json_array": (1, 2),
    "split": (2, 2), "mvreverse": (1, 1),
    # statistical
    "max": (1, _ANY), "min": (1, _ANY), "random": (0, 0),
    # text
    "len": (1, 1), "length": (1, 1), "lower": (1, 1), "ltrim": (1, 2), "replace": (3, 3), "rtrim": (1, 2),
    "spath": (2, 2), "substr": (2, 3), "trim": (1, 2), "upper": (1, 1), "urldecode": (1, 1), "trunc": (1, 2),
    # trigonometric and hyperbolic
    "acos": (1, 1), "acosh": (1, 1), "asin": (1, 1), "asinh": (1, 1), "atan": (1, 1), "atan2": (2, 2), "atanh": (1, 1),
    "cos": (1, 1), "cosh": (1, 1), "hypot": (2, 2), "sin": (1, 1), "sinh": (1, 1), "tan": (1, 1), "tanh": (1, 1),
}  # fmt: skip


_EVEN = {"case": "conditions and values", "validate": "conditions and values", "json_object": "names and values"}
_ODD = dict.fromkeys(("json_append", "json_extend", "json_set", "json_set_exact"), "paths and values")
"""Functions that take pairs, of what: from the first argument on, or after it."""


@lru_cache(maxsize=256)
def nearest_function(name: str) -> str | None:
    """The function that was probably meant by a name that is none's; None where none is near."""
    return _MEANT.get(name) or (nearest_name(name, FUNCTIONS) if len(name) <= 60 else None)


_MEANT = {
    "contains": "like",
    "concat": "mvjoin",
    "isempty": "isnull",
    "isnull_or_empty": "isnull",
    "lenght": "len",
    "nvl": "coalesce",
    "regexp": "match",
    "strlen": "len",
    "substring": "substr",
    "tolower": "lower",
    "toupper": "upper",
    "to_number": "tonumber",
    "to_string": "tostring",
}
"""Functions of other languages, and SPL's for the same."""


def check_call(name: str, count: int) -> tuple[str, str, str | None] | None:
    """What is wrong with calling `name` with `count` arguments, as (code, message, hint); None if nothing is."""
    bounds = FUNCTIONS.get(name)
    if bounds is None:
        near = nearest_function(name)
        return "SPL025", f"unknown function '{name}'", f"did you mean '{near}'?" if near else None
    least, most = bounds
    pairs = _EVEN.get(name) or _ODD.get(name)
    found = f"found {count} argument{'' if count == 1 else 's'}"
    if least <= count <= most:
        if pairs is None or count % 2 == (name in _ODD):
            return None
        return "SPL026", f"{name}() takes {pairs} in pairs, {found}", "the last one has no other half"
    wanted = str(least) if least == most else f"at least {least}" if most == _ANY else f"{least} to {most}"
    one = "1" in (wanted, wanted.removeprefix("at least "))
    return "SPL026", f"{name}() takes {wanted} argument{'' if one else 's'}, found {count}", None
