"""The compilers of stages, by family; importing this package declares them all."""

from rulescope.engines.sql.stages import (  # noqa: F401
    binning,
    charting,
    combining,
    commands,
    converting,
    correlating,
    evaluating,
    extracting,
    fieldsets,
    filling,
    filtering,
    firing,
    foreach,
    frequencies,
    generating,
    grouping,
    information,
    lookups,
    mapping,
    models,
    multivalue,
    origins,
    places,
    reshaping,
    running,
    sequences,
    structure,
    tables,
    timecharting,
    times,
    totals,
    transactions,
)
from rulescope.engines.sql.stages.registry import COMMANDS, STAGES

__all__ = ["COMMANDS", "STAGES"]
