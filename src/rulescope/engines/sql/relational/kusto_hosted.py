"""Kusto's functions that Python computes, one value at a time: those which SQL can't express, and that few rules use.

Source: the pages of Kusto's reference that bear the functions' names.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from rulescope.engines.sql.build import call, literal, sql
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.relational.kusto_functions import shown_text
from rulescope.engines.sql.relational.lists import as_typed_json, kinds, typed_json
from rulescope.engines.sql.relational.parts import found_json
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_integer,
    as_number,
    bool_value,
    json_value,
    number_value,
    text_value,
    whole_value,
)


@dataclass(frozen=True, slots=True)
class Hosted:
    """A function that Python computes. `takes` says how each argument is handed over, with what stands for one that is
    left out; `gives` is the kind of the result; `then` are constants behind the arguments."""

    computes: str
    takes: str
    gives: str
    then: tuple[str | bool, ...] = ()


_IPV6 = "text text whole=128"
HOSTED: dict[str, Hosted] = {
    "array_split": Hosted("spl_kusto_array_split", "json json", "list"),
    "array_iff": Hosted("spl_kusto_array_choice", "json json json", "list"),
    "array_iif": Hosted("spl_kusto_array_choice", "json json json", "list"),
    "array_index_of": Hosted("spl_kusto_array_index", "json json whole=0 whole=-1 whole=1", "long"),
    "series_fill_forward": Hosted("spl_kusto_fill", "json json=null", "list", ("forward",)),
    "series_fill_backward": Hosted("spl_kusto_fill", "json json=null", "list", ("backward",)),
    "series_fill_const": Hosted("spl_kusto_fill_const", "json json json=null", "list"),
    "series_fill_linear": Hosted("spl_kusto_fill_linear", "json json=null bool=true json=0", "list"),
    "series_iir": Hosted("spl_kusto_iir", "json json json", "list"),
    "series_stats": Hosted("spl_kusto_series_stats", "json bool=false", "list"),
    "series_fit_line": Hosted("spl_kusto_fit_line", "json", "list"),
    "parse_version": Hosted("spl_kusto_version", "text", "long"),
    "erf": Hosted("spl_kusto_erf", "number", "real"),
    "erfc": Hosted("spl_kusto_erfc", "number", "real"),
    "replace_strings": Hosted("spl_kusto_replace_strings", "text json json", "string"),
    "indexof": Hosted("spl_kusto_index_of", "text text whole=0 whole=-1 whole=1", "long"),
    "has_any_index": Hosted("spl_kusto_has_any_index", "text json", "long"),
    "regex_quote": Hosted("spl_kusto_regex_quote", "text", "string"),
    "unicode_codepoints_from_string": Hosted("spl_kusto_code_points", "text", "list"),
    "base64_decode_toarray": Hosted("spl_kusto_base64_bytes", "text", "list"),
    "base64_encode_fromarray": Hosted("spl_kusto_base64_of_bytes", "json", "string"),
    "base64_decode_toguid": Hosted("spl_kusto_base64_guid", "text", "string"),
    "base64_encode_fromguid": Hosted("spl_kusto_base64_of_guid", "text", "string"),
    "gzip_decompress_from_base64_string": Hosted("spl_kusto_unpacked", "text", "string"),
    "zlib_decompress_from_base64_string": Hosted("spl_kusto_unpacked", "text", "string"),
    "punycode_from_string": Hosted("spl_kusto_punycode", "text", "string"),
    "punycode_to_string": Hosted("spl_kusto_of_punycode", "text", "string"),
    "punycode_domain_to_string": Hosted("spl_kusto_punycode_domain", "text", "string"),
    "punycode_domain_from_string": Hosted("spl_kusto_of_punycode_domain", "text", "string"),
    "datetime_utc_to_local": Hosted("spl_kusto_zone", "number text", "datetime", (True,)),
    "datetime_local_to_utc": Hosted("spl_kusto_zone", "number text", "datetime", (False,)),
    "format_bytes": Hosted("spl_kusto_bytes", "number whole=0 text=", "string"),
    "ipv6_compare": Hosted("spl_kusto_ipv6_compare", _IPV6, "long"),
    "ipv6_is_in_any_range": Hosted("spl_kusto_ipv6_in_any", "text json", "bool"),
    "parse_ipv6": Hosted("spl_kusto_ipv6_text", "text whole=128", "string"),
    "parse_ipv6_mask": Hosted("spl_kusto_ipv6_text", "text whole=128", "string"),
    "ipv4_netmask_suffix": Hosted("spl_kusto_ipv4_suffix", "text", "long"),
    "ipv4_range_to_cidr_list": Hosted("spl_kusto_ipv4_networks", "text text", "list"),
}


def hosted(given: Arguments, function: Hosted) -> Value:
    """The call of the function that computes it."""
    arguments: list[exp.Expression] = []
    for place, form in enumerate(function.takes.split()):
        how, _, default = form.partition("=")
        arguments.append(_default(how, default) if place >= len(given.values) else _argument(given, place, how))
    arguments += [literal(one) for one in function.then]
    return _result(call(function.computes, *arguments), function.gives, given)


def _argument(given: Arguments, place: int, how: str) -> exp.Expression:
    value = given.values[place]
    match how:
        case "json":
            return sql("COALESCE(CAST(:x AS VARCHAR), 'null')", x=typed_json(value, kinds(given)[place]))
        case "whole":
            return exp.cast(as_integer(value), "BIGINT")
        case "number":
            return as_number(value)
        case "bool":
            return value.node if value.type is Type.BOOL else sql("(:x = 'true')", x=shown_text(value))
    return shown_text(value)


def _default(how: str, default: str) -> exp.Expression:
    if how == "whole":
        return exp.cast(literal(int(default)), "BIGINT")
    return literal(default == "true") if how == "bool" else literal(default)


def _result(node: exp.Expression, kind: str, given: Arguments) -> Value:
    match kind:
        case "list":
            return found_json(exp.cast(node, "JSON"), given.context.dialect)
        case "long":
            # What is wider than the database's own functions give is handed over as text.
            return whole_value(exp.cast(node, "HUGEINT") if given.name == "parse_version" else node)
        case "bool":
            return bool_value(node)
        case "datetime" | "real":
            return number_value(node)
    return text_value(sql("COALESCE(:x, '')", x=node))


def _compile(given: Arguments) -> Value:
    return hosted(given, HOSTED[given.name])


for _name, _function in HOSTED.items():
    _takes = _function.takes.split()
    _least = sum("=" not in form for form in _takes)
    _kind = _function.gives
    KUSTO.function(_name, least=_least, most=len(_takes), kind=_kind)(_compile)


@KUSTO.function("ipv6_is_match", least=2, most=3, kind="bool")
def compile_match(given: Arguments) -> Value:
    """Whether two addresses are the same, by the shortest prefix."""
    return bool_value(sql("(:x = 0)", x=hosted(given, HOSTED["ipv6_compare"]).node))


@KUSTO.function("ipv6_is_in_range", least=2, kind="bool")
def compile_in_range(given: Arguments) -> Value:
    """Whether an address is in a range."""
    ranges = sql("'[' || CAST(to_json(:x) AS VARCHAR) || ']'", x=shown_text(given.values[1]))
    return bool_value(call("spl_kusto_ipv6_in_any", shown_text(given.values[0]), ranges))


@KUSTO.function("unicode_codepoints_to_string", least=1, most=None, kind="string")
def compile_of_code_points(given: Arguments) -> Value:
    """The text whose characters have the numbers."""
    numbers = exp.cast(call("json_array", *as_typed_json(given)), "VARCHAR")
    return text_value(call("spl_kusto_of_code_points", numbers))


@KUSTO.function("array_sort_asc", "array_sort_desc", least=1, most=None, kind="list")
def compile_sort(given: Arguments) -> Value:
    """A list in order, nulls last unless the last argument is false; or several, ordered as the first of them is."""
    last = given.values[-1]
    of_nulls = len(given.values) > 1 and last.type is Type.BOOL
    lists = as_typed_json(given)[: len(given.values) - of_nulls]
    together = exp.cast(call("json_array", *lists), "VARCHAR")
    nulls_last = last.node if of_nulls else exp.true()
    descending = literal(given.name == "array_sort_desc")
    found = exp.cast(call("spl_kusto_array_sorted", together, descending, nulls_last), "JSON")
    return json_value(found if len(lists) > 1 else sql("json_extract(:x, '$[0]')", x=found))


@KUSTO.function("hash", "hash_xxhash64", least=1, most=2, kind="long")
def compile_hash(given: Arguments) -> Value:
    """The hash of a text or a time, or what is left of it by a divisor."""
    kind = kinds(given)[0]
    if kind == "datetime":
        ticks = sql("CAST(round(:x * 1e6) AS HUGEINT) * 10 + 621355968000000000", x=as_number(given.values[0]))
        found = call("spl_kusto_hash_ticks", exp.cast(ticks, "BIGINT"))
    elif kind == "string":
        found = call("spl_kusto_hash", shown_text(given.values[0]))
    else:
        raise given.refuse("only texts and times have a hash that is documented; convert the value with tostring()")
    if len(given.values) == 2:
        divisor = exp.cast(as_integer(given.values[1]), "BIGINT")
        found = sql("((:x % abs(:n)) + abs(:n)) % abs(:n)", x=found, n=sql("NULLIF(:n, 0)", n=divisor))
    return whole_value(found)


KUSTO.refused.update(
    {
        **dict.fromkeys(("hash_combine", "hash_many"), "how it mixes hashes is not documented"),
        "isnan": "what is no number is null here",
        **dict.fromkeys(("rand", "new_guid"), "it gives another value each time"),
        **dict.fromkeys(
            ("gzip_compress_to_base64_string", "zlib_compress_to_base64_string"), "the bytes depend on the packer"
        ),
    }
)
