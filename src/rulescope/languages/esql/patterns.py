"""Which fields the patterns of GROK and DISSECT make."""

from __future__ import annotations

import re

# %{SYNTAX:name} and %{SYNTAX:name:type}; a group of the pattern's own, (?<name>…).
_GROK = re.compile(r"%\{\w+:([\w.@-]+)(?::\w+)?\}|\(\?<([A-Za-z_][\w.@-]*)>")
# %{name}, with modifiers: %{+name/2} appends, %{?name} is left out, %{name->} takes more blanks, %{*key} %{&key} pair.
_DISSECT = re.compile(r"%\{([?+*&]?)([^}/]*?)(?:/\d+)?(?:->)?\}")


def grok_names(pattern: str) -> tuple[str, ...]:
    """The fields that a GROK pattern makes, in order."""
    return tuple(dict.fromkeys(found[1] or found[2] for found in _GROK.finditer(pattern)))


def dissect_names(pattern: str) -> tuple[str, ...]:
    """The fields that a DISSECT pattern makes, in order; names that are only skipped are left out."""
    names = (found[2] for found in _DISSECT.finditer(pattern) if found[1] in ("", "+") and found[2])
    return tuple(dict.fromkeys(names))
