"""From a field, its modifiers and its values to a predicate.

Modifiers apply in the order in which they are written (specification, "Value Modifiers" and the appendix on them).
What a leaf means stands in the leaf: text is compared without regard to case unless `cased` is given, patterns of `re`
with regard to case unless `i` is; a row that lacks the field is false, so that `not` keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rulescope.ir import (
    And,
    Any,
    Binary,
    Call,
    Compare,
    FieldReference,
    MacroCall,
    Not,
    Operation,
    Or,
    Predicate,
    Test,
)
from rulescope.languages.common.constants import network_problem, regex_problem
from rulescope.languages.sigma.encodings import (
    UTF16,
    any_dash_pattern,
    base64_offsets,
    base64_text,
    dash_spellings,
    utf16_bytes,
)
from rulescope.languages.sigma.modifier_chain import ORDERS, PLACES, Chain, read_chain
from rulescope.languages.sigma.nodes import Plain, SigmaReading, node_span, plain_text, plain_value
from rulescope.languages.sigma.strings import (
    Pieces,
    escaped_in_path,
    joined,
    parse_pattern,
    pattern_comparison,
    plain_text_of,
)
from rulescope.languages.sigma.times import time_part_test
from rulescope.text import Span
from rulescope.text.yaml_document import YamlScalar

_PLACEHOLDER = re.compile(r"(?<!\\)(?:\\\\)*(%([\w.-]+)%)")
_PARTS = {Any.RUN: ".*", Any.ONE: "."}
RAW = "_raw"
"""The field that stands for the whole event: keywords are looked for in it."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A value with its places: that of the value, and of all that the leaf is written as."""

    value: Plain
    place: Span
    span: Span


def read_condition(
    reading: SigmaReading, name: str, modifiers: Sequence[str], values: Sequence[YamlScalar], span: Span, key: Span
) -> Predicate | None:
    """The predicate for one entry of a block; None, with a finding, where it can't be read.

    `name` is the field (empty: the whole event), `span` the place of the entry and `key` that of its key.
    """
    chain = read_chain(reading, modifiers, key)
    if chain is None:
        return None
    if not values:
        reading.report("SIG022", "the list of values is empty", span)
        return None
    if chain.every and len(values) == 1:
        reading.report("SIG023", "'all' asks for several values, and there is one", key, "warning")
    leaves: list[Predicate] = []
    for node in values:
        place = node_span(node)
        given = _Given(plain_value(node), place, span if len(values) == 1 else place)
        if given.value is None and len(values) > 1:
            hint = "give it a search identifier of its own, and join the two in the condition"
            reading.report("SIG022", "null can't be one of several values", place, hint=hint)
            return None
        leaf = _leaf(reading, name, chain, given)
        if leaf is None:
            return None
        leaves.append(leaf)
    found = _joined(leaves, chain.every, span)
    return Not(found, span) if chain.unequal else found


def _leaf(reading: SigmaReading, name: str, chain: Chain, given: _Given) -> Predicate | None:
    where = name or RAW
    if chain.part is not None:
        return _time_part(reading, where, chain, given)
    if given.value is None and chain.kind != "exists":
        if chain.places or chain.encodings or chain.kind or not name:
            reading.report("SIG022", "null where text is expected", given.span)
            return None
        return Compare(where, "missing", span=given.span)
    match chain.kind:
        case "exists":
            return _existence(reading, name, given)
        case "fieldref":
            return _reference(where, chain, given)
        case "re":
            return _pattern(reading, where, chain, given)
        case "cidr" if not chain.expand:
            return _network(reading, where, given)
        case "gt" | "gte" | "lt" | "lte":
            return _order(reading, where, chain, given)
    if chain.expand:
        expanded = _placeholders(reading, where, chain, given)
        if expanded is not None:
            return expanded
    text = plain_text(given.value)
    escaped = escaped_in_path(text)
    if escaped is not None:
        message = f"'{escaped}' is a plain character here: the backslash before it makes it one"
        hint = f"'\\{escaped}' is a backslash and then a wildcard"
        reading.report("SIG025", message, given.place, "info", hint)
    return _text(reading, name, chain, given, parse_pattern(text.replace("\\%", "%") if chain.expand else text))


