"""Snowflake's functions of texts, numbers and types. Source: the pages of its SQL reference that bear their names. A
value that is NULL makes a result NULL unless said otherwise."""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, call, cases, integer, literal, sql
from rulescope.engines.sql.dialect import SNOWFLAKE
from rulescope.engines.sql.expressions import compare
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.matching import glob_condition, native_regex, regex_condition
from rulescope.engines.sql.relational.common_functions import alike, as_held
from rulescope.engines.sql.relational.parts import element
from rulescope.engines.sql.relational.scope import path_steps
from rulescope.engines.sql.relational.snowflake_times import seconds_of, start_of_day, told_apart
from rulescope.engines.sql.relational.subqueries import compile_in_rows, rows_of
from rulescope.engines.sql.values import (
    NUMBERS,
    Type,
    Value,
    as_number,
    as_text,
    bool_value,
    number_value,
    text_value,
    whole_value,
)
from rulescope.engines.sql.whole_numbers import whole_arithmetic
from rulescope.ir.patterns import like_pieces


def _text(given: Arguments, place: int) -> exp.Expression:
    return as_text(as_held(given.values[place]))


@SNOWFLAKE.function("trim", "ltrim", "rtrim", least=1, most=2, kind="string")
def compile_trim(given: Arguments) -> Value:
    """Without blanks, or other characters, at both ends or one."""
    arguments = [_text(given, place) for place in range(len(given.values))]
    return text_value(call(given.name, *arguments))


@SNOWFLAKE.function("substr", "substring", least=2, most=3, kind="string")
def compile_substr(given: Arguments) -> Value:
    """Part of a text from a position counted from 1; a negative one counts from the end."""
    text = _text(given, 0)
    start = sql("CAST(:s AS BIGINT)", s=as_number(given.values[1]))
    first = sql("CASE WHEN :s < 0 THEN length(:x) + :s + 1 WHEN :s = 0 THEN 1 ELSE :s END", s=start, x=text)
    if len(given.values) == 2:
        return text_value(sql("substring(:x, :s)", x=text, s=first))
    count = sql("CAST(greatest(:n, 0) AS BIGINT)", n=as_number(given.values[2]))
    return text_value(sql("substring(:x, :s, :n)", x=text, s=first, n=count))


@SNOWFLAKE.function("left", "right", least=2, kind="string")
def compile_side(given: Arguments) -> Value:
    """The first or last characters of a text."""
    count = sql("CAST(greatest(:n, 0) AS BIGINT)", n=as_number(given.values[1]))
    return text_value(call(given.name, _text(given, 0), count))


@SNOWFLAKE.function("concat", least=1, most=None, kind="string")
def compile_concat(given: Arguments) -> Value:
    """The values joined as text; NULL where one is."""
    node = _text(given, 0)
    for place in range(1, len(given.values)):
        node = sql(":x || :y", x=node, y=_text(given, place))
    return text_value(node)


@SNOWFLAKE.function("concat_ws", least=2, most=None, kind="string")
def compile_concat_ws(given: Arguments) -> Value:
    """The values joined as text with a separator between them; NULL where one is."""
    node = _text(given, 1)
    for place in range(2, len(given.values)):
        node = sql(":x || :s || :y", x=node, s=_text(given, 0), y=_text(given, place))
    return text_value(node)


@SNOWFLAKE.function("split_part", least=3, kind="string")
def compile_split_part(given: Arguments) -> Value:
    """A part between separators, from 1, or from the end where negative; the empty text where there is none."""
    number = sql("CAST(:n AS BIGINT)", n=as_number(given.values[2]))
    place = sql("CASE WHEN :n = 0 THEN 1 ELSE :n END", n=number)
    return text_value(sql("split_part(:x, :s, :n)", x=_text(given, 0), s=_text(given, 1), n=place))


@SNOWFLAKE.function("replace", least=2, most=3, kind="string")
def compile_replace(given: Arguments) -> Value:
    """Every occurrence of a text replaced, or left out."""
    new = _text(given, 2) if len(given.values) == 3 else literal("")
    return text_value(sql("replace(:x, :o, :n)", x=_text(given, 0), o=_text(given, 1), n=new))


@SNOWFLAKE.function("charindex", least=2, kind="long")
def compile_charindex(given: Arguments) -> Value:
    """Where the first text is found in the second, from 1; 0 where it is not."""
    return number_value(sql("CAST(instr(:x, :y) AS DOUBLE)", x=_text(given, 1), y=_text(given, 0)))


