"""The `json_…` functions (Search Reference, "JSON functions").

A path is keys with dots between them and positions in braces (`a.b{0}.c`, `a{}` for all). Values arrive with a mark of
their type in front (see `engines.sql.functions.json`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from rulescope.engines.duckdb.functions.registry import Bound, GivenUp, python_function

_STEP = re.compile(r"([^.{}]+)|\{(\d*)\}|\.")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_MISSING = object()
TOO_DEEP = Bound("JSON that nests some thousand levels deep is not read, and gives nothing")
Step = str | int | None


def load(text: str, lenient: bool = False) -> Any:
    """The JSON value, or `MISSING` where the text is none; `NaN` and `Infinity` are none unless `lenient`."""
    constant = float if lenient else _no_json
    try:
        return json.loads(text, parse_float=_Spelt, parse_int=_Spelt, parse_constant=constant)
    except ValueError:
        return _MISSING
    except RecursionError as error:
        raise GivenUp(TOO_DEEP, text, None) from error


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class _Spelt(float):
    """A number that is printed as it was written."""

    def __new__(cls, text: str) -> _Spelt:
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


def dump(value: Any) -> str:
    """JSON text without blanks, numbers as they were written."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (key, held) in enumerate(value.items()):
            yield ("," if index else "") + json.dumps(key, ensure_ascii=False) + ":"
            yield from _pieces(held)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, held in enumerate(value):
            if index:
                yield ","
            yield from _pieces(held)
        yield "]"
    elif isinstance(value, _Spelt):
        yield value.text
    else:
        yield json.dumps(value, ensure_ascii=False)


def shown(value: Any) -> str | None:
    """A JSON value as a field holds it: text without quotes, the rest as JSON."""
    if value is _MISSING or value is None:
        return None
    return value if isinstance(value, str) else dump(value)


def given(marked: str | None) -> Any:
    """A value that came with its mark."""
    if marked is None:
        return None
    mark, text = marked[0], marked[1:]
    if mark == "n" or (mark == "a" and _NUMBER.fullmatch(text)):
        return _Spelt(text)
    if mark == "b":
        return text == "true"
    if mark == "m":
        return load(text)
    if mark in "aj" and text[:1] in ("{", "["):
        held = load(text)
        return text if held is _MISSING else held
    return text


def path_of(text: str) -> list[Step]:
    """The steps of a path: a key, a position, or None for every element."""
    steps: list[Step] = []
    for found in _STEP.finditer(text):
        if found.group(1) is not None:
            steps.append(found.group(1))
        elif found.group(2) is not None:
            steps.append(int(found.group(2)) if found.group(2) else None)
    return steps


def reach(value: Any, steps: Sequence[Step]) -> list[Any]:
    """All values at the path."""
    found = [value]
    for step in steps:
        following: list[Any] = []
        for held in found:
            if isinstance(step, str):
                if isinstance(held, dict) and step in held:
                    following.append(held[step])
            elif isinstance(held, list):
                if step is None:
                    following.extend(held)
                elif step < len(held):
                    following.append(held[step])
        found = following
    return found


@python_function("spl_json_valid", "VARCHAR", returns="INTEGER", takes_null=True)
def valid(text: str | None) -> int:
    """Whether the text is JSON."""
    return 0 if text is None or load(text) is _MISSING else 1


def _extract_one(value: Any, path: str, exact: bool) -> Any:
    if exact:
        return value.get(path, _MISSING) if isinstance(value, dict) else _MISSING
    steps = path_of(path)
    found = reach(value, steps)
    if None in steps:
        return found if found else _MISSING
    return found[0] if found else _MISSING


def _extract(text: str, paths: list[str], exact: bool) -> str | None:
    value = load(text)
    if value is _MISSING:
        return None
    if not paths:
        return shown(value)
    found = [_extract_one(value, path, exact) for path in paths]
    if len(found) == 1:
        return shown(found[0])
    return dump([None if entry is _MISSING else entry for entry in found])


