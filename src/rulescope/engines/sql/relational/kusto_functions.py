"""Kusto's functions of texts, numbers, addresses and types. Source: the pages of its reference of their names."""

from __future__ import annotations

import re

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, call, column, function_of, integer, literal, parameter, sql
from rulescope.engines.sql.expressions import compare, compile_expression
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.matching import cidr_condition, native_regex, regex_condition, term_in_value
from rulescope.engines.sql.relational.common_functions import as_held, condition_of
from rulescope.engines.sql.relational.dialect import KUSTO
from rulescope.engines.sql.relational.lists import elements
from rulescope.engines.sql.relational.subqueries import compile_list_of_rows
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_number,
    as_text,
    auto_value,
    bool_value,
    multi_value,
    number_value,
    text_value,
)


@KUSTO.function("_same", least=2, kind="bool")
def compile_same(given: Arguments) -> Value:
    """`==`: false where one value is null, null where both are ("Null values")."""
    left, right = (as_held(value) for value in given.values)
    same = compare("=", left, right)
    return bool_value(
        sql(
            "CASE WHEN :a IS NOT NULL OR :b IS NOT NULL THEN COALESCE(:c, FALSE) END", a=left.node, b=right.node, c=same
        )
    )


@KUSTO.function("_whole_division", least=2, kind="long")
def compile_whole_division(given: Arguments) -> Value:
    """Whole numbers divided: the fraction is cut off."""
    left, right = (as_number(value) for value in given.values)
    return number_value(sql("trunc(:x / NULLIF(:y, 0))", x=left, y=right))


@KUSTO.function("tostring", kind="string")
def compile_tostring(given: Arguments) -> Value:
    """The value as text; null gives the empty text. A list is JSON."""
    value = as_held(given.values[0])
    if value.type is Type.MULTI:
        return text_value(sql("COALESCE(CAST(to_json(:x) AS VARCHAR), '')", x=value.node))
    return text_value(sql("COALESCE(:x, '')", x=as_text(value)))


@KUSTO.function("toint", "tolong", kind="long")
def compile_tolong(given: Arguments) -> Value:
    """A whole number; null where the value is none."""
    value = given.values[0]
    if value.type is Type.BOOL:
        return number_value(sql("CASE WHEN :c THEN 1 WHEN NOT :c THEN 0 END", c=value.node))
    if value.type is Type.NUMBER:
        return number_value(sql("trunc(:x)", x=value.node))
    return number_value(
        sql("trunc(COALESCE(spl_number(:x), CAST(TRY_CAST(:x AS BIGINT) AS DOUBLE)))", x=as_text(value))
    )


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
    if value.type is Type.NUMBER:
        return bool_value(sql("(:x <> 0)", x=value.node))
    text = as_text(value)
    return bool_value(
        sql("CASE WHEN lower(:x) IN ('true', '1') THEN TRUE WHEN lower(:x) IN ('false', '0') THEN FALSE END", x=text)
    )


@KUSTO.function("toguid", "guid", kind="string")
def compile_toguid(given: Arguments) -> Value:
    """A GUID is held as its text."""
    return text_value(as_text(given.values[0]))


@KUSTO.function("strcat", least=1, most=None, kind="string")
def compile_strcat(given: Arguments) -> Value:
    """The values joined as text; null is the empty text."""
    node: exp.Expression = _shown(given.values[0])
    for value in given.values[1:]:
        node = sql(":x || :y", x=node, y=_shown(value))
    return text_value(node)


def _shown(value: Value) -> exp.Expression:
    held = as_held(value)
    if held.type is Type.MULTI:
        return sql("COALESCE(CAST(to_json(:x) AS VARCHAR), '')", x=held.node)
    return sql("COALESCE(:x, '')", x=as_text(held))


@KUSTO.function("strcat_delim", least=2, most=None, kind="string")
def compile_strcat_delim(given: Arguments) -> Value:
    """The values joined as text, with a separator between them."""
    separator = _shown(given.values[0])
    node = _shown(given.values[1])
    for value in given.values[2:]:
        node = sql(":x || :s || :y", x=node, s=separator, y=_shown(value))
    return text_value(node)


