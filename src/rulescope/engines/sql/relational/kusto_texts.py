"""Kusto's functions that encode, digest and take apart texts, and those of numbers that are less common. Source: the
pages of its reference of their names."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, integer, literal, sql
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.regex import groups_of
from rulescope.engines.sql.relational.kusto_functions import constant_regex, query_parameters, shown_text
from rulescope.engines.sql.values import (
    Value,
    as_integer,
    as_number,
    as_text,
    bool_value,
    json_value,
    multi_value,
    number_value,
    text_value,
    whole_value,
)


@KUSTO.function("hash_md5", "hash_sha1", "hash_sha256", kind="string")
def compile_digest(given: Arguments) -> Value:
    """The digest of a text in hexadecimal."""
    return text_value(call(given.name.removeprefix("hash_"), shown_text(given.values[0])))


@KUSTO.function("base64_encode_tostring", "base64_encodestring", kind="string")
def compile_base64_encode(given: Arguments) -> Value:
    """The text in Base64."""
    return text_value(sql("base64(encode(:x))", x=shown_text(given.values[0])))


@KUSTO.function("url_encode", "url_encode_component", kind="string")
def compile_url_encode(given: Arguments) -> Value:
    """With percent escapes; `url_encode` writes a blank as `+`."""
    blank = literal("+" if given.name == "url_encode" else "%20")
    return text_value(call("spl_kusto_url_encode", shown_text(given.values[0]), blank))


@KUSTO.function("strrep", least=2, most=3, kind="string")
def compile_repeated(given: Arguments) -> Value:
    """A text so many times, with a separator between."""
    separator = shown_text(given.values[2]) if len(given.values) == 3 else literal("")
    count = sql("CAST(least(:n, 1024) AS BIGINT)", n=as_number(given.values[1]))
    items = sql("list_transform(range(0, :n), lambda i: :x)", n=count, x=shown_text(given.values[0]))
    return text_value(sql("COALESCE(spl_join(:l, :s), '')", l=items, s=separator))


@KUSTO.function("translate", least=3, kind="string")
def compile_translate(given: Arguments) -> Value:
    """Letters put for others, one by one; the last one stands for all that have none of their own."""
    old, new, text = (shown_text(value) for value in given.values)
    return text_value(
        sql("translate(:x, :o, rpad(:n, CAST(length(:o) AS INTEGER), right(:n, 1)))", x=text, o=old, n=new)
    )


@KUSTO.function("strcmp", least=2, kind="long")
def compile_order(given: Arguments) -> Value:
    """-1, 0 or 1, as the first text is before, the same as, or behind the second."""
    left, right = (shown_text(value) for value in given.values)
    return number_value(
        sql("CAST(CASE WHEN :x < :y THEN -1 WHEN :x = :y THEN 0 ELSE 1 END AS DOUBLE)", x=left, y=right)
    )


@KUSTO.function("parse_urlquery", kind="dynamic")
def compile_parse_query(given: Arguments) -> Value:
    """The parameters of a URL's query as an object."""
    query = sql("regexp_replace(:x, '^\\?', '')", x=shown_text(given.values[0]))
    return json_value(call("json_object", literal("Query Parameters"), query_parameters(query)))


@KUSTO.function("parse_csv", kind="list")
def compile_parse_csv(given: Arguments) -> Value:
    """The values of a record of CSV."""
    # A line ends outside quotes only.
    record = 'regexp_extract(:x, \'^(?:"(?:[^"]|"")*"|[^"\\n])*\') || \',\''
    line = sql(record, x=shown_text(given.values[0]))
    items = sql('regexp_extract_all(:x, \'("(?:[^"]|"")*"|[^,]*),\', 1)', x=line)
    plain = "CASE WHEN starts_with(v, '\"') THEN replace(v[2:-2], '\"\"', '\"') ELSE v END"
    return multi_value(sql(f"list_transform(:l, lambda v: {plain})", l=items))


@KUSTO.function("parse_command_line", least=1, most=2, kind="list")
def compile_command_line(given: Arguments) -> Value:
    """The arguments of a command line, as Windows takes it apart."""
    if len(given.values) == 2 and (given.constant_text(1) or "").lower() != "windows":
        raise given.refuse("command lines of Windows are supported only")
    return multi_value(call("spl_command_arguments", shown_text(given.values[0])))


