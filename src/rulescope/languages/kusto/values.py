"""Conditions and values of Kusto's query language.

Precedence, loosest first, as its grammar has it: `or`; `and`; `== != in has_any between`; `< <= > >=`; `+ -`; `* / %`;
operators on texts (`has`, `contains`, `=~`, …), which so bind closer than arithmetic; a sign; calls and paths.
`not(…)` is a function.
"""

from __future__ import annotations

import dataclasses

from rulescope import ir
from rulescope.ir import Binary, Call, Constant, Expression, FieldReference, Operation, Predicate, Unary
from rulescope.ir.expressions import BinaryOperator, Subsearch
from rulescope.ir.predicates import Not, Or
from rulescope.ir.stages import Argument
from rulescope.languages.common.operands import Operand, as_expression
from rulescope.languages.common.tokens import Token
from rulescope.languages.kusto.comparisons import (
    ADDRESS_RANGES,
    LIST_OPERATORS,
    as_predicate,
    compare_address,
    compare_between,
    compare_list,
    compare_order,
    compare_text,
    presence,
)
from rulescope.languages.kusto.functions import call_own, check_function, conversion_of, is_tabular
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.literals import number_value, read_dynamic, timespan, typed_value
from rulescope.languages.kusto.made_columns import made_columns
from rulescope.languages.kusto.members import member_of, unwrapped
from rulescope.languages.kusto.scope import QueryReader, Scalar, Tabular, UserFunction, placed
from rulescope.languages.kusto.text_operators import NO_OPERATORS, negation_hint, take_text_operator
from rulescope.text import Span

_TYPED = {"extract": 4, "extractjson": 3, "extract_json": 3}
"""Functions whose last argument may be a type, by how many arguments they have then."""
MAXIMUM_TEXT = 10_000
"""Characters of a text that is put together of constants; what is longer stays a call."""

_RESERVED = frozenset({
    "and", "or", "in", "between", "has", "has_cs", "has_any", "has_all", "contains", "startswith", "endswith", "by",
    "where", "project", "of", "asc", "desc",
})  # fmt: skip
"""Words that name no column unless they stand in brackets and quotes ("Entity names", "Reference identifiers")."""

_PRESENCE = frozenset({"isempty", "isnotempty", "notempty", "isnull", "isnotnull", "notnull"})


def read_predicate(reader: QueryReader) -> Predicate:
    """The condition at hand. Raises `SyntaxProblem` where it can't be read."""
    return as_predicate(read_operand(reader))


def read_expression(reader: QueryReader) -> Expression:
    """The value at hand. Raises `SyntaxProblem` where it can't be read."""
    return as_expression(read_operand(reader))


def read_operand(reader: QueryReader) -> Operand:
    """The value or condition at hand. Raises `SyntaxProblem` where it can't be read."""
    start = reader.peek().start
    operands = [_both(reader)]
    while reader.accept_word("or"):
        operands.append(_both(reader))
    if len(operands) == 1:
        return operands[0]
    return Or(tuple(map(as_predicate, operands)), Span(start, reader.last_end))


def _both(reader: QueryReader) -> Operand:
    start = reader.peek().start
    operands = [_equality(reader)]
    while reader.accept_word("and"):
        operands.append(_equality(reader))
    if len(operands) == 1:
        return operands[0]
    return ir.And(tuple(map(as_predicate, operands)), Span(start, reader.last_end))


def _equality(reader: QueryReader) -> Operand:
    """A comparison of whole values. They don't chain: `a == b == c` is no condition."""
    start = reader.peek().start
    left = _relation(reader)
    token = reader.peek()
    name = token.text.lower()
    if reader.accept("==", "!=", "<>"):
        right = _relation(reader)
        return compare_order(token.text, left, right, Span(start, reader.last_end))
    if token.kind in ("word", "bang") and name.removeprefix("!") in LIST_OPERATORS and name not in NO_OPERATORS:
        reader.keyword(token)
        reader.take()
        values = _list(reader)
        return compare_list(name, left, values, Span(start, reader.last_end), reader.note)
    if token.kind in ("word", "bang") and name in ("between", "!between"):
        reader.keyword(token)
        reader.take()
        with reader.nested():
            reader.expect("(", f" after {name}")
            low = read_operand(reader)
            reader.expect("..", " between the two ends")
            high = read_operand(reader)
            reader.expect(")", " after the range")
        return compare_between(left, low, high, name[0] == "!", Span(start, reader.last_end))
    if reader.at("="):
        reader.fail("an operator", hint="compare with '==' (with case) or '=~' (without)")
    if token.kind == "bang":
        reader.fail("an operator", hint=negation_hint(name))
    return left


