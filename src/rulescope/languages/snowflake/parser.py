"""A query of Snowflake's SQL: sqlglot parses it, its tree becomes stages."""

from __future__ import annotations

import re

from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from rulescope.ir import ParsedQuery, Pipeline, Stage
from rulescope.ir.stages import Union
from rulescope.languages.common.outcome import empty_query, opaque_stage, parsed_query, too_long
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import MAXIMUM_TOKENS, unpaired_bracket, unpaired_problem
from rulescope.languages.snowflake.dialect import StatementDialect, parse_statements
from rulescope.languages.snowflake.mistakes import find_mistake
from rulescope.languages.snowflake.places import Places
from rulescope.languages.snowflake.queries import Queries
from rulescope.languages.snowflake.strays import check_parts, check_strays
from rulescope.text import Diagnostic, Source, Span

_BEGINNINGS = frozenset({"select", "with", "(", "values", ";"})
_BRACKETS = frozenset(TokenType[f"{side}_{form}"] for side in "LR" for form in ("PAREN", "BRACKET", "BRACE"))
_UNDERLINED = re.compile(r"\x1b\[[0-9;]*m")


def parse_snowflake(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of Snowflake's SQL. Never raises: what is wrong with it is in `diagnostics`; `status` sums up.

    The language has no macros; all parsers are called alike.
    """
    if isinstance(source, str):
        source = Source(source)
    unread = too_long(source, "SNO004")
    if unread is not None:
        return unread
    text = source.text
    if not text.strip():
        return empty_query(source, "SNO005")
    try:
        stages, diagnostics = _read(text)
    except SyntaxProblem as problem:
        return parsed_query(source, [opaque_stage(text, 0, len(text), problem.diagnostic)], [problem.diagnostic])
    except RecursionError:
        found = Diagnostic("SNO003", "brackets nest deeper than is read", Span(0, min(len(text), 1)))
        return parsed_query(source, [opaque_stage(text, 0, len(text), found)], [found])
    if not stages:
        return empty_query(source, "SNO005")
    return parsed_query(source, stages, diagnostics, constants="SNO018")


def _read(text: str) -> tuple[list[Stage], list[Diagnostic]]:
    try:
        tokens: list[Token] = list(StatementDialect().tokenize(text))
    except TokenError as error:
        place = _open_quote(text)
        message = "a text in quotes or a comment is not closed"
        raise SyntaxProblem(Diagnostic("SNO001", message, Span(place, place + 1))) from error
    if len(tokens) > MAXIMUM_TOKENS:
        message = f"more than {MAXIMUM_TOKENS:,} words are not read"
        raise SyntaxProblem(Diagnostic("SNO004", message, Span(0, 1)))
    _check_statements(tokens)
    check_strays(tokens)
    places = Places(text, tokens)
    try:
        trees = parse_statements(tokens, text)
    except ParseError as error:
        raise SyntaxProblem(_problem(text, tokens, error)) from error
    # sqlglot leaves some brackets out that nothing closes.
    unpaired = unpaired_bracket((token.text, token.start) for token in tokens if token.token_type in _BRACKETS)
    if unpaired is not None:
        raise SyntaxProblem(unpaired_problem("SNO002", unpaired))
    for tree in trees:
        check_parts(tree, places)
    queries = Queries(places)
    listed = [queries.stages(tree) for tree in trees]
    if len(listed) > 1:
        pipelines = tuple(Pipeline(tuple(stages)) for stages in listed)
        return [Union(pipelines=pipelines, text=text, span=Span(0, len(text)))], queries.conditions.diagnostics
    return (listed[0] if listed else []), queries.conditions.diagnostics


def _check_statements(tokens: list[Token]) -> None:
    """Raises `SyntaxProblem` for a statement that does not begin as a query does."""
    first = True
    for token in tokens:
        if first and token.text.lower().partition(" ")[0] not in _BEGINNINGS:
            word = token.text[:40]
            message = f"a statement that begins with '{word}' is no query"
            raise SyntaxProblem(Diagnostic("SNO006", message, Span(token.start, token.end + 1)))
        first = token.text == ";"


def _problem(text: str, tokens: list[Token], error: ParseError) -> Diagnostic:
    details = error.errors[0] if error.errors else {}
    line, column = details.get("line"), details.get("col")
    message = _UNDERLINED.sub("", str(details.get("description") or "this can't be read"))
    place = len(text) - 1
    if isinstance(line, int) and isinstance(column, int):
        rows = text.split("\n")
        # sqlglot's column is that of the word's last character, counted from 1.
        place = sum(len(row) + 1 for row in rows[: line - 1]) + max(column - 1, 0)
    if "Required keyword" in message:
        message = "a part of a condition is missing"
    return find_mistake(text, tokens, min(max(place, 0), max(len(text) - 1, 0)), message)


def _open_quote(text: str) -> int:
    """Where the last quote opens that nothing closes; the end of the text if none does."""
    open_at = -1
    place = 0
    while place < len(text):
        letter = text[place]
        if open_at >= 0 and letter == "\\":
            place += 1
        elif letter == "'":
            open_at = place if open_at < 0 else -1
        place += 1
    return open_at if open_at >= 0 else max(len(text) - 1, 0)
