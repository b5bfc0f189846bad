"""Key and value pairs out of text: JSON and XML by path (`spath`), `xmlkv`, `extract`."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from rulescope.engines.duckdb.functions.json_text import dump, load, path_of, reach
from rulescope.engines.duckdb.functions.registry import Bound, GivenUp, python_function

MAP_TYPE = "MAP(VARCHAR, VARCHAR[])"
_MAX_DEPTH = 100
_MAX_KEYS = 2000
_TOO_MUCH = Bound(f"of one text, {_MAX_KEYS:,} keys are taken, {_MAX_DEPTH} levels deep, and the rest is left out")
_XML_STEP = re.compile(r"([^.{}]+)|\{@([^{}]+)\}|\{(\d*)\}|\.")
_XML_PAIR = re.compile(r"<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>([^<]*)</\1\s*>")
Pairs = dict[str, list[str]]


class _Full(Exception):
    """There is more in a text than is taken of it."""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def _flatten(value: Any, name: str, out: Pairs, depth: int) -> None:
    """Puts what is in the value into `out`. Raises `_Full` where that is too much."""
    if depth > _MAX_DEPTH or len(out) > _MAX_KEYS:
        raise _Full
    if isinstance(value, dict):
        for key, held in value.items():
            _flatten(held, f"{name}.{key}" if name else key, out, depth + 1)
    elif isinstance(value, list):
        for held in value:
            _flatten(held, f"{name}{{}}", out, depth + 1)
    else:
        out.setdefault(name, []).append(_text(value))


def _xml(text: str) -> ElementTree.Element | None:
    """The root element; None where the text is no XML, or declares entities of its own."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError):
        return None


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _flatten_xml(element: ElementTree.Element, name: str, out: Pairs, depth: int) -> None:
    if depth > _MAX_DEPTH or len(out) > _MAX_KEYS:
        raise _Full
    path = f"{name}.{_local(element.tag)}" if name else _local(element.tag)
    for attribute, value in element.attrib.items():
        out.setdefault(f"{path}{{@{_local(attribute)}}}", []).append(value)
    content = (element.text or "").strip()
    if content and not len(element):
        out.setdefault(path, []).append(content)
    for child in element:
        _flatten_xml(child, path, out, depth + 1)


@python_function("spl_spath_all", "VARCHAR", returns=MAP_TYPE)
def spath_all(text: str) -> list[tuple[str, list[str]]] | None:
    """Every key of the JSON or XML with its values: `a.b`, `a{}.b` for arrays, `a{@b}` for XML attributes."""
    out: Pairs = {}
    value = _json(text)
    root = _xml(text) if not isinstance(value, dict | list) and text.lstrip().startswith("<") else None
    try:
        if isinstance(value, dict | list):
            _flatten(value, "", out, 0)
        elif root is not None:
            _flatten_xml(root, "", out, 0)
        else:
            return None
    except _Full as error:
        raise GivenUp(_TOO_MUCH, text, list(out.items())[:_MAX_KEYS]) from error
    return list(out.items())


def _json(text: str) -> Any:
    stripped = text.lstrip()
    return load(text, lenient=True) if stripped[:1] in ("{", "[") else None


@python_function("spl_spath", "VARCHAR", "VARCHAR", returns="VARCHAR[]")
def spath(text: str, path: str) -> list[str] | None:
    """The values at a path. JSON counts positions from 0, XML from 1."""
    value = _json(text)
    if isinstance(value, dict | list):
        found = reach(value, path_of(path))
        return [_text(entry) for entry in found] or None
    root = _xml(text) if text.lstrip().startswith("<") else None
    return None if root is None else _xml_values(root, path)


def _xml_values(root: ElementTree.Element, path: str) -> list[str] | None:
    found: list[Any] = [_Holder([root])]
    for step in _XML_STEP.finditer(path):
        name, attribute, position = step.groups()
        following: list[Any] = []
        if name is not None:
            for held in found:
                children = held.children if isinstance(held, _Holder) else list(held)
                following += [child for child in children if _local(child.tag) == name]
        elif attribute is not None:
            following = [
                value
                for held in found
                if isinstance(held, ElementTree.Element)
                for key, value in held.attrib.items()
                if _local(key) == attribute
            ]
        elif position is not None:
            following = found if not position else found[int(position) - 1 : int(position)]
        else:
            continue
        found = following
    values = []
    for held in found:
        if isinstance(held, str):
            values.append(held)
        elif isinstance(held, ElementTree.Element):
            inner = "".join(ElementTree.tostring(child, encoding="unicode") for child in held)
            values.append(((held.text or "") + inner).strip())
    return values or None


class _Holder:
    def __init__(self, children: list[ElementTree.Element]) -> None:
        self.children = children


@python_function("spl_xmlkv", "VARCHAR", returns=MAP_TYPE)
def xmlkv(text: str) -> list[tuple[str, list[str]]]:
    """Every `<name>value</name>`; the last one of a name counts."""
    out: Pairs = {}
    for name, value in _XML_PAIR.findall(text):
        out[name] = [value]
    return list(out.items())


_AUTOMATIC = re.compile(
    r"""(?:^|[\s,;|&?(\[{])([A-Za-z_][\w.:-]*)\s?=\s?(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,;|&"')\]}]+))"""
)


@python_function("spl_extract", "VARCHAR", "VARCHAR", returns=MAP_TYPE)
def extract(text: str, settings: str) -> list[tuple[str, list[str]]]:
    """Key and value pairs by delimiters, or `key=value` where none are given; `settings` are the options as JSON.

    A pair without a value is none.
    """
    options = json.loads(settings)
    pairs, keys = options["pairs"], options["keys"]
    out: Pairs = {}
    source = text[: options["length"]]
    found: list[tuple[str, str]] = []
    if pairs is None or keys is None:
        for match in _AUTOMATIC.finditer(source):
            name, quoted, single, bare = match.groups()
            value = quoted if quoted is not None else single if single is not None else bare
            if value:
                found.append((name, value))
    else:
        for piece in re.split(f"[{re.escape(pairs)}]+", source):
            name, value = _divided(piece, keys)
            if name:
                found.append((name, value))
    for name, value in found[: options["limit"]]:
        clean = re.sub(r"[^A-Za-z0-9_.:]", "_", name).strip("_") if options["clean"] else name
        if not clean:
            continue
        if options["multivalue"]:
            out.setdefault(clean, []).append(value)
        else:
            out.setdefault(clean, [value])
    return list(out.items())


def _divided(piece: str, delimiters: str) -> tuple[str, str]:
    """Key and value of one pair; an empty value is none, and neither is one that holds a delimiter outside quotes."""
    parts = re.split(f"[{re.escape(delimiters)}]", piece, maxsplit=1)
    value = parts[1].strip() if len(parts) == 2 else ""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    elif any(character in delimiters for character in value):
        return "", ""
    return (parts[0].strip(), value) if value else ("", "")
