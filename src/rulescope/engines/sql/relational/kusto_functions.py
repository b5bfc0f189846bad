"""Kusto's functions of texts, numbers, addresses and types. Source: the pages of its reference of their names."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, integer, literal, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.expressions import compare
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.matching import native_regex
from rulescope.engines.sql.relational.common_functions import as_held, condition_of
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_integer,
    as_number,
    as_text,
    auto_value,
    bool_value,
    json_value,
    number_value,
    text_value,
    whole_value,
)
from rulescope.engines.sql.whole_numbers import narrowed, whole_arithmetic


@KUSTO.operation("same", least=2, kind="bool")
def compile_same(given: Arguments) -> Value:
    """`==`: false where one value is null, null where both are ("Null values")."""
    left, right = (as_held(value) for value in given.values)
    same = compare("=", left, right, exact=True)
    return bool_value(
        sql(
            "CASE WHEN :a IS NOT NULL OR :b IS NOT NULL THEN COALESCE(:c, FALSE) END", a=left.node, b=right.node, c=same
        )
    )


@KUSTO.operation("holds", kind="bool")
def compile_holds(given: Arguments) -> Value:
    """The condition, false where it is null."""
    return bool_value(sql("COALESCE(:c, FALSE)", c=given.values[0].node))


@KUSTO.operation("whole_division", least=2, kind="long")
def compile_whole_division(given: Arguments) -> Value:
    """Whole numbers divided: the fraction is cut off."""
    left, right = (whole_value(as_integer(value)) for value in given.values)
    return whole_arithmetic("/", left, right, given.context.dialect.wholes)


@KUSTO.operation("remainder", least=2, kind="first")
def compile_modulo(given: Arguments) -> Value:
    """What a division leaves, from 0 on and below the divisor, whatever the signs."""
    if all(value.type is Type.WHOLE for value in given.values):
        left, right = (sql("CAST(:x AS HUGEINT)", x=value.node) for value in given.values)
        found = sql("((:x % abs(NULLIF(:y, 0))) + abs(:y)) % abs(NULLIF(:y, 0))", x=left, y=right)
        return narrowed(found, given.context.dialect.wholes)
    left, right = (as_number(value) for value in given.values)
    return number_value(sql("((:x % abs(NULLIF(:y, 0))) + abs(:y)) % abs(NULLIF(:y, 0))", x=left, y=right))


@KUSTO.function("tostring", kind="string")
def compile_tostring(given: Arguments) -> Value:
    """The value as text; null gives the empty text. A list is JSON."""
    value = as_held(given.values[0])
    return text_value(shown_text(value))


@KUSTO.function("toint", "tolong", kind="long")
def compile_tolong(given: Arguments) -> Value:
    """A whole number; null where the value is none, or is too large for one of its kind."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return whole_value(sql("CAST(CASE WHEN :c THEN 1 WHEN NOT :c THEN 0 END AS BIGINT)", c=value.node))
    node = value.node
    if value.type is Type.NUMBER:
        node = sql("TRY_CAST(trunc(:x) AS BIGINT)", x=node)
    elif value.type is not Type.WHOLE:
        node = sql("spl_long(:x)", x=as_text(value))
    if given.name == "toint":
        node = sql("CASE WHEN :x BETWEEN -2147483648 AND 2147483647 THEN :x END", x=node)
    elif value.type is Type.WHOLE:
        return value
    return whole_value(node)


@KUSTO.function("todouble", "toreal", "todecimal", kind="real")
def compile_todouble(given: Arguments) -> Value:
    """A number; null where the value is none."""
    return number_value(as_number(given.values[0]))


