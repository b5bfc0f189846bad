"""Random rules over random events, in every language: what DuckDB gives is what the reference gives, row by row.

Run as a program, it tries many pairs of a rule and its events, shrinks what the engines disagree about, and prints it:

    python tests/engines/random_pairs.py --pairs 100000 --seed 1 [--language kusto] [--seconds 400]

A rule is planned once and run over several lists of events, each of which counts as a pair, unless one of the engines
refuses it; that is counted, too, by its reason.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random_events
import random_sigma
from grammar import grammar_of, texts

from json_events import event_of
from json_rows import arrow_table, fields_of
from rulescope import ir
from rulescope.engines.duckdb import Database
from rulescope.engines.duckdb.engine import DuckDBEngine, DuckDBPlan
from rulescope.engines.options import Options
from rulescope.engines.reference import ReferenceEngine
from rulescope.engines.sql.context import EventsTable
from rulescope.errors import ExecutionError, Refusal
from rulescope.hunt.bound_rule import bind_rule
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.origins import bind_origins
from rulescope.hunt.table_binding import bind_tables
from rulescope.hunt.vocabularies import vocabulary_of
from rulescope.languages.registry import parser_of
from rulescope.languages.sigma import parse_sigma
from rulescope.text import Source

# 2024-05-01T12:00:00Z
OPTIONS = Options(now=1_714_564_800.0)
TABLES = ("kusto", "snowflake")
ELASTIC = ("eql", "kuery", "lucene", "esql")
SETS = 24
"""How many lists of events a rule is run over."""

ONE_BY_ONE = ("sigma", "kuery", "lucene")
"""Languages whose rules look at one event at a time: all lists of events are one."""

Events = list[dict[str, Any]]


def rules_of(language: str) -> st.SearchStrategy[str]:
    """The rules of a language."""
    return random_sigma.rules if language == "sigma" else texts(grammar_of(language))


LANGUAGES = ("spl", "sigma", *ELASTIC, *TABLES)


def bound(language: str, text: str) -> ir.Pipeline | None:
    """A rule, read and bound to random events; None where it is not read whole."""
    if language == "sigma":
        parsed = parse_sigma(text)
    else:
        parsed = parser_of(language)(Source(text), None)
    if parsed.status != "full":
        return None
    if language == "sigma":
        return bind_origins(parsed.expanded)
    if language == "spl":
        return bind_rule(parsed, "spl").pipeline
    if language in TABLES:
        return bind_tables(parsed.expanded, language, random_events.table_of)
    return parsed.expanded


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What the engines gave of a rule over events."""

    language: str
    text: str
    events: Events
    duckdb: Any
    reference: Any


@dataclass(slots=True)
class Engines:
    """Both engines, asked about one rule after the other; what was refused is counted by its reason."""

    language: str
    connection: duckdb.DuckDBPyConnection = field(default_factory=partial(duckdb.connect, config={"threads": 1}))
    pairs: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def disagreement(self, text: str, sets: Sequence[Events]) -> Disagreement | None:
        """The first of the lists of events about which the engines disagree."""
        pipeline = bound(self.language, text)
        if pipeline is None:
            self.refused["not read whole"] += 1
            return None
        wanted = [(events, self._reference(pipeline, events)) for events in sets]
        asked = [(events, rows) for events, rows in wanted if rows is not None]
        ordered = is_ordered(self.language, text)
        for (events, expected), found in zip(asked, self._duckdb(pipeline, [one for one, _ in asked]), strict=False):
            self.pairs += SETS if self.language in ONE_BY_ONE else 1
            assert expected is not None
            shown = found if isinstance(found, str) else comparable(found, ordered=ordered)
            if shown != comparable(expected, ordered=ordered):
                return Disagreement(self.language, text, events, shown, comparable(expected, ordered=ordered))
        return None

    def _reference(self, pipeline: ir.Pipeline, events: Events) -> Events | None:
        held = tuple(event_of(event) for event in events)
        dialect = vocabulary_of(self.language).dialect_for(self.language).name
        try:
            return list(ReferenceEngine(dialect, held, OPTIONS).plan(pipeline).run().rows)
        except Refusal as refusal:
            self.refused[f"reference: {_kind(refusal.message)}"] += 1
            return None

    def _duckdb(self, pipeline: ir.Pipeline, sets: Sequence[Events]) -> list[Events | str]:
        """The rows of each list of events, or the fault of the database."""
        if not sets:
            return []
        fields = fields_of([event for events in sets for event in events])
        by_fields = self.language == "spl"
        vocabulary = vocabulary_of(self.language)
        plan: DuckDBPlan | None = None
        statement = ""
        found: list[Events | str] = []
        for events in sets:
            # SPL tells the fields that some event has from those that none has.
            fields, before = (fields_of(events), fields) if by_fields else (fields, fields)
            plan = plan if fields == before else None
            self.connection.register("events", arrow_table(events, fields))
            database = Database(self.connection)
            try:
                if plan is None:
                    context = vocabulary.context(
                        pipeline, EventsTable("events", fields), Knowledge(), OPTIONS, database
                    )
                    plan = DuckDBEngine(context, database).plan(pipeline)
                    looked = bool(database.statements)
                    statement = database.text(plan.statement())
                found.append(list(plan.shown(self.connection.execute(statement).fetchall()).rows))
                # A plan that looked at the data is one for these events.
                plan = None if looked else plan
            except Refusal as refusal:
                self.refused[f"duckdb: {refusal.code} {_kind(refusal.message)}"] += 1
                return found
            except (ExecutionError, duckdb.Error) as error:
                return [*found, str(error)]
            finally:
                database.close()
        return found


