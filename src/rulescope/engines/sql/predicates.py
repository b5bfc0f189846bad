"""Predicates to conditions, with every leaf's own notion of case, numbers, missing fields and several values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.alternatives import (
    Guarded,
    Texts,
    guard,
    one_of_texts,
    together,
)
from rulescope.engines.sql.build import all_of, any_of, cases, column, function_of, literal, negate, parameter, sql
from rulescope.engines.sql.compiling import (
    compile_expression,
    compile_predicate,
    compiles_predicate,
    undefined_macro,
)
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.expressions import condition_of
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.matching import (
    cidr_condition,
    folded,
    folded_text,
    glob_condition,
    has_letters,
    is_cidr,
    regex_condition,
    term_condition,
    term_in_value,
)
from rulescope.engines.sql.times import instant_of
from rulescope.engines.sql.values import (
    LAST_EXACT,
    NUMBERS,
    Type,
    Value,
    as_condition,
    as_text,
    auto_value,
    by_spelling,
    number_text,
    whole_constant,
    wide_whole,
)
from rulescope.errors import Refusal

_ORDER = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_ORDER_MACROS = {
    "gt": "spl_greater_number(:x, :n)",
    "ge": "spl_greater_or_equal_number(:x, :n)",
    "lt": "spl_less_number(:x, :n)",
    "le": "spl_less_or_equal_number(:x, :n)",
}
_MANY_NUMBERS = 16
_NUMBER_CHARACTERS = frozenset("0123456789+-.eE")


def read_number(text: str) -> float | None:
    """The number that a value reads as, by the same rule as `spl_number`; None where it is text."""
    if not text or not set(text) <= _NUMBER_CHARACTERS:
        return None
    try:
        return float(text)
    except ValueError:
        return None


@compiles_predicate(ir.And)
def compile_and(predicate: ir.And, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """True where every operand is."""
    return all_of([compile_predicate(part, frame, context, positive=positive) for part in predicate.operands])


@compiles_predicate(ir.Or)
def compile_or(predicate: ir.Or, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """True where one operand is; operands that look for texts in one field are put together."""
    return any_of([_alternative(part, frame, context, positive) for part in together(predicate.operands, frame)])


@compiles_predicate(ir.Not)
def compile_not(predicate: ir.Not, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """True where the operand is false."""
    return negate(compile_predicate(predicate.operand, frame, context, positive=False))


@compiles_predicate(ir.Compare)
def compile_comparison(predicate: ir.Compare, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """A leaf; one with `*` in the place of the field's name is about any field that fits."""
    if predicate.named:
        there = _is_named(predicate, frame, context)
        return negate(there) if predicate.kind == "missing" else there
    if "*" in predicate.field and frame.value(predicate.field) is None:
        return _any_field(predicate, frame, context, positive)
    return _Comparison(predicate, frame, positive)(context)


