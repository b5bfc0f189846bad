"""Every case of `conformance/` that has rows or a refusal, in one form, for whatever engine is to run it.

A case gives its own events (`events`), names some of its file (`data`), or reads the tables of its file (`tables`). In
languages over tables, `columns` are those of every table that it names, or of each by its name; their events say in
`Type` which one they are of. What it `expect`s is rows (one JSON object a line; sorted, unless they are `ordered`) or
what tells events (`id`, in Sigma's `n`); `refused` is the code of DuckDB's refusal, or something that it says.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from test_sigma import text_of

from rulescope import ir
from rulescope.engines.options import Options
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.data_models import KnowledgeModels
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.lookups import LookupTables, parse_table
from rulescope.hunt.origins import bind_origins
from rulescope.hunt.table_binding import bind_tables, check_tables
from rulescope.knowledge.log_tables import LogColumn, LogTable
from rulescope.languages.registry import parser_of
from rulescope.languages.sigma import parse_sigma
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.macros import Macro, MacroLibrary
from rulescope.text import Source

PROJECT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RULESCOPE_SHARED", PROJECT.parent / "shared")) / "conformance" / "spl.toml"
LANGUAGES = ("spl", "sigma", "eql", "kuery", "lucene", "esql", "kusto", "snowflake")
TABLES = ("kusto", "snowflake")
# 2024-05-01T12:00:00Z, a Wednesday, in languages over tables.
NOW = dict.fromkeys(LANGUAGES, 1_700_000_000.0) | dict.fromkeys(TABLES, 1_714_564_800.0)
Rows = list[dict[str, Any]]
Case = dict[str, Any]


@dataclass(frozen=True)
class RowCase:
    """A case: its pipeline over the events gives rows that are as expected, or is refused. `form` brings rows to what
    is compared; `pipeline` raises `Refusal` where a table is not known."""

    language: str
    name: str
    pipeline: Callable[[], ir.Pipeline]
    events: str
    options: Options
    knowledge: Knowledge
    expected: Any
    form: Callable[[Rows], Any]
    refused: str | None
    warnings: list[str] | None


def case_files() -> dict[str, Path]:
    """The files that have such cases, by language and name."""
    own = (path for language in LANGUAGES for path in sorted((PROJECT / "conformance" / language).glob("*.toml")))
    found = {f"{path.parent.name}/{path.stem}": path for path in own}
    return {name: path for name, path in found.items() if any(has_rows(case) for case in read_cases(path))}


def read_cases(path: Path) -> list[Case]:
    return list(tomllib.loads(path.read_text(encoding="utf-8")).get("case", []))


def has_rows(case: Case) -> bool:
    return not {"expect", "rows", "refused"}.isdisjoint(case)


def row_cases(name: str, path: Path) -> Iterator[RowCase]:
    """The cases of a file."""
    language = name.partition("/")[0]
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for case in document["case"]:
        if has_rows(case):
            expected, form = _expected(language, case)
            yield RowCase(
                language,
                case["id"],
                partial(_PIPELINES.get(language, _elastic_pipeline), language, case, document),
                _events(case, document),
                Options(
                    now=case.get("now", NOW[language]),
                    time_zone=case.get("time_zone", "UTC"),
                    # Those that others wrote are in the order of the input.
                    order=case.get("order", "input" if path == SHARED else "newest"),
                ),
                _knowledge(case),
                expected,
                form,
                case.get("refused"),
                case.get("warnings"),
            )


def _events(case: Case, document: Case) -> str:
    if "data" in case:
        return str(document["data"][case["data"]])
    if "tables" not in document or "columns" in case:
        return str(case.get("events", ""))
    tables = document["tables"].items()
    return "\n".join(_typed_event(name, line) for name, table in tables for line in table["rows"].splitlines() if line)


def _typed_event(name: str, line: str) -> str:
    return json.dumps({"Type": name, **json.loads(line)})


def _expected(language: str, case: Case) -> tuple[Any, Callable[[Rows], Any]]:
    """What is expected, and the form in which rows are compared with it."""
    expected = case.get("rows", case.get("expect"))
    if isinstance(expected, str):
        rows = json.loads(expected) if "rows" in case else [json.loads(line) for line in expected.splitlines() if line]
    elif expected and isinstance(expected[0], dict):
        rows = expected
    else:
        return expected, _TOLD.get(language, lambda rows: sorted(row["id"] for row in rows))
    # Rows that are not told to be in order are sorted in SPL and over tables, which say nothing of it.
    ordered = bool(case.get("ordered", language not in ("spl", *TABLES)))
    value = _loose if language == "spl" else _of_table if language in TABLES else _exact
    left_out = set() if language in ("spl", "sigma", *TABLES) else {"_time"}
    form = partial(_rows, value, left_out, ordered)
    return form(rows), form


def _rows(value: Callable[[Any], Any], left_out: set[str], ordered: bool, rows: Rows) -> Rows:
    found = [
        {name: value(held) for name, held in row.items() if held is not None and name not in left_out} for row in rows
    ]
    return found if ordered else sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def _loose(value: Any) -> Any:
    """A value where texts that read as numbers are numbers."""
    if isinstance(value, list):
        items = [_loose(item) for item in value]
        return items[0] if len(items) == 1 else items
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return round(float(value), 9)
    except (TypeError, ValueError):
        return str(value)


def _exact(value: Any) -> Any:
    """A value where a text stays one."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else value
    return value if isinstance(value, str) else round(value, 9)