@KUSTO.function("tobool", "toboolean", kind="bool")
def compile_tobool(given: Arguments) -> Value:
    """True or false: `true`, `false`, or a number that is not 0."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return value
    if value.type in NUMBERS:
        return bool_value(sql("(:x <> 0)", x=value.node))
    text = as_text(value)
    return bool_value(
        sql("CASE WHEN lower(:x) IN ('true', '1') THEN TRUE WHEN lower(:x) IN ('false', '0') THEN FALSE END", x=text)
    )


@KUSTO.function("toguid", "guid", kind="string")
def compile_toguid(given: Arguments) -> Value:
    """A GUID is held as its text; null where the value is none."""
    bare = sql("lower(regexp_replace(:x, '[{}()-]', '', 'g'))", x=as_text(given.values[0]))
    parts = r"^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$"
    put = r"\1-\2-\3-\4-\5"
    found = sql("CASE WHEN regexp_matches(:x, :f) THEN regexp_replace(:x, :f, :r) END", x=bare, f=parts, r=put)
    return auto_value(found)


@KUSTO.function("strcat", least=1, most=None, kind="string")
def compile_strcat(given: Arguments) -> Value:
    """The values joined as text; null is the empty text."""
    node: exp.Expression = shown_text(given.values[0])
    for value in given.values[1:]:
        node = sql(":x || :y", x=node, y=shown_text(value))
    return text_value(node)


def shown_text(value: Value) -> exp.Expression:
    """The value as text; null is the empty text, and a list is JSON."""
    held = as_held(value)
    if held.type is Type.MULTI:
        return sql("COALESCE(CAST(to_json(:x) AS VARCHAR), '')", x=held.node)
    return sql("COALESCE(:x, '')", x=as_text(held))


@KUSTO.function("strcat_delim", least=2, most=None, kind="string")
def compile_strcat_delim(given: Arguments) -> Value:
    """The values joined as text, with a separator between them."""
    separator = shown_text(given.values[0])
    node = shown_text(given.values[1])
    for value in given.values[2:]:
        node = sql(":x || :s || :y", x=node, s=separator, y=shown_text(value))
    return text_value(node)


@KUSTO.function("substring", least=2, most=3, kind="string")
def compile_substring(given: Arguments) -> Value:
    """Part of a text from a position counted from 0; a negative one counts from the end."""
    text = shown_text(given.values[0])
    start = as_number(given.values[1])
    first = sql(
        "CAST(CASE WHEN :s < 0 THEN greatest(length(:x) + :s, 0) + 1 ELSE :s + 1 END AS BIGINT)", s=start, x=text
    )
    if len(given.values) == 2:
        return text_value(sql("substring(:x, :s)", x=text, s=first))
    count = sql("CAST(greatest(:n, 0) AS BIGINT)", n=as_number(given.values[2]))
    return text_value(sql("substring(:x, :s, :n)", x=text, s=first, n=count))


@KUSTO.function("countof", least=2, most=3, kind="long")
def compile_countof(given: Arguments) -> Value:
    """How often a text is found in another, or a regular expression matches."""
    text = shown_text(given.values[0])
    if len(given.values) == 3 and given.constant_text(2) == "regex":
        return number_value(sql("CAST(len(regexp_extract_all(:x, :p)) AS DOUBLE)", x=text, p=constant_regex(given, 1)))
    part = shown_text(given.values[1])
    items = sql("list_filter(range(1, length(:x) + 1), lambda i: substring(:x, i, length(:y)) = :y)", x=text, y=part)
    return number_value(sql("CAST(CASE WHEN :y = '' THEN 0 ELSE len(:l) END AS DOUBLE)", y=part, l=items))


def constant_regex(given: Arguments, place: int) -> str:
    """An argument that is a regular expression, as the database writes it."""
    pattern = given.constant_text(place)
    if pattern is None:
        raise given.refuse("a regular expression that is no constant is not supported")
    native = native_regex(pattern, given.context, given.span)
    if native is None:
        raise given.refuse("this regular expression is supported in conditions only")
    return native


@KUSTO.function("extract", least=3, most=4, kind="string")
def compile_extract(given: Arguments) -> Value:
    """What a group of a regular expression matched first in a text; the empty text where nothing did."""
    group = given.values[1].constant
    if not isinstance(group, int | float):
        raise given.refuse("the number of the group must be a constant")
    found = sql(
        "regexp_extract(:x, :p, :g)", x=shown_text(given.values[2]), p=constant_regex(given, 0), g=integer(int(group))
    )
    return text_value(found)


@KUSTO.function("replace_regex", "replace", least=3, kind="string")
def compile_replaceconstant_regex(given: Arguments) -> Value:
    """Every match of a regular expression replaced. `replace()` has its arguments in another order."""
    places = (1, 2, 0) if given.name == "replace_regex" else (0, 1, 2)
    text = given.values[0] if given.name == "replace_regex" else given.values[2]
    pattern = constant_regex(given, places[0])
    replacement = given.values[places[1]]
    return text_value(sql("regexp_replace(:x, :p, :r, 'g')", x=shown_text(text), p=pattern, r=shown_text(replacement)))


@KUSTO.function("replace_string", least=3, kind="string")
def compile_replace_string(given: Arguments) -> Value:
    """Every occurrence of a text replaced by another."""
    text, old, new = (shown_text(value) for value in given.values)
    return text_value(sql("replace(:x, :o, :n)", x=text, o=old, n=new))


@KUSTO.function("trim", "trim_start", "trim_end", least=2, kind="string")
def compile_trim(given: Arguments) -> Value:
    """Without what a regular expression matches at the start, the end, or both."""
    pattern, text = constant_regex(given, 0), shown_text(given.values[1])
    name = given.name
    if name != "trim_end":
        text = sql("regexp_replace(:x, :p, '')", x=text, p=f"^(?:{pattern})+")
    if name != "trim_start":
        text = sql("regexp_replace(:x, :p, '')", x=text, p=f"(?:{pattern})+$")
    return text_value(text)


@KUSTO.function("url_decode", kind="string")
def compile_url_decode(given: Arguments) -> Value:
    """With percent escapes read."""
    return text_value(call("spl_urldecode", shown_text(given.values[0])))


@KUSTO.function("string_size", kind="long")
def compile_string_size(given: Arguments) -> Value:
    """How many bytes a text has in UTF-8."""
    return number_value(sql("CAST(octet_length(encode(:x)) AS DOUBLE)", x=shown_text(given.values[0])))


@KUSTO.function("base64_decode_tostring", "base64_decodestring", kind="string")
def compile_base64(given: Arguments) -> Value:
    """The text that a Base64 text stands for, read as UTF-8; null where it is none."""
    return text_value(call("spl_base64_text", shown_text(given.values[0])))


@KUSTO.function("isempty", "isnotempty", "notempty", "isnull", "isnotnull", "notnull", kind="bool")
def compile_presence(given: Arguments) -> Value:
    """Whether a value is empty (null, or the empty text), or null; a text is never null."""
    value = as_held(given.values[0])
    name = given.name
    empty = name in ("isempty", "isnotempty", "notempty")
    node = shown_text(value) if value.type is not Type.MULTI else value.node
    if empty:
        held = sql("(:x = '')", x=node) if value.type is not Type.MULTI else sql("(:x IS NULL)", x=node)
    elif given.values[0].type is Type.TEXT:
        held = exp.false()
    else:
        held = sql("(:x IS NULL)", x=value.node)
    return bool_value(held if name in ("isempty", "isnull") else sql("(NOT :c)", c=exp.Paren(this=held)))


@KUSTO.function("not", kind="bool")
def compile_not(given: Arguments) -> Value:
    """The contrary."""
    return bool_value(sql("(NOT :c)", c=exp.Paren(this=condition_of(given.values[0]))))


@KUSTO.function("parse_url", kind="dynamic")
def compile_parse_url(given: Arguments) -> Value:
    """The parts of a URL as an object: Scheme, Host, Port, Path, Username, Password, Fragment, and an object of the
    query's parameters, of each name the first."""
    text = shown_text(given.values[0])
    pattern = r"^([A-Za-z][A-Za-z0-9+.-]*)://(?:([^/?#@:]*)(?::([^/?#@]*))?@)?([^/?#:]*)(?::(\d+))?([^?#]*)(?:\?[^#]*)?(?:#(.*))?$"
    names = ("Scheme", "Username", "Password", "Host", "Port", "Path", "Fragment")
    parts: list[exp.Expression] = []
    for place, name in enumerate(names, 1):
        parts += [literal(name), sql("regexp_extract(:x, :p, :g)", x=text, p=pattern, g=integer(place))]
    query = query_parameters(sql("regexp_extract(:x, :p, 1)", x=text, p=r"\?([^#]*)"))
    parts += [literal("Query Parameters"), query]
    return json_value(call("json_object", *parts))


