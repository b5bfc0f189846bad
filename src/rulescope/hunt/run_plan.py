"""What a run is made of, beside the events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulescope.corpus import LookupDefinition
from rulescope.corpus.macro_libraries import MacroLibraries
from rulescope.engines.sql.context import Options
from rulescope.hunt.rule_run import HuntRule
from rulescope.hunt.settings import Settings, options_of


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run is made of, beside the events: it can be pickled."""

    rules: tuple[HuntRule, ...]
    macros: MacroLibraries
    lookups: tuple[LookupDefinition, ...]
    settings: Settings
    options: Options
    most_events: int


def plan_run(
    rules: Sequence[HuntRule],
    macros: MacroLibraries,
    lookups: Sequence[LookupDefinition],
    settings: Settings,
    most_events: int,
) -> RunPlan:
    """A run of these rules. The clock is read once, so that `now()` is the same for all of them."""
    return RunPlan(tuple(rules), macros, tuple(lookups), settings, options_of(settings), most_events)
