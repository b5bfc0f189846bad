"""sqlglot's reader of Snowflake's SQL, made to keep what its author wrote.

sqlglot turns functions into what other databases call them, and loses on the way which function and which order of
arguments stood there. Here only the functions that `conditions` and `queries` look into become nodes of their own; all
others stay calls by name. Nodes are given the place of their first and last word, as `first` and `last`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ErrorLevel
from sqlglot.parsers.snowflake import SnowflakeParser
from sqlglot.tokenizer_core import Token

_LOOKED_INTO = (
    "CONTAINS", "STARTSWITH", "ENDSWITH", "LIKE", "ILIKE", "REGEXP_LIKE", "RLIKE", "LOWER", "UPPER",
    "EQUAL_NULL", "GET_PATH",
    "COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VARIANCE", "VAR_POP", "MEDIAN", "MODE",
    "ARRAY_AGG", "ARRAY_UNIQUE_AGG", "APPROX_COUNT_DISTINCT",
)  # fmt: skip
_OWN_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "POSITION")


class StatementParser(SnowflakeParser):
    """Snowflake's parser, which keeps most functions as calls."""

    FUNCTIONS: ClassVar[Any] = {name: SnowflakeParser.FUNCTIONS[name] for name in _LOOKED_INTO}
    FUNCTION_PARSERS: ClassVar[Any] = {name: SnowflakeParser.FUNCTION_PARSERS[name] for name in _OWN_SYNTAX}

    def expression(self, instance: Any, token: Token | None = None, comments: list[str] | None = None) -> Any:
        """The node; sqlglot makes it when the last word of it was read."""
        made = super().expression(instance, token=token, comments=comments)
        if isinstance(made, exp.Expr) and self._prev.text:
            made.meta.setdefault("last", self._prev.end + 1)
        return made

    def _warn_unsupported(self) -> None:
        """Nothing is logged of a statement that is no query: it gets a diagnostic."""

    def _parse_unary(self) -> exp.Expr | None:
        # Everything that is no binary operator begins and ends here: `not x`, `(x)`, `case … end`, `f(x)`, `x::t`.
        first = self._curr
        found: exp.Expr | None = super()._parse_unary()
        if found is not None and first.text:
            found.meta["first"], found.meta["last"] = first.start, self._prev.end + 1
        return found


class StatementDialect(Snowflake):
    """Snowflake's dialect with that parser."""

    Parser = StatementParser
    # A path that is none stays a text; sqlglot need not log that.
    STRICT_JSON_PATH_SYNTAX = False


def parse_statements(tokens: list[Token], text: str) -> list[exp.Expr]:
    """The statements of a text. Raises sqlglot's `ParseError`, and `RecursionError` for brackets nested too deep."""
    trees = StatementDialect().parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    return [tree for tree in trees if isinstance(tree, exp.Expr) and not isinstance(tree, exp.Semicolon)]