@SNOWFLAKE.function("position", least=2, kind="long")
def compile_position(given: Arguments) -> Value:
    """Where the second text is found in the first, from 1; 0 where it is not."""
    return number_value(sql("CAST(instr(:x, :y) AS DOUBLE)", x=_text(given, 0), y=_text(given, 1)))


@SNOWFLAKE.function("nvl2", least=3, kind="second")
def compile_nvl2(given: Arguments) -> Value:
    """The second value where the first is there, else the third."""
    nodes, kind = alike(list(given.values[1:]))
    return Value(cases([(sql("(:x IS NOT NULL)", x=given.values[0].node), nodes[0])], nodes[1]), kind)


@SNOWFLAKE.function("nullif", least=2, kind="first")
def compile_nullif(given: Arguments) -> Value:
    """The first value; NULL where both are equal."""
    nodes, kind = alike(list(given.values))
    return Value(sql("NULLIF(:x, :y)", x=nodes[0], y=nodes[1]), kind)


@SNOWFLAKE.function("zeroifnull", kind="first")
def compile_zero(given: Arguments) -> Value:
    """0 for NULL."""
    value = given.values[0]
    if value.type is Type.WHOLE:
        return whole_value(sql("COALESCE(:x, 0)", x=value.node))
    return number_value(sql("COALESCE(:x, 0)", x=as_number(value)))


@SNOWFLAKE.function("decode", least=3, most=None, kind="dynamic")
def compile_decode(given: Arguments) -> Value:
    """The value behind the first option that the first argument equals; NULL equals NULL there."""
    subject, *rest = given.values
    default = rest.pop() if len(rest) % 2 else None
    nodes, kind = alike(rest[1::2] + ([default] if default is not None else []))
    branches = []
    for option, node in zip(rest[::2], nodes, strict=False):
        same = sql(
            "(:c OR (:a IS NULL AND :b IS NULL))",
            c=compare("=", subject, option, exact=True),
            a=subject.node,
            b=option.node,
        )
        branches.append((same, node))
    return Value(cases(branches, nodes[-1] if default is not None else None), kind)


@SNOWFLAKE.function("equal_null", least=2, kind="bool")
def compile_equal_null(given: Arguments) -> Value:
    """Whether two values are equal, NULL being equal to NULL."""
    nodes, _ = alike(list(given.values))
    return bool_value(sql("(:x IS NOT DISTINCT FROM :y)", x=nodes[0], y=nodes[1]))


@SNOWFLAKE.operation("is_null", kind="bool")
def compile_is_null(given: Arguments) -> Value:
    """IS NULL of a value that is no plain column."""
    return bool_value(sql("(:x IS NULL)", x=as_held(given.values[0]).node))


@SNOWFLAKE.function("floor", kind="long")
def compile_floor(given: Arguments) -> Value:
    """Down to a whole number."""
    if given.values[0].type is Type.WHOLE:
        return given.values[0]
    return number_value(sql("floor(:x)", x=as_number(given.values[0])))


@SNOWFLAKE.function("mod", least=2, kind="first")
def compile_mod(given: Arguments) -> Value:
    """What a division leaves; its sign is the first number's."""
    if all(value.type is Type.WHOLE for value in given.values):
        dividend, divisor = given.values
        return whole_arithmetic("%", dividend, divisor, given.context.dialect.wholes)
    left, right = (as_number(value) for value in given.values)
    return number_value(sql("(:x % NULLIF(:y, 0))", x=left, y=right))


@SNOWFLAKE.function("div0", least=2, kind="real")
def compile_div0(given: Arguments) -> Value:
    """A division that gives 0 where it is by 0."""
    left, right = (as_number(value) for value in given.values)
    return number_value(sql("CASE WHEN :y = 0 THEN 0 ELSE :x / :y END", x=left, y=right))


@SNOWFLAKE.function(
    "to_number", "to_decimal", "to_numeric", "try_to_number", "try_to_decimal", "try_to_numeric", least=1, most=3,
    kind="sized",
)  # fmt: skip
def compile_to_number(given: Arguments) -> Value:
    """The value as a NUMBER(38, 0), or of another scale. What is none is NULL, also where Snowflake would stop the
    query with an error."""
    sizes = [value.constant for value in given.values[1:] if isinstance(value.constant, int)]
    if len(sizes) < len(given.values) - 1:
        raise given.refuse("a format of numbers is not supported")
    if len(sizes) == 2 and sizes[1]:
        return number_value(sql("round(:x, :n)", x=as_number(given.values[0]), n=integer(sizes[1])))
    return whole_value(_rounded(given.values[0]))


@SNOWFLAKE.function("to_double", "try_to_double", kind="real")
def compile_to_double(given: Arguments) -> Value:
    """The value as a DOUBLE; NULL as of TO_NUMBER."""
    return number_value(as_number(given.values[0]))


