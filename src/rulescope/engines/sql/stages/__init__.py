"""The compilers of stages, by family; importing this package declares them all."""

from rulescope.engines.sql.stages import (  # noqa: F401
    evaluating,
    fieldsets,
    filling,
    filtering,
    grouping,
    multivalue,
)
from rulescope.engines.sql.stages.registry import COMMANDS, STAGES

__all__ = ["COMMANDS", "STAGES"]
