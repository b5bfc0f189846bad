"""Predicates over one row: true, false, or None for unknown. Each leaf says itself what it means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.moments import moment_of_text
from rulescope.engines.reference.common.names import field_value
from rulescope.engines.reference.common.patterns import (
    fits_term,
    folded_glob,
    glob_holds,
    has_term,
    has_words,
    in_network,
    is_network,
    regex,
)
from rulescope.engines.reference.interpreter import Reading, reads_predicate
from rulescope.engines.reference.values import (
    Duration,
    Moment,
    Row,
    in_relation,
    number,
    number_text,
    numbers,
    text,
    texts_of,
    values_of,
)
from rulescope.errors import Refusal

_RELATIONS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_MISSING = {"true": True, "false": False, "unknown": None}


@reads_predicate(ir.And)
def every(predicate: ir.And, row: Row, reading: Reading) -> bool | None:
    """False where one is false; else unknown where one is."""
    found = [reading.holds(operand, row) for operand in predicate.operands]
    return False if False in found else None if None in found else True


@reads_predicate(ir.Or)
def some(predicate: ir.Or, row: Row, reading: Reading) -> bool | None:
    """True where one is true; else unknown where one is."""
    found = [reading.holds(operand, row) for operand in predicate.operands]
    return True if True in found else None if None in found else False


@reads_predicate(ir.Not)
def contrary(predicate: ir.Not, row: Row, reading: Reading) -> bool | None:
    """The contrary; unknown stays unknown."""
    inner = reading.holds(predicate.operand, row)
    return None if inner is None else not inner


@reads_predicate(ir.Test)
def tested(predicate: ir.Test, row: Row, reading: Reading) -> bool | None:
    """An expression as a condition."""
    return condition_of(reading.value(predicate.expression, row), predicate, reading)


def condition_of(value: Any, node: Any, reading: Reading) -> bool | None:
    """A value as a condition of the language; where fields hold truth values, several are none."""
    if reading.meaning.conditions_are_values and isinstance(value, str | list):
        return {"true": True, "false": False}.get((text(value) or "").lower())
    return truth(value, node)


def truth(value: Any, node: Any) -> bool | None:
    """A value as a condition: a number is true where it is not 0. Raises `Refusal` for a text, which is none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value != 0
    raise Refusal("a text or field stands where a condition is expected", span=node.span, code="RUN031")


@reads_predicate(ir.Term)
def termed(predicate: ir.Term, row: Row, reading: Reading) -> bool:
    """Text in the raw event; in a language over tables, in any column."""
    if reading.meaning.typed:
        return any(fits_term(held, predicate) for value in row.values() for held in _texts_in(value))
    raw = text(row.get("_raw"))
    if not predicate.text.strip("*"):
        return True
    return raw is not None and has_term(raw, predicate)


def _texts_in(value: Any) -> list[str]:
    """The texts of a column that are looked into; an object is its JSON."""
    return [json.dumps(value, ensure_ascii=False)] if isinstance(value, dict) else texts_of(value)


@reads_predicate(ir.Compare)
def compared(leaf: ir.Compare, row: Row, reading: Reading) -> bool | None:
    """A field against constants."""
    if leaf.named:
        there = bool(values_of(row.get(leaf.field))) or _names(text(row.get("_raw")), leaf)
        return there == (leaf.kind == "exists")
    if "*" in leaf.field and leaf.field not in row and leaf.field not in reading.columns:
        return _any_field(leaf, row, reading)
    held = field_value(leaf.field, row, reading, leaf.span)
    found = values_of(held)
    if leaf.kind in ("exists", "missing"):
        if leaf.kind == "exists" and leaf.missing == "true":
            return True
        # A list without elements is a value of a typed column.
        there = held is not None if reading.meaning.typed else bool(found)
        return there == (leaf.kind == "exists")
    if not found or (leaf.quantifier == "one" and len(found) > 1):
        return _MISSING[leaf.missing]
    results = [_one(leaf, value, reading) for value in found]
    return _MISSING[leaf.missing] if None in results else (all if leaf.quantifier == "all" else any)(results)


def _any_field(leaf: ir.Compare, row: Row, reading: Reading) -> bool | None:
    """The comparison with any of the fields whose names fit the pattern in the place of the name."""
    if leaf.kind == "missing":
        return not _any_field(replace(leaf, kind="exists", missing="false"), row, reading)
    pattern = re.compile(re.escape(leaf.field).replace(r"\*", ".*"))
    known = {name for one in reading.around for name in one}
    names = [name for name in known if not name.startswith("_") and pattern.fullmatch(name)]
    if not names:
        return _MISSING[leaf.missing] if leaf.kind != "exists" else False
    found = [compared(replace(leaf, field=name), row, reading) for name in names]
    return True if True in found else None if None in found else False