def query_parameters(text: exp.Expression) -> exp.Expression:
    """The parameters of a URL's query as a JSON object, of each name the first."""
    return sql(
        "to_json(map_from_entries(list_transform(list_filter(:l, lambda v, i: list_position(list_transform(:l,"
        " lambda w: split_part(w, '=', 1)), split_part(v, '=', 1)) = i),"
        " lambda v: row(split_part(v, '=', 1), regexp_extract(v, '=(.*)', 1)))))",
        l=sql("list_filter(string_split(:x, '&'), lambda v: v <> '')", x=text),
    )


@KUSTO.function("parse_path", kind="dynamic")
def compile_parse_path(given: Arguments) -> Value:
    """The parts of a file's path as an object: Scheme, RootPath, DirectoryPath, DirectoryName, Filename, Extension,
    AlternateDataStreamName."""
    text = shown_text(given.values[0])
    parts: list[exp.Expression] = []
    for name, pattern in (
        ("Scheme", r"^([A-Za-z]+)://"),
        ("RootPath", r"^(?:[A-Za-z]+://)?([A-Za-z]:)"),
        ("DirectoryPath", r"^(?:[A-Za-z]+://)?(.*)[\\/][^\\/]*$"),
        ("DirectoryName", r"([^\\/]*)[\\/][^\\/]*$"),
        ("Filename", r"([^\\/:]*)(?::[^\\/:]*)?$"),
        ("Extension", r"\.([^.\\/:]*)(?::[^\\/:]*)?$"),
        ("AlternateDataStreamName", r"[^\\/:]{2,}:([^\\/:]*)$"),
    ):
        parts += [literal(name), sql("regexp_extract(:x, :p, 1)", x=text, p=pattern)]
    return json_value(call("json_object", *parts))


