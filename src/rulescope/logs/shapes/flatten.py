"""JSON objects to Splunk's flat field names: `a.b` for objects, `a{}` and `a{}.b` for lists, values as text."""

from __future__ import annotations

from typing import Any

from rulescope.logs.model import Fields, FieldValue


class TooDeep(ValueError):
    """An object that nests deeper, or holds more values, than the limits allow."""


def value_text(value: Any) -> str | None:
    """A JSON scalar as text: true and false in lower case, null as None (a missing field)."""
    if value.__class__ is str:
        return value
    if value is None:
        return None
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)


def flatten(record: dict[str, Any], *, depth: int, values: int, plain_lists: bool = False) -> Fields:
    """The fields of an object. `plain_lists`: a list of scalars at the top keeps its own name, without `{}`.

    Raises TooDeep beyond `depth` levels or `values` values.
    """
    fields: Fields = {}
    budget = [values]
    nested = False
    for key, value in record.items():
        if value.__class__ is str:
            fields[key] = value if not nested or key not in fields else _joined(fields[key], value)
        elif value.__class__ is dict or value.__class__ is list:
            name = key
            if value.__class__ is list:
                if plain_lists and not any(item.__class__ in (dict, list) for item in value):
                    texts = [text for item in value if (text := value_text(item)) is not None]
                    if texts:
                        fields[key] = texts if len(texts) > 1 else texts[0]
                    continue
                name += "{}"
            nested = True
            _descend(name, value, fields, depth, budget)
        elif value is not None:
            text = value_text(value)
            if text is not None:
                fields[key] = text if not nested or key not in fields else _joined(fields[key], text)
    if len(fields) > values:
        raise TooDeep(f"more than {values} fields in one event")
    return fields


def _joined(present: FieldValue, text: str) -> FieldValue:
    """Both values: in `{"a": {"b": 1}, "a.b": 2}`, two are called `a.b`."""
    return [*present, text] if isinstance(present, list) else [present, text]


def _descend(name: str, value: Any, fields: Fields, depth: int, budget: list[int]) -> None:
    if depth <= 0:
        raise TooDeep("the object nests too deep")
    if value.__class__ is dict:
        for key, inner in value.items():
            _descend_item(f"{name}.{key}", inner, fields, depth - 1, budget)
    else:
        for inner in value:
            _descend_item(name, inner, fields, depth - 1, budget, in_list=True)


def _descend_item(
    name: str, value: Any, fields: Fields, depth: int, budget: list[int], *, in_list: bool = False
) -> None:
    if value.__class__ is dict:
        _descend(name, value, fields, depth, budget)
        return
    if value.__class__ is list:
        _descend(name + "{}", value, fields, depth, budget)
        return
    text = value_text(value)
    if text is None:
        return
    budget[0] -= 1
    if budget[0] < 0:
        raise TooDeep("too many values in one event")
    present: FieldValue | None = fields.get(name)
    if present is None:
        fields[name] = text
    elif isinstance(present, list):
        present.append(text)
    else:
        fields[name] = [present, text]
