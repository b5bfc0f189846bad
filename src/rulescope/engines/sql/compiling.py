"""The way of a tree to SQL: one dispatcher for pipelines, stages, predicates and expressions.

It stands below all compilers. They declare themselves here, by the class of node that they compile, and come back here
for what stands inside theirs; so no compiler has to know of another one. `walk_stages` is the only loop over stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import numbered_by
from rulescope.engines.sql.context import Context, Options, StageTrace
from rulescope.engines.sql.evidence import has_evidence, of_all
from rulescope.engines.sql.frame import Frame, Program
from rulescope.engines.sql.server_fields import check_server_fields
from rulescope.engines.sql.times import instant_of
from rulescope.engines.sql.values import Value
from rulescope.errors import Refusal
from rulescope.ir import stages

_MAX_DEPTH = 20
TimeRange = tuple[float | None, float | None]
"""From when on, and until before when, in epoch seconds; None is open."""
_SIDES = {"earliest": 0, "starttime": 0, "latest": 1, "endtime": 1}

PredicateCompiler = Callable[[Any, Frame, Context, bool], exp.Expression]
ExpressionCompiler = Callable[[Any, Frame, Context], Value]
_Predicate = TypeVar("_Predicate", bound=PredicateCompiler)
_Expression = TypeVar("_Expression", bound=ExpressionCompiler)

PREDICATES: dict[type, PredicateCompiler] = {}
"""The compilers of predicates, by class of node."""

EXPRESSIONS: dict[type, ExpressionCompiler] = {}
"""The compilers of expressions, by class of node."""


def compiles_predicate(*kinds: type) -> Callable[[_Predicate], _Predicate]:
    """Declares the compiler of predicates of these classes: (predicate, rows, context, positive) → condition."""

    def declare(compiler: _Predicate) -> _Predicate:
        PREDICATES.update(dict.fromkeys(kinds, compiler))
        return compiler

    return declare


def compiles_expression(*kinds: type) -> Callable[[_Expression], _Expression]:
    """Declares the compiler of expressions of these classes: (expression, rows, context) → value."""

    def declare(compiler: _Expression) -> _Expression:
        EXPRESSIONS.update(dict.fromkeys(kinds, compiler))
        return compiler

    return declare


def compile_predicate(
    predicate: ir.Predicate, frame: Frame, context: Context, *, positive: bool = True
) -> exp.Expression:
    """The predicate as a condition.

    Where `positive`, NULL and false are the same to the caller (the condition filters rows and stands under no NOT), so
    that leaves need not tell them apart; the database can then use such conditions while it scans.
    """
    context.deadline.check()
    compiler = PREDICATES.get(type(predicate))
    if compiler is None:
        raise Refusal(f"no plan for a {type(predicate).__name__}", span=predicate.span)
    return compiler(predicate, frame, context, positive)


def compile_expression(expression: ir.Expression, frame: Frame, context: Context) -> Value:
    """The expression as a typed value over the rows of `frame`; a field that no row has is NULL."""
    context.deadline.check()
    compiler = EXPRESSIONS.get(type(expression))
    if compiler is None:
        raise Refusal(f"no plan for a {type(expression).__name__}", span=expression.span)
    return compiler(expression, frame, context)


def undefined_macro(name: str, span: Any, stage: str | None = None) -> Refusal:
    """The refusal of a macro whose body is not known."""
    return Refusal(
        f"the macro '{name}' has no definition", span=span, stage=stage, code="RUN014", hint="give one with --macros"
    )


@dataclass(slots=True)
class StageWalk:
    """The way through a pipeline's stages, one at a time: an iterator that gives a `StageTrace` after each stage.

    `frame` are the rows so far; whoever walks may put others of the same fields in their place. `rest` are the stages
    to come, with their numbers. The pipeline's time range holds while a stage is compiled, whoever asks for it.
    """

    context: Context
    frame: Frame
    rest: list[tuple[int, ir.Stage]]
    time_range: TimeRange
    prefix: str = ""

    def __iter__(self) -> Iterator[StageTrace]:
        return self

    def __next__(self) -> StageTrace:
        if not self.rest:
            raise StopIteration
        number, stage = self.rest.pop(0)
        label = f"{self.prefix}s{number}_{_label(stage)}"
        with _inside(self.context, self.time_range):
            self.frame = _compile_stage(stage, self.frame.at(label), self.context)
        return StageTrace(number, stage, label, self.frame)


def walk_stages(
    pipeline: ir.Pipeline,
    context: Context,
    *,
    frame: Frame | None = None,
    program: Program | None = None,
    prefix: str = "",
    time_range: TimeRange | None = None,
) -> StageWalk:
    """Sets out on a pipeline: the rows start from `frame`, or from the events, or from nothing if it generates.

    `time_range` is that of the search where the pipeline does not say it any more; else its first stage says it, or,
    for rows from `frame`, the search around it. A stage that can't be run is refused by name and place; a stage may use
    the context's database to look at the rows so far.
    """
    if context.depth >= _MAX_DEPTH:
        raise Refusal("searches are nested too deeply", span=pipeline.span, code="RUN015")
    if time_range is None:
        time_range = context.time_range if frame is not None else time_range_of(pipeline, context.options)
    if frame is None:
        program = program if program is not None else Program()
        with numbered_by(context.numbers):
            frame = context.empty_frame(program) if pipeline.generating else context.events_frame(program)
    return StageWalk(context, frame, list(enumerate(pipeline.stages, 1)), time_range, prefix)


def compile_pipeline(
    pipeline: ir.Pipeline,
    context: Context,
    *,
    frame: Frame | None = None,
    program: Program | None = None,
    prefix: str = "",
    traced: bool = False,
) -> Frame:
    """The rows after the last stage; as `walk_stages` otherwise."""
    walk = walk_stages(pipeline, context, frame=frame, program=program, prefix=prefix)
    for step in walk:
        if traced:
            context.trace.append(step)
    return walk.frame


@contextmanager
def _inside(context: Context, time_range: TimeRange) -> Iterator[None]:
    """While a stage of a pipeline is compiled."""
    before = context.time_range
    context.depth += 1
    context.time_range = time_range
    try:
        with numbered_by(context.numbers):
            yield
    finally:
        context.depth -= 1
        context.time_range = before


def time_range_of(pipeline: ir.Pipeline, options: Options) -> TimeRange:
    """The time range of a search: that of the options, and within it the bounds in its first stage."""
    first = pipeline.stages[0] if pipeline.stages else None
    condition = first.predicate if isinstance(first, stages.Search) else None
    parts: Sequence[object] = condition.operands if isinstance(condition, ir.And) else (condition,)
    sides = ([options.earliest], [options.latest])
    for part in parts:
        if isinstance(part, ir.TimeBound) and (side := _SIDES.get(part.name.lower())) is not None:
            sides[side].append(instant_of(part.at, options, part.span))
    return (
        max((at for at in sides[0] if at is not None), default=None),
        min((at for at in sides[1] if at is not None), default=None),
    )


def _compile_stage(stage: ir.Stage, frame: Frame, context: Context) -> Frame:
    """The rows after one stage. Raises `Refusal` where it can't be run, `LimitError` where the time is up."""
    context.deadline.check()
    kind = ir.stage_kind(stage)
    if isinstance(stage, stages.Opaque):
        name = stage.name or stage.text[:40]
        message = f"the stage '{name}' could not be read: {stage.reason}"
        raise Refusal(message, span=stage.span, stage=stage.name or kind, code="RUN016")
    if isinstance(stage, stages.MacroStage):
        raise undefined_macro(stage.macro.name, stage.span, kind)
    compiler = context.dialect.compiler(stage)
    if compiler is None:
        raise Refusal(f"the command '{kind}' can't be run on files", span=stage.span, stage=kind, code="RUN010")
    try:
        check_server_fields(stage, frame, context)
        found = compiler(stage, frame, context)
    except Refusal as refusal:
        if refusal.stage is None:
            refusal.stage = kind
        if refusal.span == (0, 0):
            refusal.span = stage.span
        raise
    # A stage whose rows are told nothing of: any of those that went in may be behind each.
    return found if has_evidence(found) else of_all(found, frame, widened=kind)


def _label(stage: ir.Stage) -> str:
    return "".join(character if character.isalnum() else "_" for character in ir.stage_kind(stage))