@KUSTO.function("substring", least=2, most=3, kind="string")
def compile_substring(given: Arguments) -> Value:
    """Part of a text from a position counted from 0; a negative one counts from the end."""
    text = _shown(given.values[0])
    start = as_number(given.values[1])
    first = sql(
        "CAST(CASE WHEN :s < 0 THEN greatest(length(:x) + :s, 0) + 1 ELSE :s + 1 END AS BIGINT)", s=start, x=text
    )
    if len(given.values) == 2:
        return text_value(sql("substring(:x, :s)", x=text, s=first))
    count = sql("CAST(greatest(:n, 0) AS BIGINT)", n=as_number(given.values[2]))
    return text_value(sql("substring(:x, :s, :n)", x=text, s=first, n=count))


@KUSTO.function("indexof", least=2, kind="long")
def compile_indexof(given: Arguments) -> Value:
    """Where a text is first found in another, from 0; -1 where it is not."""
    text, part = (_shown(value) for value in given.values)
    return number_value(sql("CAST(instr(:x, :y) - 1 AS DOUBLE)", x=text, y=part))


@KUSTO.function("countof", least=2, most=3, kind="long")
def compile_countof(given: Arguments) -> Value:
    """How often a text is found in another, or a regular expression matches."""
    text = _shown(given.values[0])
    if len(given.values) == 3 and given.constant_text(2) == "regex":
        return number_value(sql("CAST(len(regexp_extract_all(:x, :p)) AS DOUBLE)", x=text, p=_regex(given, 1)))
    part = _shown(given.values[1])
    items = sql("list_filter(range(1, length(:x) + 1), lambda i: substring(:x, i, length(:y)) = :y)", x=text, y=part)
    return number_value(sql("CAST(CASE WHEN :y = '' THEN 0 ELSE len(:l) END AS DOUBLE)", y=part, l=items))


def _regex(given: Arguments, place: int) -> str:
    pattern = given.constant_text(place)
    if pattern is None:
        raise given.refuse("a regular expression that is no constant is not supported")
    native = native_regex(pattern, given.context, given.call.span)
    if native is None:
        raise given.refuse("this regular expression is supported in conditions only")
    return native


@KUSTO.function("extract", least=3, most=4, kind="string")
def compile_extract(given: Arguments) -> Value:
    """What a group of a regular expression matched first in a text; the empty text where nothing did."""
    group = given.values[1].constant
    if not isinstance(group, int | float):
        raise given.refuse("the number of the group must be a constant")
    found = sql("regexp_extract(:x, :p, :g)", x=_shown(given.values[2]), p=_regex(given, 0), g=integer(int(group)))
    return text_value(found)


@KUSTO.function("extract_all", least=2, most=3, kind="list")
def compile_extract_all(given: Arguments) -> Value:
    """What a regular expression's one group matched, each time."""
    if len(given.values) == 3:
        raise given.refuse("a choice of groups is not supported")
    pattern = _regex(given, 0)
    groups = re.compile(pattern).groups if _compiles(pattern) else 0
    if groups != 1:
        raise given.refuse("a regular expression with one group is supported only")
    found = sql("regexp_extract_all(:x, :p, 1)", x=_shown(given.values[1]), p=pattern)
    return multi_value(sql("spl_filled(:x)", x=found))


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


@KUSTO.function("replace_regex", "replace", least=3, kind="string")
def compile_replace_regex(given: Arguments) -> Value:
    """Every match of a regular expression replaced. `replace()` has its arguments in another order."""
    places = (1, 2, 0) if given.call.function == "replace_regex" else (0, 1, 2)
    text = given.values[0] if given.call.function == "replace_regex" else given.values[2]
    pattern = _regex(given, places[0])
    replacement = given.values[places[1]]
    return text_value(sql("regexp_replace(:x, :p, :r, 'g')", x=_shown(text), p=pattern, r=_shown(replacement)))