@SNOWFLAKE.function("cast", "try_cast", least=2, kind="named")
def compile_cast(given: Arguments) -> Value:
    """The value as another type. What can't be read as that is NULL."""
    written, _, size = (given.constant_text(1) or "").partition("(")
    written, scale = written.strip(), size.rstrip(") ").partition(",")[2].strip()
    value = given.values[0]
    if written in ("varchar", "text", "string", "char"):
        told_apart(given)
        return text_value(_text(given, 0))
    if written in ("int", "integer", "bigint", "smallint", "number", "decimal", "numeric"):
        if scale.isdigit() and int(scale):
            return number_value(sql("round(:x, :n)", x=as_number(value), n=integer(int(scale))))
        return whole_value(_rounded(value))
    if written in ("float", "double", "real", "double precision"):
        return number_value(as_number(value))
    if written == "date":
        return number_value(start_of_day(seconds_of(value)))
    if written.startswith(("timestamp", "datetime")):
        return number_value(seconds_of(value))
    if written in ("variant", "array", "object"):
        return value
    if written == "boolean":
        return compile_to_boolean(given)
    raise given.refuse(f"the type '{written}' is not supported")


@SNOWFLAKE.function("to_boolean", "try_to_boolean", kind="bool")
def compile_to_boolean(given: Arguments) -> Value:
    """The value as a truth value: of numbers all but 0 are true; NULL for what is none."""
    value = given.values[0]
    if value.type in NUMBERS:
        return bool_value(sql("(:x <> 0)", x=value.node))
    text = sql("lower(:x)", x=_text(given, 0))
    yes = sql("(:x IN ('true', 't', 'yes', 'y', 'on', '1'))", x=text)
    no = sql("(:x IN ('false', 'f', 'no', 'n', 'off', '0'))", x=text)
    return bool_value(cases([(yes, exp.true()), (no, exp.false())], None))


def _rounded(value: Value) -> exp.Expression:
    """The value as a whole number, halves away from zero; NULL where it is none."""
    if value.type is Type.WHOLE:
        return value.node
    rounded = sql("TRY_CAST(round(:x) AS HUGEINT)", x=as_number(value))
    return rounded if value.type is Type.NUMBER else sql("COALESCE(spl_wide(:x), :r)", x=as_text(value), r=rounded)


@SNOWFLAKE.function("base64_decode_string", "try_base64_decode_string", kind="string")
def compile_base64(given: Arguments) -> Value:
    """The text that a Base64 text stands for; NULL where it is none."""
    return text_value(call("spl_base64_text", _text(given, 0)))


@SNOWFLAKE.function("md5", "md5_hex", kind="string")
def compile_md5(given: Arguments) -> Value:
    """The digest in hexadecimal."""
    return text_value(call("md5", _text(given, 0)))


@SNOWFLAKE.function("get_path", least=2, kind="dynamic")
def compile_get_path(given: Arguments) -> Value:
    """The value at a path of keys with dots between them."""
    path = given.constant_text(1)
    if path is None:
        raise given.refuse("a path that is no constant is not supported")
    value = given.values[0]
    for step in path_steps(path):
        value = element(value, step, given.context.dialect)
    return value


def _pattern(given: Arguments, place: int, flags: int) -> str:
    pattern, parameters = given.constant_text(place), ""
    if len(given.values) > flags:
        parameters = given.constant_text(flags) or ""
    if pattern is None:
        raise given.refuse("a regular expression that is no constant is not supported")
    folded = "i" if parameters.replace("c", "").endswith("i") or parameters.rfind("i") > parameters.rfind("c") else ""
    written = folded + "".join(one for one in "ms" if one in parameters)
    native = native_regex(f"(?{written}){pattern}" if written else pattern, given.context, given.span)
    if native is None:
        raise given.refuse("this regular expression is supported in conditions only")
    return native


def regex_of(given: Arguments, place: int, flags: int) -> tuple[str, int]:
    """A constant regular expression with its parameters, which stand at `flags`, and the group that is asked for."""
    constants = [value.constant for value in given.values]
    parameters = constants[flags] if len(constants) > flags else ""
    group = 0
    if len(constants) > flags + 1 or (isinstance(parameters, str) and "e" in parameters):
        wanted = constants[flags + 1] if len(constants) > flags + 1 else 1
        group = int(wanted) if isinstance(wanted, int | float) else 1
    return _pattern(given, place, flags), group