@KUSTO.function("assert", least=2, kind="bool")
def compile_assert(given: Arguments) -> Value:
    """True where a condition that is constant is; a query in which it is not stops there."""
    condition = given.values[0]
    if condition.node.find(exp.Column) is not None:
        raise given.refuse("the condition is a constant")
    message = given.constant_text(1) or "assertion failed"
    return bool_value(sql("CASE WHEN :c THEN TRUE ELSE error(:m) END", c=condition_of(condition), m=message))


@KUSTO.function("log", kind="real")
def compile_log(given: Arguments) -> Value:
    """The natural logarithm; null where there is none."""
    return number_value(sql("CASE WHEN :x > 0 THEN ln(:x) END", x=as_number(given.values[0])))


@KUSTO.function(
    "binary_and", "binary_or", "binary_xor", "binary_shift_left", "binary_shift_right", least=2, kind="long"
)
def compile_bits(given: Arguments) -> Value:
    """Two whole numbers, bit by bit; a shift by so many bits, of 64, or null where that is negative."""
    left, right = (as_integer(value) for value in given.values)
    return whole_value(exp.cast(sql(_BITS[given.name], x=left, y=right), "BIGINT"))


# The database shifts no negative number, and none beyond 64 bits.
_BITS = {
    "binary_and": "(:x & :y)",
    "binary_or": "(:x | :y)",
    "binary_xor": "xor(:x, :y)",
    "binary_shift_left": (
        "CASE WHEN :y >= 0 THEN spl_wrapped(CAST(:x AS HUGEINT) * (CAST(1 AS HUGEINT) << (:y & 63))) END"
    ),
    "binary_shift_right": "CASE WHEN :y >= 0 THEN (:x >> (:y & 63)) END",
}


@KUSTO.function("column_ifexists", "columnifexists", least=2, kind="first", lazy=True)
def compile_if_exists(given: Arguments) -> Value:
    """A column by its name, or a value where there is none of that name."""
    name = given.expressions[0]
    found = given.frame.value(str(name.value)) if isinstance(name, ir.Constant) else None
    return found or compile_expression(given.expressions[1], given.frame, given.context)
