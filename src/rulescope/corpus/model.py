"""What reading rule files gives: rules, macros, lookups, data sources, and what was wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from rulescope.corpus.frame import RuleFrame
from rulescope.ir import LogSource, RuleInfo
from rulescope.text import Diagnostic, Severity, Source, Span

Outcome = Literal["rules", "supporting", "not yet read", "no rule", "failed"]
"""What became of a file: it gave rules; it gave macros, lookups or data sources; it holds rules in a language that
isn't read yet; it is no rule file (documents, CSV tables); it could not be read."""


Account = Literal["unreadable", "not opened", "noted"]
"""What a thing that was passed over is counted as: a rule that could not be read, or a file that may hold some; a link,
a pipe and the like, which is no file that rules are read from; what is said of a file that was read."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file under one of the folders given, not opened yet.

    `path` is where it is, `relative` its path inside the repository (with `/`), `license` the repository's SPDX
    identifier. `problem` says why it must not be opened (a link out of the tree), else None.
    """

    path: Path
    repository: str
    relative: str
    license: str | None = None
    problem: Diagnostic | None = None

    @property
    def catalog_path(self) -> str:
        """`<repository>/<relative>`: what names the file in catalogues and messages."""
        return f"{self.repository}/{self.relative}"

    @property
    def name(self) -> str:
        """The file's name, as text that can be stored."""
        return self.relative.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The ending of the file's name with its dot, in lower case; empty if there is none."""
        return PurePosixPath(self.name).suffix.lower()


@dataclass(frozen=True, slots=True)
class SigmaLinks:
    """What ties a Sigma rule to rules of other files.

    `names` are those that others call it by, `references` those of the rules that it is a correlation of. A correlation
    that `generates` leaves its parts rules of their own. `extents` are where its documents stand in its file; of these,
    some may be `templates`.
    """

    names: tuple[str, ...]
    references: tuple[str, ...]
    generates: bool
    extents: tuple[tuple[int, int], ...]
    templates: bool


@dataclass(frozen=True, slots=True)
class SigmaFilter:
    """A filter for Sigma rules: the names of those that it is for with their places in its file; None: any of its log
    source. `text` is its document."""

    path: str
    rules: tuple[tuple[str, Span], ...] | None
    log_source: LogSource
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One rule as its file gives it: what is said of it, and its query with the way back to line and column.

    `frame` is what the file adds to the query, where it does. A rule that is not `alone` is a part of another one of
    them, and not run by itself. `links` tie a Sigma rule to those of other files.
    """

    info: RuleInfo
    source: Source
    frame: RuleFrame | None = None
    alone: bool = True
    links: SigmaLinks | None = None

    @property
    def query_text(self) -> str:
        """The query, as the language's parser takes it."""
        return self.source.text


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """A macro's body. A macro with arguments is another macro than one of the same name without.

    `path` is where it is defined, as a rule's path is given. `source` holds the definition with its place.
    `is_eval` says that the definition is an eval expression whose result is the body.
    """

    name: str
    definition: str
    path: str
    repository: str
    arguments: tuple[str, ...] = ()
    is_eval: bool = False
    validation: str | None = None
    error_message: str | None = None
    description: str | None = None
    source: Source | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LookupDefinition:
    """How a lookup finds its rows (transforms.conf, or security_content's lookups/*.yml).

    `filename` is the table as named; `table` the path of that CSV where it lies beside the definition, with its
    `fields`. `match_types` pairs fields with `WILDCARD` or `CIDR`; other fields match exactly. None: not stated.
    `doubts` say what of it can't be read, so that how it matches is not certain.
    """

    name: str
    path: str
    repository: str
    filename: str | None = None
    collection: str | None = None
    external: str | None = None
    table: Path | None = field(default=None, compare=False)
    fields: tuple[str, ...] = ()
    match_types: tuple[tuple[str, str], ...] = ()
    case_sensitive: bool = True
    minimum_matches: int | None = None
    maximum_matches: int | None = None
    default_match: str | None = None
    description: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSource:
    """A kind of log that rules name, and how Splunk calls it (security_content's data_sources/*.yml)."""

    name: str
    path: str
    repository: str
    identifier: str | None = None
    source: str | None = None
    sourcetype: str | None = None
    separator: str | None = None
    description: str | None = None
    fields: tuple[str, ...] = ()
    example: str | None = None