@compiles_predicate(ir.Term)
def compile_term(predicate: ir.Term, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """A term within the raw event."""
    raw = frame.value("_raw")
    if not predicate.text.strip("*"):
        return exp.true()
    if raw is None:
        return exp.false()
    breakers = context.dialect.breakers
    if breakers is None:
        raise Refusal("text can't be looked for in the raw event here", span=predicate.span, code="RUN040")
    condition = term_condition(as_text(raw), predicate, breakers)
    return condition if positive else sql("COALESCE(:c, FALSE)", c=condition)


@compiles_predicate(ir.Test)
def compile_test(predicate: ir.Test, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """Any expression, as a condition."""
    return condition_of(compile_expression(predicate.expression, frame, context), context, predicate.span)


@compiles_predicate(ir.MacroCall)
def refuse_macro(predicate: ir.MacroCall, frame: Frame, context: Context, positive: bool) -> NoReturn:
    """A macro without a body can't be run."""
    raise undefined_macro(predicate.name, predicate.span)


def _is_named(leaf: ir.Compare, frame: Frame, context: Context) -> exp.Expression:
    """Whether the event has the field, with a value or, as the raw event tells, without."""
    valued = _Comparison(replace(leaf, kind="exists", named=False), frame, positive=False)(context)
    key = ir.Operation("has_key", (ir.FieldReference("_raw", leaf.span), ir.Constant(leaf.field, leaf.span)), leaf.span)
    return any_of([valued, as_condition(compile_expression(key, frame, context), leaf.span)])


def _any_field(leaf: ir.Compare, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """The comparison with any of the fields whose names fit the pattern in the place of the name."""
    if leaf.kind == "missing":
        exists = replace(leaf, kind="exists", missing="false")
        return negate(_any_field(exists, frame, context, positive))
    names = frame.schema.matching(leaf.field)
    if not names:
        return _Comparison(leaf, frame, positive)(context)
    return any_of([_Comparison(replace(leaf, field=name), frame, positive)(context) for name in names])


def _alternative(
    part: ir.Predicate | Texts | Guarded, frame: Frame, context: Context, positive: bool
) -> exp.Expression:
    if isinstance(part, Texts):
        return _with_missing(part.leaves[0], one_of_texts(part, frame), positive)
    if isinstance(part, Guarded):
        found = any_of([compile_predicate(operand, frame, context, positive=positive) for operand in part.operands])
        return cases([(guard(part, frame), found)], exp.false())
    return compile_predicate(part, frame, context, positive=positive)


def _with_missing(leaf: ir.Compare, condition: exp.Expression, positive: bool) -> exp.Expression:
    """The condition with what the leaf says of rows that lack its field, for which it is NULL."""
    if leaf.missing == "true":
        return sql("COALESCE(:c, TRUE)", c=condition)
    if leaf.missing == "false" and not positive:
        return sql("COALESCE(:c, FALSE)", c=condition)
    return condition


@compiles_predicate(ir.TimeBound)
def compile_time_bound(bound: ir.TimeBound, frame: Frame, context: Context, positive: bool) -> exp.Expression:
    """A bound on the time of the event."""
    name = bound.name.lower()
    if name.startswith("_index"):
        context.note("RUN101", f"'{bound.name}' is not looked at: files have no index time", bound.span, "info")
        return exp.true()
    if name not in {"earliest", "latest", "starttime", "endtime"}:
        raise Refusal(f"the time modifier '{bound.name}' is not supported", span=bound.span, code="RUN035")
    at = instant_of(bound.at, context.options, bound.span)
    time = frame.value("_time")
    if at is None:
        return exp.true()
    if time is None:
        return exp.false()
    template = "(:t >= :x)" if name in {"earliest", "starttime"} else "(:t < :x)"
    return sql(template, t=time.node, x=float(at))


def _one_of_numbers(value: Value, numbers: Mapping[str, float]) -> exp.Expression:
    """Whether a value is one of many numbers, each as it is written or by what it is worth."""
    worth: list[exp.Expression] = [literal(number) for number in dict.fromkeys(numbers.values())]
    if value.type is Type.NUMBER:
        return exp.In(this=value.node, expressions=worth)
    text = as_text(value)
    same = exp.In(this=text, expressions=[literal(one) for one in numbers])
    if value.type is not Type.AUTO:
        return same
    equal = exp.In(this=sql("spl_number(:x)", x=text), expressions=worth)
    return sql("(:same OR COALESCE(:equal, FALSE))", same=same, equal=equal)


def _of_size(value: Value, wanted: ir.Value, number: float) -> exp.Expression:
    """A wanted number beside numbers: a whole one with all of its digits beside whole ones."""
    if value.type is not Type.WHOLE or isinstance(wanted, ir.Glob):
        return literal(number)
    wide = wide_whole(wanted)
    whole = int(number) if wide is None and number.is_integer() and abs(number) < LAST_EXACT else wide
    return literal(number) if whole is None else whole_constant(whole).node


class _Comparison:
    """One comparison of a field with constants."""

    def __init__(self, leaf: ir.Compare, frame: Frame, positive: bool) -> None:
        self.leaf = leaf
        value = frame.value(leaf.field)
        self.value = value if value is None else by_spelling(value)
        self.positive = positive

    def __call__(self, context: Context) -> exp.Expression:
        leaf, value = self.leaf, self.value
        self.context = context
        if leaf.kind in {"exists", "missing"}:
            if leaf.kind == "exists" and leaf.missing == "true":
                # `f!="*"` is NOT of this: a row that lacks the field counts as one that has every value.
                return exp.true()
            if value is None:
                return literal(leaf.kind == "missing")
            return sql("(:x IS NOT NULL)" if leaf.kind == "exists" else "(:x IS NULL)", x=value.node)
        if value is None:
            return {"true": exp.true(), "false": exp.false(), "unknown": exp.cast(exp.Null(), "BOOLEAN")}[leaf.missing]
        return _with_missing(leaf, self.over(value), self.positive)

    def over(self, value: Value) -> exp.Expression:
        """The comparison over one value, or over any or all of several; NULL where there is none."""
        if value.type is Type.JSON:
            return self.single(auto_value(as_text(value)))
        if value.type is not Type.MULTI:
            return self.single(value)
        if self.leaf.quantifier == "one":
            return self.single(auto_value(as_text(value)))
        name = parameter()
        condition = self.single(auto_value(column(name)))
        quantifier = "list_bool_or" if self.leaf.quantifier == "any" else "list_bool_and"
        return sql(f"{quantifier}(list_transform(:x, :f))", x=value.node, f=function_of(name, condition))

    def single(self, value: Value) -> exp.Expression:
        leaf = self.leaf
        match leaf.kind:
            case "eq":
                return self.equal(value, leaf.values[0])
            case "in":
                return self.one_of(value)
            case "contains" | "starts_with" | "ends_with":
                return self.part(value, str(leaf.values[0]))
            case "wildcard":
                glob = leaf.values[0]
                pattern = glob if isinstance(glob, ir.Glob) else ir.Glob((str(glob),))
                return glob_condition(as_text(value), pattern, leaf.ignore_case)
            case "match":
                pattern_text = str(leaf.values[0])
                if leaf.ignore_case:
                    pattern_text = f"(?i){pattern_text}"
                return regex_condition(as_text(value), pattern_text, self.context, leaf.span)
            case "has":
                return term_in_value(as_text(value), str(leaf.values[0]), leaf.ignore_case)
            case "cidr":
                return any_of([cidr_condition(as_text(value), str(entry), leaf.span) for entry in leaf.values])
        return self.order(value, leaf.values[0])

    def equal(self, value: Value, wanted: ir.Value) -> exp.Expression:
        leaf = self.leaf
        if isinstance(wanted, ir.Glob):
            return glob_condition(as_text(value), wanted, leaf.ignore_case)
        if isinstance(wanted, bool):
            wanted = "true" if wanted else "false"
        number = None
        if leaf.numeric or value.type in NUMBERS:
            number = read_number(wanted) if isinstance(wanted, str) else float(wanted)
        if value.type in NUMBERS and number is not None:
            return sql("(:x = :n)", x=value.node, n=_of_size(value, wanted, number))
        wide = self.wide(wanted)
        spelt = wanted if isinstance(wanted, str) else number_text(wanted) if wide is None else str(wide)
        text = as_text(value)
        if leaf.ignore_case and has_letters(spelt):
            same = sql("(:x = :n)", x=folded(text), n=folded_text(spelt))
        else:
            same = sql("(:x = :n)", x=text, n=spelt)
        if number is not None and value.type is Type.AUTO:
            equal = sql("spl_number(:x) = :n", x=text, n=number)
            if wide is not None:
                equal = sql("COALESCE(spl_wide(:x) = CAST(:w AS HUGEINT), :e)", x=text, w=str(wide), e=equal)
            return sql("(:same OR COALESCE(:e, FALSE))", same=same, e=equal)
        return same

    def one_of(self, value: Value) -> exp.Expression:
        leaf = self.leaf
        plain: list[str] = []
        others: list[exp.Expression] = []
        numbers = self.plain_numbers(value)
        if numbers:
            others.append(_one_of_numbers(value, numbers))
        for wanted in leaf.values:
            if wanted in numbers:
                continue
            numeric = leaf.numeric or value.type in NUMBERS
            numeric = numeric and (not isinstance(wanted, str) or read_number(wanted) is not None)
            if not isinstance(wanted, str) or numeric:
                others.append(self.equal(value, wanted))
            elif leaf.numeric and is_cidr(wanted):
                others += [self.equal(value, wanted), cidr_condition(as_text(value), wanted, leaf.span)]
            else:
                plain.append(wanted)
        conditions: list[exp.Expression] = []
        if plain:
            fold = leaf.ignore_case and any(has_letters(text) for text in plain)
            subject = folded(as_text(value)) if fold else as_text(value)
            options = [literal(folded_text(text) if fold else text) for text in dict.fromkeys(plain)]
            conditions.append(exp.In(this=subject, expressions=options))
        return any_of(conditions + others)

    def plain_numbers(self, value: Value) -> dict[str, float]:
        """The numbers among the wanted values, where they are so many that one look for all of them is worth it."""
        if value.type in (Type.MULTI, Type.WHOLE) or not (self.leaf.numeric or value.type is Type.NUMBER):
            return {}
        texts = [one for one in self.leaf.values if isinstance(one, str) and not has_letters(one)]
        found = {text: number for text in texts if (number := read_number(text)) is not None}
        found = {text: number for text, number in found.items() if self.wide(text) is None}
        return found if len(found) >= _MANY_NUMBERS else {}

    def wide(self, wanted: ir.Value) -> int | None:
        """The wanted whole number, where the language tells it from those that are the same DOUBLE."""
        if isinstance(wanted, ir.Glob) or not self.context.dialect.exact_wholes:
            return None
        return wide_whole(wanted)

    def part(self, value: Value, needle: str) -> exp.Expression:
        run = ir.Any.RUN
        pieces: tuple[str | ir.Any, ...]
        if self.leaf.kind == "contains":
            pieces = (run, needle, run)
        else:
            pieces = (needle, run) if self.leaf.kind == "starts_with" else (run, needle)
        return glob_condition(as_text(value), ir.Glob(pieces), self.leaf.ignore_case)

    def order(self, value: Value, wanted: ir.Value) -> exp.Expression:
        leaf = self.leaf
        spelt = wanted if isinstance(wanted, str) else str(wanted)
        number = (read_number(spelt) if isinstance(wanted, str) else float(str(wanted))) if leaf.numeric else None
        operator = _ORDER[leaf.kind]
        if number is not None:
            if value.type in NUMBERS:
                return sql(f"(:x {operator} :n)", x=value.node, n=_of_size(value, wanted, number))
            text = as_text(value)
            template = f"(spl_number(:x) {operator} :n)" if leaf.numbers_only else _ORDER_MACROS[leaf.kind]
            by_size = sql(template, x=text, n=number)
            wide = self.wide(wanted)
            if wide is None:
                return by_size
            # Against whole numbers by all of the digits, of which the DOUBLE has lost some.
            by_digits = f"COALESCE(spl_wide(:x) {operator} CAST(:w AS HUGEINT), :s)"
            return sql(by_digits, x=text, w=str(wide), s=by_size)
        text = as_text(value)
        if leaf.ignore_case:
            return sql(f"(:x {operator} :n)", x=folded(text), n=folded_text(spelt))
        return sql(f"(:x {operator} :n)", x=text, n=spelt)