@KUSTO.function("extract_all", least=2, most=3, kind="list")
def compile_extract_all(given: Arguments) -> Value:
    """What the groups of a regular expression matched, each time: texts of one group, else lists of them; null where
    nothing did."""
    pattern = constant_regex(given, 0)
    found = groups_of(pattern)
    chosen: list[int] = list(range(1, found.count + 1))
    if len(given.values) == 3:
        names = dict(found.names)
        listed = given.expressions[1]
        wanted = listed.arguments if isinstance(listed, ir.Call) and listed.function == "pack_array" else ()
        given_groups = [one.value for one in wanted if isinstance(one, ir.Constant)]
        chosen = [names.get(one, 0) if isinstance(one, str) else int(one or 0) for one in given_groups]
        if not chosen or len(given_groups) < len(wanted) or not all(0 < one <= found.count for one in chosen):
            raise given.refuse("the groups are a list of numbers or names of groups")
    if not chosen or max(chosen) > 9:
        raise given.refuse("a regular expression with one to nine groups is supported only")
    text = shown_text(given.values[-1])
    lists = [sql("regexp_extract_all(:x, :p, :g)", x=text, p=pattern, g=integer(one)) for one in chosen]
    if len(chosen) == 1:
        return multi_value(sql("NULLIF(:l, CAST([] AS VARCHAR[]))", l=lists[0]))
    parts = call("json_array", *(sql("list_extract(:l, i)", l=one) for one in lists))
    made = sql("list_transform(range(1, len(:l) + 1), lambda i: :p)", l=lists[0], p=parts)
    return json_value(sql("CASE WHEN len(:f) > 0 THEN to_json(:l) END", f=lists[0], l=made))


@KUSTO.function("tohex", least=1, most=2, kind="string")
def compile_tohex(given: Arguments) -> Value:
    """A whole number in hexadecimal, with zeros before it up to a length."""
    node = sql("lower(hex(CAST(trunc(:x) AS BIGINT)))", x=as_number(given.values[0]))
    if len(given.values) == 1:
        return text_value(node)
    width = sql("greatest(CAST(:n AS INTEGER), length(:x))", n=as_number(given.values[1]), x=node)
    return text_value(sql("lpad(:x, CAST(:n AS INTEGER), '0')", x=node, n=width))


@KUSTO.function("sign", "cos", "sin", "tan", "cot", "atan", "degrees", "radians", "gamma", "loggamma", "exp2", "exp10",
                kind="real")  # fmt: skip
def compile_one_number(given: Arguments) -> Value:
    """A function of one number."""
    node = as_number(given.values[0])
    powers = {"exp2": 2, "exp10": 10}
    if given.name == "loggamma":
        return number_value(exp.cast(call("lgamma", node), "DOUBLE"))
    if given.name in powers:
        return number_value(sql("pow(:b, :x)", b=powers[given.name], x=node))
    return number_value(exp.cast(call(given.name, node), "DOUBLE"))


@KUSTO.function("isinf", "isfinite", kind="bool")
def compile_finite(given: Arguments) -> Value:
    """Whether a number is infinite, or is there and is not."""
    return bool_value(sql(f"COALESCE({given.name}(:x), FALSE)", x=as_number(given.values[0])))


@KUSTO.function("atan2", least=2, kind="real")
def compile_angle(given: Arguments) -> Value:
    """The angle of a point, given by its height and its distance to the side."""
    height, side = (as_number(value) for value in given.values)
    return number_value(call("atan2", height, side))


@KUSTO.function("around", least=3, kind="bool")
def compile_around(given: Arguments) -> Value:
    """Whether a value lies around another, not further away than a distance."""
    value, centre, distance = (as_number(one) for one in given.values)
    return bool_value(sql("(abs(:x - :c) <= :d)", x=value, c=centre, d=distance))


@KUSTO.function("isascii", kind="bool")
def compile_is_ascii(given: Arguments) -> Value:
    """Whether a text has ASCII characters only."""
    return bool_value(sql("regexp_full_match(:x, '[\\x00-\\x7F]*', 's')", x=shown_text(given.values[0])))


