"""Text functions of ES|QL and EQL that SPL has not, or means otherwise.

Facts: Elastic, "ES|QL string functions", "ES|QL type conversion functions", "ES|QL IP functions", "EQL function
reference". ES|QL gives NULL for a field with several values; EQL looks for one value that fits. A name that ends in `~`
is EQL's form without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import any_of, bound, call, column, function_of, integer, literal, parameter, sql
from rulescope.engines.sql.dialect import ESQL
from rulescope.engines.sql.expressions import compare, operand_of
from rulescope.engines.sql.functions.registry import Arguments, elastic_function, elastic_operation
from rulescope.engines.sql.matching import cidr_condition, folded, glob_condition, regex_condition
from rulescope.engines.sql.values import (
    Type,
    Value,
    any_value,
    as_number,
    as_text,
    as_whole,
    auto_value,
    bool_value,
    each,
    multi_value,
    number_value,
    text_value,
    truth_text,
)
from rulescope.ir.patterns import lucene_regex, split_wildcards


def written_text(value: Value) -> exp.Expression:
    """The value as Elasticsearch spells it: true and false in lower case."""
    if value.type is Type.BOOL:
        return truth_text(value.node)
    return as_text(value)


def converted(value: Value, change: Callable[[Value], Value]) -> Value:
    """What a conversion makes of a value; of several of each, but of those that it has no value for."""
    if value.type is not Type.MULTI:
        return change(value)
    name = parameter()
    items = function_of(name, written_text(change(auto_value(column(name)))))
    kept = "spl_filled(list_filter(list_transform(:x, :f), lambda v: v IS NOT NULL))"
    return multi_value(sql(kept, x=value.node, f=items))


@elastic_function("concat", least=1, most=None)
def compile_concat(given: Arguments) -> Value:
    """The values joined; NULL where one of them is missing."""
    node = written_text(given.values[0])
    for value in given.values[1:]:
        node = sql(":x || :y", x=node, y=written_text(value))
    return text_value(node)


_MORE_LETTERS = {"lower": ("\u0130", "i\u0307"), "upper": ("ß", "SS")}
"""Letters that become two in the other case, which databases write as one."""


@elastic_function("lower", "upper", least=1)
def compile_case_change(given: Arguments) -> Value:
    """Each value in one case."""
    name = given.name.lower()
    letter, letters = _MORE_LETTERS[name]
    return each(given.values[0], lambda text: call(name, sql("replace(:x, :l, :m)", x=text, l=letter, m=letters)))


@elastic_function("split", least=2)
def compile_split(given: Arguments) -> Value:
    """The pieces between a delimiter; the empty text is one."""
    text, delimiter = (as_text(value) for value in given.values)
    return multi_value(sql("string_split(:x, :d)", x=text, d=delimiter))


@elastic_function("to_string", least=1)
def compile_to_string(given: Arguments) -> Value:
    """The value as text; of a field with several values each."""
    value = given.values[0]
    return value if value.type is Type.MULTI else text_value(written_text(value))


_PLACES = {"starts_with": "starts_with(:x, :y)", "ends_with": "suffix(:x, :y)", "contains": "contains(:x, :y)"}


@elastic_function("starts_with", "ends_with", "contains", least=2)
def compile_part(given: Arguments) -> Value:
    """Whether a text begins with, ends with, or holds another; with case."""
    template = _PLACES[given.name]
    return bool_value(sql(template, x=as_text(given.values[0]), y=as_text(given.values[1])))


_EQL_PLACES = {"startswith": "starts_with", "endswith": "ends_with", "stringcontains": "contains"}


@elastic_function(*_EQL_PLACES, *(f"{name}~" for name in _EQL_PLACES), least=2, most=None)
def compile_eql_part(given: Arguments) -> Value:
    """The same in EQL: with any of several texts, for any value of the field."""
    name = given.name
    template = _PLACES[_EQL_PLACES[name.rstrip("~")]]
    fold = name.endswith("~")

    def holds(value: Value, wanted: Value) -> exp.Expression:
        text, part = as_text(value), as_text(wanted)
        return sql(template, x=folded(text) if fold else text, y=folded(part) if fold else part)

    conditions = [
        any_value(given.values[0], lambda value, wanted=wanted: holds(value, wanted))  # type: ignore[misc]
        for wanted in given.values[1:]
    ]
    return bool_value(any_of(conditions))


def _constants(given: Arguments) -> list[str]:
    found = []
    for expression in given.expressions[1:]:
        if not isinstance(expression, ir.Constant) or expression.value is None:
            raise given.refuse("a pattern that is computed is not supported")
        written = expression.value
        found.append(str(written).lower() if isinstance(written, bool) else str(written))
    return found


def _any_pattern(given: Arguments, fits: Callable[[exp.Expression, str], exp.Expression]) -> Value:
    patterns = _constants(given)
    subject = operand_of(given.values[0], given.context)
    return bool_value(any_value(subject, lambda value: any_of([fits(as_text(value), pattern) for pattern in patterns])))


@elastic_function("wildcard", "wildcard~", least=2, most=None)
def compile_wildcard(given: Arguments) -> Value:
    """Whether the whole text matches a pattern of `*` and `?`."""
    fold = given.name.endswith("~")
    return _any_pattern(given, lambda text, pattern: glob_condition(text, ir.Glob(split_wildcards(pattern)), fold))


@elastic_operation("like_pattern", least=2, most=None)
def compile_like_pattern(given: Arguments) -> Value:
    """ES|QL's LIKE: the same, a backslash making `*` and `?` plain."""
    return _any_pattern(
        given, lambda text, pattern: glob_condition(text, ir.Glob(split_wildcards(pattern, escapes=True)), False)
    )