@SNOWFLAKE.function("regexp_like", "rlike", least=2, most=3, kind="bool")
def compile_regexp_like(given: Arguments) -> Value:
    """Whether a regular expression matches the whole value."""
    pattern = given.constant_text(1)
    if pattern is None:
        return bool_value(sql("regexp_full_match(:x, :p)", x=_text(given, 0), p=_text(given, 1)))
    flags = given.constant_text(2) if len(given.values) == 3 else ""
    mark = f"(?{flags.replace('c', '').replace('e', '')})" if flags and flags.replace("c", "").replace("e", "") else ""
    return bool_value(regex_condition(_text(given, 0), f"{mark}\\A(?:{pattern})\\z", given.context, given.span))


@SNOWFLAKE.function("regexp_substr", least=2, most=6, kind="string")
def compile_regexp_substr(given: Arguments) -> Value:
    """What a regular expression, or its group with parameter `e`, matched, the first time or a later one; NULL where
    nothing did."""
    constants = [value.constant for value in given.values]
    start, occurrence = [*constants[2:4], 1, 1][:2] if len(constants) < 4 else constants[2:4]
    if start != 1 or not isinstance(occurrence, int) or occurrence < 1:
        raise given.refuse("only matches from the beginning are supported")
    pattern, group = regex_of(given, 1, 4)
    text, number = _text(given, 0), integer(group)
    if occurrence > 1:
        found = sql("regexp_extract_all(:x, :p, :g)", x=text, p=pattern, g=number)
        return text_value(sql("list_extract(:l, :n)", l=found, n=integer(occurrence)))
    found = sql("regexp_extract(:x, :p, :g)", x=text, p=pattern, g=number)
    return text_value(cases([(sql("regexp_matches(:x, :p)", x=text, p=pattern), found)], None))


@SNOWFLAKE.function("regexp_replace", least=2, most=6, kind="string")
def compile_regexp_replace(given: Arguments) -> Value:
    """Every match of a regular expression replaced, or left out."""
    if [value.constant for value in given.values[3:5]] not in ([], [1], [1, 0]):
        raise given.refuse("only all matches from the beginning are replaced")
    new = _text(given, 2) if len(given.values) > 2 else literal("")
    return text_value(sql("regexp_replace(:x, :p, :r, 'g')", x=_text(given, 0), p=_pattern(given, 1, 5), r=new))


@SNOWFLAKE.function("regexp_count", least=2, most=4, kind="long")
def compile_regexp_count(given: Arguments) -> Value:
    """How often a regular expression matches."""
    if [value.constant for value in given.values[2:3]] not in ([], [1]):
        raise given.refuse("only matches from the beginning are counted")
    found = sql("regexp_extract_all(:x, :p)", x=_text(given, 0), p=_pattern(given, 1, 3))
    return number_value(sql("CAST(len(:l) AS DOUBLE)", l=found))


@SNOWFLAKE.function("like", "ilike", least=2, most=None, kind="bool")
@SNOWFLAKE.operation("like_any", "like_all", "ilike_any", "ilike_all", least=2, most=None, kind="bool")
def compile_like(given: Arguments) -> Value:
    """LIKE of a value that is no plain column; of several patterns one has to match, or all."""
    name = given.name
    subject = _text(given, 0)
    found: list[exp.Expression] = []
    for place in range(1, len(given.values)):
        constant = given.constant_text(place)
        if constant is not None:
            found.append(glob_condition(subject, ir.Glob(like_pieces(constant, None)), name.startswith("i")))
            continue
        pattern = sql("replace(:p, '\\', '\\\\')", p=_text(given, place))
        both = (subject, pattern)
        if name.startswith("i"):
            both = (sql("lower(:x)", x=subject), sql("lower(:x)", x=pattern))
        found.append(sql(r"(:x LIKE :p ESCAPE '\')", x=both[0], p=both[1]))
    return bool_value(all_of(found) if name.endswith("_all") else any_of(found))


@SNOWFLAKE.function("exists", kind="bool", lazy=True)
def compile_exists(given: Arguments) -> Value:
    """Whether a query gives any row; one that makes one row of all always does."""
    inner = given.expressions[0]
    if isinstance(inner, ir.Operation):
        inner = inner.arguments[0]
    assert isinstance(inner, ir.Subsearch)
    rows = rows_of(inner, given)
    return bool_value(exp.true() if rows.grouped else exp.Exists(this=rows.select(exp.Literal.number(1))))


@SNOWFLAKE.operation("not_in_rows", least=2, kind="bool", lazy=True)
def compile_not_in_rows(given: Arguments) -> Value:
    """`<> ALL (query)`, as NOT IN is read: unknown where the query gives a NULL and not the value."""
    found = compile_in_rows(given)
    return bool_value(sql("(NOT :c)", c=exp.Paren(this=found.node)))