@KUSTO.function("indexof_regex", least=2, most=5, kind="long")
def compile_indexof_regex(given: Arguments) -> Value:
    """Where an occurrence of a match begins, among so many characters from a place on, from 0; -1 where there is none,
    null where the place is none."""
    pattern = constant_regex(given, 1)
    text = shown_text(given.values[0])
    start, length, occurrence = (
        exp.cast(as_integer(given.values[place]) if len(given.values) > place else integer(usual), "BIGINT")
        for place, usual in ((2, 0), (3, -1), (4, 1))
    )
    part = sql(
        "CASE WHEN :n < 0 THEN substring(:x, :s + 1) ELSE substring(:x, :s + 1, :n) END", x=text, s=start, n=length
    )
    pieces = sql("regexp_split_to_array(:x, :p)", x=part, p=pattern)
    found = sql("regexp_extract_all(:x, :p)", x=part, p=pattern)
    before = sql("list_sum(list_transform(:l[1:CAST(:k AS INTEGER)], lambda v: length(v)))", l=pieces, k=occurrence)
    inside = sql("COALESCE(list_sum(list_transform(:l[1:CAST(:k - 1 AS INTEGER)], lambda v: length(v))), 0)", l=found,
                 k=occurrence)  # fmt: skip
    place = sql("CASE WHEN len(:l) >= :k AND :k > 0 THEN :s + :b + :i ELSE -1 END", l=found, k=occurrence, s=start,
                b=before, i=inside)  # fmt: skip
    return whole_value(exp.cast(sql("CASE WHEN :s >= 0 THEN :p END", s=start, p=place), "BIGINT"))


@KUSTO.function("pi", least=0, kind="real")
def compile_pi(given: Arguments) -> Value:
    """The ratio of a circle's circumference to its diameter."""
    return number_value(call("pi"))


@KUSTO.function("bin_at", least=3, kind="first")
def compile_bin_at(given: Arguments) -> Value:
    """Down to a multiple of a width, counted from a fixed point."""
    value, width, fixed = (as_number(one) for one in given.values)
    return number_value(sql("(:f + floor((:x - :f) / NULLIF(:w, 0)) * :w)", x=value, w=width, f=fixed))


@KUSTO.function("make_timespan", least=2, most=4, kind="timespan")
def compile_make_timespan(given: Arguments) -> Value:
    """A span of time out of days, hours, minutes and seconds; without days, and without seconds, where they are not
    given."""
    units = {2: (3600, 60), 3: (3600, 60, 1), 4: (86400, 3600, 60, 1)}[len(given.values)]
    parts = [sql("(:x * :u)", x=as_number(value), u=unit) for value, unit in zip(given.values, units, strict=True)]
    node = parts[0]
    for part in parts[1:]:
        node = sql("(:a + :b)", a=node, b=part)
    return number_value(node)


@KUSTO.function("has_ipv4", "has_any_ipv4", "has_ipv4_prefix", "has_any_ipv4_prefix", least=2, most=None, kind="bool")
def compile_has_address(given: Arguments) -> Value:
    """Whether a text has an IPv4 address, or one that begins so, with no letter or digit beside it."""
    text = shown_text(given.values[0])
    found: list[exp.Expression] = []
    for value, expression in zip(given.values[1:], given.expressions[1:], strict=True):
        listed = (
            expression.arguments if isinstance(expression, ir.Call) and expression.function == "pack_array" else None
        )
        constants = [one.value for one in listed or () if isinstance(one, ir.Constant)]
        options = [as_text(value)] if listed is None else [literal(str(one)) for one in constants]
        if listed is not None and len(constants) < len(listed):
            raise given.refuse("the addresses are a list of constants")
        found += [_has_address(text, one, given.name.endswith("prefix")) for one in options]
    node = found[0]
    for one in found[1:]:
        node = sql("(:a OR :b)", a=node, b=one)
    return bool_value(node)


