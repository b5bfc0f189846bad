"""One rule out of a file or a catalogue, with what lies beside it in its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rulescope.api.likely_language import likely_language
from rulescope.api.query import RULE_ENDINGS, Query
from rulescope.corpus import Corpus, FileContent, FoundFile, RuleFile, assemble, find_rule_files, read_bytes, read_file
from rulescope.corpus.macro_libraries import filter_macros
from rulescope.corpus.rule_paths import file_of_rule, split_rule_path
from rulescope.errors import CatalogError, InputError, NotFoundError, UsageError
from rulescope.text import NO_SPAN, nearest_name

MOST_LISTED = 20
"""Rules of a file that an error lists; it says how many others there are."""


def query_of_file(path: Path, fragment: str | None = None, language: str | None = None, hint: str = "") -> Query:
    """The one rule in a file, or of several the one that `fragment` names: by its number, identifier or title.

    It sees the macros and lookups of its file, as in a run of this file. `hint` is what else the name may have meant.
    Raises `InputError` where the file can't be read, holds no rule, or several; `UsageError` where it is a log, or the
    rule is in another language than the user says.
    """
    contents = [read_file(found) for found in find_rule_files([path])]
    corpus = assemble(contents)
    if not corpus.rules:
        raise _no_rule(path, contents, corpus, hint)
    rule = _chosen(path, _in_order(contents, corpus), fragment)
    if language is not None and language != rule.info.language:
        message = f"{path} is a rule in '{rule.info.language}', not in '{language}'"
        raise UsageError(message, code="RSC189", hint="leave --language out: a file says its language")
    return _query(rule, contents, corpus)


def query_of_catalog(name: str, catalog: Path, language: str | None = None) -> Query | None:
    """The rule of a catalogue by path, identifier, slug or title; None where it has none of this name.

    It comes out of the text of its file, which the catalogue keeps. Raises `CatalogError` where the catalogue can't be
    used, `InputError` where several rules share the name, `UsageError` where it is in another language.
    """
    from rulescope.api.rules import rule_page
    from rulescope.api.view import open_view, rule_named

    with open_view(catalog) as view:
        link = rule_named(view, name)
        if link is None:
            return None
        page = rule_page(view, link.slug)
    if language is not None and language != page.info.language:
        message = f"'{name}' is a rule in '{page.info.language}', not in '{language}'"
        raise UsageError(message, code="RSC189", hint="leave --language out: a rule says its language")
    relative = file_of_rule(page.info.path.removeprefix(f"{page.info.repository}/"))
    found = FoundFile(Path(relative), page.info.repository, relative)
    contents = [read_bytes(found, page.body.file_text.encode("utf-8"))]
    corpus = assemble(contents)
    for rule in corpus.rules:
        if rule.query_text == page.body.query and rule.info.language == page.info.language:
            return _query(rule, contents, corpus)
    from rulescope.text import Source

    return Query(page.info.path, page.info.language, Source(page.body.query, page.info.path), info=page.info)


def near_in_catalog(name: str, catalog: Path) -> str | None:
    """The name in a catalogue that is nearest; None where none is near, or it can't be used."""
    from rulescope.api.view import near_rule, open_view

    try:
        with open_view(catalog) as view:
            return near_rule(view, name)
    except (CatalogError, NotFoundError):
        return None


def _query(rule: RuleFile, contents: Sequence[FileContent], corpus: Corpus) -> Query:
    info = rule.info
    doubt = likely_language(rule.source.text, info.language, "the file should have a name or form that says so")
    return Query(
        info.path,
        info.language,
        rule.source,
        rule.frame,
        info,
        corpus.macros,
        frozenset(filter_macros(contents)),
        corpus.lookups,
        [problem for problem in corpus.problems if problem.diagnostic.severity != "info"],
        () if doubt is None else (doubt,),
    )


def _in_order(contents: Sequence[FileContent], corpus: Corpus) -> list[RuleFile]:
    """The rules in the order of their file; those of a .conf file are known only to the corpus."""
    order = {rule.info.path: place for place, rule in enumerate(rule for one in contents for rule in one.rules)}
    return sorted(corpus.rules, key=lambda rule: order.get(rule.info.path, 0))


def _chosen(path: Path, rules: Sequence[RuleFile], fragment: str | None) -> RuleFile:
    whole = [rule for rule in rules if rule.alone] or list(rules)
    if fragment is None:
        if len(whole) == 1:
            return whole[0]
        first = f"{path}#{_fragment(whole[0])}"
        message = f"{path} holds {len(whole):,} rules; one is wanted:\n{_listed(path, whole)}"
        raise InputError(message, code="RSC102", hint=f"name one by its number, identifier or title: '{first}'")
    for names in (_fragment, _identifier, _title):
        found = [rule for rule in rules if names(rule) == fragment.strip().casefold()]
        if found:
            return found[0]
    known = [name for rule in rules for name in (_fragment(rule), rule.info.identifier, rule.info.title) if name]
    near = nearest_name(fragment, known)
    message = f"{path} holds no rule '{fragment}'; it holds:\n{_listed(path, rules)}"
    raise NotFoundError(message, hint=f"did you mean '{path}#{near}'?" if near else None)


def _fragment(rule: RuleFile) -> str:
    """What names the rule within its file: `1` for the first, whose path is the file's."""
    return (split_rule_path(rule.info.path)[1] or "1").casefold()


def _identifier(rule: RuleFile) -> str:
    return (rule.info.identifier or "").casefold()


def _title(rule: RuleFile) -> str:
    return rule.info.title.strip().casefold()


def _listed(path: Path, rules: Sequence[RuleFile]) -> str:
    lines = [
        f"  {path}#{split_rule_path(rule.info.path)[1] or '1'}  {rule.info.title}".rstrip()
        for rule in rules[:MOST_LISTED]
    ]
    if len(rules) > MOST_LISTED:
        lines.append(f"  … and {len(rules) - MOST_LISTED:,} more")
    return "\n".join(lines)


def _no_rule(path: Path, contents: Sequence[FileContent], corpus: Corpus, hint: str) -> InputError:
    """Why there is no rule in the file: it is broken, holds other things, or is a log."""
    name = path.name.lower()
    worst = next((one for one in corpus.problems if one.diagnostic.severity == "error"), None)
    if worst is not None:
        found = worst.diagnostic
        place = "" if found.span == NO_SPAN else ":{0.line}:{0.column}".format(worst.source.position(found.span.start))
        return InputError(f"{path}{place}: {found.message}", code=found.code, hint=found.hint)
    unread = [rule.language for content in contents for rule in content.unread]
    if unread:
        return InputError(f"{path} is a rule in '{unread[0]}', which is not read yet", code="RUL009")
    held = [
        f"{len(things):,} {word}{'' if len(things) == 1 else 's'}"
        for things, word in ((corpus.macros, "macro"), (corpus.lookups, "lookup"), (corpus.data_sources, "data source"))
        if things
    ]
    if corpus.macros:
        hint = f"macros go with a rule: --macros {path}"
    if held:
        return InputError(f"{path} holds no rule, but {', '.join(held)}", code="RSC102", hint=hint)
    if name.endswith(RULE_ENDINGS):
        return InputError(f"{path} holds no rule of a form that is read", code="RSC102", hint=hint or None)
    if name.endswith(".txt"):
        hint = f"to read the query in it, give '-' and the file as input: - < {path}; {hint}"
    else:
        hint = f"logs stand after a query, as in: rulescope search 'EventCode=1' {path}; {hint}"
    return UsageError(f"{path} is a log by its name, and holds no rule", code="RSC188", hint=hint.removesuffix("; "))