def _names(raw: str | None, leaf: ir.Compare) -> bool:
    """Whether the raw event, a JSON object, names the field, with a value or without."""
    try:
        held = json.loads(raw) if raw else {}
    except ValueError as error:
        message = "the reference has no reading of a field without value in an event that is not JSON"
        raise Refusal(message, span=leaf.span) from error
    return leaf.field in set(_paths(held, ""))


def _paths(held: Any, above: str) -> Iterable[str]:
    if isinstance(held, dict):
        for key, value in held.items():
            yield above + key
            yield from _paths(value, f"{above}{key}.")


def _one(leaf: ir.Compare, value: Any, reading: Reading) -> bool | None:
    """One value against the constants; None where it counts as missing."""
    if leaf.kind in ("eq", "in", "wildcard"):
        return any(_equal(leaf, wanted, value, reading) for wanted in leaf.values)
    if leaf.kind in ("gt", "ge", "lt", "le"):
        return _ordered(leaf, leaf.values[0], value, reading)
    spelt = text(value)
    if spelt is None:
        return None
    if leaf.kind == "cidr":
        if reading.meaning.null_equals_nothing and not in_network(spelt, "0.0.0.0/0", leaf.span):
            # Kusto, "ipv4_is_in_range()": null for what is no address.
            return None
        return any(in_network(spelt, str(wanted), leaf.span) for wanted in leaf.values)
    wanted = str(leaf.values[0])
    if leaf.kind == "match":
        return regex(f"(?i){wanted}" if leaf.ignore_case else wanted, leaf.span).search(spelt) is not None
    if leaf.ignore_case:
        spelt, wanted = spelt.lower(), wanted.lower()
    match leaf.kind:
        case "contains":
            return wanted in spelt
        case "starts_with":
            return spelt.startswith(wanted)
        case "ends_with":
            return spelt.endswith(wanted)
        case "has":
            return has_words(spelt, wanted)
    raise Refusal(f"the reference has no reading of '{leaf.kind}'", span=leaf.span)


def _equal(leaf: ir.Compare, wanted: ir.Value, value: Any, reading: Reading) -> bool:
    if isinstance(value, bool) and isinstance(wanted, bool):
        return value == wanted
    spelt = _spelt(value)
    if isinstance(wanted, ir.Glob):
        pattern = folded_glob(wanted) if leaf.ignore_case else wanted
        return glob_holds(pattern, spelt.lower() if leaf.ignore_case else spelt)
    if leaf.kind == "in" and leaf.numeric and isinstance(wanted, str) and is_network(wanted):
        return spelt == wanted or in_network(spelt, wanted, leaf.span)
    if isinstance(value, Moment) and isinstance(wanted, str):
        # `isempty(time)` is asked so: a time that is there is not the empty text.
        return bool(wanted) and value == _moment(wanted, leaf)
    if leaf.numeric or not isinstance(value, str):
        sizes = numbers(value, wanted, reading.meaning.exact_wholes)
        if sizes is not None:
            return sizes[0] == sizes[1]
    whole = reading.meaning.exact_wholes and isinstance(wanted, int) and not isinstance(wanted, bool)
    wanted_text = str(wanted) if whole else _spelt(wanted)
    return spelt.lower() == wanted_text.lower() if leaf.ignore_case else spelt == wanted_text


def _spelt(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Moment | Duration):
        return number_text(value.seconds)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _moment(written: str, leaf: ir.Compare) -> Moment:
    found = moment_of_text(written)
    if found is None:
        raise Refusal(f"'{written}' is no date and time", span=leaf.span, code="RUN036")
    return found


def _ordered(leaf: ir.Compare, wanted: ir.Value, value: Any, reading: Reading) -> bool | None:
    relation = _RELATIONS[leaf.kind]
    if isinstance(value, Moment) and isinstance(wanted, str):
        return in_relation(relation, value.seconds, _moment(wanted, leaf).seconds)
    if leaf.numeric or not isinstance(value, str):
        sizes = numbers(value, wanted, reading.meaning.exact_wholes)
        if sizes is not None:
            return in_relation(relation, *sizes)
        if leaf.numbers_only and number(wanted) is not None:
            return None
    fold = str.lower if leaf.ignore_case else str
    return in_relation(relation, fold(_spelt(value)), fold(_spelt(wanted)))
