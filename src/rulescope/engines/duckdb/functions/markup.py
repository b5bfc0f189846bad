"""XML by XPath and its entities, differences of texts, JSON keys as fields, the entropy of a word."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import Counter
from html import unescape
from typing import Any
from xml.etree import ElementTree

from rulescope.engines.duckdb.functions.json_text import TOO_DEEP, dump, load
from rulescope.engines.duckdb.functions.registry import GivenUp, python_function
from rulescope.engines.duckdb.functions.spath import MAP_TYPE

_ATTRIBUTE = re.compile(r"(.*?)/?/@([\w.:-]+)")
_PREFIXED = re.compile(r"(?<=[/\[])([A-Za-z_][\w.-]*):(?=[A-Za-z_])")
_ENTITIES = ("<!DOCTYPE", "<!ENTITY")


@python_function("spl_xpath", "VARCHAR", "VARCHAR", returns="VARCHAR[]")
def xpath(text: str, path: str) -> list[str] | None:
    """The texts that the path selects; none where the text is no XML, or declares entities of its own."""
    if any(mark in text for mark in _ENTITIES):
        return None
    try:
        root = ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError):
        return None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    holder = ElementTree.Element("_")
    holder.append(root)
    wanted, attribute, inner = path.strip(), None, False
    found = _ATTRIBUTE.fullmatch(wanted)
    if found:
        wanted, attribute = found.groups()
    elif wanted.endswith("/text()"):
        wanted, inner = wanted.removesuffix("/text()"), True
    wanted = _PREFIXED.sub("", wanted)
    start = "." + wanted if wanted.startswith("/") else wanted or "."
    try:
        elements = holder.findall(start) if start != "." else [root]
    except (SyntaxError, KeyError, TypeError):
        return None
    if attribute is not None:
        values = [value for element in elements if (value := _attribute(element, attribute)) is not None]
    else:
        values = [(element.text or "") if inner else _content(element) for element in elements]
    return [value for value in values if value] or None


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    local = name.rpartition(":")[2]
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == local), None)


def _content(element: ElementTree.Element) -> str:
    if not len(element):
        return (element.text or "").strip()
    return "".join(
        [element.text or "", *(ElementTree.tostring(child, encoding="unicode") for child in element)]
    ).strip()


@python_function("spl_xmlunescape", "VARCHAR", returns="VARCHAR")
def xmlunescape(text: str) -> str:
    """The text with XML's entities as characters."""
    return unescape(text)


@python_function("spl_fromjson", "VARCHAR", "VARCHAR", returns=MAP_TYPE)
def fromjson(text: str, prefix: str) -> list[tuple[str, list[str]]] | None:
    """The keys of a JSON object with their values; what is nested stays JSON text, an array gives its items."""
    value = load(text)
    if not isinstance(value, dict):
        return None
    out = []
    for key, held in value.items():
        items = held if isinstance(held, list) else [held]
        texts = [_text(item) for item in items if item is not None]
        if texts:
            out.append((f"{prefix}{key}", texts))
    return out


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


@python_function("spl_json_value", "VARCHAR", "VARCHAR", returns="VARCHAR", takes_null=True)
def json_value(text: str | None, kind: str) -> str | None:
    """A text as JSON of a kind (`auto`, `bool`, `json`, `none`, `num`, `str`); NULL where the kind has none for it."""
    if text is None:
        return None
    quoted = json.dumps(text, ensure_ascii=False)
    match kind:
        case "str":
            return quoted
        case "num":
            return _literal(text, numbers=True, words=False)
        case "bool":
            lower = text.strip().lower()
            if lower in {"true", "t", "yes", "y", "1", "on"}:
                return "true"
            return "false" if lower in {"false", "f", "no", "n", "0", "off"} else None
        case "json":
            value = _parsed(text)
            return quoted if value is None else value
    return _literal(text, numbers=True, words=kind == "auto") or quoted


def _literal(text: str, *, numbers: bool, words: bool) -> str | None:
    if numbers and re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", text):
        return text
    return text if words and text in {"true", "false", "null"} else None


def _parsed(text: str) -> str | None:
    if not re.match(r"\s*(?:[\[{\"]|true|false|null|-?\d)", text):
        return None
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return None
    except RecursionError as error:
        raise GivenUp(TOO_DEEP, text, None) from error


@python_function("spl_json_row", "VARCHAR[]", "VARCHAR[]", returns="VARCHAR")
def json_object(names: list[str], values: list[str | None]) -> str:
    """An object of names and JSON values; a NULL value leaves its name out."""
    pairs = [
        f"{json.dumps(name, ensure_ascii=False)}:{value}" for name, value in zip(names, values, strict=True) if value
    ]
    return "{" + ",".join(pairs) + "}"


@python_function("spl_diff", "VARCHAR", "VARCHAR", "BIGINT", returns="VARCHAR", takes_null=True)
def diff(first: str | None, second: str | None, style: int) -> str:
    """What differs between two texts, line by line, as the tool diff shows it; `style` 1 adds context, 2 a header."""
    before, after = (first or "").splitlines(), (second or "").splitlines()
    if before == after:
        return "Results are the same"
    lines = list(difflib.unified_diff(before, after, "result1", "result2", lineterm="", n=3 if style & 1 else 0))
    return "\n".join(lines if style & 2 else lines[2:])


@python_function("spl_shannon", "VARCHAR", returns="DOUBLE")
def shannon(text: str) -> float:
    """The Shannon entropy of the text's characters, in bits."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares) + 0.0