def _text(reading: SigmaReading, name: str, chain: Chain, given: _Given, pieces: Pieces) -> Predicate | None:
    """A comparison with text: encodings and stars in the order in which they are written."""
    spellings: list[Pieces] = [pieces]
    plain: list[bytes] | None = None
    for modifier in chain.encodings:
        if modifier == "windash":
            dashed = _dashes(spellings)
            if dashed is None and chain.encodings == ["windash"]:
                return _any_dashes(name, chain, given, pieces)
            if dashed is None:
                reading.report("SIG021", "so many dashes can't be encoded in every spelling", given.place)
                return None
            spellings = dashed
            continue
        if plain is None:
            texts = [plain_text_of(spelling) for spelling in spellings]
            if None in texts:
                reading.report("SIG021", f"'{modifier}' can't encode wildcards", given.span)
                return None
            plain = [text.encode("utf-8", "surrogatepass") for text in texts if text is not None]
        if modifier in UTF16:
            plain = [utf16_bytes(data.decode("utf-8", "replace"), modifier) for data in plain]
        elif modifier == "base64":
            plain = [base64_text(data).encode() for data in plain]
        else:
            plain = [text.encode() for data in plain for text in base64_offsets(data)]
    if plain is not None:
        spellings = [(text,) if (text := data.decode("utf-8", "replace")) else () for data in plain]
        if not spellings:
            reading.report("SIG021", "the value is too short for 'base64offset'", given.span)
            return None
    places = chain.places or ([] if name else ["contains"])
    if places and not chain.encodings and not pieces:
        message = "an empty text is part of every value: this is true of every event"
        hint = "write what is looked for, or exists: true" if name else "write the word that is looked for"
        reading.report("SIG026", message + (f" that has {name}" if name else ""), given.place, "warning", hint)
    for place in places:
        before = (Any.RUN,) if place in ("contains", "endswith") else ()
        after = (Any.RUN,) if place in ("contains", "startswith") else ()
        spellings = [joined((*before, *spelling, *after)) for spelling in spellings]
    leaves: list[Predicate] = [
        _number_kept(pattern_comparison(name or RAW, spelling, not chain.cased, given.span, given.place), chain, given)
        for spelling in spellings
    ]
    return _joined(leaves, False, given.span)


def _number_kept(leaf: Compare, chain: Chain, given: _Given) -> Compare:
    """A plain number stays one, shown without quotes. One with a point has several spellings (1.50, 1.5)."""
    if leaf.kind == "eq" and isinstance(given.value, int | float) and not chain.encodings:
        return replace(leaf, values=(given.value,), numeric=isinstance(given.value, float))
    return leaf


def _dashes(spellings: list[Pieces]) -> list[Pieces] | None:
    """The spellings with every choice of dashes; None where these are too many."""
    found: dict[Pieces, None] = {}
    for spelling in spellings:
        texts = dash_spellings(_written(spelling))
        if texts is None:
            return None
        found.update(dict.fromkeys(parse_pattern(text) for text in texts))
    return list(found)


def _written(pieces: Pieces) -> str:
    """A pattern as a rule writes it."""
    return "".join(re.sub(r"([\\*?])", r"\\\1", piece) if isinstance(piece, str) else piece.value for piece in pieces)


def _any_dashes(name: str, chain: Chain, given: _Given, pieces: Pieces) -> Compare:
    """The comparison with a value of many dashes, whichever they are: one pattern instead of all spellings."""
    places = chain.places or ([] if name else ["contains"])
    before = "" if "contains" in places or "endswith" in places else r"\A"
    after = "" if "contains" in places or "startswith" in places else r"\z"
    parts = [any_dash_pattern(piece) if isinstance(piece, str) else _PARTS[piece] for piece in pieces]
    pattern = f"(?s){before}{''.join(parts)}{after}"
    folded = not chain.cased
    return Compare(name or RAW, "match", (pattern,), ignore_case=folded, span=given.span, value_spans=(given.place,))


def _existence(reading: SigmaReading, name: str, given: _Given) -> Predicate | None:
    wanted = given.value
    if isinstance(wanted, str) and wanted.lower() in ("true", "false"):
        wanted = wanted.lower() == "true"
    if not name:
        reading.report("SIG021", "'exists' asks for a field, and there is none", given.span)
        return None
    if not isinstance(wanted, bool):
        reading.report("SIG021", "'exists' takes true or false", given.span)
        return None
    return Compare(name, "exists" if wanted else "missing", span=given.span, named=True)


def _reference(name: str, chain: Chain, given: _Given) -> Predicate:
    """Two fields of one event with the same value, or one within the other; both must be there."""
    other = plain_text(given.value)
    sides: list[FieldReference | Call] = [FieldReference(name, given.span), FieldReference(other, given.place)]
    if not chain.cased:
        sides = [Call("lower", (side,), side.span) for side in sides]
    there = [Compare(each, "exists", span=given.span) for each in (name, other)]
    tests: list[Binary | Operation] = [Operation(PLACES[place], tuple(sides), given.span) for place in chain.places]
    tests = tests or [Binary("=", sides[0], sides[1], given.span)]
    return And((*there, *(Test(test, given.span) for test in tests)), given.span)