@dataclass(frozen=True, slots=True)
class UnreadRule:
    """A rule that was recognised and counted, in a language that isn't read yet."""

    path: str
    repository: str
    language: str
    title: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something of the given files that no rule comes of, or that may be missing from one: what names it, and why.

    `path` is the rule's or file's; a broken part of a file that holds other things is `<file>#line <n>`. `line` and
    `column` count from 1, and are None where the reason has no place in the file.
    """

    account: Account
    path: str
    code: str
    message: str
    severity: Severity = "error"
    hint: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Something wrong with a file: its path (as in catalogues), what, and the text that the span counts in."""

    path: str
    diagnostic: Diagnostic
    source: Source


@dataclass(frozen=True, slots=True)
class ConfSetting:
    """One setting of a .conf file: its value, and the value's place as an offset map over the file's text.

    `problems` say what may be missing from the value, or was meant instead of it.
    """

    value: str
    offsets: tuple[tuple[int, int], ...]
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfFile:
    """A .conf file as its stanzas; settings before the first stanza are in `default`. `kind` is its name's stem."""

    kind: str
    text: str
    stanzas: dict[str, dict[str, ConfSetting]]


@dataclass(frozen=True, slots=True)
class FileContent:
    """All that one file gives; it depends on the file's bytes and name only, and can be pickled.

    A .conf file gives its stanzas as `conf`; its rules and macros come out when the layers of an app are put together.
    `reader` names the layout it was read as; `table_fields` are the columns of a lookup's CSV.
    """

    file: FoundFile
    outcome: Outcome
    reader: str | None = None
    rules: tuple[RuleFile, ...] = ()
    macros: tuple[MacroDefinition, ...] = ()
    lookups: tuple[LookupDefinition, ...] = ()
    data_sources: tuple[DataSource, ...] = ()
    unread: tuple[UnreadRule, ...] = ()
    problems: tuple[FileProblem, ...] = ()
    conf: ConfFile | None = None
    table_fields: tuple[str, ...] = ()
    filters: tuple[SigmaFilter, ...] = ()

    @property
    def linked(self) -> bool:
        """Whether it has rules or filters that those of other files can name."""
        return bool(self.filters) or any(rule.links is not None for rule in self.rules)

    @property
    def ties(self) -> bool:
        """Whether its Sigma rules and filters may change what rules of other files find."""
        return bool(self.filters) or any(rule.links is not None and rule.links.references for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files came to what end, by repository and in all, and what was found in them."""

    files: int
    by_outcome: dict[str, int]
    by_repository: dict[str, dict[str, int]]
    no_rule_by_suffix: dict[str, int]
    rules_by_language: dict[str, int]
    unread_by_language: dict[str, int]
    problems_by_code: dict[str, int]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that a set of folders holds, in the order of the files' paths.

    Every rule is in `rules`, or unreadable among the `passed_over`: those in languages that aren't read (`unread`),
    those without a query, and what kept a file from being read wholly.
    """

    rules: list[RuleFile]
    macros: list[MacroDefinition]
    lookups: list[LookupDefinition]
    data_sources: list[DataSource]
    unread: list[UnreadRule]
    passed_over: list[PassedOver]
    problems: list[FileProblem]
    counts: Counts


def count_contents(contents: list[FileContent], rules: list[RuleFile], problems: list[FileProblem]) -> Counts:
    """The counts over all files read, and over the rules and problems that came of them."""
    by_repository: dict[str, Counter[str]] = {}
    for content in contents:
        by_repository.setdefault(content.file.repository, Counter())[content.outcome] += 1
    skipped = Counter(content.file.suffix for content in contents if content.outcome == "no rule")
    return Counts(
        files=len(contents),
        by_outcome=_sorted(Counter(content.outcome for content in contents)),
        by_repository={name: _sorted(counter) for name, counter in sorted(by_repository.items())},
        no_rule_by_suffix=_sorted(skipped),
        rules_by_language=_sorted(Counter(rule.info.language for rule in rules)),
        unread_by_language=_sorted(Counter(rule.language for content in contents for rule in content.unread)),
        problems_by_code=_sorted(Counter(problem.diagnostic.code for problem in problems)),
    )


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items()))
