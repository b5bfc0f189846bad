"""Every case of `conformance/` that has rows, in one form, for whatever engine is to run it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from test_elastic_rows import LANGUAGES as ELASTIC_LANGUAGES
from test_elastic_rows import OPTIONS as ELASTIC_OPTIONS
from test_sigma import text_of
from test_spl import NOW, plain, read_cases, rows_of
from test_table_rows import LANGUAGES as TABLE_LANGUAGES
from test_table_rows import document, tables_of

from rulescope import ir
from rulescope.engines.options import Options
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.origins import bind_origins
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.languages.registry import parser_of
from rulescope.languages.sigma import parse_sigma
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.macros import Macro, MacroLibrary
from rulescope.text import Source
from table_runs import OPTIONS as TABLE_OPTIONS

CONFORMANCE = Path(__file__).resolve().parents[2] / "conformance"
LANGUAGES = ("spl", "sigma", *ELASTIC_LANGUAGES, *TABLE_LANGUAGES)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class RowCase:
    """A case: its pipeline over the events gives rows that are as expected. `form` brings rows to what is compared."""

    language: str
    name: str
    pipeline: ir.Pipeline
    events: str
    options: Options
    expected: Any
    form: Callable[[Rows], Any]

    @property
    def dialect(self) -> str:
        return vocabulary_of(self.language).dialect_for(self.language).name


def row_cases(language: str) -> Iterator[RowCase]:
    """The cases of a language that are not about refusals."""
    if language == "spl":
        yield from _spl_cases()
    elif language == "sigma":
        yield from _sigma_cases()
    elif language in TABLE_LANGUAGES:
        yield from _table_cases(language)
    else:
        yield from _elastic_cases(language)


def plain_rows(rows: Rows, *, ordered: bool = True) -> Rows:
    found = [{name: plain(value) for name, value in row.items()} for row in rows]
    return found if ordered else sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def _spl_cases() -> Iterator[RowCase]:
    for path in sorted((CONFORMANCE / "spl").glob("*.toml")):
        for case in read_cases(path):
            if not {"refused", "lookups", "places"} & case.keys():
                ordered = bool(case.get("ordered", False))
                yield RowCase(
                    "spl",
                    f"{path.stem}:{case['id']}",
                    bind_rule(parse_search(case["search"]), "spl").pipeline,
                    case.get("events", ""),
                    Options(now=case.get("now", NOW), time_zone=case.get("time_zone", "UTC")),
                    plain_rows(rows_of(case["expect"]), ordered=ordered),
                    lambda rows, ordered=ordered: plain_rows(rows, ordered=ordered),
                )


def _sigma_cases() -> Iterator[RowCase]:
    for path in sorted((CONFORMANCE / "sigma").glob("*.toml")):
        for case in read_cases(path):
            if "events" in case:
                given = [Macro(name, values) for name, values in case.get("placeholders", {}).items()]
                parsed = parse_sigma(text_of(case), MacroLibrary(given) if given else None)
                whole = bool(case["expect"]) and isinstance(case["expect"][0], dict)
                yield RowCase(
                    "sigma",
                    f"{path.stem}:{case['id']}",
                    bind_origins(parsed.expanded),
                    case["events"],
                    Options(now=0.0),
                    plain_rows(case["expect"]) if whole else case["expect"],
                    plain_rows if whole else lambda rows: [int(row["n"]) for row in rows],
                )


def _table_cases(language: str) -> Iterator[RowCase]:
    events, tables = tables_of(language)
    for case in document(language)["case"]:
        if "refused" not in case:
            parsed = parser_of(language)(Source(case["query"]), None)
            ordered = bool(case.get("ordered", False))
            expected = [json.loads(line) for line in case["expect"].splitlines() if line.strip()]
            yield RowCase(
                language,
                case["id"],
                bind_tables(parsed.expanded, language, lambda _, name: tables.get(name)),
                events,
                TABLE_OPTIONS,
                plain_rows(expected, ordered=ordered),
                lambda rows, ordered=ordered: plain_rows(rows, ordered=ordered),
            )


def _elastic_cases(language: str) -> Iterator[RowCase]:
    for path in sorted((CONFORMANCE / language).glob("rows*.toml")):
        held = tomllib.loads(path.read_text("utf-8"))
        for case in held["case"]:
            if "refused" not in case:
                whole = "rows" in case
                yield RowCase(
                    language,
                    f"{path.stem}:{case['id']}",
                    parser_of(language)(Source(case["query"]), None).expanded,
                    case["events"] if "events" in case else held["data"][case["data"]] if "data" in case else "",
                    ELASTIC_OPTIONS,
                    plain_rows(json.loads(case["rows"])) if whole else case["expect"],
                    _without_time if whole else lambda rows: sorted(row["id"] for row in rows),
                )


def _without_time(rows: Rows) -> Rows:
    return plain_rows([{name: value for name, value in row.items() if name != "_time"} for row in rows])
