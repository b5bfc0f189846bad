"""The functions that several languages have with one meaning, and what each of these calls them.

The catalogue is `data/functions.csv`, one row a function. A function that means something else in a language (another
NULL, other arguments, other patterns) is no row with it: it keeps its own name, and the pipeline says its language.

Sources: Splunk's Search Reference, "Evaluation functions"; Elastic's "EQL function reference" and "ES|QL functions and
operators"; Kusto's "Scalar functions"; Snowflake's SQL reference, "Function and stored procedure reference".
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

from rulescope.ir.expressions import Call, Expression
from rulescope.text import Span

FunctionFlag = Literal["measure", "keeps", "folds", "joins", "fixed"]

LANGUAGES: Final = ("spl", "eql", "esql", "kusto", "snowflake")
"""The languages with functions, as the catalogue's columns."""


@dataclass(frozen=True, slots=True)
class SharedFunction:
    """A function that the tree calls by `name`: what it takes and gives, and its `spellings` by language.

    `least` and `most` are its arguments (None: any number). `null` is what it gives for NULL. `several` is how it takes
    several values of a field: as `all` of them, `each` by itself, or as `one` (of more the dialect says what they are).

    Flags: `measure`, the value measures the row (a length, a count); `keeps`, it is the first argument's text or a part
    of it; `folds`, it is that text in one case; `joins`, it is one of the arguments; `fixed`, it is the same for the
    same arguments, and conditions may compare with it.
    """

    name: str
    least: int
    most: int | None
    value: str
    null: str
    several: str
    flags: frozenset[str]
    spellings: Mapping[str, str]


def _shared(row: Mapping[str, str]) -> SharedFunction:
    least, _, most = row["arguments"].replace("+", "-any").partition("-")
    return SharedFunction(
        name=row["name"],
        least=int(least),
        most=None if most == "any" else int(most or least),
        value=row["value"],
        null=row["null"],
        several=row["several"],
        flags=frozenset(row["flags"].split()),
        spellings={language: row[language] for language in LANGUAGES if row[language]},
    )


def _read() -> dict[str, SharedFunction]:
    text = files("rulescope.ir").joinpath("data", "functions.csv").read_text("utf-8")
    return {one.name: one for one in map(_shared, csv.DictReader(text.splitlines()))}


FUNCTIONS: Final[Mapping[str, SharedFunction]] = _read()
"""Every shared function, by its name in the tree."""

_NAMES: Final = {
    (language, spelling): one.name for one in FUNCTIONS.values() for language, spelling in one.spellings.items()
}


def tree_name(language: str, spelling: str) -> str:
    """What the tree calls a language's function: by the shared name where it has one, else by its own."""
    return _NAMES.get((language, spelling), spelling)


def shared_call(language: str, spelling: str, arguments: tuple[Expression, ...], span: Span) -> Call:
    """The call of a language's function, which is shown as the language spells it."""
    name = tree_name(language, spelling)
    return Call(name, arguments, span, spelling if spelling != name else "")


def flagged(flag: FunctionFlag) -> frozenset[str]:
    """The shared functions with a flag."""
    return frozenset(one.name for one in FUNCTIONS.values() if flag in one.flags)
