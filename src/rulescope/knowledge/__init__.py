"""Facts that detection rules take for granted: ATT&CK, kinds of events, field names, data models and macros.

Everything is loaded when first asked for: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulescope.knowledge.attack_matrix import AttackMatrix, Tactic, Technique, attack
    from rulescope.knowledge.event_catalogue import DataSource, EventCatalogue, EventKind, events
    from rulescope.knowledge.log_directory import Log, LogDirectory, logs

_HOMES = {
    "AttackMatrix": "attack_matrix",
    "DataSource": "event_catalogue",
    "EventCatalogue": "event_catalogue",
    "EventKind": "event_catalogue",
    "Log": "log_directory",
    "LogDirectory": "log_directory",
    "Tactic": "attack_matrix",
    "Technique": "attack_matrix",
    "attack": "attack_matrix",
    "events": "event_catalogue",
    "logs": "log_directory",
}

__all__ = [
    "AttackMatrix",
    "DataSource",
    "EventCatalogue",
    "EventKind",
    "Log",
    "LogDirectory",
    "Tactic",
    "Technique",
    "attack",
    "events",
    "logs",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
