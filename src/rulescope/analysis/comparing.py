"""What indicators are compared by: the field, kind and value that rules must have in common to look for the same.

Vocabularies cut the same fact differently: Sysmon's `Image` is a path, CIM's `process_name` and ECS's `process.name`
its last part. A comparison of the one is put in terms of the other where both let the same events through:

    Image ends_with \\cmd.exe              process_name eq cmd.exe         (base name)
    TargetFilename ends_with .hta          file_name ends_with .hta        (base name)
    file.extension eq hta                  file_name ends_with .hta        (extension)
    Hashes contains IMPHASH=AB             process_import_hash eq AB       (labelled)
    process match (?i)whoami               process contains whoami         (a pattern of plain characters)

What a path contains or begins with has no counterpart in its base name, and stays as it is.

Case: a comparison that does not regard it lets through what any other of the same letters does, so they look for the
same; two that regard it do so only where they are the same to the letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rulescope.analysis.facts import Indicator
from rulescope.analysis.patterns import plain_pattern, underscored
from rulescope.ir import ComparisonKind
from rulescope.knowledge.field_relation import FieldRelation, field_relations

IndicatorKey = tuple[str, str, str]
"""Canonical field, kind, and the value in lower case; a regular expression is its text."""

_FOLDED_KINDS = frozenset({"eq", "contains", "starts_with", "ends_with", "wildcard", "cidr", "has"})
_SEPARATORS = "\\/"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an indicator is compared by. `value` is as the rule writes it, `key` has it in lower case; `letters` is the
    value where the rule regards case, else None. `derived` says, in words, how it was put in terms of another field or
    kind; empty where it was not."""

    field: str
    kind: ComparisonKind
    value: str
    key: IndicatorKey
    letters: str | None = None
    derived: str = ""


def comparison(indicator: Indicator) -> Comparison:
    """What the indicator is compared by: itself, or what stands for the same in another field."""
    return _comparison(indicator.canonical, indicator.kind, indicator.value, indicator.ignore_case)


@lru_cache(maxsize=1 << 17)  # relating the rules of a corpus asks for each of its indicators several times
def _comparison(field: str, written: ComparisonKind, value: str, ignore_case: bool) -> Comparison:
    derived = ""
    kind, value, ignore_case = _plain(written, value, ignore_case)
    if kind != written:
        plain, any_one = (
            "the pattern has nothing but plain characters",
            "any one character stands for _, itself among them",
        )
        derived = any_one if written == "wildcard" else plain
    found = _translated(field, kind, value)
    if found is not None:
        field, kind, value, derived = found
    folded = kind in _FOLDED_KINDS
    key = (field, kind, value.casefold() if folded else value)
    return Comparison(field, kind, value, key, value if folded and not ignore_case else None, derived)


def as_it_is(indicator: Indicator) -> Comparison:
    """The indicator compared by itself, to the letter: for values that are not counted over rules."""
    key = (indicator.canonical, indicator.kind, indicator.value)
    return Comparison(indicator.canonical, indicator.kind, indicator.value, key)


def indicator_key(indicator: Indicator) -> IndicatorKey:
    """What two indicators must have in common to be the same, case aside.

    Regular expressions are compared by their text, once brackets and escapes that say nothing are left out; those of
    plain characters, by what they let through.
    """
    return comparison(indicator).key


def comparison_key(field: str, kind: ComparisonKind, value: str, ignore_case: bool) -> IndicatorKey:
    """The key of a comparison of a canonical field that stands in a tree, but with the case that it regards."""
    kind, value, ignore_case = _plain(kind, value, ignore_case)
    found = _translated(field, kind, value)
    if found is not None:
        field, kind, value, _ = found
    return (field, kind, value.casefold() if ignore_case and kind in _FOLDED_KINDS else value)


def _plain(kind: ComparisonKind, value: str, ignore_case: bool) -> tuple[ComparisonKind, str, bool]:
    """A pattern as the plain comparison that it is, if it is one."""
    if kind == "match":
        return plain_pattern(value, ignore_case)
    found = underscored(kind, value)
    return (*found, ignore_case) if found is not None else (kind, value, ignore_case)


def _translated(field: str, kind: ComparisonKind, value: str) -> tuple[str, ComparisonKind, str, str] | None:
    relations = field_relations()
    if kind == "ends_with":
        for one in relations.parts(field):
            if one.relation == "base_name":
                return _base_name(one.field, value, f"{one.field} is the base name of {field}")
        whole = relations.whole(field)
        if whole is not None and whole.relation == "base_name" and value[:1] in _SEPARATORS:
            return _base_name(field, value, f"{field} holds the whole path in some logs")
    elif kind == "eq":
        whole = relations.whole(field)
        if whole is not None and whole.relation == "extension" and value:
            return whole.of, "ends_with", f".{value.removeprefix('.')}", f"{field} is the extension of {whole.of}"
    if kind in ("contains", "starts_with", "ends_with", "eq"):
        for one in relations.parts(field):
            if one.relation == "labelled" and (rest := _labelled(one, value)):
                return one.field, "eq", rest, f"{one.field} is what {field} has behind {one.label}="
    return None


def _base_name(field: str, value: str, why: str) -> tuple[str, ComparisonKind, str, str] | None:
    """A path's end as a comparison of its base name; None where the end holds more than that."""
    name = value[1:] if value[:1] in _SEPARATORS else value
    if not name or any(mark in name for mark in _SEPARATORS):
        return None
    return field, ("ends_with" if name is value else "eq"), name, why


def _labelled(one: FieldRelation, value: str) -> str:
    label, mark, rest = value.partition("=")
    return rest if mark and label.upper() == one.label and rest.isalnum() else ""
