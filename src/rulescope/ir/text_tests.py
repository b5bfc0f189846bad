"""Comparisons of a text that are written as functions, or that operations of the tree are: `startswith(x, "a")`.

The list is `data/text_tests.csv`: the kind of comparison, and the languages in which letters count regardless of case
(`*`: all). Sources: Kusto's "String operators" (those without `_cs` regard no case), Elastic's "EQL function reference"
(those with `~` don't) and "ES|QL functions", Snowflake's "String and binary functions".
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, cast

from rulescope.ir.expressions import Call, Expression, Operation
from rulescope.ir.predicates import ComparisonKind


@dataclass(frozen=True, slots=True)
class TextTest:
    """A text (`value`) compared in one way (`kind`) with one of the `others`; `any_case` names the languages in which
    case does not count."""

    value: Expression
    kind: ComparisonKind
    others: tuple[Expression, ...]
    any_case: frozenset[str]

    def ignores_case(self, language: str) -> bool:
        """Whether case does not count in that language."""
        return not self.any_case.isdisjoint((language, "*"))


def _read() -> dict[str, tuple[ComparisonKind, frozenset[str]]]:
    text = files("rulescope.ir").joinpath("data", "text_tests.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: (cast(ComparisonKind, row["kind"]), frozenset(row["any_case"].split())) for row in rows}


_TESTS: Final = _read()
_OF_SEVERAL: Final = frozenset({"cidr", "wildcard", "match"})
"""The kinds whose functions take any number of ranges or patterns."""


def text_test(expression: Expression) -> TextTest | None:
    """The comparison that an expression is; None for anything else."""
    if not isinstance(expression, Call | Operation) or len(expression.arguments) < 2:
        return None
    found = _TESTS.get(expression.function if isinstance(expression, Call) else expression.name)
    if found is None:
        return None
    kind, any_case = found
    value, *others = expression.arguments
    return TextTest(value, kind, tuple(others if kind in _OF_SEVERAL else others[:1]), any_case)