@KUSTO.function("replace_string", least=3, kind="string")
def compile_replace_string(given: Arguments) -> Value:
    """Every occurrence of a text replaced by another."""
    text, old, new = (_shown(value) for value in given.values)
    return text_value(sql("replace(:x, :o, :n)", x=text, o=old, n=new))


@KUSTO.function("trim", "trim_start", "trim_end", least=2, kind="string")
def compile_trim(given: Arguments) -> Value:
    """Without what a regular expression matches at the start, the end, or both."""
    pattern, text = _regex(given, 0), _shown(given.values[1])
    name = given.call.function
    if name != "trim_end":
        text = sql("regexp_replace(:x, :p, '')", x=text, p=f"^(?:{pattern})+")
    if name != "trim_start":
        text = sql("regexp_replace(:x, :p, '')", x=text, p=f"(?:{pattern})+$")
    return text_value(text)


@KUSTO.function("url_decode", kind="string")
def compile_url_decode(given: Arguments) -> Value:
    """With percent escapes read."""
    return text_value(call("spl_urldecode", _shown(given.values[0])))


@KUSTO.function("string_size", kind="long")
def compile_string_size(given: Arguments) -> Value:
    """How many bytes a text has in UTF-8."""
    return number_value(sql("CAST(octet_length(encode(:x)) AS DOUBLE)", x=_shown(given.values[0])))


@KUSTO.function("base64_decode_tostring", "base64_decodestring", kind="string")
def compile_base64(given: Arguments) -> Value:
    """The text that a Base64 text stands for, read as UTF-8; null where it is none."""
    return text_value(call("spl_base64_text", _shown(given.values[0])))


@KUSTO.function("isempty", "isnotempty", "notempty", "isnull", "isnotnull", "notnull", kind="bool")
def compile_presence(given: Arguments) -> Value:
    """Whether a value is empty (null, or the empty text), or null; a text is never null."""
    value = as_held(given.values[0])
    name = given.call.function
    empty = name in ("isempty", "isnotempty", "notempty")
    node = _shown(value) if value.type is not Type.MULTI else value.node
    if empty:
        held = sql("(:x = '')", x=node) if value.type is not Type.MULTI else sql("(:x IS NULL)", x=node)
    elif value.type is Type.TEXT:
        held = exp.false()
    else:
        held = sql("(:x IS NULL)", x=value.node)
    return bool_value(held if name in ("isempty", "isnull") else sql("(NOT :c)", c=exp.Paren(this=held)))


@KUSTO.function("not", kind="bool")
def compile_not(given: Arguments) -> Value:
    """The contrary."""
    return bool_value(sql("(NOT :c)", c=exp.Paren(this=condition_of(given.values[0]))))


@KUSTO.function("matches_regex", least=2, kind="bool")
def compile_matches(given: Arguments) -> Value:
    """`matches regex` of a value that is no plain column."""
    pattern = given.constant_text(1)
    if pattern is None:
        return bool_value(sql("regexp_matches(:x, :p)", x=_shown(given.values[0]), p=_shown(given.values[1])))
    return bool_value(regex_condition(_shown(given.values[0]), pattern, given.context, given.call.span))


@KUSTO.function("=~", least=2, kind="bool")
def compile_equal_folded(given: Arguments) -> Value:
    """`=~` of values that are no plain column and constant."""
    left, right = (_shown(value) for value in given.values)
    return bool_value(sql("(lower(:x) = lower(:y))", x=left, y=right))


@KUSTO.function("has", "has_cs", least=2, kind="bool")
def compile_has(given: Arguments) -> Value:
    """`has` of a value that is no plain column, or of a term that is no constant."""
    fold = given.call.function == "has"
    text = _shown(given.values[0])
    needle = given.constant_text(1)
    if needle is not None:
        return bool_value(term_in_value(text, needle, fold))
    return bool_value(_has(text, _shown(given.values[1]), fold))