def _pattern(reading: SigmaReading, name: str, chain: Chain, given: _Given) -> Predicate | None:
    flags = "".join(flag for flag in "ms" if flag in chain.flags)
    text = plain_text(given.value)
    wrong = regex_problem(text)
    if wrong is not None:
        reading.report("SIG021", wrong, given.place)
        return None
    if chain.places:
        before = r"\A" if "startswith" in chain.places else ""
        after = r"\z" if "endswith" in chain.places else ""
        text = f"{before}(?:{text}){after}"
    pattern = f"(?{flags}){text}" if flags else text
    return Compare(
        name,
        "match",
        (pattern,),
        ignore_case="i" in chain.flags,
        span=given.span,
        value_spans=(given.place,),
    )


def _network(reading: SigmaReading, name: str, given: _Given) -> Predicate | None:
    text = plain_text(given.value)
    wrong = network_problem(text)
    if wrong is not None:
        reading.report("SIG021", wrong, given.place)
        return None
    return Compare(name, "cidr", (text,), span=given.span, value_spans=(given.place,))


def _order(reading: SigmaReading, name: str, chain: Chain, given: _Given) -> Predicate | None:
    number = _number(given.value)
    if number is None or chain.kind is None:
        reading.report("SIG021", f"'{chain.kind}' takes a number", given.place)
        return None
    return Compare(
        name,
        ORDERS[chain.kind],
        (number,),
        numeric=True,
        numbers_only=True,
        span=given.span,
        value_spans=(given.place,),
    )


def _time_part(reading: SigmaReading, name: str, chain: Chain, given: _Given) -> Predicate | None:
    number = _number(given.value)
    if number is None or chain.part is None:
        reading.report("SIG021", f"'{chain.part}' takes a number", given.place)
        return None
    return time_part_test(name, chain.part, ORDERS.get(chain.kind or "", "eq"), number, given.span)


def _number(value: Plain) -> int | float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        try:
            return float(value) if "." in value else int(value, 10)
        except ValueError:
            return None
    return value


def _placeholders(reading: SigmaReading, name: str, chain: Chain, given: _Given) -> Predicate | None:
    """A value with placeholders: their values where a definition has them, else the call itself.

    None where there is no placeholder in the value.
    """
    text = plain_text(given.value)
    calls = list(_PLACEHOLDER.finditer(text))
    if not calls:
        return None
    texts = [""]
    place = 0
    for call in calls:
        reading.used[call[2]] = None
        values = reading.placeholders(call[2])
        before = text[place : call.start(1)].replace("\\%", "%")
        if values is None:
            reading.unknown[call[2]] = None
            return _open_placeholder(name, chain, given, call)
        texts = [head + before + value for head in texts for value in values][:10_000]
        place = call.end()
    rest = text[place:].replace("\\%", "%")
    if chain.kind == "cidr":
        leaves = [_network(reading, name, replace(given, value=one + rest)) for one in texts]
    else:
        leaves = [_text(reading, name, replace(chain, expand=False), given, parse_pattern(one + rest)) for one in texts]
    found = [leaf for leaf in leaves if leaf is not None]
    return _joined(found, False, given.span) if found else None


def _open_placeholder(name: str, chain: Chain, given: _Given, call: re.Match[str]) -> Predicate:
    """A comparison with a placeholder that has no values here; it can be shown, not run."""
    macro = MacroCall(call[2], (), call[1], given.place)
    function = "cidrmatch" if chain.kind == "cidr" else chain.places[-1] if chain.places else None
    reference = FieldReference(name, given.span)
    if function is None:
        return Test(Binary("=", reference, macro, given.span), given.span)
    return Test(Call(function, (reference, macro), given.span), given.span)


def _joined(leaves: Sequence[Predicate], every: bool, span: Span) -> Predicate:
    """Leaves of one entry as one predicate: one of them, all of them, or equality with one of a list."""
    if len(leaves) == 1:
        return leaves[0]
    if every:
        return And(tuple(leaves), span)
    plain = [leaf for leaf in leaves if isinstance(leaf, Compare) and leaf.kind == "eq"]
    if len(plain) == len(leaves) and len({(leaf.field, leaf.ignore_case, leaf.numeric) for leaf in plain}) == 1:
        return Compare(
            plain[0].field,
            "in",
            tuple(leaf.values[0] for leaf in plain),
            ignore_case=plain[0].ignore_case,
            numeric=plain[0].numeric,
            span=span,
            value_spans=tuple(leaf.value_spans[0] for leaf in plain),
        )
    return Or(tuple(leaves), span)


__all__ = ["RAW", "read_condition"]
