"""What a user's words name: a rule file, a rule of the catalogue, or a query as text. The readers of rule files and
catalogues are loaded only where the words name one: most searches start without them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from rulescope.api.query import (
    ARCHIVE_ENDINGS,
    LOG_ENDINGS,
    LONGEST_NAME,
    ONLY_RULES,
    RULE_ENDINGS,
    Query,
    text_query,
)
from rulescope.corpus.rule_paths import file_of_rule
from rulescope.errors import CatalogError, NotFoundError, UsageError, missing_path
from rulescope.languages.registry import check_language
from rulescope.text import Diagnostic, encodable, nearest_path

_ONLY_IN_QUERIES = frozenset('|=<>"`')
_NEVER_IN_NAMES = _ONLY_IN_QUERIES | frozenset("'*?,;()[]{}$\t\n ")
"""Characters that stand in queries, and hardly ever in names of files."""


def find_query(asked: str, language: str | None = None, *, catalog: Path | None = None, names: bool = True) -> Query:
    """The query that a user's words mean: a rule file (`rules.yml`, of several rules one as `rules.yml#2`), a rule of
    the catalogue by its path (with `names` also by identifier, slug or title), or the words themselves.

    Raises `NotFoundError` for a path that leads nowhere, `UsageError` for a folder, a log, or a language that is not
    the rule's, `InputError` where the file can't be read as one rule.
    """
    if language is not None:
        check_language(language)
    if not _may_be_name(asked):
        return text_query(asked, language)
    place = _existing(asked)
    if place is not None:
        return _of_path(*place, asked, language)
    is_path = looks_like_path(asked)
    if catalog is not None and (is_path or (names and "|" not in asked)) and catalog.exists():
        from rulescope.api.rule_files import query_of_catalog

        try:
            found = query_of_catalog(asked, catalog, language)
        except CatalogError:
            if is_path:
                raise
            found = None  # a damaged catalogue keeps nobody from a query that is no rule of it
        if found is not None:
            return found
    if is_path:
        missing = missing_path(Path(file_of_rule(asked)), what="rule file")
        if missing.hint is None and catalog is not None and catalog.exists():
            from rulescope.api.rule_files import near_in_catalog

            near = near_in_catalog(asked, catalog)
            missing.hint = f"did you mean '{near}'?" if near else None
        hint = f"{missing.hint}{' To' if missing.hint.endswith('?') else '; to'}" if missing.hint else "to"
        missing.hint = f"{hint} look for this text in events, put double quotes around it: '\"{asked}\"'"
        raise missing
    return text_query(asked, language, _taken_as_text(asked, catalog if names else None))


def looks_like_path(text: str) -> bool:
    """Whether the text can only be meant as the path of a file: it ends as names of rules and logs do, and holds
    nothing that queries do, unless its folder is there; or it leads on from a folder that is there."""
    name = file_of_rule(text)
    if not name.lower().endswith((*RULE_ENDINGS, *ARCHIVE_ENDINGS, *LOG_ENDINGS)):
        return _leads_from_a_folder(name)
    if not _NEVER_IN_NAMES.intersection(name) and ":" not in name[2:]:
        return True
    return len(Path(name).parts) > 1 and _exists(Path(name).parent)


def _leads_from_a_folder(name: str) -> bool:
    """Whether the text is a path by its beginning: `./x`, `../x`, or the name of a folder that is there and a slash."""
    if "/" not in name or _NEVER_IN_NAMES.intersection(name) or "//" in name:
        return False
    first = Path(name).parts[:2] if name.startswith("/") else Path(name).parts[:1]
    return name.startswith(("./", "../")) or (
        len(Path(name).parts) > 1 and _exists(Path(*first)) and Path(*first).is_dir()
    )


def check_logs(asked: str, logs: Sequence[Path]) -> None:
    """Raises `UsageError` where there are no logs, they were given in the query's place, or a part of the query was
    given in theirs. A log that just isn't there is left to the reader of logs."""
    named = _existing(asked)
    is_log = named is not None and (named[0].is_dir() or not named[0].name.lower().endswith(RULE_ENDINGS))
    if not logs:
        hint = "files and folders of logs stand after the query"
        if is_log:
            hint = f"the query stands first: rulescope search 'EventCode=1' {asked}"
        raise UsageError("no logs are given", code="RSC191", hint=hint)
    for path in logs:
        if _exists(path):
            continue
        if is_log:
            message = f"'{path}' is no log, and '{asked}' is no query"
            raise UsageError(message, code="RSC192", hint=f"the query stands first: rulescope search '{path}' {asked}")
        if _ONLY_IN_QUERIES.intersection(str(path)):
            raise UsageError(f"there is no log '{path}'", code="RSC192", hint=_in_quotes(asked, logs))
    rule = next((path for path in logs if path.name.lower().endswith(ONLY_RULES)), None)
    if rule is not None and named is not None and named[0].name.lower().endswith(RULE_ENDINGS):
        hint = f"to run several rules: rulescope run {asked} {rule} --logs LOGS..."
        raise UsageError(f"{rule} is a rule by its name, and stands where logs do", code="RSC192", hint=hint)


