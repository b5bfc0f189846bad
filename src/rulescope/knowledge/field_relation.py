"""Which canonical fields hold a part of what others hold, so that comparisons of either meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from rulescope.knowledge.tables import load_rows

PartRelation = Literal["base_name", "extension", "labelled"]
"""`base_name`: what follows the last separator of a path. `extension`: what follows the last full stop of a name.
`labelled`: the value behind a label in a list (`MD5=…,IMPHASH=…`)."""


@dataclass(frozen=True, slots=True)
class FieldRelation:
    """`field` holds a part of what `of` holds; `label` is what stands before it there, of a labelled one."""

    field: str
    relation: PartRelation
    of: str
    label: str
    source: str


class FieldRelations:
    """Relations between canonical fields, by either side."""

    __slots__ = ("_by_part", "_by_whole")

    def __init__(self, relations: tuple[FieldRelation, ...]) -> None:
        self._by_whole: dict[str, tuple[FieldRelation, ...]] = {}
        self._by_part: dict[str, FieldRelation] = {}
        for one in relations:
            self._by_whole[one.of] = (*self._by_whole.get(one.of, ()), one)
            self._by_part[one.field] = one

    def parts(self, canonical: str) -> tuple[FieldRelation, ...]:
        """The fields that hold a part of this one."""
        return self._by_whole.get(canonical, ())

    def whole(self, canonical: str) -> FieldRelation | None:
        """The field that this one holds a part of; None where it holds a whole of its own."""
        return self._by_part.get(canonical)


@cache
def field_relations() -> FieldRelations:
    """The relations as shipped."""
    return FieldRelations(
        tuple(
            FieldRelation(field, cast(PartRelation, relation), of, label, source)
            for field, relation, of, label, source in load_rows("field_relations.csv")
        )
    )
