"""Conditions that ask nothing of an event: they read well, and hold for every one, or for none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.common.constants import MAXIMUM_PATTERN, network_problem, regex_problem
from rulescope.text import Diagnostic

_TEXT_KINDS = frozenset({"contains", "starts_with", "ends_with", "has"})
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "like"})
_COMPARING = frozenset({ir.Binary, ir.Call, ir.InList, ir.Operation})
_COUNTING = frozenset({stages.Head, stages.Tail, stages.Sort})
_PIECES = re.compile(
    r"(?P<flags>\(\?[a-zA-Z-]+\))"
    r"|(?P<other>\\Q.*?\\E|\\.|\[\^?\]?(?:\\.|[^\]\\])*+\])"
    r"|(?P<open>\((?:\?(?:[a-zA-Z-]*:|[=!>|]|<[=!]|P?<\w+>))?)"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<plain>.)",
    re.DOTALL,
)
_MAY_BE_EMPTY = re.compile(r"(?:^|[(|:=!>)])\||\|(?:$|[|)])|^(?:\(\?[a-zA-Z-]+\))*$")
"""What every pattern with an empty alternative has somewhere, and few others: a bar at an end or beside a sign of the
language, or nothing but flags."""
_LETTERS = 2
"""From so many letters and digits beside it on, a star at an end is meant as a wildcard."""
_PROBE = "\ue000"
"""A text that nobody looks for."""


def hollow_conditions(
    text: str,
    written: ir.Pipeline,
    expanded: ir.Pipeline,
    range_places: Mapping[str, int],
    quoting: str | None,
    wildcards: str | None,
) -> Iterator[Diagnostic]:
    """An error for a number of rows below zero, and a warning for each condition that hardly means what it says.

    It is one that an empty text or pattern makes true of every event, that compares two texts (`quoting` says how a
    field's name is written instead), that calls a function of addresses with the range in the place of the address
    (`range_places` says in which argument of each it belongs), or that compares a value with a text which has a star at
    an end, where a star is no wildcard (`wildcards` says what has some).

    Two texts are looked for in the query as `written`, where its `text` has them in quotes: an argument of a macro,
    or a name that stands for a text, may well be compared with one.
    """
    same = written is expanded
    # Every query comes by here, and most nodes are none of these: the class alone tells that fastest.
    for node in walk(expanded):
        kind = type(node)
        if kind is ir.Compare:
            yield from _empty_values(node)  # type: ignore[arg-type]
            if wildcards is not None:
                yield from _stars(node, text, wildcards)  # type: ignore[arg-type]
        elif kind in _COUNTING:
            if (node.count or 0) < 0:  # type: ignore[attr-defined]
                message = "the number of rows is below zero"
                yield Diagnostic("QRY006", message, node.span, "error")  # type: ignore[attr-defined]
        elif kind in _COMPARING:
            if kind is ir.Call:
                yield from _swapped(node, range_places)  # type: ignore[arg-type]
            if same:
                yield from _of_two_texts(node, text, quoting)
    if not same:
        for node in walk(written):
            if type(node) in _COMPARING:
                yield from _of_two_texts(node, text, quoting)


def _of_two_texts(node: object, text: str, quoting: str | None) -> Iterator[Diagnostic]:
    texts = _compared_texts(node)
    if texts and all(_stands_in_quotes(text, one) for one in texts):
        span = texts[0].span.union(texts[-1].span)
        message = "this compares two texts: it is true of every event, or of none"
        yield Diagnostic("QRY004", message, span, "warning", quoting)


def _empty_values(node: ir.Compare) -> Iterator[Diagnostic]:
    for place, value in enumerate(node.values):
        span = node.value_spans[place] if place < len(node.value_spans) else node.span
        if node.kind == "match" and is_always_found(str(value)):
            what = "an empty alternative of" if value else "an empty text as"
            message = f"{what} a regular expression is found in every value: this is true of every event"
            yield Diagnostic("QRY003", f"{message} that has {node.field}", span, "warning", "write what is looked for")
        elif node.kind in _TEXT_KINDS and value == "":
            message = f"an empty text is part of every value: this is true of every event that has {node.field}"
            yield Diagnostic("QRY003", message, span, "warning", "write what is looked for")


def _stars(node: ir.Compare, text: str, wildcards: str) -> Iterator[Diagnostic]:
    """A warning for a whole value that has a star at an end which was not written to stand for itself."""
    if node.kind not in ("eq", "in"):
        return
    for place, value in enumerate(node.values):
        if not isinstance(value, str) or not (value.startswith("*") or value.endswith("*")):
            continue
        span = node.value_spans[place] if place < len(node.value_spans) else node.span
        if sum(map(str.isalnum, value)) >= _LETTERS and "\\*" not in text[span.start : span.end]:
            message = f"the star in '{value[:80]}' is no wildcard here: it is compared as it stands"
            yield Diagnostic("QRY007", message, span, "warning", wildcards)


def is_always_found(pattern: str) -> bool:
    """Whether a regular expression is found in every text for having an empty alternative, or being empty."""
    if (
        len(pattern) > MAXIMUM_PATTERN
        or not _MAY_BE_EMPTY.search(pattern)
        or not _has_empty_alternative(pattern)
        or regex_problem(pattern) is not None
    ):
        return False
    # Few rules hold any.
    import pcre2

    try:
        return bool(pcre2.compile(pattern).search(_PROBE))
    except (pcre2.PatternError, pcre2.MatchError, pcre2.LibraryError, ValueError):
        return False


def _has_empty_alternative(pattern: str) -> bool:
    before = "open"
    for piece in _PIECES.finditer(pattern):
        kind = piece.lastgroup or ""
        if kind == "flags":
            continue
        if (kind == "bar" and before in ("open", "bar")) or (kind == "close" and before == "bar"):
            return True
        before = kind
    return before == "bar" or (before == "open" and "(" not in _PIECES.sub(_without_flags, pattern))


def _without_flags(piece: re.Match[str]) -> str:
    return "" if piece.lastgroup == "flags" else piece.group()


def _compared_texts(node: object) -> tuple[ir.Constant, ...]:
    """The texts that a node compares with one another, where it compares nothing else."""
    match node:
        case ir.Binary(operator=operator, left=left, right=right) if operator in _COMPARISONS:
            parts: tuple[object, ...] = (left, right)
        case ir.Operation("equals_ignoring_case", (left, right)):
            parts = (left, right)
        case ir.InList(value=value, options=options):
            parts = (value, *options)
        case _:
            return ()
    texts = tuple(part for part in parts if isinstance(part, ir.Constant) and isinstance(part.value, str))
    return tuple(sorted(texts, key=lambda one: one.span)) if len(texts) == len(parts) else ()


def _stands_in_quotes(text: str, constant: ir.Constant) -> bool:
    """Whether a text is written where it is compared, and holds no token that is filled in later."""
    value = str(constant.value)
    return text[constant.span.end - 1 : constant.span.end] in ('"', "'") and "$" not in value and "<<" not in value


def _swapped(node: ir.Call, range_places: Mapping[str, int]) -> Iterator[Diagnostic]:
    place = range_places.get(node.function)
    if place is None or len(node.arguments) < 2:
        return
    address, block = node.arguments[1 - place], node.arguments[place]
    if isinstance(block, ir.Constant) or not isinstance(address, ir.Constant):
        return
    if "/" in str(address.value) and network_problem(str(address.value)) is None:
        message = f"the range of addresses stands where '{node.function}' takes the address"
        yield Diagnostic("QRY005", message, address.span, "warning", "swap the two arguments")
