"""Text functions, regular expression replacement and hashes."""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope.engines.sql.build import array, bound, call, literal, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.matching import check_pcre, native_regex
from rulescope.engines.sql.regex import groups_of, pcre_pattern
from rulescope.engines.sql.values import (
    Value,
    as_text,
    as_whole,
    auto_value,
    each,
    multi_value,
    number_value,
    text_value,
)
from rulescope.text import Span

_BLANKS = " \t"
_REFERENCE = re.compile(r"\\(\d)|\\(.)|(\\)$", re.DOTALL)


@function("len", "length", least=1, kind="long")
def compile_len(given: Arguments) -> Value:
    """How many characters."""
    return number_value(sql("CAST(length(:x) AS DOUBLE)", x=as_text(given.values[0])))


@function("lower", "upper", least=1)
def compile_case_change(given: Arguments) -> Value:
    """The text in one case."""
    name = given.name.lower()
    return each(given.values[0], lambda text: call(name, text))


@function("trim", "ltrim", "rtrim", least=1, most=2)
def compile_trim(given: Arguments) -> Value:
    """The text without the given characters (blanks and tabs if none) at its ends; NULL for several values."""
    name = given.name.lower()
    characters = as_text(given.values[1]) if len(given.values) > 1 else literal(_BLANKS)
    return auto_value(call(name, as_text(given.values[0]), characters))


@function("substr", least=2, most=3)
def compile_substr(given: Arguments) -> Value:
    """Part of the text, counted from 1; a negative start counts from the end.

    Positions are SQLite's: what lies before the text's begin takes part in the count, position 0 lies right before the
    first character, a negative length reaches back from the start.
    """
    text = as_text(given.values[0])
    start = as_whole(given.values[1])
    if len(given.values) == 2:
        return auto_value(
            bound(text, lambda x: sql("spl_substr_from(:x, :s)", x=x, s=start)),
        )
    length = as_whole(given.values[2])
    return auto_value(bound(text, lambda x: sql("spl_substr(:x, :s, :n)", x=x, s=start, n=length)))


@function("replace", least=3)
def compile_replace(given: Arguments) -> Value:
    """Every match of a PCRE replaced; `\\1` … `\\9` in the replacement stand for groups. NULL for several values."""
    text, pattern, replacement = as_text(given.values[0]), given.constant_text(1), given.constant_text(2)
    if pattern is None:
        return auto_value(call("spl_pcre_replace", *[as_text(value) for value in given.values]))
    if replacement is None:
        check_pcre(pattern, given.span)
        return auto_value(call("spl_pcre_replace", text, literal(pcre_pattern(pattern)), as_text(given.values[2])))
    return auto_value(substituted(text, pattern, replacement, True, given.context, given.span))


def substituted(
    text: exp.Expression, pattern: str, replacement: str, every: bool, context: Context, span: Span
) -> exp.Expression:
    """The text with every match of a PCRE, or the first one, replaced."""
    native = native_regex(pattern, context, span)
    template = native_replacement(replacement, groups_of(pattern).count)

    def by_pcre(subject: exp.Expression) -> exp.Expression:
        name = "spl_pcre_replace" if every else "spl_pcre_replace_first"
        return call(name, subject, literal(pcre_pattern(pattern)), literal(replacement))

    if native is None or template is None:
        return by_pcre(text)

    def by_database(subject: exp.Expression) -> exp.Expression:
        return sql("regexp_replace(:x, :p, :r, :o)", x=subject, p=native, r=template, o="g" if every else "")

    if r"\z" not in native:
        return by_database(text)
    # The `$` of PCRE also stands before a line break at the end; RE2 can only say so by taking that into the match.
    return bound(
        text,
        lambda x: sql("CASE WHEN ends_with(:x, :n) THEN :p ELSE :d END", x=x, n="\n", p=by_pcre(x), d=by_database(x)),
    )


def native_replacement(replacement: str, groups: int) -> str | None:
    """The replacement as RE2 wants it, or None where it refers to a group that the pattern does not have."""
    out: list[str] = []
    position = 0
    for found in _REFERENCE.finditer(replacement):
        out.append(replacement[position : found.start()])
        if found.group(1) is not None:
            if int(found.group(1)) > groups:
                return None
            out.append(found.group())
        elif found.group(2) == "\\":
            out.append("\\\\")
        elif found.group(2) is not None:
            out.append("\\\\" + found.group(2))
        else:
            out.append("\\\\")
        position = found.end()
    out.append(replacement[position:])
    return "".join(out)


@function("urldecode", least=1)
def compile_urldecode(given: Arguments) -> Value:
    """The text with `%41` and the like read as characters; NULL for several values."""
    return auto_value(call("spl_urldecode", as_text(given.values[0])))


@function("split", least=2)
def compile_split(given: Arguments) -> Value:
    """The pieces between a delimiter, as a multivalue; single characters where the delimiter is empty."""
    text, delimiter = as_text(given.values[0]), as_text(given.values[1])
    return multi_value(sql("CASE WHEN :x <> '' THEN string_split(:x, :d) END", x=text, d=delimiter))


@function("md5", "sha1", "sha256", least=1)
def compile_hash(given: Arguments) -> Value:
    """The digest in hexadecimal."""
    return text_value(call(given.name.lower(), as_text(given.values[0])))


@function("sha512", least=1)
def compile_sha512(given: Arguments) -> Value:
    """The digest in hexadecimal."""
    return text_value(call("spl_sha512", as_text(given.values[0])))


@function("ipmask", least=2)
def compile_ipmask(given: Arguments) -> Value:
    """An IPv4 address with a mask laid over it."""
    return text_value(call("spl_ipmask", as_text(given.values[0]), as_text(given.values[1])))


@function("printf", least=1, most=None)
def compile_printf(given: Arguments) -> Value:
    """A text built by a format in the manner of C's printf."""
    rest = [as_text(value) for value in given.values[1:]]
    arguments = array(rest) if rest else sql("CAST([] AS VARCHAR[])")
    return auto_value(call("spl_printf", as_text(given.values[0]), arguments))


@function("commands", least=1)
def compile_commands(given: Arguments) -> Value:
    """The commands that a search names, as a multivalue."""
    return multi_value(call("spl_commands", as_text(given.values[0])))
