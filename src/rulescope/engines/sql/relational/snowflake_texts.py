"""Snowflake's further functions of texts. Source: the pages of its SQL reference that bear their names. A value that
is NULL makes a result NULL unless said otherwise."""

from __future__ import annotations

from sqlglot import exp

from rulescope.engines.sql.build import call, cases, integer, literal, sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.common_functions import as_held
from rulescope.engines.sql.relational.snowflake_functions import regex_of
from rulescope.engines.sql.values import Value, as_number, as_text, multi_value, number_value, text_value

_BLANKS = " "
_DELIMITERS = '!?@"^#$&~_,.:;+-*%/|[](){}<> \t\n\r\f\v'
"""What ends a word for INITCAP where nothing else is said."""


def _text(given: Arguments, place: int) -> exp.Expression:
    return as_text(as_held(given.values[place]))


def _whole(given: Arguments, place: int, usual: int | None = None) -> exp.Expression:
    if usual is not None and place >= len(given.values):
        return integer(usual)
    return sql("CAST(:n AS BIGINT)", n=as_number(given.values[place]))


def _tokens(given: Arguments) -> exp.Expression:
    """What stands between any of the delimiters, without empty parts."""
    delimiters = given.constant_text(1) if len(given.values) > 1 else _BLANKS
    if delimiters is None:
        raise given.refuse("delimiters that are no constant are not supported")
    if not delimiters:
        return sql("CASE WHEN :x = '' THEN [] ELSE [:x] END", x=_text(given, 0))
    listed = "".join(f"\\x{{{ord(one):x}}}" for one in delimiters)
    return sql("list_filter(regexp_split_to_array(:x, :p), lambda v: v <> '')", x=_text(given, 0), p=f"[{listed}]")


@SNOWFLAKE.function("strtok", least=1, most=3, kind="string")
def compile_strtok(given: Arguments) -> Value:
    """One of the parts between any of some delimiters, from 1; NULL where there are not so many."""
    place = _whole(given, 2, 1)
    return text_value(sql("CASE WHEN :n > 0 THEN list_extract(:l, :n) END", l=_tokens(given), n=place))


@SNOWFLAKE.function("strtok_to_array", least=1, most=2, kind="list")
def compile_strtok_list(given: Arguments) -> Value:
    """The parts between any of some delimiters."""
    return multi_value(_tokens(given))


@SNOWFLAKE.function("initcap", kind="string")
def compile_initcap(given: Arguments) -> Value:
    """The first letter of each word a capital, the others small."""
    listed = "".join(f"\\x{{{ord(one):x}}}" for one in _DELIMITERS)
    words = sql("regexp_extract_all(lower(:x), :p)", x=_text(given, 0), p=f"[^{listed}]+|[{listed}]+")
    made = sql("list_transform(:l, lambda v: upper(left(v, 1)) || substring(v, 2))", l=words)
    return text_value(sql("CASE WHEN :x IS NOT NULL THEN array_to_string(:l, '') END", x=_text(given, 0), l=made))


@SNOWFLAKE.function("lpad", "rpad", least=2, most=3, kind="string")
def compile_pad(given: Arguments) -> Value:
    """Filled up, or cut, to a length."""
    pad = _text(given, 2) if len(given.values) == 3 else literal(" ")
    length = sql("CAST(greatest(:n, 0) AS INTEGER)", n=as_number(given.values[1]))
    return text_value(call(given.name, _text(given, 0), length, pad))


@SNOWFLAKE.function("repeat", least=2, kind="string")
def compile_repeat(given: Arguments) -> Value:
    """A text so many times."""
    return text_value(sql("repeat(:x, greatest(:n, 0))", x=_text(given, 0), n=_whole(given, 1)))


@SNOWFLAKE.function("translate", least=3, kind="string")
def compile_translate(given: Arguments) -> Value:
    """Letters put for others, one by one; those that have none are left out."""
    return text_value(call("translate", *(_text(given, place) for place in range(3))))