def _list(reader: QueryReader) -> list[Operand]:
    """The list right of `in` and its like: values, or the rows of a query."""
    with reader.nested():
        opened = reader.index
        reader.expect("(", " before the list")
        opened += 1
        while reader.tokens[opened].kind == "sign" and reader.tokens[opened].text == "(":
            opened += 1
        if is_tabular(reader, ")") or reader.pipe_before(opened, ""):
            start = reader.peek().start
            pipeline = reader.read_pipeline(reader)
            reader.expect(")", " after the query")
            return [Subsearch(pipeline, Span(start, reader.last_end))]
        values: list[Operand] = []
        while not reader.at(")"):
            values.append(read_operand(reader))
            if not reader.accept_comma():
                break
        reader.expect(")", " after the list")
    return values


def _relation(reader: QueryReader) -> Operand:
    start = reader.peek().start
    left = _sum(reader)
    token = reader.accept("<", "<=", ">", ">=")
    if token is None:
        return left
    right = _sum(reader)
    return compare_order(token.text, left, right, Span(start, reader.last_end))


def _sum(reader: QueryReader) -> Operand:
    start = reader.peek().start
    left = _product(reader)
    while (token := reader.accept("+", "-")) is not None:
        left = _arithmetic(reader, token, left, _product(reader), start)
    return left


def _product(reader: QueryReader) -> Operand:
    start = reader.peek().start
    left = _text_comparison(reader)
    while (token := reader.accept("*", "/", "%")) is not None:
        left = _arithmetic(reader, token, left, _text_comparison(reader), start)
    return left


def _arithmetic(reader: QueryReader, token: Token, left: Operand, right: Operand, start: int) -> Expression:
    operator: BinaryOperator = token.text  # type: ignore[assignment]
    return Binary(operator, as_expression(left), as_expression(right), Span(start, reader.last_end))


def _text_comparison(reader: QueryReader) -> Operand:
    start = reader.peek().start
    left: Operand
    if reader.at("*"):
        token = reader.take()
        left = FieldReference("*", token.span)
    else:
        left = _signed(reader)
    operator = take_text_operator(reader)
    if operator is None:
        return left
    right = _signed(reader)
    return compare_text(operator, left, right, Span(start, reader.last_end), reader.note)


def _signed(reader: QueryReader) -> Operand:
    sign = reader.accept("-", "+")
    if sign is None:
        return _path(reader)
    operand = as_expression(_path(reader))
    span = Span(sign.start, reader.last_end)
    if isinstance(operand, Constant) and isinstance(operand.value, int | float) and not isinstance(operand.value, bool):
        return Constant(-operand.value if sign.text == "-" else operand.value, span)
    return Unary("-" if sign.text == "-" else "+", operand, span)


def _path(reader: QueryReader) -> Operand:
    start = reader.peek().start
    value = _primary(reader)
    while True:
        if reader.at(".") and (reader.peek(1).kind == "word" or _is_at(reader, 1, "[")):
            reader.take()
            if reader.at("["):
                value = _element(reader, value, start)
            elif _is_at(reader, 1, "("):
                token = reader.take()
                check_function(reader, token)
                arguments = _arguments(reader)
                value = Call(token.text.lower(), (as_expression(value), *arguments), Span(start, reader.last_end))
            else:
                token = reader.take()
                value = member_of(as_expression(value), token.text, Span(start, reader.last_end))
        elif reader.at("[") and reader.peek().start == reader.last_end:
            value = _element(reader, value, start)
        else:
            return value


def _element(reader: QueryReader, value: Operand, start: int) -> Operand:
    with reader.nested():
        reader.expect("[")
        key = read_expression(reader)
        reader.expect("]", " after the key")
    span = Span(start, reader.last_end)
    base = as_expression(value)
    if isinstance(key, Constant):
        if isinstance(key.value, str):
            return member_of(base, key.value, span)
        inner = unwrapped(base)
        if isinstance(inner, FieldReference) and isinstance(key.value, int):
            return FieldReference(f"{inner.name}[{key.value}]", span)
    return Operation("member", (base, key), span)


def _is_at(reader: QueryReader, ahead: int, text: str) -> bool:
    token = reader.peek(ahead)
    return token.kind == "sign" and token.text == text


def _primary(reader: QueryReader) -> Operand:
    token = reader.peek()
    match token.kind:
        case "number":
            reader.take()
            return Constant(number_value(token.text), token.span)
        case "span":
            reader.take()
            return timespan(token.text, token.span)
        case "typed":
            reader.take()
            return typed_value(reader, token)
        case "text":
            return _text(reader)
        case "word":
            return _word(reader)
    if reader.at("("):
        with reader.nested():
            reader.take()
            inner = read_operand(reader)
            reader.expect(")")
        return inner
    if reader.at("[") and reader.peek(1).kind == "text":
        name = read_quoted_name(reader)
        place, bound = Span(token.start, reader.last_end), reader.bound(name)
        return placed(bound.value, place) if isinstance(bound, Scalar) else FieldReference(name, place)
    return reader.fail("a column, a value or a condition")


def read_quoted_name(reader: QueryReader) -> str:
    """A name in brackets and quotes, its opening bracket at hand."""
    reader.expect("[")
    name = text_value(reader, reader.take())
    reader.expect("]", " after the name")
    return name


