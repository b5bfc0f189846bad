"""What the forms of `derivation` give for one event."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rulescope.knowledge.command_line import split_arguments, split_words
from rulescope.knowledge.derivation import (
    Basename,
    CaseOnValue,
    Coalesce,
    CommandLineArguments,
    Concat,
    ConstantText,
    Count,
    Decimal,
    Dirname,
    Form,
    Length,
    ListOf,
    Lower,
    NullIf,
    PrintedMember,
    RawField,
    RegexExtract,
    RegexReplace,
    Split,
    WhenMatches,
    WhenSame,
    raw_fields,
)
from rulescope.knowledge.json_member import printed_member

Value = str | tuple[str, ...] | None

Values = frozenset[tuple[str, ...]]
"""What a field may hold: each a tuple of its values, the empty one where it is missing."""


def possible_values(form: Form, known: Mapping[str, str]) -> Values | None:
    """What the form may give for events of which only these raw fields are `known`; None where that is open."""
    if raw_fields(form) <= known.keys():
        value = evaluate(form, known)
        return frozenset({(value,) if isinstance(value, str) else value or ()})
    parts: tuple[Form | None, ...]
    match form:
        case CaseOnValue(_, branches, default):
            parts = (*(one for _, one in branches), default)
        case WhenMatches(_, _, then, otherwise) | WhenSame(_, _, then, otherwise):
            parts = (then, otherwise)
        case Coalesce(options):
            parts = options
        case _:
            return None
    found: set[tuple[str, ...]] = set()
    for part in parts:
        given = frozenset({()}) if part is None else possible_values(part, known)
        if given is None:
            return None
        found |= given
    return frozenset(found)


def evaluate(form: Form, event: Mapping[str, str]) -> Value:
    """The value of the form for one event with these raw fields: text, several texts, or None for NULL."""
    match form:
        case RawField(name):
            return event.get(name) or None
        case ConstantText(constant):
            return constant
        case Coalesce(parts):
            return next((value for part in parts if (value := evaluate(part, event)) is not None), None)
        case Concat(parts):
            texts = [_one(evaluate(part, event)) for part in parts]
            return None if None in texts else "".join(text for text in texts if text is not None)
        case ListOf(parts):
            return tuple(text for part in parts if (text := _one(evaluate(part, event))) is not None) or None
        case Count(of):
            counted = evaluate(of, event)
            return None if counted is None else str(len(counted) if isinstance(counted, tuple) else 1)
        case WhenSame(left, right, then, otherwise):
            first, second = evaluate(left, event), evaluate(right, event)
            branch = then if first is not None and first == second else otherwise
            return None if branch is None else evaluate(branch, event)
        case CaseOnValue(of, branches, default):
            subject = evaluate(of, event)
            branch = next((value for key, value in branches if key == subject), default)
            return None if branch is None else evaluate(branch, event)
        case WhenMatches(of, pattern, then, otherwise):
            text = _one(evaluate(of, event))
            branch = then if text is not None and re.search(pattern, text) else otherwise
            return None if branch is None else evaluate(branch, event)
        case _:
            return _evaluate_text(form, _one(evaluate(form.of, event)))


def _evaluate_text(
    form: Basename
    | Dirname
    | RegexExtract
    | RegexReplace
    | NullIf
    | Lower
    | Length
    | Decimal
    | Split
    | CommandLineArguments
    | PrintedMember,
    text: str | None,
) -> Value:
    if text is None:
        return None
    match form:
        case Basename():
            return re.split(r"[\\/]", text)[-1]
        case Dirname():
            found = re.match(r"(?s)(.*)[\\/]", text)
            return found.group(1) if found else None
        case RegexExtract(pattern=pattern):
            found = re.search(pattern, text)
            return found.group(1) if found else None
        case RegexReplace(pattern=pattern, replacement=replacement):
            return re.sub(pattern, lambda _: replacement, text)
        case NullIf(values=values):
            return None if text in values else text
        case Lower():
            return text.lower()
        case Length():
            return str(len(text))
        case Decimal():
            return decimal(text)
        case CommandLineArguments(parsed=parsed):
            return (split_arguments(text) if parsed else split_words(text)) or None
        case PrintedMember(key=key):
            return printed_member(text, key)
        case Split(separator=separator):
            return tuple(part for part in text.split(separator) if part) or None


def decimal(text: str) -> str | None:
    """The hexadecimal number that a text of up to 16 digits spells, in decimal; None where it spells none."""
    digits = text.strip().lower().removeprefix("0x")
    if not digits or len(digits) > 16 or not set(digits) <= set("0123456789abcdef"):
        return None
    return str(int(digits, 16))


def _one(value: Value) -> str | None:
    return value[0] if isinstance(value, tuple) else value
