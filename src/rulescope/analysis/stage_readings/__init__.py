"""How each kind of stage is read: what it looks for, and where its fields come from. One module a group of stages."""

from __future__ import annotations

from collections.abc import Callable

from rulescope.analysis.stage_readings import combining, detecting, grouping, shaping
from rulescope.ir import Stage

READERS: dict[type[Stage], Callable[..., None]] = {
    **detecting.READERS,
    **grouping.READERS,
    **shaping.READERS,
    **combining.READERS,
}
"""The reader of a kind of stage. It is given the reading, the stage, whether a NOT turns it round, and its branch."""
