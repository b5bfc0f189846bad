"""What walking a rule turns up, leaf by leaf, before it is sorted into facts; and where fields come from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from rulescope.ir import Any, ComparisonKind, Directive, Glob, Value
from rulescope.ir.json_form import value_text
from rulescope.text import Span

Branch = tuple[int, int, int] | None
"""Which arm of an outermost OR something stands in: arm, number of arms, and which such OR of its stage; all from 1."""

Category = Literal["indicator", "threshold", "scope", "term"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A value that a condition looks for; `origin` is the field of the event that it comes down to, by its raw name.

    `negative`: it stands under an odd number of NOTs. Of a term, `field` and `origin` are empty and `kind` `contains`.
    `together`: it rules an event out only with others, as part of a denied AND: part, number of parts, and which such
    combination of the rule; all from 1.
    `alternatives` is how many values could stand in its place, itself counted: those of its list or its own OR.
    `tables` are those that the rows come from at this place, where the rule names tables: a field's name may mean one
    thing in one of them and another in the next.
    """

    category: Category
    field: str
    origin: str
    kind: ComparisonKind
    value: str
    ignore_case: bool
    negative: bool
    stage: int
    span: Span
    branch: Branch = None
    directive: Directive | None = None
    quoted: bool = False
    alternatives: int = 1
    together: Branch = None
    tables: tuple[str, ...] = ()

    def turned(self) -> Finding:
        """The same with the opposite sign; what was part of a denied combination is then asked for by itself."""
        return replace(self, negative=not self.negative, together=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value that a computed field can take (None: NULL), and what must hold for it to do so."""

    value: Value | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """Where the value of a field or expression comes from.

    fields     fields of the event whose text it is or passes through, by raw name; empty where it is computed.
    folded     its letters were put into one case, so comparing it regards none.
    outcomes   for a value that `if`, `case` or a conditional count makes: what it can be, and why.
    """

    fields: tuple[str, ...] = ()
    folded: bool = False
    outcomes: tuple[Outcome, ...] = ()


COMPUTED = ValueOrigin()


@dataclass(slots=True)
class Lineage:
    """What the fields at a point of a pipeline come from. A name that it does not hold is a field of the event.

    `patterns` are renamings of many fields at once (`x.*` to `*`), as (target, source), latest first. `tables` are
    those that the rows come from.
    """

    known: dict[str, ValueOrigin] = field(default_factory=dict)
    patterns: tuple[tuple[str, str], ...] = ()
    tables: tuple[str, ...] = ()

    def copy(self) -> Lineage:
        """A lineage that can go on by itself."""
        return Lineage(dict(self.known), self.patterns, self.tables)

    def of(self, name: str) -> ValueOrigin:
        """The origin of a field."""
        found = self.known.get(name)
        if found is None:
            found = ValueOrigin((self._through_patterns(name),))
        return found

    def is_made(self, name: str) -> bool:
        """Whether the rule itself makes the field."""
        return name in self.known

    def _through_patterns(self, name: str) -> str:
        for target, source in self.patterns:
            parts = match_pattern(target, name)
            if parts is not None:
                return fill_pattern(source, parts)
        return name


def match_pattern(pattern: str, name: str) -> tuple[str, ...] | None:
    """What the stars of a field pattern stand for in `name`, or None where it does not match."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return () if pattern == name else None
    if not name.startswith(pieces[0]) or not name.endswith(pieces[-1]):
        return None
    place, end, found = len(pieces[0]), len(name) - len(pieces[-1]), []
    for piece in pieces[1:-1]:
        there = name.find(piece, place, end)
        if there < 0:
            return None
        found.append(name[place:there])
        place = there + len(piece)
    if place > end:
        return None
    return (*found, name[place:end])


def fill_pattern(pattern: str, parts: tuple[str, ...]) -> str:
    """A field pattern with its stars replaced, in order; stars left over stay."""
    for part in parts:
        pattern = pattern.replace("*", part, 1)
    return pattern


def typed_value(value: Value) -> tuple[ComparisonKind, str]:
    """A value to be equal to, as kind and text: a pattern is typed by its stars, anything else is `eq`."""
    if not isinstance(value, Glob):
        return "eq", value_text(value)
    pieces = value.pieces
    literal = [piece for piece in pieces if isinstance(piece, str)]
    if len(literal) == 1 and all(piece is not Any.ONE for piece in pieces):
        text = literal[0]
        first, last = pieces[0] is Any.RUN, pieces[-1] is Any.RUN
        if first and last:
            return "contains", text
        if first:
            return "ends_with", text
        if last:
            return "starts_with", text
        return "eq", text
    return "wildcard", str(value)


def like_value(pattern: str) -> tuple[ComparisonKind, str]:
    """A LIKE pattern (`%` any run of characters, `_` any one; no escapes) as kind and text."""
    pieces: list[str | Any] = []
    plain = ""
    for letter in pattern:
        if letter not in "%_":
            plain += letter
            continue
        if plain:
            pieces.append(plain)
            plain = ""
        pieces.append(Any.RUN if letter == "%" else Any.ONE)
    if plain:
        pieces.append(plain)
    return typed_value(Glob(tuple(pieces)))
