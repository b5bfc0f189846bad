"""The compilers of stages, by family; importing this package declares them all."""

from rulescope.engines.sql.stages import (  # noqa: F401
    binning,
    combining,
    evaluating,
    extracting,
    fieldsets,
    filling,
    filtering,
    foreach,
    generating,
    grouping,
    lookups,
    models,
    multivalue,
    running,
    tables,
)
from rulescope.engines.sql.stages.registry import COMMANDS, STAGES

__all__ = ["COMMANDS", "STAGES"]
