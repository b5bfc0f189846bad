"""Runs one rule after another on the events of a load that each can match at all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from rulescope import ir
from rulescope.corpus.frame import RuleFrame
from rulescope.engines.duckdb import Database, Limits, bound_by
from rulescope.engines.sql.build import call, column, integer
from rulescope.engines.sql.compiling import StageWalk, TimeRange, compile_pipeline, time_range_of, walk_stages
from rulescope.engines.sql.context import Context, Options
from rulescope.engines.sql.evidence import is_linked
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW
from rulescope.errors import BrokenRule, EngineError, InputError, Refusal, RulescopeError
from rulescope.hunt.absences import Absences
from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.engine_errors import engine_errors
from rulescope.hunt.event_slices import EventSlice, Slices
from rulescope.hunt.evidence import FoundEvidence, find_evidence
from rulescope.hunt.kinds import Kinds
from rulescope.hunt.knowledge import Knowledge
from rulescope.hunt.language_kinds import LanguageKinds
from rulescope.hunt.outcome import EventPlace, OutcomeStatus, RuleOutcome
from rulescope.hunt.reached_bounds import given_up_notes
from rulescope.hunt.routing import readable_kinds
from rulescope.hunt.scheduled_range import in_scheduled_range
from rulescope.hunt.simplify import ROW_FILTERS, keeps_every_row, simplify, stays_empty
from rulescope.hunt.time_ranges import event_times, has_range, unmet_ranges
from rulescope.hunt.untimed_events import untimed_notes
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.ir.walk import walk
from rulescope.languages.spl import MacroLibrary
from rulescope.logs.store import TABLE
from rulescope.system.deadline import Deadline
from rulescope.system.faults import explain_fault, report_hint
from rulescope.system.processes import check_ending
from rulescope.text import NO_SPAN, Diagnostic, Source, Span


@dataclass(frozen=True, slots=True)
class HuntRule:
    """A rule to run: its place in the list, its language and text, and the repository whose macros it sees.

    `frame` is what its file adds to its query.
    """

    number: int
    language: str
    repository: str
    text: str
    frame: RuleFrame | None = None


_FEW_ROWS = 2_000
"""Up to how many rows are named one by one in a statement."""


class RuleRunner:
    """Runs rules on one load. `knowledge.fields` is made anew for each part of the load."""

    def __init__(
        self,
        slices: Slices,
        kinds: Kinds,
        knowledge: Knowledge,
        options: Options,
        limits: Limits,
        most_events: int,
    ) -> None:
        self._slices = slices
        self._languages = LanguageKinds(kinds, knowledge.user_fields)
        self._absences = Absences(self._languages, knowledge.models)
        self._knowledge = knowledge
        self._options = options
        self._limits = limits
        self._most_events = most_events
        self._times: tuple[tuple[float, float] | None] | None = None

    def run(self, rule: HuntRule, macros: MacroLibrary) -> RuleOutcome:
        """What becomes of the rule. Never raises: what went wrong is in the outcome."""
        start = time.perf_counter()
        deadline = Deadline(self._limits.seconds)
        bound_by(self._slices.connection, deadline)
        try:
            with deadline, engine_errors():
                found = self._run(rule, macros, deadline)
        except Refusal as error:
            found = _ended(rule, "refused", error, _placed(error, rule), error.span)
        except EngineError as error:
            found = _ended(rule, "failed", error, error.message)
        except InputError as error:
            found = _ended(rule, "refused", error, error.message)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one rule must not cost the others
            check_ending()
            message = f"a fault in Rulescope kept this rule from running: {explain_fault(error)}"
            found = RuleOutcome(rule.number, "failed", code="RSC900", message=message, hint=report_hint(error))
        return replace(found, seconds=time.perf_counter() - start)

    def _run(self, rule: HuntRule, macros: MacroLibrary, deadline: Deadline) -> RuleOutcome:
        parsed = read_query(Source(rule.text), rule.language, macros, rule.frame)
        parsed, options = in_scheduled_range(parsed, rule.frame, self._options)
        bound = bind_rule(parsed, rule.language, any_table=not self._languages.kinds.labelled)
        pipeline, vocabulary = bound.pipeline, bound.vocabulary
        known = self._languages.of(vocabulary)
        kinds = known.together(readable_kinds(pipeline, known, self._knowledge.models))
        terms = any(isinstance(node, ir.Term) for node in walk(pipeline))
        with deadline.paused():
            part = self._slices.of(kinds, terms=terms)
        database = Database(part.logs.connection)
        try:
            plain = simplify(pipeline, kinds, known, part.words)
            context = self._context(plain, vocabulary, part, database, options)
            span = time_range_of(pipeline, options)
            count, found = self._execute(plain, context, database, span)
            if count:
                context.diagnostics += untimed_notes(pipeline, part.logs, newest_first=context.newest_first)
        finally:
            database.close()
        more = len(found.events) > self._most_events
        return RuleOutcome(
            rule.number,
            "run",
            count,
            found.events[: self._most_events],
            more,
            found.doubt,
            warnings=(*bound.warnings, *self._warnings(pipeline, vocabulary, context, database)),
        )

    def _warnings(
        self, pipeline: ir.Pipeline, vocabulary: Vocabulary, context: Context, database: Database
    ) -> Iterator[Diagnostic]:
        yield from (found for found in dict.fromkeys(context.diagnostics) if found.severity == "warning")
        yield from given_up_notes(pipeline, database.given_up())
        if has_range(pipeline, context.options):
            if self._times is None:
                with database.deadline.paused():
                    self._times = (event_times(database.connection, TABLE),)
            yield from unmet_ranges(pipeline, context.options, self._times[0])
        yield from self._absences.of(pipeline, vocabulary, alone=False)

    def _context(
        self, pipeline: ir.Pipeline, vocabulary: Vocabulary, part: EventSlice, database: Database, options: Options
    ) -> Context:
        printed = part.printed.setdefault(vocabulary.name, {})
        knowledge = replace(self._knowledge, fields=part.fields, printed=printed)
        return vocabulary.context(pipeline, part.logs.events, knowledge, options, database)

    def _execute(
        self, pipeline: ir.Pipeline, context: Context, database: Database, time_range: TimeRange
    ) -> tuple[int, FoundEvidence]:
        """The number of result rows, and the evidence, which is looked for where there are rows.

        The events that pass the filters are looked for first. Most rules find none, and then the rest of the search
        needs no more than a plan, which shows that it can be run.
        """
        if pipeline.generating:
            return self._counted(compile_pipeline(pipeline, context), context, database)
        way = walk_stages(pipeline, context, time_range=time_range)
        frames = [way.frame]
        for step in way:
            frames.append(step.frame)
            if not step.frame.events or (way.rest and not isinstance(way.rest[0][1], ROW_FILTERS)):
                break
        rest = [stage for _, stage in way.rest]
        own = frames[-1].events and not is_linked(frames[-1])
        found, rows = self._found(frames[-1], database) if own else (None, ())
        if found == () and stays_empty(rest):
            _check_plan(way, context)
            return 0, FoundEvidence()
        complete = bool(found) and len(found or ()) <= self._most_events
        if complete and len(rows) <= _FEW_ROWS and frames[-1].schema == frames[0].schema:
            # What follows reads the few events that were found, which are not looked for again. They are not copied:
            # logs can have thousands of fields, of which a rule reads some.
            frames[-1] = way.frame = _only(frames[0], rows)
        for _ in way:
            pass
        if found and keeps_every_row(rest):
            return _count(way.frame, database), FoundEvidence(found)
        return self._counted(way.frame, context, database)

    def _counted(self, frame: Frame, context: Context, database: Database) -> tuple[int, FoundEvidence]:
        count = _count(frame, database)
        if not count or context.events is None:
            return count, FoundEvidence()
        return count, find_evidence(frame, context, database, self._most_events)

    def _found(self, frame: Frame, database: Database) -> tuple[tuple[EventPlace, ...], tuple[int, ...]]:
        """The events that the rows of a frame are, in their order, and the numbers of these rows; one event more than
        is kept, to tell."""
        if not {"_file", "_record"} <= frame.schema.hidden.keys():
            return (), ()
        names = [column(frame.schema.hidden[name].physical) for name in ("_file", "_record")]
        query = (
            frame.source().select(*names, call("list", frame.event_number())).group_by(*[name.copy() for name in names])
        )
        query = query.order_by(exp.Min(this=column(ROW))).limit(self._most_events + 1)
        found = database.fetch(frame.program.assemble(query))
        return tuple(EventPlace(row[0], row[1]) for row in found), tuple(number for row in found for number in row[2])


def _ended(
    rule: HuntRule, status: OutcomeStatus, error: RulescopeError, message: str, span: Span = NO_SPAN
) -> RuleOutcome:
    broken = isinstance(error, BrokenRule)
    return RuleOutcome(rule.number, status, code=error.code, message=message, hint=error.hint, span=span, broken=broken)


def _check_plan(way: StageWalk, context: Context) -> None:
    """Goes on without data where there are no rows: raises `Refusal` for a stage that can't be run."""
    # What reads data while it is planned (RUN012) does so to learn which fields there are, and can be run.
    context.executor = None
    try:
        for _ in way:
            pass
    except Refusal as error:
        if error.code != "RUN012":
            raise


def _only(events: Frame, rows: Sequence[int]) -> Frame:
    """The events with these numbers."""
    return events.filter(exp.In(this=events.event_number(), expressions=[integer(row) for row in rows]))


def _count(frame: Frame, database: Database) -> int:
    query = frame.source().select(exp.alias_(exp.Count(this=exp.Star()), "n"))
    return int(database.fetch(frame.program.assemble(query))[0][0])


def _placed(error: Refusal, rule: HuntRule) -> str:
    """The reason with the stage's name, where the message does not say it already."""
    if error.stage and f"'{error.stage}'" not in error.message and error.stage not in error.message:
        return f"{error.stage}: {error.message}"
    return error.message
