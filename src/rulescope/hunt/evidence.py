"""The events behind the rows that a rule gave: from the last stage back to the events themselves.

Each step puts what tells the rows of earlier stages that are behind those that are left into a table of the database,
once each: memory is bounded by the number of rows, whatever these have to do with one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from rulescope.engines.duckdb import Database
from rulescope.engines.sql.build import alias, any_of, column, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.evidence import Link, evidence_columns
from rulescope.engines.sql.frame import Frame, Program
from rulescope.engines.sql.schema import ROW, Evidence
from rulescope.errors import LimitError
from rulescope.hunt.outcome import EventPlace


@dataclass(frozen=True, slots=True)
class FoundEvidence:
    """The events behind the rows, in the order that events have in the search; one more than is kept, to tell that
    there are more.

    `doubt` says why some may be behind no row, or why there are none; empty where these events are behind the rows, and
    no others.
    """

    events: tuple[EventPlace, ...] = ()
    doubt: str = ""


def find_evidence(rows: Frame, context: Context, database: Database, most: int) -> FoundEvidence:
    """The events behind all of `rows`, which were compiled in this context."""
    try:
        numbers, widened = _follow(rows, database)
        events = _places(numbers, context, database, most) if numbers else ()
    except LimitError as error:
        # That the rule fired is known, and stays so.
        return FoundEvidence((), f"the events behind its rows could not be told: {error.message}")
    if widened:
        names = ", ".join(f"'{name}'" for name in widened)
        return FoundEvidence(events, f"{names} mixes rows: some of the events may be behind none that is left")
    return FoundEvidence(events, "" if events else "no event is behind its rows")


def _follow(rows: Frame, database: Database) -> tuple[list[exp.Select], list[str]]:
    """What gives the numbers of the events, and the stages by which they may be too many."""
    numbers: list[exp.Select] = []
    widened: dict[str, None] = {}
    wanted: dict[int, list[exp.Expression]] = {}
    for frame in _later_first(rows):
        conditions = wanted.get(id(frame))
        kept = frame if conditions is None else frame.filter(any_of(conditions))
        for entry, values in _values(kept, database):
            if not isinstance(entry, Link):
                numbers.append(values)
                continue
            if entry.widened and database.fetch(values.limit(1)):
                widened[entry.widened] = None
            met = exp.Select(expressions=[exp.Literal.number(1)]).from_(values.subquery("told"))
            met = met.where(entry.condition(column("value", "told")))
            wanted.setdefault(id(entry.rows), []).append(exp.Exists(this=met))
    return numbers, list(widened)


def _later_first(rows: Frame) -> list[Frame]:
    """The rows, and all that links lead to, none before those that lead to it."""
    done: list[Frame] = []
    seen = {id(rows)}
    path = [(rows, _behind(rows))]
    while path:
        frame, behind = path[-1]
        following = next(behind, None)
        if following is None:
            done.append(frame)
            path.pop()
        elif id(following) not in seen:
            seen.add(id(following))
            path.append((following, _behind(following)))
    return done[::-1]


def _behind(frame: Frame) -> Iterator[Frame]:
    return (entry.rows for _, entry in evidence_columns(frame) if isinstance(entry, Link))


def _values(frame: Frame, database: Database) -> Iterator[tuple[Evidence, exp.Select]]:
    """What each column holds that tells events or links, as queries for a column `value`."""
    entries = [entry for _, entry in evidence_columns(frame)]
    if not entries:
        return
    names = [f"v{place}" for place in range(len(entries))]
    told = [alias(column(entry.physical), name) for name, entry in zip(names, entries, strict=True)]
    # Each column's values once, not every combination that a join makes of them.
    sets = exp.GroupingSets(expressions=[exp.Paren(this=column(entry.physical)) for entry in entries])
    query = frame.source().select(*told)
    query.set("group", exp.Group(grouping_sets=[sets]))
    held = database.materialize(frame.program.assemble(query))
    for name, entry in zip(names, entries, strict=True):
        values = exp.Select(expressions=[alias(column(name), "value")]).from_(_table(held)).distinct()
        yield entry, values.where(sql("(:v IS NOT NULL)", v=column(name)))


def _places(numbers: list[exp.Select], context: Context, database: Database, most: int) -> tuple[EventPlace, ...]:
    """Where the events with these numbers stand, in the order that events have in the search."""
    events = context.events_frame(Program())
    if not {"_file", "_record"} <= events.schema.hidden.keys():
        return ()
    names = [column(events.schema.hidden[name].physical) for name in ("_file", "_record")]
    inner = [exp.Subquery(this=query) for query in numbers]
    wanted = events.filter(any_of([exp.In(this=events.event_number(), query=query) for query in inner]))
    query = wanted.source().select(*names).group_by(*[name.copy() for name in names])
    query = query.order_by(exp.Min(this=column(ROW))).limit(most + 1)
    return tuple(EventPlace(file, record) for file, record in database.fetch(wanted.program.assemble(query)))


def _table(relation: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(relation, quoted=True))
