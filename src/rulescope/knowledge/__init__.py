"""Facts that detection rules take for granted: ATT&CK, kinds of events, field names, data models and macros.

Everything is loaded when first asked for: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulescope.knowledge.attack_matrix import AttackMatrix, Tactic, Technique, attack
    from rulescope.knowledge.data_model import DataModelDefinition, DataModels, Membership, Node, data_models
    from rulescope.knowledge.derivation import Form, raw_fields
    from rulescope.knowledge.derivation_notation import parse_form
    from rulescope.knowledge.derivation_value import evaluate
    from rulescope.knowledge.event_catalogue import CataloguedDataSource, EventCatalogue, EventKind, events
    from rulescope.knowledge.field_rule import FieldRule, FieldRules, field_rules
    from rulescope.knowledge.field_vocabulary import FieldName, FieldVocabulary, fields
    from rulescope.knowledge.log_directory import Log, LogDirectory, logs
    from rulescope.knowledge.macro_pack import MacroPack, PackMacro, find_macro, load_macro_pack, macro_packs

_HOMES = {
    "AttackMatrix": "attack_matrix",
    "DataModelDefinition": "data_model",
    "DataModels": "data_model",
    "CataloguedDataSource": "event_catalogue",
    "EventCatalogue": "event_catalogue",
    "EventKind": "event_catalogue",
    "FieldName": "field_vocabulary",
    "FieldRule": "field_rule",
    "FieldRules": "field_rule",
    "FieldVocabulary": "field_vocabulary",
    "Form": "derivation",
    "Log": "log_directory",
    "LogDirectory": "log_directory",
    "PackMacro": "macro_pack",
    "MacroPack": "macro_pack",
    "Membership": "data_model",
    "Node": "data_model",
    "Tactic": "attack_matrix",
    "Technique": "attack_matrix",
    "attack": "attack_matrix",
    "data_models": "data_model",
    "evaluate": "derivation_value",
    "events": "event_catalogue",
    "field_rules": "field_rule",
    "fields": "field_vocabulary",
    "find_macro": "macro_pack",
    "load_macro_pack": "macro_pack",
    "logs": "log_directory",
    "macro_packs": "macro_pack",
    "parse_form": "derivation_notation",
    "raw_fields": "derivation",
}

__all__ = [
    "AttackMatrix",
    "CataloguedDataSource",
    "DataModelDefinition",
    "DataModels",
    "EventCatalogue",
    "EventKind",
    "FieldName",
    "FieldRule",
    "FieldRules",
    "FieldVocabulary",
    "Form",
    "Log",
    "LogDirectory",
    "MacroPack",
    "Membership",
    "Node",
    "PackMacro",
    "Tactic",
    "Technique",
    "attack",
    "data_models",
    "evaluate",
    "events",
    "field_rules",
    "fields",
    "find_macro",
    "load_macro_pack",
    "logs",
    "macro_packs",
    "parse_form",
    "raw_fields",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