def _kind(message: str) -> str:
    return re.sub(r"\d+", "0", message)[:110]


def plain(value: Any) -> Any:
    """A value as it is compared: a text that reads as a number is not told from it, but a wide one by its digits."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    written = str(value)
    if re.fullmatch(r"-?\d{1,38}", written):
        return int(written)
    try:
        size = round(float(value), 9)
    except (TypeError, ValueError):
        return written
    return int(size) if size.is_integer() and abs(size) < 2**53 else float(f"{size:.12g}")


def comparable(rows: Events, *, ordered: bool) -> list[str]:
    """Rows as they are compared."""
    lines = [
        json.dumps({name: plain(value) for name, value in row.items() if not name.startswith("_")}, sort_keys=True)
        for row in rows
    ]
    return lines if ordered else sorted(lines)


def is_ordered(language: str, text: str) -> bool:
    """Whether the language says in which order the rows come; that of groups is checked by cases of their own."""
    if language in TABLES:
        return bool(re.search(r"order by [^()]*$|\| (sort|top)\b[^|]*\| project\b[^|]*$", text))
    return "stats" not in text


class Found(Exception):
    """A disagreement, to be shrunk."""

    def __init__(self, what: Disagreement) -> None:
        super().__init__(what.text)
        self.what = what


def search(engines: Engines, rules: int, number: int) -> Disagreement | None:
    """Tries so many rules; the first disagreement, as small as it can be made."""

    held: list[Events] = []

    @seed(number)
    @settings(
        max_examples=rules,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(rules_of(engines.language), st.integers(0, 2**32))
    def compare(text: str, events: int) -> None:
        random = Random(events)
        sets = [random_events.events_of(engines.language, random) for _ in range(SETS)]
        if engines.language in ONE_BY_ONE:
            sets = [[event for one in sets for event in one]]
        # While a disagreement is shrunk, only the events that it is about are looked at.
        found = engines.disagreement(text, [held[0]] if held else sets)
        if found is not None:
            held[:] = [found.events]
            raise Found(found)

    try:
        compare()
    except Found as found:
        return smaller(engines, found.what)
    return None


def smaller(engines: Engines, found: Disagreement) -> Disagreement:
    """The same disagreement over fewer events with fewer fields."""
    while True:
        tried = (engines.disagreement(found.text, [events]) for events in _without_a_part(found.events))
        less = next((one for one in tried if one is not None), None)
        if less is None:
            return found
        found = less


def _without_a_part(events: Events) -> Iterator[Events]:
    for place, event in enumerate(events):
        if event.get("Type") != "elsewhere":
            yield [*events[:place], *events[place + 1 :]]
    for place, event in enumerate(events):
        for name in event:
            if name not in ("id", "Type", "host", "_time", "event.category") and event.get("Type") != "elsewhere":
                less = {key: value for key, value in event.items() if key != name}
                yield [*events[:place], less, *events[place + 1 :]]


def main() -> None:
    """Tries pairs until there are enough or the time is up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000, help="of each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--seconds", type=float, default=400.0, help="of each language")
    parser.add_argument("--rules", type=int, default=100, help="how many are tried for one disagreement")
    given_ones = parser.parse_args()
    for language in [given_ones.language] if given_ones.language else LANGUAGES:
        engines, began, number, disagreements = Engines(language), time.monotonic(), given_ones.seed, 0
        while engines.pairs < given_ones.pairs and time.monotonic() - began < given_ones.seconds:
            found = search(engines, given_ones.rules, number)
            number += 1
            if found is not None:
                disagreements += 1
                say(f"\n{found.language}: {found.text}", *map(json.dumps, found.events))
                say(f"duckdb:    {found.duckdb}", f"reference: {found.reference}")
        took = time.monotonic() - began
        say(f"{language}: {engines.pairs} pairs, {disagreements} disagreements, {took:.0f} s, next seed {number}")
        say(*(f"  {count:6} {reason}" for reason, count in engines.refused.most_common(40)))


def say(*lines: str) -> None:
    """Prints lines at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
