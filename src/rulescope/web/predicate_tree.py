"""A condition as an indented tree: who is ANDed, ORed and negated with whom, each leaf with a link to its row."""

from __future__ import annotations

from markupsafe import Markup

from rulescope.catalog.records import PredicateNode
from rulescope.web.fragments import code, has_row, shown
from rulescope.web.text import MOST_ROWS, visible

OPERATORS = {
    "eq": "=",
    "in": "is one of",
    "contains": "contains",
    "has": "has the term",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "wildcard": "is like",
    "match": "matches",
    "cidr": "is in network",
    "gt": ">",
    "ge": "≥",
    "lt": "<",
    "le": "≤",
    "exists": "exists",
    "missing": "is missing",
}
"""How the IR's kinds of comparison read between a field and a value."""

DEEPEST = 40
"""Levels of a tree that are drawn; what lies below is shown as text."""

_JOINTS = {"and": ("AND", "all of"), "or": ("OR", "any of"), "not": ("NOT", "none of")}


def predicate_tree(node: PredicateNode, query: str) -> Markup:
    """The tree as nested lists. `query` is the text that the nodes' places are in."""
    return Markup(f'<ul class="tree">{_item(node, query, 0, False, None)}</ul>')


def _item(node: PredicateNode, query: str, depth: int, in_or: bool, arm: int | None) -> str:
    number = f'<span class="arm" title="branch {arm}">{arm}</span>' if arm else ""
    if node.kind in _JOINTS and node.children:
        if depth >= DEEPEST:
            return f"<li>{number}{code(query[node.start : node.end] or '…')}</li>"
        word, meaning = _JOINTS[node.kind]
        is_or = node.kind == "or"
        numbered = is_or and not in_or
        children = "".join(
            _item(child, query, depth + 1, in_or or is_or, position if numbered else None)
            for position, child in enumerate(node.children[:MOST_ROWS], 1)
        )
        if len(node.children) > MOST_ROWS:
            children += f'<li class="muted">and {len(node.children) - MOST_ROWS:,} more</li>'
        return (
            f'<li class="{node.kind}">{number}<span class="joint {node.kind}">{word}</span>'
            f' <span class="muted">{meaning}</span><ul>{children}</ul></li>'
        )
    return f'<li class="leaf">{number}{_leaf(node)}</li>'


def _leaf(node: PredicateNode) -> str:
    match node.kind:
        case "compare" | "time":
            operator = OPERATORS.get(node.operator or "", node.operator or "")
            one_each = len(node.targets) == len(node.values)
            targets = node.targets if one_each else [_first(node)] * len(node.values)
            values = " ".join(map(_linked, node.values[:MOST_ROWS], targets))
            if len(node.values) > MOST_ROWS:
                values += f' <span class="muted">and {len(node.values) - MOST_ROWS:,} more</span>'
            field = f'<span class="field">{shown(node.field or "")}</span>'
            return f'{field} <span class="op">{shown(operator)}</span> {values}'
        case "term":
            directive = f' <span class="chip">{shown(node.operator)}</span>' if node.operator else ""
            return f'<span class="op">text</span> {_linked("".join(node.values) or node.text, _first(node))}{directive}'
        case "macro":
            return f'<span class="op">macro</span> {_linked(node.text, "macros")}'
        case "subsearch":
            inner = "".join(f"<li>{code(text)}</li>" for text in node.values)
            return f'<span class="op">results of a subsearch</span><ol class="inner">{inner}</ol>'
        case _:
            return f'<span class="op">test</span> {_linked(node.text, _first(node))}'


def _first(node: PredicateNode) -> str | None:
    return node.targets[0] if node.targets else None


def _linked(text: str, target: str | None) -> str:
    """The value, leading to its row; a folded one can't be a link, as it opens when clicked."""
    body = code(text)
    if target is None or not text or body.startswith("<details") or not (target == "macros" or has_row(target)):
        return body
    return Markup('<a class="to-row" href="#%s">%s</a>') % (visible(target), body)
