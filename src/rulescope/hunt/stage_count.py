"""What has too many stages to be run: a refusal, not a fault."""

from __future__ import annotations

from rulescope import ir
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk

MOST_STAGES = 500
"""How many stages a rule may have, those of its subsearches and named parts included. The longest search known to us
has 282; beyond this a plan takes minutes, and the database gives it up."""


def check_size(pipeline: ir.Pipeline) -> None:
    """Raises `Refusal` for a pipeline of more stages than are run."""
    found = [stage for node in walk(pipeline) if isinstance(node, ir.Pipeline) for stage in node.stages]
    # Each source that is named beside another is read by a stage of its own.
    count = len(found) + sum(
        max(len(one.names) - 1, 0) for one in found if isinstance(one, stages.Origin | stages.Union)
    )
    if count > MOST_STAGES:
        raise Refusal(
            f"it has {count:,} stages, those of subsearches included; more than {MOST_STAGES:,} are not run",
            span=pipeline.stages[-1].span,
            code="RUN124",
        )
