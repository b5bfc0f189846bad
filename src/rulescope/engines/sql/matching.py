"""Text against patterns: regular expressions, wildcards, address ranges, and the tokens of raw events."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import cache

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, bound, call, cases, integer, literal, negate, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import Breakers
from rulescope.engines.sql.regex import pcre_pattern, re_escape, translate
from rulescope.errors import Refusal
from rulescope.text import NO_SPAN, Span


def regex_condition(text: exp.Expression, pattern: str, context: Context, span: Span = NO_SPAN) -> exp.Expression:
    """Whether the PCRE is found anywhere in the text."""
    native = native_regex(pattern, context, span)
    if native is None:
        return call("spl_pcre_match", text, literal(pcre_pattern(pattern)))
    return sql("regexp_matches(:x, :p)", x=text, p=native)


def native_regex(pattern: str, context: Context, span: Span = NO_SPAN) -> str | None:
    """The pattern for the database's own engine; None where only PCRE will do; a refusal where it is no pattern."""
    native = translate(pattern)
    if native is not None and (context.executor is None or context.executor.accepts_regex(native)):
        return native
    check_pcre(pattern, span)
    return None


def check_pcre(pattern: str, span: Span = NO_SPAN) -> None:
    """Refuses what is no regular expression."""
    import pcre2  # start-up: few patterns are for PCRE alone

    try:
        pcre2.compile(pcre_pattern(pattern))
    except (pcre2.PatternError, pcre2.LibraryError, ValueError) as error:
        raise Refusal(f"not a regular expression: {error}", span=span, code="RUN033") from error


def has_letters(text: str) -> bool:
    """Whether case can make a difference."""
    return text.lower() != text or text.upper() != text


def folded(text: exp.Expression) -> exp.Expression:
    """The text in lower case."""
    return exp.Lower(this=text)


def folded_text(text: str) -> str:
    """A text of a rule in lower case as the database has it: letter by letter, one for each."""
    return "".join(letter.lower()[0] for letter in text)


def glob_condition(text: exp.Expression, glob: ir.Glob, ignore_case: bool) -> exp.Expression:
    """Whether the whole text matches the glob."""
    pieces = glob.pieces
    strings = [piece for piece in pieces if isinstance(piece, str)]
    fold = ignore_case and any(has_letters(piece) for piece in strings)
    subject = folded(text) if fold else text
    runs = [piece is ir.Any.RUN for piece in pieces]
    if len(strings) == 1 and ir.Any.ONE not in pieces and sum(runs) == len(pieces) - 1:
        needle = literal(folded_text(strings[0]) if fold else strings[0])
        if runs[0] and runs[-1]:
            return sql("contains(:x, :n)", x=subject, n=needle)
        if runs[-1]:
            return sql("starts_with(:x, :n)", x=subject, n=needle)
        if runs[0]:
            return call("suffix", subject, needle)
    if all(isinstance(piece, str) for piece in pieces):
        whole = "".join(strings)
        return sql("(:x = :n)", x=subject, n=folded_text(whole) if fold else whole)
    return like(subject, glob_pattern(pieces, fold))


def glob_pattern(pieces: Sequence[str | ir.Any], fold: bool) -> str:
    """The glob for LIKE, with `\\` as its escape."""
    out = []
    for piece in pieces:
        if isinstance(piece, str):
            out.append(re.sub(r"([%_\\])", r"\\\1", folded_text(piece) if fold else piece))
        else:
            out.append("%" if piece is ir.Any.RUN else "_")
    return "".join(out)


def like(text: exp.Expression, pattern: str | exp.Expression) -> exp.Expression:
    """`text LIKE pattern ESCAPE '\\'`."""
    return sql(r"(:x LIKE :p ESCAPE '\')", x=text, p=pattern)


def cidr_condition(text: exp.Expression, network: str, span: Span = NO_SPAN) -> exp.Expression:
    """Whether the text is an address inside the network; false for what is no address."""
    try:
        parsed = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError as error:
        raise Refusal(f"'{network}' is not an address range", span=span, code="RUN034") from error
    if isinstance(parsed, ipaddress.IPv6Network):
        return call("spl_in_network", text, literal(str(parsed)))
    first, last = int(parsed.network_address), int(parsed.broadcast_address)
    return bound(
        text,
        lambda x: sql(
            "COALESCE(spl_ipv4(:x) BETWEEN :first AND :last, CASE WHEN :x IS NOT NULL THEN FALSE END)",
            x=x,
            first=integer(first),
            last=integer(last),
        ),
    )


