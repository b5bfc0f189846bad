"""The lossless JSON form of trees: what is written can be read again as the very same tree, places and all.

A document is `{"format": "rulescope-tree", "version": 2, "nodes": […], "root": n}`. `nodes` lists every node, after
those that stand in it, as `[class, {part: value, …}]`; parts that have their default are left out. A value is a scalar,
a list (the tree's tuples), `{"node": n}` for a node by its place in the list, `{"span": [start, end]}`, `{"any": "*"}`
for a wildcard of a pattern, or `{"number": "inf"}` for a number that JSON has no form for. Nodes stand in a flat list
because chains of operators are thousands of nodes deep, which readers of JSON don't stand.

`rulescope.ir.json_form` gives the form for pages, in the words that the command line promises.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from typing import Any, Final

from rulescope.errors import InputError
from rulescope.ir import expressions, predicates, rule, stages, times
from rulescope.ir.predicates import Any as Wildcard
from rulescope.text import Span

FORMAT: Final = "rulescope-tree"
VERSION: Final = 2
"""Rises with every change of what a document means; `read_tree` takes all versions so far."""

_CODE = "RSC170"
_IN_VERSION_1: Final[dict[str, dict[str, Any]]] = {
    "AddColTotals": {"label": "Total"},
    "AddTotals": {"row_field": "Total", "label": "Total"},
    "Chart": {"series": stages.SeriesOptions("OTHER", "NULL"), "separator": ": "},
    "Concurrency": {"start": "_time", "output": "concurrency"},
    "Contingency": {"total_name": "TOTAL"},
    "Convert": {"time_format": "%m/%d/%Y %H:%M:%S"},
    "FillNull": {"value": "0"},
    "Format": {
        "row_prefix": "(", "column_prefix": "(", "column_separator": "AND", "column_end": ")", "row_separator": "OR",
        "row_end": ")", "multivalue_separator": "OR", "empty": "NOT( )",
    },
    "MakeMv": {"delimiter": " "},
    "MvCombine": {"delimiter": " "},
    "RangeMap": {"default": "None"},
    "SeriesOptions": {"other_name": "OTHER", "null_name": "NULL"},
    "TimeChart": {"series": stages.SeriesOptions("OTHER", "NULL"), "separator": ": "},
    "Top": {"count_field": "count", "percent_field": "percent", "other_name": "OTHER"},
    "Transaction": {"null_string": "NULL"},
    "Transpose": {"column_name": "column"},
    "XPath": {"field": "_raw", "output": "xpath"},
}  # fmt: skip
"""Parts that the first version left out where they had the words of SPL, which were the tree's defaults."""

_OPERATIONS_OF_VERSION_1: Final = {
    "starts_with": "has_start", "ends_with": "has_end", "contains": "has_part", "modulo": "remainder",
}  # fmt: skip
"""What operations are called now whose names were those of functions in the first version."""

_SCALARS = (str, int, float, bool, type(None))
_NODES = 2_000_000
"""So many nodes of a document are read. The largest rule of the corpora, which lists hashes, has some 20,000."""


def tree_json(root: object) -> dict[str, Any]:
    """A tree (a pipeline, stage, predicate or expression) as a document. Raises TypeError for what is none."""
    writer = _Writer()
    place = writer.write(root)
    return {"format": FORMAT, "version": VERSION, "nodes": writer.nodes, "root": place}


