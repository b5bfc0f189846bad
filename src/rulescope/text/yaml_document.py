"""YAML as a tree in which every value knows its place; bounded, and nothing in it is ever constructed or executed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from rulescope.text.diagnostic import Diagnostic
from rulescope.text.source import Source, Span
from rulescope.text.yaml_offsets import yaml_scalar_offsets

MAXIMUM_YAML_NODES = 200_000
"""Nodes of one YAML file with aliases counted as often as they are used: a 'billion laughs' ends here."""

MAXIMUM_YAML_DEPTH = 64
"""Levels of nesting in YAML. The deepest real rule has 7."""

MAXIMUM_YAML_PROBLEMS = 20
"""Problems reported for one YAML file; a file with more is broken, and a thousand rows would tell no more."""

# Wheels of PyYAML carry libyaml; a build without it reads the same, some ten times slower.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
)


@dataclass(slots=True)
class YamlScalar:
    """A scalar as text, never converted; `style` is None for plain ones, else the character that opens it."""

    value: str
    start: int
    end: int
    style: str | None

    @property
    def is_null(self) -> bool:
        """Whether it is YAML's null: plain, and empty, `~` or `null`."""
        return self.style is None and self.value in _NULLS


@dataclass(slots=True)
class YamlSequence:
    """A list of nodes; it ends with its last character that is no white space."""

    start: int
    end: int = 0
    items: list[YamlNode] = field(default_factory=list)


@dataclass(slots=True)
class YamlMapping:
    """Nodes by key, and where each key stands; of a key that stands twice, the last counts."""

    start: int
    end: int = 0
    entries: dict[str, YamlNode] = field(default_factory=dict)
    key_spans: dict[str, Span] = field(default_factory=dict)


YamlNode = YamlScalar | YamlSequence | YamlMapping


@dataclass(slots=True)
class YamlFile:
    """The documents of one file, and what was wrong; documents before a syntax error are kept."""

    documents: list[YamlNode]
    problems: list[Diagnostic]


class _Refused(Exception):
    """The document broke a bound; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Frame:
    """A collection that is being read, the key that waits for its value, and its number of nodes, aliases expanded."""

    __slots__ = ("anchor", "flow", "key", "node", "size")

    def __init__(self, node: YamlSequence | YamlMapping | None, anchor: str | None, flow: bool = False) -> None:
        self.node = node
        self.flow = flow
        self.anchor = anchor
        self.key: str | None = None
        self.size = 1


def load_yaml(text: str) -> YamlFile:
    """Read YAML text as trees of nodes with their places (offsets into `text`).

    Values stay text: neither dates nor numbers are converted. Broken YAML, and documents beyond the bounds of
    `limits`, give a diagnostic (RUL003, RUL007) whose span is the place; nothing is raised.
    """
    result = YamlFile([], [])
    try:
        for document in _documents(yaml.parse(text, Loader=_LOADER), result.problems):
            result.documents.append(document)
    except _Refused as refused:
        result.problems.append(refused.diagnostic)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = min(mark.index, len(text)) if mark is not None else 0
        what = ", ".join(part for part in (error.context, error.problem) if part)
        result.problems.append(Diagnostic("RUL003", f"broken YAML: {what}", Span(place, place + 1)))
    except yaml.reader.ReaderError as error:
        place = _reader_place(text, error)
        result.problems.append(Diagnostic("RUL003", f"broken YAML: {error.reason}", Span(place, place + 1)))
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        result.problems.append(Diagnostic("RUL003", f"broken YAML: {error}"))
    return result


def scalar_source(file_text: str, node: YamlScalar, name: str) -> Source:
    """The scalar's value as a `Source` in which every character knows its line and column in the file."""
    return Source(
        node.value, name, file_text, yaml_scalar_offsets(file_text, node.start, node.end, node.style, node.value)
    )


def _reader_place(text: str, error: yaml.reader.ReaderError) -> int:
    """Where a character stands that YAML forbids; the reader counts bytes or characters, so the character is sought."""
    character = error.character
    if isinstance(character, int):
        found = text.find(chr(character)) if 0 <= character <= 0x10FFFF else -1
        return max(found, 0)
    return min(int(error.position or 0), len(text))


