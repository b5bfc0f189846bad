"""What computed fields can be, and which of it a comparison lets through."""

from __future__ import annotations

from typing import ClassVar

from rulescope.analysis.findings import COMPUTED, Finding, Outcome, ValueOrigin
from rulescope.ir import ComparisonKind, Value
from rulescope.ir.json_form import value_text


class AnyCount(int):
    """A count of rows for which a condition held: any number."""

    ANY: ClassVar[int] = 1


class AnyPlace(int):
    """Where among its values a multivalue field has what was looked for: any number from 0."""


class AnyText(str):
    """What a regular expression takes out of a field: any text, where it matched."""

    __slots__ = ()


def counted(findings: tuple[Finding, ...]) -> ValueOrigin:
    """The origin of a conditional count or sum, such as `count(eval(x="y"))`: above nought, its condition held."""
    return ValueOrigin(outcomes=(Outcome(AnyCount(AnyCount.ANY), findings),)) if findings else COMPUTED


def is_true(value: Value | None) -> bool:
    """Whether an outcome, used as a condition by itself, lets the row through."""
    return isinstance(value, AnyPlace) or value not in (None, False, 0, "")


def fits(outcome: Value | None, kind: ComparisonKind, wanted: Value) -> bool:
    """Whether a comparison of this kind with `wanted` is true of an outcome; case does not matter."""
    if outcome is None:
        return False
    if isinstance(outcome, AnyCount):
        # Fewer than some number of rows says nothing of any row.
        return kind in ("gt", "ge") or (kind == "eq" and value_text(wanted) != "0")
    if isinstance(outcome, AnyText):
        return True
    if isinstance(outcome, AnyPlace):
        return kind in ("gt", "ge", "eq")
    mine, theirs = value_text(outcome), value_text(wanted)
    if kind in ("gt", "ge", "lt", "le"):
        try:
            difference = float(mine) - float(theirs)
        except ValueError:
            return False
        return {"gt": difference > 0, "ge": difference >= 0, "lt": difference < 0, "le": difference <= 0}[kind]
    folded, part = mine.casefold(), theirs.casefold()
    match kind:
        case "eq":
            return folded == part
        case "contains" | "has":
            return part in folded
        case "starts_with":
            return folded.startswith(part)
        case "ends_with":
            return folded.endswith(part)
    return False