@elastic_function("regex", "regex~", least=2, most=None)
def compile_regex(given: Arguments) -> Value:
    """Whether the whole text matches a regular expression of Lucene."""
    fold = given.name.endswith("~")

    def fits(text: exp.Expression, pattern: str) -> exp.Expression:
        found = lucene_regex(pattern)
        if found is None:
            raise given.refuse("the pattern uses an operator that only Lucene's regular expressions have")
        return regex_condition(text, f"(?i){found}" if fold else found, given.context, given.span)

    return _any_pattern(given, fits)


@elastic_function("in~", least=2, most=None)
def compile_in_folded(given: Arguments) -> Value:
    """Whether the value equals one of the others, regardless of case."""
    subject = given.values[0]
    options = [as_text(value) for value in given.values[1:]]
    return bool_value(any_value(subject, lambda value: any_of([_same(as_text(value), option) for option in options])))


@elastic_operation("equals_ignoring_case", least=2)
def compile_equals_ignoring_case(given: Arguments) -> Value:
    """Whether two texts are equal, regardless of case."""
    return bool_value(_same(as_text(given.values[0]), as_text(given.values[1])))


def _same(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return sql("(:x = :y)", x=folded(left), y=folded(right))


@elastic_operation("match_text", least=2, most=3)
def compile_match_text(given: Arguments) -> Value:
    """ES|QL's match: on keyword fields, which all fields of files are taken for, one value is the same."""
    if len(given.values) > 2:
        raise given.refuse("its options (fuzziness, analyzers, …) need Elasticsearch's full-text search")
    wanted = given.values[1]
    return bool_value(any_value(given.values[0], lambda value: compare("=", value, wanted)))


@elastic_function("cidr_match", "cidrmatch~", least=2, most=None)
def compile_cidr_match(given: Arguments) -> Value:
    """Whether an address lies in one of several ranges."""
    address, *networks = given.values
    text = as_text(address)

    def holds(network: Value) -> exp.Expression:
        if isinstance(network.constant, str):
            return cidr_condition(text, network.constant, given.span)
        return call("spl_in_network", text, as_text(network))

    return bool_value(any_of([any_value(network, holds) for network in networks]))


@ESQL.function("substring", least=2, most=3)
def compile_substring(given: Arguments) -> Value:
    """ES|QL's SUBSTRING: so many characters from a position on, counted from 1, or from the end where negative. 0 is
    the first character, too, and no position lies before it; a negative length has no value."""
    start = as_whole(given.values[1])
    part = bound(as_text(given.values[0]), lambda x: sql("spl_substr_from(:x, :s)", x=x, s=start))
    if len(given.values) == 2:
        return text_value(part)
    return text_value(sql("CASE WHEN :n >= 0 THEN left(:x, :n) END", x=part, n=as_whole(given.values[2])))


@elastic_function("locate", least=2, most=3, kind="long")
def compile_locate(given: Arguments) -> Value:
    """Where a text stands in another, counted from 1; 0 where it does not."""
    text, part = as_text(given.values[0]), as_text(given.values[1])
    if len(given.values) == 2:
        return number_value(sql("CAST(instr(:x, :y) AS DOUBLE)", x=text, y=part))
    start = as_whole(given.values[2])
    return number_value(
        sql(
            "CAST(CASE WHEN instr(substring(:x, :s), :y) > 0 THEN instr(substring(:x, :s), :y) + :s - 1 ELSE 0 END"
            " AS DOUBLE)",
            x=text,
            y=part,
            s=start,
        )
    )


@elastic_function("indexof", "indexof~", least=2, most=3)
def compile_indexof(given: Arguments) -> Value:
    """Where a text stands in another from a position on, counted from 0; NULL where it does not."""
    fold = given.name.endswith("~")
    text, part = (folded(as_text(value)) if fold else as_text(value) for value in given.values[:2])
    start = as_whole(given.values[2]) if len(given.values) > 2 else integer(0)
    return number_value(
        sql("CAST(NULLIF(instr(substring(:x, :s + 1), :y), 0) + :s - 1 AS DOUBLE)", x=text, y=part, s=start)
    )


@elastic_function("substring", least=2, most=3)
def compile_slice(given: Arguments) -> Value:
    """EQL's substring: from a position to another (left out), counted from 0, or from the end where negative."""
    values = [as_text(given.values[0]), *map(as_number, given.values[1:])]
    if len(values) == 2:
        values.append(exp.cast(exp.Null(), "DOUBLE"))
    return text_value(call("spl_es_slice", *values))


@elastic_function("between", "between~", least=3, most=4)
def compile_between(given: Arguments) -> Value:
    """The text between a left and a right text; the longest one where `greedy`. No such text: an empty one."""
    greedy = len(given.values) > 3 and given.values[3].constant is True
    fold = given.name.endswith("~")
    options = " ".join(word for word, wanted in (("greedy", greedy), ("fold", fold)) if wanted)
    return text_value(call("spl_es_between", *[as_text(value) for value in given.values[:3]], literal(options)))


@elastic_function("left", "right", least=2)
def compile_end(given: Arguments) -> Value:
    """The first or last characters."""
    text, count = as_text(given.values[0]), as_whole(given.values[1])
    return text_value(call(given.name, text, sql("greatest(:n, 0)", n=count)))


@elastic_function("reverse", least=1)
def compile_reverse(given: Arguments) -> Value:
    """The characters from the last to the first."""
    return text_value(call("reverse", as_text(given.values[0])))


@elastic_function("repeat", "space", least=1, most=2)
def compile_repeat(given: Arguments) -> Value:
    """A text so many times; `space` is blanks."""
    text = literal(" ") if given.name == "space" else as_text(given.values[0])
    count = as_whole(given.values[-1])
    return text_value(sql("CASE WHEN :n BETWEEN 0 AND 1048576 THEN repeat(:x, :n) END", x=text, n=count))


@elastic_function("byte_length", "bit_length", least=1, kind="long")
def compile_byte_length(given: Arguments) -> Value:
    """How many bytes, or bits, the text has in UTF-8."""
    factor = 8 if given.name == "bit_length" else 1
    return number_value(
        sql("CAST(octet_length(encode(:x)) * :f AS DOUBLE)", x=as_text(given.values[0]), f=integer(factor))
    )


@elastic_function("to_base64", "from_base64", "url_encode", "url_encode_component", least=1)
def compile_coding(given: Arguments) -> Value:
    """The text in base64 or percent escapes, or out of base64; NULL where it is none."""
    return each(given.values[0], lambda text: call(f"spl_es_{given.name}", text))


@elastic_function("to_ip", least=1)
def compile_to_ip(given: Arguments) -> Value:
    """An address as it is; NULL for what is none."""
    if given.values[0].type is Type.MULTI:
        return each(given.values[0], lambda text: call("spl_es_ip", text))
    return auto_value(call("spl_es_ip", as_text(given.values[0])))


@elastic_operation("ip_order", least=1)
def compile_ip_order(given: Arguments) -> Value:
    """What addresses are ordered by; NULL for what is none, and of several the first."""
    value = given.values[0]
    text = sql("list_extract(:x, 1)", x=value.node) if value.type is Type.MULTI else as_text(value)
    return text_value(
        sql("CASE WHEN :i IS NOT NULL THEN :k END", i=call("spl_es_ip", text), k=call("spl_ip_key", text))
    )


@elastic_operation("fuzzy", least=3)
def compile_fuzzy(given: Arguments) -> Value:
    """Lucene's `word~`: no more than so many characters are changed, added, left out or exchanged with the next."""
    field = given.expressions[0]
    if isinstance(field, ir.FieldReference) and field.name == "*":
        raise given.refuse("a word that is only similar is looked for in a field, not in all")
    wanted, most = as_text(given.values[1]), as_number(given.values[2])
    return bool_value(
        any_value(
            given.values[0],
            lambda value: sql("(damerau_levenshtein(:x, :y) <= :n)", x=as_text(value), y=wanted, n=most),
        )
    )


@elastic_operation("proximity", least=3)
def compile_proximity(given: Arguments) -> Value:
    """Lucene's `"words"~5`."""
    raise given.refuse("how far words lie apart is known of analysed text fields only")


@elastic_function("to_version", least=1)
def compile_to_version(given: Arguments) -> Value:
    """A version; they compare as text here."""
    raise given.refuse("versions compare part by part, which is not supported")


@elastic_function("hash", least=2)
def compile_hash(given: Arguments) -> Value:
    """The digest of a text by an algorithm that is named, in hexadecimal."""
    algorithm = (given.constant_text(0) or "").lower().replace("-", "")
    if algorithm not in ("md5", "sha1", "sha256"):
        raise given.refuse(f"there is no algorithm '{algorithm}' here")
    return text_value(call(algorithm, as_text(given.values[1])))
