"""What the catalogue keeps of one rule: everything its page says that can be said without the other rules.

A record is made once, when a file is first read, and kept in the catalogue as msgpack (typed on the way back in, so
that a catalogue from a stranger can hold wrong facts but no code). Offsets are characters of `Body.query`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from rulescope.analysis.facts import Facts
from rulescope.ir import ParseStatus, RuleInfo
from rulescope.text import Severity

HighlightKind = Literal[
    "command", "function", "field", "string", "number", "operator", "keyword", "macro", "term", "comment", "pattern",
    "unknown",
]  # fmt: skip
NodeKind = Literal["and", "or", "not", "compare", "term", "time", "macro", "subsearch", "test"]


@dataclass(frozen=True, slots=True)
class PredicateNode:
    """A node of a predicate's tree, ready to be drawn.

    kind      what it is; `and`, `or` and `not` have `children`, the rest are leaves.
    text      the leaf as the author wrote it, or as the printer writes it where it has no place of its own.
    field     the compared field, of a `compare`; the modifier's name, of a `time`; the macro's name, of a `macro`.
    operator  the kind of comparison (`eq`, `match`, …), of a `compare`; the directive or None, of a `term`.
    values    the values compared with, the term's text, the macro's arguments, the texts of a subsearch's stages.
    start/end the place in the query; both 0 where there is none.
    targets   anchors of the rows (`indicator-3`, `term-2`, …) that this leaf gave rise to, in the order of `values`.
    """

    kind: NodeKind
    text: str = ""
    field: str | None = None
    operator: str | None = None
    values: tuple[str, ...] = ()
    children: tuple[PredicateNode, ...] = ()
    start: int = 0
    end: int = 0
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageRecord:
    """A stage of the pipeline as written.

    number      from 1; stages of a nested pipeline count by themselves.
    kind        the shared word for what it does (`search`, `where`, `stats`, …; `opaque` where it could not be read).
    text        verbatim, without the pipe.
    explanation one sentence of plain English.
    effect      what it does to rows, in one word: `filter`, `group`, `shape`, `order`, `combine`, `generate`,
                `write`, `unknown`.
    reads       fields whose values it looks at; `writes` fields that it makes or changes; `keeps` the fields left over
                where it says so (`table`, `stats`), else None. Names may hold `*`.
    predicate   the condition, as a tree, where the stage has one; `predicate_json` the same in the contract's words.
    pipelines   the stages of its subsearches (of `append`, `join`, …), one tuple each.
    """

    number: int
    kind: str
    text: str
    start: int
    end: int
    explanation: str = ""
    effect: str = "unknown"
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    keeps: tuple[str, ...] | None = None
    predicate: PredicateNode | None = None
    predicate_json: Any = None
    pipelines: tuple[tuple[StageRecord, ...], ...] = ()


class Highlight(NamedTuple):
    """A stretch of a text with what it is; `target` is the anchor of the row it gave rise to, where there is one.

    A tuple, because a rule has a hundred of them, and as JSON a list of four.
    """

    start: int
    end: int
    kind: HighlightKind
    target: str | None = None


@dataclass(frozen=True, slots=True)
class DiagnosticRecord:
    """A diagnostic with its place in the file (line and column from 1, `start` and `end` in the query), and drawn."""

    code: str
    severity: Severity
    message: str
    line: int
    column: int
    hint: str | None = None
    start: int = 0
    end: int = 0
    stage: int | None = None
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The rule's text: the query, and the file it stands in (the same where the file is the query).

    `highlights` are over `query`, `file_highlights` over `file_text`; both sorted, not overlapping.
    `format` is the file's: `yaml`, `toml`, `conf`, `json`, `spl`, …
    """

    query: str
    file_text: str
    format: str
    highlights: tuple[Highlight, ...] = ()
    file_highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """One rule, read and understood as far as it goes, apart from what other rules add.

    `diagnostics` are of the query, `file_diagnostics` of the file around it. The signatures are those of
    `rulescope.analysis.signature`. `macros` are all that the query calls, also through other macros (`name` or
    `name(2)`); `unknown_macros` those without a body. `canonical_text` is the query as the printer writes it.
    """

    info: RuleInfo
    status: ParseStatus
    body: Body
    stages: tuple[StageRecord, ...]
    facts: Facts
    diagnostics: tuple[DiagnosticRecord, ...] = ()
    file_diagnostics: tuple[DiagnosticRecord, ...] = ()
    macros: tuple[str, ...] = ()
    unknown_macros: tuple[str, ...] = ()
    query_signature: str = ""
    condition_signature: str = ""
    canonical_text: str = ""

    @property
    def all_diagnostics(self) -> tuple[DiagnosticRecord, ...]:
        """What is wrong with the file, then with the query."""
        return (*self.file_diagnostics, *self.diagnostics)