def read_tree(document: Any) -> Any:
    """The tree of a document. Raises `InputError` where it is none, of a later version, or names what is no node."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"this is no tree: its 'format' is not '{FORMAT}'", code=_CODE)
    version = document.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise InputError(f"trees of version {version!r} are not read, only up to {VERSION}", code=_CODE)
    listed, root = document.get("nodes"), document.get("root")
    if not isinstance(listed, list) or type(root) is not int or not 0 <= root < len(listed) or len(listed) > _NODES:
        raise InputError("a tree has a list 'nodes' and the place 'root' of one of them", code=_CODE)
    read: list[object] = []
    for number, entry in enumerate(listed):
        node = _read_node(entry, number, read, _IN_VERSION_1 if version == 1 else {})
        if version == 1 and isinstance(node, expressions.Operation):
            renamed: Any = _OPERATIONS_OF_VERSION_1.get(node.name, node.name)
            node = dataclasses.replace(node, name=renamed)
        read.append(node)
    return read[root]


class _Writer:
    """Lists nodes, each after those in it; a node that stands in several places is listed once."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self._places: dict[int, int] = {}
        self._kept: list[object] = []

    def write(self, root: object) -> int:
        waiting: list[tuple[object, bool]] = [(root, False)]
        while waiting:
            node, ready = waiting.pop()
            if id(node) in self._places:
                continue
            if ready:
                self._list(node)
            else:
                waiting.append((node, True))
                waiting.extend((child, False) for child in _children(node))
        return self._places[id(root)]

    def _list(self, node: object) -> None:
        kind: type = type(node)
        parts = {
            part.name: self._value(value)
            for part in _parts(kind)
            if not _is_default(part, value := getattr(node, part.name))
        }
        self._places[id(node)] = len(self.nodes)
        self._kept.append(node)  # An object that is gone could give its number to another one.
        self.nodes.append([kind.__name__, parts])

    def _value(self, value: object) -> Any:
        if isinstance(value, Span):
            return {"span": [value.start, value.end]}
        if isinstance(value, tuple):
            return [self._value(one) for one in value]
        if isinstance(value, Wildcard):
            return {"any": value.value}
        if isinstance(value, float) and not math.isfinite(value):
            return {"number": repr(value)}
        if isinstance(value, _SCALARS):
            return value
        return {"node": self._places[id(value)]}


def _children(node: object) -> list[object]:
    kind: type = type(node)
    found: list[object] = []
    waiting: list[object] = [getattr(node, part.name) for part in _parts(kind)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, tuple) and not isinstance(value, Span):
            waiting.extend(value)
        elif not isinstance(value, (*_SCALARS, Span, Wildcard)):
            found.append(value)
    return found


def _is_default(part: dataclasses.Field[Any], value: object) -> bool:
    if isinstance(value, float):
        return repr(value) == repr(part.default)  # Zero has a sign.
    return type(value) is type(part.default) and value == part.default


@cache
def _parts(kind: type) -> tuple[dataclasses.Field[Any], ...]:
    if _classes().get(kind.__name__) is not kind:
        raise TypeError(f"{kind.__name__} is no node of the tree")
    return tuple(part for part in dataclasses.fields(kind) if part.init)


@cache
def _classes() -> dict[str, type]:
    """The classes of nodes by name; what takes the place of a source in logs (`TableRows`) is not a language's."""
    modules = (expressions, predicates, rule, stages, times)
    bound = {"TableRows", "TableColumn"}
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and name not in bound
    }


def _read_node(entry: Any, number: int, read: list[object], left_out: dict[str, dict[str, Any]]) -> object:
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], dict):
        raise InputError(f"node {number} is not written as [class, parts]", code=_CODE)
    name, written = entry
    kind = _classes().get(name) if isinstance(name, str) else None
    if kind is None:
        raise InputError(f"node {number} is a {str(name)[:60]!r}, which is none of the tree", code=_CODE)
    unknown = written.keys() - {part.name for part in _parts(kind)}
    if unknown:
        raise InputError(f"node {number}, a {name}, has no part {min(unknown)[:60]!r}", code=_CODE)
    try:
        return kind(**left_out.get(name, {}) | {part: _read_value(value, read) for part, value in written.items()})
    except (TypeError, ValueError, IndexError, KeyError, RecursionError) as error:
        raise InputError(f"node {number}, a {name}, can't be read: {error}", code=_CODE) from None


def _read_value(value: Any, read: list[object]) -> Any:
    if isinstance(value, list):
        return tuple(_read_value(one, read) for one in value)
    if not isinstance(value, dict):
        return value
    ((key, held),) = value.items()
    if key == "node" and type(held) is int and 0 <= held < len(read):
        return read[held]
    if key == "span":
        start, end = held
        return Span(int(start), int(end))
    if key == "any":
        return Wildcard(held)
    if key == "number":
        return float(held)
    raise ValueError(f"a value {{{key!r}: …}} is none")


__all__ = ["FORMAT", "VERSION", "read_tree", "tree_json"]