def check_rules(rules: Sequence[Path], use: str) -> None:
    """Raises `UsageError` where a query stands in the place of files of rules, `NotFoundError` for the name of a rule;
    `use` is a call that takes a query, in which `{}` stands for it. A file that just isn't there is left to the reader
    of rules."""
    for path in rules:
        if _exists(path):
            continue
        text = str(path)
        if text == "-" or _ONLY_IN_QUERIES.intersection(text):
            hint = f"for one query: {use.format(text if text == '-' else quote(text))}"
            raise UsageError(f"'{text}' is no file or folder of rules", code="RSC192", hint=hint)
        if path.name == text and not path.suffix and nearest_path(path) is None:
            hint = "rules are given as files and folders; a rule of a catalogue is known by its name to: rulescope show"
            raise NotFoundError(f"no such file or folder: {text}", hint=hint)


def _in_quotes(asked: str, logs: Sequence[Path]) -> str:
    """The words up to the last that is no log, as one query."""
    missing = [place for place, path in enumerate(logs) if not _exists(path)]
    query = " ".join([asked, *map(str, logs[: missing[-1] + 1])])
    rest = " ".join(map(str, logs[missing[-1] + 1 :])) or "LOGS..."
    return f"put the whole query in quotes: rulescope search {quote(query)} {rest}"


def _of_path(path: Path, fragment: str | None, asked: str, language: str | None) -> Query:
    quoted = f"to look for this text in events, put double quotes around it: '\"{asked}\"'"
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder; one rule is wanted", code="RSC102", hint=f"name one file of it; {quoted}"
        )
    ending = path.name.lower()
    if not ending.endswith((*RULE_ENDINGS, *ARCHIVE_ENDINGS, *LOG_ENDINGS)):
        if fragment is not None:
            return text_query(asked, language)
        hint = f"to read the query in it, give '-' and the file as input: - < {path}"
        message = f"'{asked}' is a file, but none of rules by its name: it is read as a query"
        return text_query(asked, language, (Diagnostic("RSC187", message, severity="warning", hint=hint),))
    from rulescope.api.rule_files import query_of_file

    return query_of_file(path, fragment, language, quoted)


def _taken_as_text(asked: str, catalog: Path | None) -> tuple[Diagnostic, ...]:
    """A warning where one word may have been meant as the name of a file, or of a rule of the catalogue."""
    if _NEVER_IN_NAMES.intersection(asked):
        return ()
    stem = asked.removesuffix(Path(asked).suffix)
    near = [f"{one}{ending}" for one in dict.fromkeys((asked, stem)) for ending in RULE_ENDINGS]
    file = next((one for one in near if _exists(Path(one))), None)
    if file is not None:
        message = f"no file is called '{asked}': it is read as a query"
        return (Diagnostic("RSC187", message, severity="warning", hint=f"did you mean '{file}'?"),)
    if catalog is None or not asked.replace(".", "").replace("-", "").replace("_", "").isalnum():
        return ()
    message = f"no file and no rule of a catalogue is called '{asked}': it is read as a query"
    hint = "rules are known by name once `rulescope build` made a catalogue of them; --catalog says where it is"
    if catalog.exists():
        from rulescope.api.rule_files import near_in_catalog

        known = near_in_catalog(asked, catalog)
        hint = f"did you mean '{known}'?" if known else "`rulescope stats` tells what is in the catalogue"
    return (Diagnostic("RSC186", message, severity="warning", hint=hint),)


def _may_be_name(asked: str) -> bool:
    return 0 < len(asked) <= LONGEST_NAME and encodable(asked).isprintable()


def _existing(asked: str) -> tuple[Path, str | None] | None:
    """The file or folder that is there under this name, and what stands after it and a `#`."""
    if not _may_be_name(asked):
        return None
    if _exists(Path(asked)):
        return Path(asked), None
    for place, character in enumerate(asked[1:], 1):
        if character == "#" and _exists(Path(asked[:place])):
            return Path(asked[:place]), asked[place + 1 :]
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
