"""Finds and reads rule files in every repository layout: rules, macros, lookups, data sources, and what is wrong.

`read_corpus` does it all at once. For builds that read only what changed: `find_rule_files` lists the files,
`read_file` (or `read_bytes`) reads one, depending on nothing but its name and bytes, with a result that can be
pickled and kept; `assemble` puts the results together.
"""

from rulescope.corpus.codes import CODES
from rulescope.corpus.find import find_rule_files
from rulescope.corpus.model import (
    Corpus,
    Counts,
    DataSource,
    FileContent,
    FileProblem,
    FoundFile,
    LookupDefinition,
    MacroDefinition,
    Outcome,
    RuleFile,
    Unreadable,
    UnreadRule,
)
from rulescope.corpus.read import assemble, is_candidate, read_bytes, read_corpus, read_file

__all__ = [
    "CODES",
    "Corpus",
    "Counts",
    "DataSource",
    "FileContent",
    "FileProblem",
    "FoundFile",
    "LookupDefinition",
    "MacroDefinition",
    "Outcome",
    "RuleFile",
    "UnreadRule",
    "Unreadable",
    "assemble",
    "find_rule_files",
    "is_candidate",
    "read_bytes",
    "read_corpus",
    "read_file",
]