@SNOWFLAKE.function("insert", least=4, kind="string")
def compile_insert(given: Arguments) -> Value:
    """A text put in place of some characters of another."""
    text, start, count = _text(given, 0), _whole(given, 1), _whole(given, 2)
    made = sql("left(:x, :s - 1) || :n || substring(:x, :s + :c)", x=text, s=start, c=count, n=_text(given, 3))
    return text_value(made)


@SNOWFLAKE.function("ascii", "unicode", kind="long")
def compile_code(given: Arguments) -> Value:
    """The number of the first character; 0 of the empty text."""
    return number_value(sql("CAST(CASE WHEN :x = '' THEN 0 ELSE unicode(:x) END AS DOUBLE)", x=_text(given, 0)))


@SNOWFLAKE.function("chr", "char", kind="string")
def compile_character(given: Arguments) -> Value:
    """The character of a number."""
    return text_value(sql("chr(CAST(:n AS INTEGER))", n=as_number(given.values[0])))


@SNOWFLAKE.function("hex_encode", kind="string")
def compile_hex(given: Arguments) -> Value:
    """The bytes of a text in hexadecimal."""
    return text_value(sql("hex(encode(:x))", x=_text(given, 0)))


@SNOWFLAKE.function("base64_encode", kind="string")
def compile_base64_encode(given: Arguments) -> Value:
    """The text in Base64."""
    return text_value(sql("base64(encode(:x))", x=_text(given, 0)))


@SNOWFLAKE.function("sha1", "sha1_hex", kind="string")
def compile_sha1(given: Arguments) -> Value:
    """The digest in hexadecimal."""
    return text_value(call("sha1", _text(given, 0)))


@SNOWFLAKE.function("sha2", "sha2_hex", least=1, most=2, kind="string")
def compile_sha2(given: Arguments) -> Value:
    """The digest of 256 bits in hexadecimal."""
    if len(given.values) == 2 and given.values[1].constant not in (256, 0):
        raise given.refuse("digests of 256 bits are supported only")
    return text_value(call("sha256", _text(given, 0)))


@SNOWFLAKE.function("editdistance", least=2, kind="long")
def compile_distance(given: Arguments) -> Value:
    """How many letters have to be changed, put in or left out to make one text of the other."""
    return number_value(sql("CAST(levenshtein(:x, :y) AS DOUBLE)", x=_text(given, 0), y=_text(given, 1)))


@SNOWFLAKE.function("octet_length", kind="long")
def compile_bytes(given: Arguments) -> Value:
    """How many bytes a text has in UTF-8."""
    return number_value(sql("CAST(octet_length(encode(:x)) AS DOUBLE)", x=_text(given, 0)))


@SNOWFLAKE.function("regexp_substr_all", "regexp_extract_all", least=2, most=6, kind="list")
def compile_matches(given: Arguments) -> Value:
    """All that a regular expression, or its group with parameter `e`, matched."""
    pattern, group = regex_of(given, 1, 4)
    if [value.constant for value in given.values[2:4]] not in ([], [1], [1, 1]):
        raise given.refuse("all matches from the beginning are supported only")
    return multi_value(sql("regexp_extract_all(:x, :p, :g)", x=_text(given, 0), p=pattern, g=integer(group)))


@SNOWFLAKE.function("regexp_instr", least=2, most=7, kind="long")
def compile_match_place(given: Arguments) -> Value:
    """Where a regular expression first matches, from 1; 0 where it does not."""
    constants = [value.constant for value in given.values[2:5]]
    pattern, group = regex_of(given, 1, 5)
    if constants not in ([], [1], [1, 1], [1, 1, 0]) or group:
        raise given.refuse("the place of the first whole match is supported only")
    before = sql("regexp_extract(:x, :p, 1)", x=_text(given, 0), p=f"(?s)^(.*?)(?:(?-s){pattern})")
    matched = sql("regexp_matches(:x, :p)", x=_text(given, 0), p=pattern)
    place = cases([(matched, sql("length(:b) + 1", b=before))], integer(0))
    return number_value(sql("CAST(CASE WHEN :x IS NOT NULL THEN :n END AS DOUBLE)", x=_text(given, 0), n=place))