def is_cidr(text: str) -> bool:
    """Whether a value of a search is an address range."""
    if "/" not in text:
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@cache
def _character_class(characters: str) -> str:
    """The inside of a regular expression's class of these characters."""
    plain = "".join(character for character in characters if not character.isspace())
    spaces = r"\s\x0b" if plain != characters else ""
    return re.sub(r"([\[\]\\^-])", r"\\\1", plain) + spaces


def term_condition(raw: exp.Expression, term: ir.Term, breakers: Breakers) -> exp.Expression:
    """Whether the raw event holds the term as its directive says, between characters that end terms."""
    text = term.text
    if not text.strip("*"):
        return exp.true()
    fold = term.directive != "CASE" and has_letters(text)
    pieces = text.lower().split("*") if fold else text.split("*")
    literals = list(dict.fromkeys(piece for piece in pieces if piece))
    probes = [_probe(piece) if fold else piece for piece in literals]
    held = all_of([_holds(raw, probe, fold) for probe in probes])
    minor = "" if term.directive == "TERM" else breakers.minor
    ending = breakers.major + minor
    edge = _character_class(breakers.major) + _character_class(minor)
    inside = ".*" if term.quoted else f"[^{_character_class(breakers.major)}]*"
    before = "" if not pieces[0] or pieces[0][0] in ending else f"(?:^|[{edge}])"
    after = "" if not pieces[-1] or pieces[-1][-1] in ending else f"(?:$|[{edge}])"
    inner = inside.join(re_escape(piece) for piece in pieces).removeprefix(inside).removesuffix(inside)
    if not before and not after and len(pieces) - pieces.count("") < 2 and probes == literals:
        return held
    pattern = f"(?s{'i' if fold else ''}){before}{inner}{after}"
    # A CASE, since the database runs each of two conditions on one column over all rows, and the pattern is slow.
    return cases([(held, sql("regexp_matches(:x, :p)", x=raw, p=pattern))], exp.false())


def _holds(raw: exp.Expression, text: str, fold: bool) -> exp.Expression:
    """Whether the raw event holds the text. RE2 looks for a plain text regardless of case in a third of the time that
    it takes to write the event in lower case first."""
    if fold and has_letters(text):
        return sql("regexp_matches(:x, :p)", x=raw, p=f"(?i){re_escape(text)}")
    return sql("contains(:x, :n)", x=raw, n=text)


_FOLDS_TO_OTHERS = re.compile(r"[ks\u0080-\U0010ffff]")
"""Letters that RE2 takes for more than their two cases (the Kelvin sign is a k, the long s an s): a text with one of
them is not looked for by its beginning, which takes five times as long."""

_LEAST_PROBE = 3


def _probe(piece: str) -> str:
    """The longest part of a text that is looked for fast; the text itself where that would be too short."""
    longest = max(_FOLDS_TO_OTHERS.split(piece), key=len)
    return longest if len(longest) >= _LEAST_PROBE else piece


def term_in_value(value: exp.Expression, text: str, ignore_case: bool) -> exp.Expression:
    """Whether a value has the text as whole terms: no letter or digit goes on at an end of it that is one.

    Source: "String operators" of Kusto's reference: a term is a maximal sequence of letters and digits.
    """
    fold = ignore_case and has_letters(text)
    held = sql("contains(:x, :n)", x=folded(value) if fold else value, n=folded_text(text) if fold else text)
    before = "(?:^|[^\\p{L}\\p{N}])" if text[:1].isalnum() else ""
    after = "(?:$|[^\\p{L}\\p{N}])" if text[-1:].isalnum() else ""
    if not before and not after:
        return held
    pattern = f"(?s{'i' if fold else ''}){before}{re_escape(text)}{after}"
    # Of NULL, the pattern gives NULL: what a missing value means is said by the leaf.
    return cases([(negate(held), exp.false())], sql("regexp_matches(:x, :p)", x=value, p=pattern))


__all__ = [
    "any_of",
    "cidr_condition",
    "folded",
    "glob_condition",
    "is_cidr",
    "like",
    "native_regex",
    "regex_condition",
    "term_condition",
    "term_in_value",
]
