"""Kusto's comparisons of values that are no plain column and constant: terms, lists, regular expressions, addresses.

Source: the pages of its reference that bear the operators' and functions' names.
"""

from __future__ import annotations

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, any_of, call, column, function_of, parameter, sql
from rulescope.engines.sql.compiling import compile_expression, compile_predicate
from rulescope.engines.sql.dialect import KUSTO
from rulescope.engines.sql.functions.registry import Arguments
from rulescope.engines.sql.matching import cidr_condition, regex_condition, term_in_value
from rulescope.engines.sql.relational.any_column import ANY_COLUMN_KINDS, any_column_test
from rulescope.engines.sql.relational.kusto_functions import shown_text
from rulescope.engines.sql.relational.parts import elements
from rulescope.engines.sql.relational.scope import Scope
from rulescope.engines.sql.relational.subqueries import compile_list_of_rows
from rulescope.engines.sql.values import Type, Value, as_text, bool_value


@KUSTO.operation("any_column", least=2, most=None, kind="bool", lazy=True)
def compile_any_column(given: Arguments) -> Value:
    """`* == "x"` and its like: whether the comparison holds for any column."""
    name, *values = given.expressions
    kind = str(name.value) if isinstance(name, ir.Constant) else ""
    if kind not in ANY_COLUMN_KINDS:
        raise given.refuse(f"'{kind}' of any column is not supported")
    scope = Scope(given.frame, given.context)
    ready = scope.predicate(any_column_test(kind, values, given.span))
    return bool_value(compile_predicate(ready, scope.frame, given.context, positive=False))


@KUSTO.operation("matches_regex", least=2, kind="bool")
def compile_matches(given: Arguments) -> Value:
    """`matches regex` of a value that is no plain column."""
    pattern = given.constant_text(1)
    if pattern is None:
        return bool_value(sql("regexp_matches(:x, :p)", x=shown_text(given.values[0]), p=shown_text(given.values[1])))
    return bool_value(regex_condition(shown_text(given.values[0]), pattern, given.context, given.span))


@KUSTO.operation("equals_ignoring_case", least=2, kind="bool")
def compile_equal_folded(given: Arguments) -> Value:
    """`=~` of values that are no plain column and constant."""
    left, right = (shown_text(value) for value in given.values)
    return bool_value(sql("(lower(:x) = lower(:y))", x=left, y=right))


@KUSTO.function("has", "has_cs", least=2, kind="bool")
def compile_has(given: Arguments) -> Value:
    """`has` of a value that is no plain column, or of a term that is no constant."""
    fold = given.name == "has"
    text = shown_text(given.values[0])
    needle = given.constant_text(1)
    if needle is not None:
        return bool_value(term_in_value(text, needle, fold))
    return bool_value(_has(text, shown_text(given.values[1]), fold))


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
    fold = given.name == "in~"
    subject = compile_expression(given.expressions[0], given.frame, given.context)
    text = shown_text(subject)
    subject_text = sql("lower(:x)", x=text) if fold else text
    found: list[exp.Expression] = []
    for option in given.expressions[1:]:
        items = _as_list(option, given)
        if items is not None:
            name = parameter()
            part: exp.Expression = sql("lower(:v)", v=column(name)) if fold else column(name)
            test = function_of(name, sql("(:v = :x)", v=part, x=subject_text))
            found.append(sql("COALESCE(list_bool_or(list_transform(:l, :f)), FALSE)", l=items, f=test))
            continue
        value = shown_text(compile_expression(option, given.frame, given.context))
        found.append(sql("(:x = :y)", x=subject_text, y=sql("lower(:y)", y=value) if fold else value))
    return bool_value(any_of(found))


@KUSTO.function("has_any", "has_all", least=1, most=None, kind="bool", lazy=True)
def compile_has_any(given: Arguments) -> Value:
    """`has_any` and `has_all` of a list that is not constant."""
    text = shown_text(compile_expression(given.expressions[0], given.frame, given.context))
    every = given.name == "has_all"
    found: list[exp.Expression] = []
    for option in given.expressions[1:]:
        items = _as_list(option, given)
        if items is None:
            needle = compile_expression(option, given.frame, given.context)
            found.append(_has(text, shown_text(needle), True))
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
    if isinstance(option, ir.Operation) and option.name == "first_of_rows":
        inner = ir.Operation("list_of_rows", option.arguments, option.span)
        return compile_list_of_rows(Arguments(inner, given.frame, given.context, ())).node
    value = compile_expression(option, given.frame, given.context)
    if value.type in (Type.AUTO, Type.JSON) and Scope(given.frame, given.context).kind(option) in ("dynamic", "list"):
        return sql("COALESCE(:l, spl_list(:x))", l=elements(value), x=as_text(value))
    return elements(value) if value.type is Type.MULTI else None


@KUSTO.function("ipv4_is_private", kind="bool")
def compile_private(given: Arguments) -> Value:
    """Whether an IPv4 address lies in a network for private use; null for what is none."""
    # A prefix behind the address says how much of it counts, which is the network that it lies in.
    text = sql("split_part(:x, '/', 1)", x=shown_text(given.values[0]))
    networks = [cidr_condition(text, network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
    return _of_address(text, any_of(networks))


@KUSTO.function("ipv4_is_in_range", least=2, kind="bool")
def compile_in_range(given: Arguments) -> Value:
    """Whether an IPv4 address lies in a network; null where one of them is none."""
    text = shown_text(given.values[0])
    network = given.constant_text(1)
    if network is None:
        return _of_address(text, call("spl_in_network", text, shown_text(given.values[1])))
    return _of_address(text, cidr_condition(text, network, given.span))


def _of_address(text: exp.Expression, condition: exp.Expression) -> Value:
    """The condition on an IPv4 address, null for what is none."""
    return bool_value(sql("CASE WHEN spl_ipv4(:x) IS NOT NULL THEN :c END", x=text, c=condition))


@KUSTO.function("ipv4_is_in_any_range", least=2, most=None, kind="bool", lazy=True)
def compile_in_any_range(given: Arguments) -> Value:
    """Whether an IPv4 address lies in one of several networks."""
    text = shown_text(compile_expression(given.expressions[0], given.frame, given.context))
    found: list[exp.Expression] = []
    for option in given.expressions[1:]:
        items = _as_list(option, given)
        if items is None:
            value = compile_expression(option, given.frame, given.context)
            found.append(call("spl_in_network", text, shown_text(value)))
            continue
        name = parameter()
        test = function_of(name, call("spl_in_network", text, column(name)))
        found.append(sql("COALESCE(list_bool_or(list_transform(:l, :f)), FALSE)", l=items, f=test))
    return _of_address(text, any_of(found))
