"""What would drop out of a query: signs with nothing on one side, which sqlglot passes over (a comma at the end of a
list, `a : = 1`, `between 1 5`), and parts of its tree that are read nowhere.

A value that was there once may be missing, so what stands there is not read (SQL reference, "Query syntax").
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from rulescope.languages.common.problems import SyntaxProblem
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
    "COMMA", "COLON", "EQ", "NEQ", "LT", "GT", "LTE", "GTE", "AND", "OR", "PLUS", "DASH", "STAR", "SLASH", "MOD",
    "DPIPE", "DOT",
})  # fmt: skip
_HEADS = frozenset({"SELECT", "DISTINCT", "TOP", "PARTITION_BY", "VALUES"})
"""What stands before a list; nothing parts it from the first of the list."""

_BEFORE_TABLE = frozenset({"FROM", "JOIN", "COMMA", "L_PAREN"})

_JOINING = frozenset({"INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "ASOF"})
_WORDS = frozenset({"NOT", "IN", "IS", "LIKE", "ILIKE", "RLIKE", "BETWEEN", "DCOLON", "THEN", "WHEN", "ELSE"})
"""What can follow a whole operand, and is no part of a path."""


def check_strays(tokens: Sequence[Token]) -> None:
    """Raises `SyntaxProblem` at the first sign that lacks what belongs on one side of it."""
    kinds = ["START", *map(_kind, tokens), "END"]
    for place, token in enumerate(tokens, 1):
        reason = _REASONS.get(kinds[place])
        if reason is not None and _is_stray(kinds, place):
            raise SyntaxProblem(Diagnostic(_CODE, reason, Span(token.start, token.end + 1)))


def _kind(token: Token) -> str:
    kind = token.token_type.name
    return "BY" if kind == "VAR" and token.text.lower() == "by" else kind


_REASONS = {
    "BY": "'by' stands behind 'group', 'order' or 'partition'",
    "COMMA": "nothing stands on one side of this comma",
    "COLON": "a path has a name behind ':', and what it leads into before it",
    "STAR": "nothing stands behind '*'",
    "DOT": "nothing stands on one side of this point",
    "PLACEHOLDER": "'?' stands for a value that is not here",
    "WHEN": "'when' has a condition, and 'then' a value behind it",
    "BETWEEN": "'between' has two ends, with 'and' in the middle",
    "SELECT": "no columns are selected",
}


def _is_stray(kinds: Sequence[str], place: int) -> bool:
    before, after = kinds[place - 1], kinds[place + 1]
    match kinds[place]:
        case "COMMA":
            # The list of SELECT alone may end with a comma (SQL reference, "SELECT").
            ends = after in _CLOSING or after == "COMMA" or (after in _CLAUSES and after != "FROM")
            joins = after in _JOINING and kinds[place + 2] != "L_PAREN"
            return ends or joins or before in _OPENING or before in _CLAUSES or before in _HEADS
        case "COLON":
            if before not in _OPERAND:
                # A variable of a script, such as `:since`, is a value.
                name = before in ("FROM", "JOIN", "ALIAS", "DOT") or kinds[place + 2 : place + 3] == ["FARROW"]
                return after != "VAR" or name
            return after in _CLOSING or after in _CLAUSES or after in _SIGNS or after in _WORDS or after == "L_BRACKET"
        case "STAR":
            return before in _OPERAND and (after in _CLOSING or after in _CLAUSES or after == "COMMA")
        case "DOT":
            return _is_stray_point(kinds, place)
        case "BETWEEN":
            return not _comes(kinds, place + 1, "AND", _CLOSING | _CLAUSES | {"OR", "COMMA"})
        case "WHEN":
            return not _comes(kinds, place + 1, "THEN", _CLOSING | _CLAUSES | {"WHEN", "ELSE"})
        case "BY":
            # `UNION BY NAME` is refused by its own name.
            return before not in ("UNION", "ALL", "EXCEPT", "INTERSECT")
        case "SELECT":
            return after in _CLOSING or after in _CLAUSES
    return True


def _is_stray_point(kinds: Sequence[str], place: int) -> bool:
    before, after = kinds[place - 1], kinds[place + 1]
    if after == "DOT":
        # `database..table` leaves the schema out.
        return kinds[place - 2] not in _BEFORE_TABLE or kinds[place + 3 : place + 4] == ["DOT"]
    begins = (before in _CLAUSES or before in _OPENING or before == "COMMA") and after != "NUMBER"
    ends = after in _CLOSING or after in _CLAUSES or (after in _SIGNS and after != "STAR")
    return begins or ends or after in ("L_BRACKET", "DCOLON")


def _comes(kinds: Sequence[str], place: int, wanted: str, ends: frozenset[str]) -> bool:
    """Whether a word follows before any of those that end what it belongs to, outside brackets and `case … end`."""
    depth = 0
    for kind in kinds[place:]:
        if depth == 0 and kind == wanted:
            return True
        if depth == 0 and kind in ends:
            return False
        depth += (kind in ("L_PAREN", "L_BRACKET", "CASE")) - (kind in ("R_PAREN", "R_BRACKET", "END"))
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


def _is_no_name(node: exp.Expr) -> bool:
    """Whether a variable of a script stands where a table or a column is named."""
    return isinstance(node, exp.Placeholder) and isinstance(node.parent, exp.Table | exp.TableAlias | exp.Join)


_JOINS = frozenset({"", "INNER", "OUTER", "CROSS"})


def check_parts(tree: exp.Expr, places: Places) -> None:
    """Raises `SyntaxProblem` at the first node with a part that is read nowhere."""
    for node in tree.walk():
        if isinstance(node, exp.Alias) and not isinstance(node.parent, exp.Select | exp.Star):
            raise _problem("SNO002", "a column is named in the list of SELECT only", node, places)
        if _is_no_name(node):
            raise _problem("SNO002", "a name is expected here, not a variable", node, places)
        if isinstance(node, exp.Interval) and not isinstance(node.this, exp.Literal):
            raise _problem("SNO002", "an interval is a text in quotes", node, places)
        unread = _unread_parts(node)
        if unread:
            message = f"'{unread[0].replace('_', ' ').strip()}' of {node.key} can't be read"
            raise _problem("SNO007", message, node, places)


def _problem(code: str, message: str, node: exp.Expr, places: Places) -> SyntaxProblem:
    span = places.span(node)
    return SyntaxProblem(Diagnostic(code, message, span if span != NO_SPAN else Span(0, 1)))


def _unread_parts(node: exp.Expr) -> list[str]:
    read = _PARTS.get(type(node))
    if read is None:
        return []
    unread = [name for name, value in node.args.items() if value and name not in read]
    if isinstance(node, exp.Join) and str(node.kind or "").upper() not in _JOINS:
        unread.append(str(node.kind).lower())
    if isinstance(node, exp.Group) and node.args.get("all") and node.expressions:
        unread.append("all")
    return unread
