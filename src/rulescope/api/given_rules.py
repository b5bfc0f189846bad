"""The rules that a user gave: read, chosen, and every one of them accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulescope.api.named_query import check_rules
from rulescope.api.selection import Selection, choose_rules, unclear_rules
from rulescope.corpus import (
    Corpus,
    FileContent,
    FileProblem,
    LookupDefinition,
    PassedOver,
    RuleFile,
    assemble,
    find_rule_files,
    read_file,
)
from rulescope.corpus.passed_over import count_endings, files_without_rules
from rulescope.errors import UsageError

if TYPE_CHECKING:
    from rulescope.corpus import Account
    from rulescope.corpus.macro_libraries import MacroLibraries

NO_RULE = "RUL020"
"""The code of a file that was named, and holds no rule."""


@dataclass(frozen=True, slots=True)
class GivenRules:
    """What the given files and folders hold.

    `chosen` are the rules to run, `passed_over` what of the files gave none, or may be missing from one, `other_files`
    how many files by the ending of their name hold nothing that is read as rule, macro or lookup (documents, mostly).
    `unclear` were not chosen by severity, since they say none that is known.
    """

    chosen: tuple[RuleFile, ...]
    passed_over: tuple[PassedOver, ...]
    problems: tuple[FileProblem, ...]
    other_files: dict[str, int]
    macros: MacroLibraries
    lookups: tuple[LookupDefinition, ...]
    unclear: tuple[RuleFile, ...] = ()

    def counted_as(self, account: Account) -> tuple[PassedOver, ...]:
        """What was passed over and is counted so."""
        return tuple(one for one in self.passed_over if one.account == account)

    def words(self) -> frozenset[str]:
        """Every word of the rules and macros that may be the name of a field."""
        from rulescope.logs import words_of

        macros = (*(macro.definition for macro in self.macros.definitions), *(one.body for one in self.macros.given))
        return words_of((*(rule.query_text for rule in self.chosen), *macros))


def read_given_rules(paths: Sequence[Path], selection: Selection, macros: Sequence[Path] = ()) -> GivenRules:
    """Reads everything under `paths` and chooses; `macros` are the user's own files of them.

    Raises `NotFoundError` for a path that isn't there; `UsageError` where there is no rule at all, or none is chosen;
    `KnowledgeError` for macros that can't be read.
    """
    from rulescope.corpus.macro_libraries import MacroLibraries, filter_macros, load_macros

    check_rules(paths, "rulescope search {} LOGS...")
    given = load_macros(macros)
    contents = [read_file(found) for found in find_rule_files(list(paths))]
    corpus = assemble(contents)
    named = list(_named_without_rule(paths, contents))
    paths_named = {one.path for one in named}
    if not corpus.rules and all(one.account != "unreadable" for one in corpus.passed_over):
        raise _no_rule(paths, named, corpus)
    return GivenRules(
        tuple(choose_rules(corpus.rules, selection)),
        (*corpus.passed_over, *named),
        tuple(corpus.problems),
        count_endings(file for file in files_without_rules(contents) if file.catalog_path not in paths_named),
        MacroLibraries(corpus.macros, filter_macros(contents), given),
        tuple(corpus.lookups),
        tuple(unclear_rules(corpus.rules, selection)),
    )


def _named_without_rule(paths: Sequence[Path], contents: Iterable[FileContent]) -> Iterator[PassedOver]:
    """Files that the user named one by one, and in which there is nothing to be read."""
    files = {path.resolve() for path in paths if path.is_file()}
    for content in contents:
        if content.outcome == "no rule" and content.file.path in files:
            message = "no rule is recognised in this file"
            hint = _hint(content.file.path)
            yield PassedOver("unreadable", content.file.catalog_path, NO_RULE, message, hint=hint)


def _hint(path: Path) -> str:
    from rulescope.logs.formats import LOG_SUFFIXES

    if path.suffix.lower() in LOG_SUFFIXES:
        return "if this is a log, give it with --logs"
    return "rules are read from YAML, TOML, .spl, .kql, Markdown, savedsearches.conf and JSON Lines"


def _no_rule(paths: Sequence[Path], named: Sequence[PassedOver], corpus: Corpus) -> UsageError:
    where = ", ".join(str(path) for path in paths[:3]) + (", …" if len(paths) > 3 else "")
    if corpus.macros or corpus.lookups:
        hint: str | None = "there are macros or lookups only; those of your own are given with --macros and --lookups"
    else:
        hint = named[0].hint if named else _hint(Path())
    return UsageError(f"no rule was found in {where}", code="RSC151", hint=hint)
