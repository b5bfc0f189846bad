"""Operators on texts (`has`, `=~`): which stands at hand, and how a negation is written that there is none of."""

from __future__ import annotations

from rulescope.languages.kusto.comparisons import (
    LIST_OPERATORS,
    TEXT_OPERATORS,
)
from rulescope.languages.kusto.scope import QueryReader
from rulescope.text import nearest_name

_OLD_NAMES = {"notcontains": "!contains", "notcontainscs": "!contains_cs"}
NO_OPERATORS = frozenset({"!has_any", "!has_all"})
"""Negations that the language does not have."""


def negation_hint(name: str) -> str:
    """How a negation is written that there is none of."""
    if name[1:] in LIST_OPERATORS or name[1:] in TEXT_OPERATORS or name == "!matches":
        return f"there is no '{name}'; write not(… {name[1:]} …)"
    known = [f"!{one}" for one in (*LIST_OPERATORS, *TEXT_OPERATORS, "between") if f"!{one}" not in NO_OPERATORS]
    near = nearest_name(name, known)
    return f"did you mean '{near}'?" if near else f"there is no '{name}'; write not(…) around a condition"


def take_text_operator(reader: QueryReader) -> str | None:
    """Take an operator on texts: its canonical name, with `!` where it is negated."""
    token = reader.peek()
    if token.kind == "sign":
        if token.text in ("=~", "!~"):
            return reader.take().text
        # A colon elsewhere stands between a name and its type.
        return reader.take().text if token.text == ":" and reader.peek(1).kind == "text" else None
    name = token.text.lower()
    if token.kind == "word" and name == "matches" and reader.peek(1).text.lower() == "regex":
        reader.keyword(reader.take())
        reader.keyword(reader.take())
        return "matches regex"
    name = _OLD_NAMES.get(name, name) if token.kind == "word" else name
    if token.kind in ("word", "bang") and name.removeprefix("!") in TEXT_OPERATORS and name[0] != ":":
        following = reader.peek(1)
        if following.kind == "sign" and following.text not in ("(", "[", "-", "+"):
            return None
        reader.keyword(reader.take())
        return name
    return None
