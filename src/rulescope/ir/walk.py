"""Walking and rebuilding trees of nodes: rules' pipelines, stages, predicates and expressions alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from rulescope.text import Span

Node = TypeVar("Node")

_SKIPPED = frozenset({"text", "span", "value_spans"})
_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: object) -> Iterator[object]:
    """The nodes that stand directly in `node`, in the order they were written in; none for anything that is no node."""
    for name in _node_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, tuple):
            yield from _nodes_in(value)
        elif _node_fields(type(value)):
            yield value


def texts_of(node: object) -> Iterator[str]:
    """The texts among a node's own parts (names, values, patterns), also inside lists; not the verbatim text of a
    stage, nor those of the nodes below."""
    waiting = [getattr(node, name) for name in _node_fields(type(node))]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            waiting.extend(value)


def walk(node: object) -> Iterator[object]:
    """`node` and every node below it, parents first. Deep trees are no danger: nothing recurses."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        # As `children`, without its generators: every reading of every rule goes by here.
        found: list[object] = []
        for name in _node_fields(type(current)):
            value = getattr(current, name)
            kind = type(value)
            if kind is tuple:
                for item in value:
                    inner = type(item)
                    if inner is tuple:
                        found.extend(_nodes_in(item))
                    elif _FIELDS.get(inner) or (inner not in _FIELDS and _node_fields(inner)):
                        found.append(item)
            elif _FIELDS.get(kind) or (kind not in _FIELDS and _node_fields(kind)):
                found.append(value)
        found.reverse()
        waiting += found


def transform(node: Node, change: Callable[[object], object]) -> Node:
    """`node` rebuilt from the leaves up, `change` applied to every node; what stays the same stays the same object.

    `change` gets a node whose children are changed already, and gives back the node to put in its place.
    """
    return _transform(node, change)  # type: ignore[return-value]


def _transform(node: object, change: Callable[[object], object]) -> object:
    replaced: dict[str, object] = {}
    for name in _node_fields(type(node)):
        old = getattr(node, name)
        if isinstance(old, tuple):
            new: object = _transform_tuple(old, change)
        elif _node_fields(type(old)):
            new = _transform(old, change)
        else:
            continue
        if new is not old:
            replaced[name] = new
    if replaced:
        node = dataclasses.replace(node, **replaced)  # type: ignore[type-var]
    return change(node)


def with_texts(node: object, change: Callable[[str], str], kept: frozenset[str] = frozenset()) -> object:
    """The node with `change` applied to the texts among its own parts, also in a list, but for the parts named in
    `kept`; the same object where nothing changed, and for anything that is no node."""
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    changed: dict[str, object] = {}
    for part in dataclasses.fields(node):
        if part.name in kept:
            continue
        held = getattr(node, part.name)
        new = _changed_texts(held, change)
        if new != held:
            changed[part.name] = new
    return dataclasses.replace(node, **changed) if changed else node


def _changed_texts(held: object, change: Callable[[str], str]) -> object:
    if type(held) is str:
        return change(held)
    if isinstance(held, tuple) and any(type(item) is str for item in held):
        return tuple(change(item) if type(item) is str else item for item in held)
    return held


def moved(node: Node, place: Span) -> Node:
    """The same tree with that one place for all of it: what stands for something written there."""
    return transform(node, lambda part: _at(part, place))


def _at(node: object, place: Span) -> object:
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    names = {part.name for part in dataclasses.fields(node)}
    changed: dict[str, Any] = {"span": place} if "span" in names else {}
    if "value_spans" in names:
        changed["value_spans"] = tuple(place for _ in node.value_spans)  # type: ignore[attr-defined]
    return dataclasses.replace(node, **changed) if changed else node


def _transform_tuple(old: tuple[object, ...], change: Callable[[object], object]) -> tuple[object, ...]:
    new = tuple(
        _transform(item, change)
        if _node_fields(type(item))
        else _transform_tuple(item, change)
        if type(item) is tuple
        else item
        for item in old
    )
    return old if all(a is b for a, b in zip(old, new, strict=True)) else new


def _nodes_in(values: tuple[object, ...]) -> Iterator[object]:
    for value in values:
        if type(value) is tuple:
            yield from _nodes_in(value)
        elif _node_fields(type(value)):
            yield value


def _node_fields(kind: type) -> tuple[str, ...]:
    """The names of a node class's parts; empty for what is no node (text, numbers, spans)."""
    found = _FIELDS.get(kind)
    if found is None:
        is_node = dataclasses.is_dataclass(kind) and not issubclass(kind, Span)
        names = [part.name for part in dataclasses.fields(kind)] if is_node else []
        # A node without parts (`Uniq`) must still count as one; "span" is there to say so.
        found = tuple(name for name in names if name not in _SKIPPED) or (("span",) if "span" in names else ())
        _FIELDS[kind] = found
    return found
