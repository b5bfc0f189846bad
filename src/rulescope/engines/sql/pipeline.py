"""A pipeline to a chain of CTEs, stage by stage."""

from __future__ import annotations

from rulescope import ir
from rulescope.engines.sql.context import Context, Options, StageTrace
from rulescope.engines.sql.frame import Frame, Program
from rulescope.engines.sql.server_fields import check_server_fields
from rulescope.engines.sql.stages import COMMANDS, STAGES
from rulescope.engines.sql.times import parse_time
from rulescope.errors import Refusal
from rulescope.ir import stages as kinds

_MAX_DEPTH = 20


def compile_pipeline(
    pipeline: ir.Pipeline,
    context: Context,
    *,
    frame: Frame | None = None,
    program: Program | None = None,
    prefix: str = "",
    traced: bool = False,
) -> Frame:
    """The rows after the last stage. They start from `frame`, or from the events, or from nothing if it generates.

    A stage that can't be run is refused by name and place; a stage may use the context's database to look at the rows
    so far.
    """
    if context.depth >= _MAX_DEPTH:
        raise Refusal("searches are nested too deeply", span=pipeline.span, code="RUN015")
    context.depth += 1
    time_range = context.time_range
    try:
        if frame is None:
            context.time_range = _time_range(pipeline, context.options)
            program = program if program is not None else Program()
            frame = context.empty_frame(program) if pipeline.generating else context.events_frame(program)
        for number, stage in enumerate(pipeline.stages, 1):
            label = f"{prefix}s{number}_{_label(stage)}"
            frame = compile_stage(stage, frame.at(label), context)
            if traced:
                context.trace.append(StageTrace(number, stage, label, frame))
        return frame
    finally:
        context.depth -= 1
        context.time_range = time_range


def _time_range(pipeline: ir.Pipeline, options: Options) -> tuple[float | None, float | None]:
    """The time range of a search: that of the options, and within it the bounds in its first stage."""
    first = pipeline.stages[0] if pipeline.stages else None
    condition = first.predicate if isinstance(first, kinds.Search) else None
    earliest, latest = [options.earliest], [options.latest]
    for part in condition.operands if isinstance(condition, ir.And) else (condition,):
        if isinstance(part, ir.TimeBound):
            side = {"earliest": earliest, "starttime": earliest, "latest": latest, "endtime": latest}.get(
                part.name.lower(), []
            )
            side.append(parse_time(part.value, options, part.span))
    return (
        max((at for at in earliest if at is not None), default=None),
        min((at for at in latest if at is not None), default=None),
    )


def compile_stage(stage: ir.Stage, frame: Frame, context: Context) -> Frame:
    """The rows after one stage. Raises `Refusal` where it can't be run, `LimitError` where the time is up."""
    context.deadline.check()
    kind = ir.stage_kind(stage)
    if isinstance(stage, kinds.Opaque):
        raise Refusal(
            f"the stage '{stage.name or stage.text[:40]}' could not be read: {stage.reason}",
            span=stage.span,
            stage=stage.name or kind,
            code="RUN016",
        )
    if isinstance(stage, kinds.MacroStage):
        raise Refusal(
            f"the macro '{stage.macro.name}' has no definition",
            span=stage.span,
            stage=kind,
            code="RUN014",
            hint="give one with --macros",
        )
    commands, stages = (
        (COMMANDS, STAGES) if context.dialect is None else (context.dialect.commands, context.dialect.stages)
    )
    compiler = commands.get(stage.name) if isinstance(stage, kinds.Command) else stages.get(type(stage))
    if compiler is None:
        raise Refusal(f"the command '{kind}' can't be run on files", span=stage.span, stage=kind, code="RUN010")
    try:
        check_server_fields(stage, frame, context)
        return compiler(stage, frame, context)
    except Refusal as refusal:
        if refusal.stage is None:
            refusal.stage = kind
        if refusal.span == (0, 0):
            refusal.span = stage.span
        raise


def _label(stage: ir.Stage) -> str:
    return "".join(character if character.isalnum() else "_" for character in ir.stage_kind(stage))