def _documents(events: Iterator[Any], problems: list[Diagnostic]) -> Iterator[YamlNode]:
    anchors: dict[str, tuple[YamlNode, int] | None] = {}
    total = 0
    stack: list[_Frame] = []
    for event in events:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            node: YamlNode = YamlScalar(
                event.value, event.start_mark.index, event.end_mark.index, event.style if event.style != "" else None
            )
            size = 1
            if event.anchor:
                anchors[event.anchor] = (node, 1)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            place = event.start_mark.index
            if len(stack) > MAXIMUM_YAML_DEPTH:
                raise _refusal(f"more than {MAXIMUM_YAML_DEPTH} levels of nesting", place)
            top = stack[-1]
            if isinstance(top.node, YamlMapping) and top.key is None:
                raise _refusal("a key that is itself a list or mapping", place)
            opened = YamlMapping(place) if kind is yaml.MappingStartEvent else YamlSequence(place)
            if event.anchor:
                anchors[event.anchor] = None
            if event.tag is not None:
                _report_tag(event, problems)
            stack.append(_Frame(opened, event.anchor, bool(event.flow_style)))
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            frame = stack.pop()
            assert frame.node is not None
            node, size = frame.node, frame.size
            node.end = event.end_mark.index if frame.flow else _content_end(node, event.end_mark.index)
            if frame.anchor:
                anchors[frame.anchor] = (node, size)
        elif kind is yaml.AliasEvent:
            known = anchors.get(event.anchor)
            if known is None:
                reason = "an anchor that holds itself" if event.anchor in anchors else "an alias without an anchor"
                raise _refusal(reason, event.start_mark.index)
            node, size = known
        elif kind is yaml.DocumentStartEvent:
            anchors.clear()
            stack = [_Frame(None, None)]
            continue
        else:
            continue
        if kind is yaml.ScalarEvent and event.tag is not None:
            _report_tag(event, problems)
        if kind is yaml.ScalarEvent or kind is yaml.AliasEvent:
            total += size
            if total > MAXIMUM_YAML_NODES:
                raise _refusal(f"more than {MAXIMUM_YAML_NODES} values, aliases expanded", event.start_mark.index)
        top = stack[-1]
        top.size += size
        if top.node is None:
            yield node
        else:
            _put(top, node, event.start_mark.index, problems)


def _put(frame: _Frame, node: YamlNode, place: int, problems: list[Diagnostic]) -> None:
    """Add a node that is complete to the collection that it stands in: as an item, as a key, or as a key's value."""
    holder = frame.node
    if isinstance(holder, YamlSequence):
        holder.items.append(node)
        return
    assert isinstance(holder, YamlMapping)
    if frame.key is None:
        if not isinstance(node, YamlScalar):
            raise _refusal("a key that is itself a list or mapping", place)
        frame.key = node.value
        holder.key_spans[node.value] = Span(node.start, node.end)
        if node.value in holder.entries and len(problems) < MAXIMUM_YAML_PROBLEMS:
            message = f"the key '{node.value[:80]}' stands twice; the last one counts"
            problems.append(Diagnostic("RUL008", message, Span(node.start, node.end), "warning"))
        return
    key, frame.key = frame.key, None
    if key == "<<" and isinstance(node, YamlMapping):
        for name, value in node.entries.items():
            holder.entries.setdefault(name, value)
            holder.key_spans.setdefault(name, node.key_spans[name])
        return
    holder.entries[key] = node


def _content_end(node: YamlSequence | YamlMapping, mark: int) -> int:
    """Where a collection's content ends: a block's own mark stands where the next thing begins."""
    if isinstance(node, YamlSequence):
        last = node.items[-1].end if node.items else 0
    else:
        last = max((part.end for part in (*node.entries.values(), *node.key_spans.values())), default=0)
    return last if node.start < last <= mark else mark


def _report_tag(event: Any, problems: list[Diagnostic]) -> None:
    if event.tag not in _CORE_TAGS and event.tag != "!" and len(problems) < MAXIMUM_YAML_PROBLEMS:
        span = Span(event.start_mark.index, event.end_mark.index)
        problems.append(Diagnostic("RUL014", f"the tag '{event.tag[:80]}' was ignored", span, "warning"))


def _refusal(what: str, place: int) -> _Refused:
    return _Refused(Diagnostic("RUL007", f"YAML refused: {what}", Span(place, place + 1)))
