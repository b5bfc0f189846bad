"""Finds and reads rule files in every repository layout: rules, macros, lookups, data sources, and what is wrong.

`read_corpus` does it all at once. For builds that read only what changed: `find_rule_files` lists the files,
`read_file` (or `read_bytes`) reads one, depending on nothing but its name and bytes, with a result that can be
pickled and kept; `assemble` puts the results together.

The readers are loaded where a name of this room is first asked for: a search needs its macros alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulescope.corpus.codes import CODES
    from rulescope.corpus.find import find_rule_files
    from rulescope.corpus.model import (
        Account,
        Corpus,
        Counts,
        DataSource,
        FileContent,
        FileProblem,
        FoundFile,
        LookupDefinition,
        MacroDefinition,
        Outcome,
        PassedOver,
        RuleFile,
        UnreadRule,
    )
    from rulescope.corpus.read import assemble, is_candidate, read_bytes, read_corpus, read_file

_MODULES = ("codes", "find", "model", "read")

__all__ = [
    "CODES",
    "Account",
    "Corpus",
    "Counts",
    "DataSource",
    "FileContent",
    "FileProblem",
    "FoundFile",
    "LookupDefinition",
    "MacroDefinition",
    "Outcome",
    "PassedOver",
    "RuleFile",
    "UnreadRule",
    "assemble",
    "find_rule_files",
    "is_candidate",
    "read_bytes",
    "read_corpus",
    "read_file",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"{__name__}.{module}"))
            if name in found:
                return found[name]
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