def _text(reader: QueryReader) -> Constant:
    """A text; texts that stand side by side are one."""
    token = reader.take()
    value, end = text_value(reader, token), token.end
    while reader.peek().kind == "text":
        following = reader.take()
        value, end = value + text_value(reader, following), following.end
    return Constant(value, Span(token.start, end))


def _word(reader: QueryReader) -> Operand:
    token = reader.take()
    name = token.text
    if reader.at("("):
        return _call(reader, token)
    bound = reader.bound(name)
    if isinstance(bound, Scalar) and name not in made_columns(reader.rows):
        reader.spend(bound.size, token.span)
        return placed(bound.value, token.span)
    if isinstance(bound, Tabular):
        reader.spend(bound.size, token.span)
        return Subsearch(ir.Pipeline(bound.stages, span=token.span), token.span)
    lowered = name.lower()
    if lowered in ("true", "false"):
        return Constant(lowered == "true", token.span)
    if lowered == "null":
        hint = "ask isnull(…) or isempty(…), or write int(null), datetime(null), …"
        reader.note("KUS018", "there is no null without a type", token.span, "error", hint)
        return Constant(None, token.span)
    if name in _RESERVED:
        reader.fail("a column, a value or a condition", hint=f"a column of that name is ['{name}']", token=token)
    return FieldReference(name, token.span)


def _arguments(reader: QueryReader, named: dict[str, Expression] | None = None) -> list[Expression]:
    """Arguments in brackets, the opening one at hand; those with a name before them go into `named`, where there may be
    such."""
    values: list[Expression] = []
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            if reader.at("*") and reader.peek(1).text in (",", ")"):
                values.append(FieldReference("*", reader.take().span))
            else:
                name = None
                if named is not None and reader.peek().kind == "word" and _is_at(reader, 1, "="):
                    name = reader.take().text.lower()
                    reader.take()
                value = read_expression(reader)
                if named is None or name is None:
                    values.append(value)
                else:
                    named[name] = value
                if reader.at("="):
                    reader.fail("an operator", hint="compare with '==' (with case) or '=~' (without)")
            if not reader.accept_comma():
                break
        reader.expect(")", " after the arguments")
    return values


def read_plugin(reader: QueryReader) -> tuple[Argument, ...]:
    """The call of a plug-in at hand, and behind it those of its arguments that have names. Raises `SyntaxProblem` where
    it can't be read."""
    token = reader.peek()
    if token.kind != "word" or not _is_at(reader, 1, "("):
        reader.fail("a call of a plug-in")
    reader.take()
    named: dict[str, Expression] = {}
    arguments = _arguments(reader, named)
    call = Call(token.text.lower(), tuple(arguments), Span(token.start, reader.last_end))
    return Argument(call, span=call.span), *(Argument(value, name, value.span) for name, value in named.items())


def _call(reader: QueryReader, token: Token) -> Operand:
    name = token.text.lower()
    if name == "dynamic":
        value = read_dynamic(reader)
        return dataclasses.replace(value, span=Span(token.start, reader.last_end))
    if name in ("toscalar", "totable", "materialize"):
        with reader.nested():
            reader.take()
            if is_tabular(reader, ")") or reader.pipe_before(reader.index, "") or name != "toscalar":
                pipeline = reader.read_pipeline(reader)
                found: Operand = Subsearch(pipeline, token.span)
            else:
                found = read_operand(reader)
            reader.expect(")", f" after {name}")
        return found
    bound = reader.bound(token.text)
    if isinstance(bound, UserFunction):
        result = call_own(reader, token, bound)
        if isinstance(result, tuple):
            return Subsearch(ir.Pipeline(result, span=token.span), token.span)
        return result
    check_function(reader, token)
    arguments = _arguments(reader)
    span = Span(token.start, reader.last_end)
    if name == "not" and len(arguments) == 1:
        return Not(as_predicate(arguments[0]), span)
    if name in _PRESENCE and len(arguments) == 1:
        found_presence = presence(name, arguments[0], span)
        if found_presence is not None:
            return found_presence
    if name == "strcat" and arguments and all(isinstance(one, Constant) for one in arguments):
        parts = [_shown(one) for one in arguments]
        if sum(map(len, parts)) <= MAXIMUM_TEXT:
            return Constant("".join(parts), span)
    typed = name in _TYPED and len(arguments) == _TYPED[name]
    if typed and (conversion := conversion_of(arguments[-1])) is not None:
        return Call(conversion, (Call(name, tuple(arguments[:-1]), span),), span)
    if name in ADDRESS_RANGES and len(arguments) >= 2:
        in_range = compare_address(arguments[0], arguments[1:], span)
        if in_range is not None:
            return in_range
    return Call(name, tuple(arguments), span)


def _shown(value: Expression) -> str:
    inner = value.value if isinstance(value, Constant) else None
    if isinstance(inner, bool):
        return str(inner).lower()
    return "" if inner is None else str(inner)