def _of_table(value: Any) -> Any:
    """As `_exact`; a list in a dynamic column is one, as JSON or not."""
    if isinstance(value, str) and value.startswith("["):
        value = [
            json.dumps(one, separators=(",", ":")) if isinstance(one, list | dict) else one for one in json.loads(value)
        ]
    return _exact(value)


def log_table(language: str, name: str, columns: str) -> LogTable:
    """A table whose columns (`name: kind, …`) are raw fields of the same names."""
    pairs = [part.split(":") for part in columns.split(",")]
    return LogTable(language, name, (), tuple(LogColumn(column.strip(), kind.strip(), ()) for column, kind in pairs))


class Places:
    """Places as a case gives them: address to what is known of it."""

    def __init__(self, known: dict[str, dict[str, str]]) -> None:
        self.known = known

    def place(self, address: str, language: str | None) -> dict[str, str]:
        return self.known.get(address, {})


def _knowledge(case: Case) -> Knowledge:
    """The lookup tables and places of a case: `[case.lookups.<name>]` with `csv` and how it matches."""
    tables = LookupTables()
    for name, given in case.get("lookups", {}).items():
        settings = {key: value for key, value in given.items() if key != "csv"}
        tables.add(dataclasses.replace(parse_table(given["csv"].strip(), name), **settings))
    places = Places(case["places"]) if "places" in case else None
    return Knowledge(lookups=tables, models=KnowledgeModels(), places=places)


def _spl_pipeline(language: str, case: Case, document: Case) -> ir.Pipeline:
    parsed = parse_search(case["search"])
    assert not [one for one in parsed.diagnostics if one.severity == "error"], parsed.diagnostics
    return bind_rule(parsed, "spl").pipeline


def _sigma_pipeline(language: str, case: Case, document: Case) -> ir.Pipeline:
    given = [Macro(name, values) for name, values in case.get("placeholders", {}).items()]
    return bind_origins(parse_sigma(text_of(case), MacroLibrary(given) if given else None).expanded)


def _elastic_pipeline(language: str, case: Case, document: Case) -> ir.Pipeline:
    parsed = parser_of(language)(Source(case["query"]), None)
    assert parsed.status == "full", parsed.diagnostics
    return parsed.expanded


def _tables_pipeline(language: str, case: Case, document: Case) -> ir.Pipeline:
    bound = bind_tables(_elastic_pipeline(language, case, document), language, _tables(language, case, document))
    check_tables(bound)
    return bound


def _tables(language: str, case: Case, document: Case) -> Callable[[str, str], LogTable | None]:
    columns = case.get("columns", {name: table["columns"] for name, table in document.get("tables", {}).items()})
    if isinstance(columns, str):
        # What is expected are ids, so that every table has them.
        held = columns if isinstance(case.get("expect"), str) else f"id: long, {columns}"
        return lambda _, name: log_table(language, name, held)
    tables = {name: log_table(language, name, held) for name, held in columns.items()}
    return lambda _, name: tables.get(name)


_TOLD: dict[str, Callable[[Rows], Any]] = {
    "sigma": lambda rows: [int(row["n"]) for row in rows],
    **dict.fromkeys(TABLES, lambda rows: sorted(int(row["id"]) for row in rows)),
}
_PIPELINES = {
    "spl": _spl_pipeline,
    "sigma": _sigma_pipeline,
    "kusto": _tables_pipeline,
    "snowflake": _tables_pipeline,
}