def _has_address(text: exp.Expression, wanted: exp.Expression, prefix: bool) -> exp.Expression:
    edge = "[^\\p{L}\\p{N}]"
    tested: dict[str, exp.Expression | str] = {"x": text, "w": wanted, "b": f"(?:^|{edge})", "e": f"(?:$|{edge})"}
    whole = sql("(spl_ipv4(:w) IS NOT NULL AND regexp_matches(:x, :b || regexp_escape(:w) || :e))", **tested)
    if not prefix:
        return whole
    octet = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
    more = "repeat('\\.' || :o, CAST(3 - (length(:w) - length(replace(:w, '.', ''))) AS INTEGER))"
    begun = sql(
        f"(ends_with(:w, '.') AND regexp_matches(:x, :b || regexp_escape(:w) || :o || {more} || :e))", o=octet, **tested
    )
    return sql("(:a OR :c)", a=whole, c=begun)


def _network(given: Arguments, place: int, prefix: exp.Expression) -> exp.Expression:
    """The number of an IPv4 address, cut off to the length of its prefix and the one given."""
    text = shown_text(given.values[place])
    own = "COALESCE(TRY_CAST(NULLIF(split_part(:x, '/', 2), '') AS INTEGER), 32)"
    least = f"least({own}, CAST(:p AS INTEGER))"
    size = sql(f"CASE WHEN {least} BETWEEN 0 AND 32 THEN pow(2, 32 - {least}) END", x=text, p=prefix)
    number = sql("CAST(spl_ipv4(split_part(:x, '/', 1)) AS DOUBLE)", x=text)
    return sql("(floor(:a / :s) * :s)", a=number, s=size)


def _prefix(given: Arguments, other: int | None) -> exp.Expression:
    """The prefix that counts of an address beside its own: what is said, and what stands behind the other address."""
    said = as_number(given.values[-1]) if len(given.values) > (2 if other is not None else 1) else None
    if other is None:
        return said if said is not None else literal(32)
    own = "COALESCE(TRY_CAST(NULLIF(split_part(:x, '/', 2), '') AS INTEGER), 32)"
    theirs = sql(own, x=shown_text(given.values[other]))
    return theirs if said is None else call("least", theirs, said)


@KUSTO.function("ipv4_compare", least=2, most=3, kind="long")
@KUSTO.function("ipv4_is_match", least=2, most=3, kind="bool")
def compile_compare_addresses(given: Arguments) -> Value:
    """Two IPv4 addresses in order, or whether they are the same, by the shortest prefix that is said."""
    left, right = _network(given, 0, _prefix(given, 1)), _network(given, 1, _prefix(given, 0))
    if given.name == "ipv4_is_match":
        return bool_value(sql("(:a = :b)", a=left, b=right))
    return number_value(exp.cast(sql("sign(:a - :b)", a=left, b=right), "DOUBLE"))


@KUSTO.function("parse_ipv4", kind="long")
@KUSTO.function("parse_ipv4_mask", least=2, kind="long")
def compile_parse_address(given: Arguments) -> Value:
    """The number of an IPv4 address, cut off to its prefix; null for what is none."""
    return number_value(_network(given, 0, _prefix(given, None)))


@KUSTO.function("format_ipv4", "format_ipv4_mask", least=1, most=2, kind="string")
def compile_format_address(given: Arguments) -> Value:
    """An IPv4 address cut off to a prefix, as text, and, of `format_ipv4_mask`, with it behind; the empty text for what
    is none."""
    number = sql("CAST(:n AS BIGINT)", n=_network(given, 0, _prefix(given, None)))
    parts = [sql("CAST((:n >> :s) & 255 AS VARCHAR)", n=number, s=integer(shift)) for shift in (24, 16, 8, 0)]
    node = sql(":a || '.' || :b || '.' || :c || '.' || :d", **dict(zip("abcd", parts, strict=True)))
    if given.name == "format_ipv4_mask":
        own = "COALESCE(TRY_CAST(NULLIF(split_part(:x, '/', 2), '') AS INTEGER), 32)"
        node = sql(f":n || '/' || least({own}, CAST(:p AS INTEGER))", n=node, x=shown_text(given.values[0]),
                   p=_prefix(given, None))  # fmt: skip
    return text_value(sql("COALESCE(:x, '')", x=node))
