"""Stages that can't be run over logs, and why."""

from __future__ import annotations

from typing import Final, NoReturn

from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE, TABLES, compiles, compiles_command
from rulescope.engines.sql.frame import Frame
from rulescope.errors import Refusal
from rulescope.ir import stages

REASONS: Final[dict[str, str]] = {
    "invoke": "calls a stored function, whose text is not here",
    "scan": "matches patterns step by step, which is not supported",
    "sample": "takes rows by chance: what it gives can't be said",
    "getschema": "describes columns instead of giving rows",
    "partition": "runs a query once a value, which is not supported",
    "lateral": "runs a query for each row before it, which is not supported",
}
"""Why a stage that is known by its name only is refused."""


@compiles_command(*REASONS, dialects=TABLES)
def refuse_command(stage: stages.Command, frame: Frame, context: Context) -> NoReturn:
    """Refuses the stage with its reason."""
    raise Refusal(f"'{stage.name}' {REASONS[stage.name]}", span=stage.span, stage=stage.name, code="RUN010")


@compiles(stages.From, dialects=(KUSTO, SNOWFLAKE))
def refuse_external(stage: stages.From, frame: Frame, context: Context) -> NoReturn:
    """Refuses rows that lie elsewhere: nothing is fetched."""
    message = f"'{stage.dataset_kind}' reads rows that lie elsewhere, and nothing is fetched"
    raise Refusal(message, span=stage.span, stage=stage.dataset_kind, code="RUN048")
