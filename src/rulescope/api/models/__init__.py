"""What the use cases give: one dataclass a page, all of it ready to be shown and to be written as JSON.

Everything that names another page carries what a link to it needs: rules by `slug` (a safe file name), techniques by
identifier, events by `slug`, macros, fields and repositories by `slug`. Texts come from strangers: whoever shows them
escapes them. Counts of rules are always given as full, partial and failed.
"""

from __future__ import annotations

from rulescope.api.models.coverage import (
    EventLink,
    EventPage,
    MatrixCell,
    MatrixColumn,
    ProviderPage,
    TacticPage,
    TechniqueMatrix,
    TechniquePage,
)
from rulescope.api.models.lists import (
    JOB_LANGUAGE,
    Cause,
    FieldElsewhere,
    FieldPage,
    FieldRow,
    MacroPage,
    MacroRow,
    Overview,
    RepositoryPage,
    RepositoryRow,
    SearchDocument,
    SearchHit,
    StatusCounts,
    ValueUse,
)
from rulescope.api.models.passed_over import FileNote, PassedOverPage, PassedThing
from rulescope.api.models.rule import (
    ComparedAs,
    CorpusCount,
    EventRow,
    IndicatorRow,
    MacroUse,
    NeighbourRow,
    Relation,
    RuleLink,
    RulePage,
    TermRow,
    VariantRow,
)
from rulescope.api.models.sharing import LanguageSharing, SharedIndicator, Sharing

__all__ = [
    "JOB_LANGUAGE",
    "Cause",
    "ComparedAs",
    "CorpusCount",
    "EventLink",
    "EventPage",
    "EventRow",
    "FieldElsewhere",
    "FieldPage",
    "FieldRow",
    "FileNote",
    "IndicatorRow",
    "LanguageSharing",
    "MacroPage",
    "MacroRow",
    "MacroUse",
    "MatrixCell",
    "MatrixColumn",
    "NeighbourRow",
    "Overview",
    "PassedOverPage",
    "PassedThing",
    "ProviderPage",
    "Relation",
    "RepositoryPage",
    "RepositoryRow",
    "RuleLink",
    "RulePage",
    "SearchDocument",
    "SearchHit",
    "SharedIndicator",
    "Sharing",
    "StatusCounts",
    "TacticPage",
    "TechniqueMatrix",
    "TechniquePage",
    "TermRow",
    "ValueUse",
    "VariantRow",
]