@python_function("spl_json_extract", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def extract(text: str, paths: list[str]) -> str | None:
    """The value at the path, or an array of those at several."""
    return _extract(text, paths, False)


@python_function("spl_json_extract_exact", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def extract_exact(text: str, paths: list[str]) -> str | None:
    """The value of a key, or an array of those of several."""
    return _extract(text, paths, True)


@python_function("spl_json_object", "VARCHAR[]", returns="VARCHAR")
def make_object(parts: list[str | None]) -> str:
    """An object of names and values in turn."""
    return dump({str(given(name) or ""): given(value) for name, value in zip(parts[::2], parts[1::2], strict=True)})


@python_function("spl_json_array", "VARCHAR[]", returns="VARCHAR")
def make_array(parts: list[str | None]) -> str:
    """An array of the values."""
    return dump([given(part) for part in parts])


def _change(text: str, parts: list[str | None], exact: bool, mode: str) -> str | None:
    value = load(text)
    if value is _MISSING:
        return None
    for path, new in zip(parts[::2], parts[1::2], strict=True):
        steps: list[Step] = [str(given(path))] if exact else path_of(str(given(path) or ""))
        if steps:
            _put(value, steps, given(new), mode)
    return dump(value)


def _put(value: Any, steps: list[Step], new: Any, mode: str) -> None:
    holders = reach(value, steps[:-1])
    for holder in holders if holders or mode != "set" else _made(value, steps[:-1]):
        last = steps[-1]
        if mode == "set":
            if isinstance(last, str) and isinstance(holder, dict):
                holder[last] = new
            elif isinstance(holder, list):
                for index in range(len(holder)) if last is None else [last]:
                    if isinstance(index, int) and index < len(holder):
                        holder[index] = new
            continue
        added = new if mode == "extend" and isinstance(new, list) else [new]
        for key in _keys(holder, last):
            held = holder[key]
            holder[key] = [*held, *added] if isinstance(held, list) else [held, *added]


def _keys(holder: Any, step: Step) -> list[Any]:
    """The keys or positions of an object or array that a step means."""
    if isinstance(step, str):
        return [step] if isinstance(holder, dict) and step in holder else []
    if not isinstance(holder, list):
        return []
    return list(range(len(holder))) if step is None else [step] if step < len(holder) else []


def _made(value: Any, steps: list[Step]) -> list[Any]:
    """The object at a path of keys, made where it is not there."""
    held = value
    for step in steps:
        if not isinstance(step, str) or not isinstance(held, dict):
            return []
        held = held.setdefault(step, {})
    return [held]


@python_function("spl_json_set", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def json_set(text: str, parts: list[str | None]) -> str | None:
    """The JSON with values put at paths."""
    return _change(text, parts, False, "set")


@python_function("spl_json_set_exact", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def json_set_exact(text: str, parts: list[str | None]) -> str | None:
    """The JSON with values put at keys."""
    return _change(text, parts, True, "set")


@python_function("spl_json_append", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def json_append(text: str, parts: list[str | None]) -> str | None:
    """The JSON with values put at the end of arrays."""
    return _change(text, parts, False, "append")


@python_function("spl_json_extend", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def json_extend(text: str, parts: list[str | None]) -> str | None:
    """As `append`, the elements of an array each on their own."""
    return _change(text, parts, False, "extend")


@python_function("spl_json_delete", "VARCHAR", "VARCHAR[]", returns="VARCHAR")
def json_delete(text: str, paths: list[str]) -> str | None:
    """The JSON without the values at the paths."""
    value = load(text)
    if value is _MISSING:
        return None
    for path in [entry for given_path in paths for entry in _listed(given_path)]:
        steps = path_of(path)
        for holder in reach(value, steps[:-1]) if steps else []:
            last = steps[-1]
            if isinstance(last, str) and isinstance(holder, dict):
                holder.pop(last, None)
            elif isinstance(holder, list) and isinstance(last, int) and last < len(holder):
                del holder[last]
            elif isinstance(holder, list) and last is None:
                holder.clear()
    return dump(value)


def _listed(path: str) -> list[str]:
    """The paths of a JSON array of paths, else the one path."""
    held = load(path) if path.startswith("[") else _MISSING
    return [entry for entry in held if isinstance(entry, str)] if isinstance(held, list) else [path]


@python_function("spl_json_container", "VARCHAR", "VARCHAR", returns="VARCHAR")
def container(text: str, opening: str) -> str | None:
    """The text as JSON without blanks where it is an array (`[`) or an object (`{`); whole numbers without a point."""
    if not text.lstrip().startswith(opening):
        return None
    try:
        value = json.loads(text, parse_float=lambda number: _whole(float(number)), parse_constant=_no_json)
    except ValueError:
        return None
    except RecursionError as error:
        raise GivenUp(TOO_DEEP, text, None) from error
    return dump(value)


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) <= 2**53 else number


@python_function("spl_json_keys", "VARCHAR", returns="VARCHAR")
def json_keys(text: str) -> str | None:
    """An array of the object's keys."""
    value = load(text)
    return dump(list(value)) if isinstance(value, dict) else None


@python_function("spl_json_entries", "VARCHAR", returns="VARCHAR")
def json_entries(text: str) -> str | None:
    """An array of the object's keys and values, each pair an object."""
    value = load(text)
    if not isinstance(value, dict):
        return None
    return dump([{"key": key, "value": held} for key, held in value.items()])


@python_function("spl_json_has_key_exact", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def json_has_key(text: str, key: str) -> bool | None:
    """Whether the object has the key."""
    value = load(text)
    return key in value if isinstance(value, dict) else None


@python_function("spl_json_array_to_mv", "VARCHAR", "BOOLEAN", returns="VARCHAR[]")
def array_to_mv(text: str, quoted: bool) -> list[str] | None:
    """The elements of an array."""
    value = load(text)
    if not isinstance(value, list):
        return None
    return [dump(entry) if quoted or not isinstance(entry, str) else entry for entry in value] or None


@python_function("spl_mv_to_json_array", "VARCHAR[]", "BOOLEAN", returns="VARCHAR")
def mv_to_array(values: list[str | None], infer: bool) -> str:
    """An array of the values as text; with `infer` as the JSON values that they are, null where they are none."""
    if not infer:
        return dump(values)
    found = [load(value) for value in values if value is not None]
    return dump([None if value is _MISSING else value for value in found])