def _has(text: exp.Expression, needle: exp.Expression, fold: bool) -> exp.Expression:
    """Whether a text has a term that differs from row to row."""
    edge = "[^\\p{L}\\p{N}]"
    before = sql("CASE WHEN regexp_matches(:n, '^[\\p{L}\\p{N}]') THEN :e ELSE '' END", n=needle, e=f"(?:^|{edge})")
    after = sql("CASE WHEN regexp_matches(:n, '[\\p{L}\\p{N}]$') THEN :e ELSE '' END", n=needle, e=f"(?:$|{edge})")
    pattern = sql(":f || :b || regexp_escape(:n) || :a", f="(?si)" if fold else "(?s)", b=before, n=needle, a=after)
    return sql("regexp_matches(:x, :p)", x=text, p=pattern)


@KUSTO.function("in~", "in", least=1, most=None, kind="bool", lazy=True)
def compile_in(given: Arguments) -> Value:
    """`in~` and `in` of a value that is no plain column, or of a list that is not constant."""
    fold = given.call.function == "in~"
    subject = compile_expression(given.call.arguments[0], given.frame, given.context)
    text = _shown(subject)
    subject_text = sql("lower(:x)", x=text) if fold else text
    found: list[exp.Expression] = []
    for option in given.call.arguments[1:]:
        items = _as_list(option, given)
        if items is not None:
            name = parameter()
            part: exp.Expression = sql("lower(:v)", v=column(name)) if fold else column(name)
            test = function_of(name, sql("(:v = :x)", v=part, x=subject_text))
            found.append(sql("COALESCE(list_bool_or(list_transform(:l, :f)), FALSE)", l=items, f=test))
            continue
        value = _shown(compile_expression(option, given.frame, given.context))
        found.append(sql("(:x = :y)", x=subject_text, y=sql("lower(:y)", y=value) if fold else value))
    return bool_value(any_of(found))


@KUSTO.function("has_any", "has_all", least=1, most=None, kind="bool", lazy=True)
def compile_has_any(given: Arguments) -> Value:
    """`has_any` and `has_all` of a list that is not constant."""
    text = _shown(compile_expression(given.call.arguments[0], given.frame, given.context))
    every = given.call.function == "has_all"
    found: list[exp.Expression] = []
    for option in given.call.arguments[1:]:
        items = _as_list(option, given)
        if items is None:
            needle = compile_expression(option, given.frame, given.context)
            found.append(_has(text, _shown(needle), True))
            continue
        name = parameter()
        test = function_of(name, _has(text, column(name), True))
        found.append(
            sql(
                f"COALESCE({'list_bool_and' if every else 'list_bool_or'}(list_transform(:l, :f)), :d)",
                l=items,
                f=test,
                d=every,
            )
        )
    if every:
        return bool_value(all_of(found))
    return bool_value(any_of(found))


def _as_list(option: ir.Expression, given: Arguments) -> exp.Expression | None:
    """The values of an option that is a query or a list; None for a value alone."""
    if isinstance(option, ir.Call) and option.function == "_first_of_rows":
        inner = ir.Call("_list_of_rows", option.arguments, option.span)
        return compile_list_of_rows(Arguments(inner, given.frame, given.context, ())).node
    value = compile_expression(option, given.frame, given.context)
    return elements(value) if value.type is Type.MULTI else None


