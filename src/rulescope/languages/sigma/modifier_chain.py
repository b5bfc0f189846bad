"""The modifiers of a field: which there are, and which go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rulescope.ir.operations import OperationName
from rulescope.ir.predicates import ComparisonKind
from rulescope.languages.sigma.encodings import UTF16
from rulescope.languages.sigma.nodes import SigmaReading
from rulescope.languages.sigma.times import TIME_PARTS
from rulescope.text import Span, nearest_name

PLACES: Final[dict[str, OperationName]] = {
    "contains": "has_part", "startswith": "has_start", "endswith": "has_end"
}  # fmt: skip
"""The modifiers that say where in the field the value is, with the operations that say it of another field's value."""
ORDERS: Final[dict[str, ComparisonKind]] = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
_FLAGS = {"i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s"}
_BASE64 = frozenset({"base64", "base64offset"})
_ENCODINGS = frozenset({*UTF16, *_BASE64, "windash"})
_TYPES = frozenset({"re", "cidr", "exists", "fieldref", *ORDERS})
MODIFIERS: Final = frozenset({"all", "cased", "neq", "expand", *PLACES, *_ENCODINGS, *_TYPES, *TIME_PARTS, *_FLAGS})
"""Every modifier, by the name that rules write."""


@dataclass(slots=True)
class Chain:
    """A field's modifiers, sorted by what they do."""

    encodings: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    kind: str | None = None
    flags: str = ""
    part: str | None = None
    every: bool = False
    cased: bool = False
    unequal: bool = False
    expand: bool = False


def read_chain(reading: SigmaReading, modifiers: Sequence[str], key: Span) -> Chain | None:
    """The modifiers sorted; None, with a finding, where one is unknown or they don't go together."""
    chain = Chain()
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            near = nearest_name(modifier, MODIFIERS)
            hint = f"did you mean '{near}'?" if near else f"modifiers: {', '.join(sorted(MODIFIERS))}"
            reading.report("SIG020", f"unknown modifier '{modifier[:60]}'", key, hint=hint)
            return None
        if modifier == "all":
            chain.every = True
        elif modifier == "cased":
            chain.cased = True
        elif modifier == "neq":
            chain.unequal = True
        elif modifier == "expand":
            chain.expand = True
        elif modifier in PLACES:
            chain.places.append(modifier)
        elif modifier in _ENCODINGS:
            if modifier in _BASE64 and chain.places:
                reading.report("SIG021", f"'{modifier}' can't encode the wildcards of '{chain.places[-1]}'", key)
                return None
            chain.encodings.append(modifier)
        elif modifier in TIME_PARTS:
            if chain.part is not None:
                reading.report("SIG021", f"'{modifier}' and '{chain.part}' don't go together", key)
                return None
            chain.part = modifier
        elif modifier in _FLAGS:
            if chain.kind != "re":
                reading.report("SIG021", f"'{modifier}' belongs after 're'", key)
                return None
            chain.flags += _FLAGS[modifier]
        elif chain.kind is not None:
            reading.report("SIG021", f"'{modifier}' and '{chain.kind}' don't go together", key)
            return None
        else:
            chain.kind = modifier
    return chain if _fits(reading, chain, key) else None


def _fits(reading: SigmaReading, chain: Chain, key: Span) -> bool:
    """Whether the modifiers go together; a finding where they don't."""
    allowed = chain.kind is None or not chain.encodings
    if chain.kind not in (None, "re", "fieldref") and chain.places:
        allowed = False
    if chain.part is not None:
        allowed = chain.kind in (None, *ORDERS) and not chain.places and not chain.encodings and not chain.expand
    if chain.expand and chain.kind not in (None, "cidr"):
        allowed = False
    if not allowed:
        words = [chain.kind, chain.part, *chain.places, *chain.encodings, "expand" if chain.expand else None]
        listed = ", ".join(f"'{word}'" for word in words if word)
        reading.report("SIG021", f"the modifiers {listed} don't go together", key)
    return allowed
