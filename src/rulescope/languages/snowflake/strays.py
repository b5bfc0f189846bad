"""What would drop out of a query: signs with nothing on one side, which sqlglot passes over (a comma at the end of a
list, `a : = 1`, `between 1 5`), and parts of its tree that are read nowhere.

A value that was there once may be missing, so what stands there is not read (SQL reference, "Query syntax").
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from rulescope.languages.common.tokens import SyntaxProblem
from rulescope.languages.snowflake.places import Places
from rulescope.text import NO_SPAN, Diagnostic, Span

_CODE = "SNO019"
_CLAUSES = frozenset({
    "FROM", "WHERE", "GROUP_BY", "HAVING", "QUALIFY", "ORDER_BY", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT",
    "INTERSECT", "JOIN", "CONNECT_BY",
})  # fmt: skip
_CLOSING = frozenset({"R_PAREN", "R_BRACKET", "R_BRACE", "SEMICOLON", "END"})
_OPENING = frozenset({"L_PAREN", "L_BRACKET", "L_BRACE", "SEMICOLON", "START"})
_OPERAND = frozenset({"VAR", "IDENTIFIER", "NUMBER", "STRING", "R_PAREN", "R_BRACKET", "R_BRACE"})
_SIGNS = frozenset({
    "COMMA", "COLON", "EQ", "NEQ", "LT", "GT", "LTE", "GTE", "AND", "OR", "PLUS", "DASH", "STAR", "SLASH", "DOT",
})  # fmt: skip

_WORDS = frozenset({"NOT", "IN", "IS", "LIKE", "ILIKE", "RLIKE", "BETWEEN", "DCOLON", "THEN", "WHEN", "ELSE"})
"""What can follow a whole operand, and is no part of a path."""


def check_strays(tokens: Sequence[Token]) -> None:
    """Raises `SyntaxProblem` at the first sign that lacks what belongs on one side of it."""
    kinds = ["START", *(token.token_type.name for token in tokens), "END"]
    for place, token in enumerate(tokens, 1):
        reason = _REASONS.get(kinds[place])
        if reason is not None and _is_stray(kinds, place):
            raise SyntaxProblem(Diagnostic(_CODE, reason, Span(token.start, token.end + 1)))


_REASONS = {
    "COMMA": "nothing stands on one side of this comma",
    "COLON": "a path has a name behind ':', and what it leads into before it",
    "STAR": "nothing stands behind '*'",
    "DOT": "nothing stands on one side of this point",
    "PLACEHOLDER": "'?' stands for a value that is not here",
    "BETWEEN": "'between' has two ends, with 'and' in the middle",
    "SELECT": "no columns are selected",
}


def _is_stray(kinds: Sequence[str], place: int) -> bool:
    before, after = kinds[place - 1], kinds[place + 1]
    match kinds[place]:
        case "COMMA":
            # The list of SELECT alone may end with a comma (SQL reference, "SELECT").
            ends = after in _CLOSING or after == "COMMA" or (after in _CLAUSES and after != "FROM")
            return ends or before in _OPENING or before in _CLAUSES or before == "SELECT"
        case "COLON":
            if before not in _OPERAND:
                # A variable of a script, such as `:since`.
                return after != "VAR"
            return after in _CLOSING or after in _CLAUSES or after in _SIGNS or after in _WORDS
        case "STAR":
            return before in _OPERAND and (after in _CLOSING or after in _CLAUSES or after == "COMMA")
        case "DOT":
            return (before in _CLAUSES and after != "NUMBER") or after in _CLOSING or after in _CLAUSES
        case "BETWEEN":
            return not _has_ends(kinds, place + 1)
        case "SELECT":
            return after in _CLOSING or after in _CLAUSES
    return True


def _has_ends(kinds: Sequence[str], place: int) -> bool:
    """Whether an `and` follows before anything that ends a condition, outside brackets."""
    depth = 0
    for kind in kinds[place:]:
        if depth == 0 and kind == "AND":
            return True
        if depth == 0 and (kind in _CLOSING or kind in _CLAUSES or kind in ("OR", "COMMA")):
            return False
        depth += (kind in ("L_PAREN", "L_BRACKET")) - (kind in ("R_PAREN", "R_BRACKET"))
    return False


_PARTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Join: frozenset({"this", "on", "side", "kind", "using", "method", "match_condition"}),
    exp.Limit: frozenset({"expression"}),
    exp.Fetch: frozenset({"direction", "count", "limit_options"}),
    exp.LimitOptions: frozenset({"rows"}),
    exp.Distinct: frozenset({"expressions"}),
    exp.Group: frozenset({"expressions", "all"}),
    exp.Column: frozenset({"this", "table", "db", "catalog"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Order: frozenset({"this", "expressions"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "over"}),
    exp.With: frozenset({"expressions", "recursive"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.Lateral: frozenset({"this", "alias"}),
}
"""The parts that are read of nodes that have others besides."""

_JOINS = frozenset({"", "INNER", "OUTER", "CROSS"})


def check_parts(tree: exp.Expr, places: Places) -> None:
    """Raises `SyntaxProblem` at the first node with a part that is read nowhere."""
    for node in tree.walk():
        read = _PARTS.get(type(node))
        if read is None:
            continue
        unread = [name for name, value in node.args.items() if value and name not in read]
        if isinstance(node, exp.Join) and str(node.kind or "").upper() not in _JOINS:
            unread.append(str(node.kind).lower())
        if isinstance(node, exp.Group) and node.args.get("all") and node.expressions:
            unread.append("all")
        if unread:
            span = places.span(node)
            message = f"'{unread[0].replace('_', ' ').strip()}' of {node.key} can't be read"
            raise SyntaxProblem(Diagnostic("SNO007", message, span if span != NO_SPAN else Span(0, 1)))