@KUSTO.function("ipv4_is_private", kind="bool")
def compile_private(given: Arguments) -> Value:
    """Whether an IPv4 address lies in a network for private use; null for what is none."""
    text = _shown(given.values[0])
    networks = [cidr_condition(text, network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
    return bool_value(sql("CASE WHEN spl_ipv4(:x) IS NOT NULL THEN :c END", x=text, c=any_of(networks)))


@KUSTO.function("ipv4_is_in_range", least=2, kind="bool")
def compile_in_range(given: Arguments) -> Value:
    """Whether an IPv4 address lies in a network; null where one of them is none."""
    text = _shown(given.values[0])
    network = given.constant_text(1)
    if network is None:
        return bool_value(call("spl_in_network", text, _shown(given.values[1])))
    return bool_value(cidr_condition(text, network, given.call.span))


@KUSTO.function("ipv4_is_in_any_range", least=2, most=None, kind="bool", lazy=True)
def compile_in_any_range(given: Arguments) -> Value:
    """Whether an IPv4 address lies in one of several networks."""
    text = _shown(compile_expression(given.call.arguments[0], given.frame, given.context))
    found: list[exp.Expression] = []
    for option in given.call.arguments[1:]:
        items = _as_list(option, given)
        if items is None:
            value = compile_expression(option, given.frame, given.context)
            found.append(call("spl_in_network", text, _shown(value)))
            continue
        name = parameter()
        test = function_of(name, call("spl_in_network", text, column(name)))
        found.append(sql("COALESCE(list_bool_or(list_transform(:l, :f)), FALSE)", l=items, f=test))
    return bool_value(any_of(found))


@KUSTO.function("parse_url", kind="dynamic")
def compile_parse_url(given: Arguments) -> Value:
    """The parts of a URL as an object: Scheme, Host, Port, Path, Username, Password, Fragment."""
    text = _shown(given.values[0])
    pattern = r"^([A-Za-z][A-Za-z0-9+.-]*)://(?:([^/?#@:]*)(?::([^/?#@]*))?@)?([^/?#:]*)(?::(\d+))?([^?#]*)(?:\?[^#]*)?(?:#(.*))?$"
    names = ("Scheme", "Username", "Password", "Host", "Port", "Path", "Fragment")
    parts: list[exp.Expression] = []
    for place, name in enumerate(names, 1):
        parts += [literal(name), sql("regexp_extract(:x, :p, :g)", x=text, p=pattern, g=integer(place))]
    return auto_value(exp.cast(call("json_object", *parts), "VARCHAR"))


@KUSTO.function("parse_path", kind="dynamic")
def compile_parse_path(given: Arguments) -> Value:
    """The parts of a file's path as an object: DirectoryPath, DirectoryName, Filename, Extension."""
    text = _shown(given.values[0])
    parts: list[exp.Expression] = []
    for name, pattern in (
        ("DirectoryPath", r"^(.*)[\\/][^\\/]*$"),
        ("DirectoryName", r"([^\\/]*)[\\/][^\\/]*$"),
        ("Filename", r"([^\\/]*)$"),
        ("Extension", r"\.([^.\\/]*)$"),
    ):
        parts += [literal(name), sql("regexp_extract(:x, :p, 1)", x=text, p=pattern)]
    return auto_value(exp.cast(call("json_object", *parts), "VARCHAR"))


@KUSTO.function("log", kind="real")
def compile_log(given: Arguments) -> Value:
    """The natural logarithm; null where there is none."""
    return number_value(sql("CASE WHEN :x > 0 THEN ln(:x) END", x=as_number(given.values[0])))


@KUSTO.function(
    "binary_and", "binary_or", "binary_xor", "binary_shift_left", "binary_shift_right", least=2, kind="long"
)
def compile_bits(given: Arguments) -> Value:
    """Two whole numbers, bit by bit."""
    signs = {"binary_and": "&", "binary_or": "|", "binary_shift_left": "<<", "binary_shift_right": ">>"}
    left, right = (sql("CAST(trunc(:x) AS BIGINT)", x=as_number(value)) for value in given.values)
    name = given.call.function
    found = call("xor", left, right) if name == "binary_xor" else sql(f"(:x {signs[name]} :y)", x=left, y=right)
    return number_value(exp.cast(found, "DOUBLE"))


@KUSTO.function("column_ifexists", "columnifexists", least=2, kind="first", lazy=True)
def compile_if_exists(given: Arguments) -> Value:
    """A column by its name, or a value where there is none of that name."""
    name = given.call.arguments[0]
    found = given.frame.value(str(name.value)) if isinstance(name, ir.Constant) else None
    return found or compile_expression(given.call.arguments[1], given.frame, given.context)
