"""The expressions of `eval`, `where` and `eval(…)` inside `stats`: precedence climbing over the stage's text.

From tightest: brackets and calls, unary minus, `* / %`, `+ - .`, comparisons with LIKE and IN, NOT, AND, OR, XOR
(Search Reference, "eval", operators; Search Manual, "Boolean expressions").
"""

from __future__ import annotations

import re
from typing import cast

from rulescope.ir.expressions import (
    Binary,
    BinaryOperator,
    Call,
    Constant,
    Expression,
    FieldReference,
    InList,
    PredicateExpression,
    Subsearch,
    Unary,
)
from rulescope.languages.spl.arguments import Arguments, unescape

MAXIMUM_DEPTH = 150
"""How deep brackets may nest: far beyond what people write, well within Python's own stack."""

_NUMBER = re.compile(r"(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)(?![\w$])")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_FIELD_QUOTED = re.compile(r"'([^']*)'")
_NAME = re.compile(r"(?:[A-Za-z_@$]|<<|\d|[^\W\d])(?:[\w:@$#]|<<|>>|\{\})*")
_COMPARISON = re.compile(r"==|=|!=|<>|<=|>=|<(?!<)|>(?!>)")
_ADDITIVE = re.compile(r"[+\-.]")
_MULTIPLICATIVE = re.compile(r"[*/%]")
_WORD_OPERATOR = re.compile(r"(and|or|xor|not|like|in)(?![\w.:])", re.IGNORECASE)
_GLUED = re.compile(r"(AND|OR|XOR|and|or|xor)(?=(?:[a-z][a-z_0-9]*|NOT)\s*\()")
_OTHER_OPERATOR = re.compile(
    r"(contains|startswith|endswith|matches|is|has|regex|==?~|=~)\s+(?=[\"'\w])", re.IGNORECASE
)
_SPELLED = {"<>": "!=", "==": "="}


def parse_expression(arguments: Arguments) -> Expression:
    """The expression that stands here, as far as it goes."""
    return _xor(arguments, 0)


def _word(arguments: Arguments, *words: str) -> str | None:
    found = arguments.looking_at(_WORD_OPERATOR)
    if found:
        return found.group(1).lower() if found.group(1).lower() in words else None
    glued = arguments.looking_at(_GLUED)
    if glued and glued.group(1).lower() in words:
        arguments.note(
            "SPL027",
            f"a blank is missing after {glued.group(1)}",
            glued.start(),
            glued.end(),
            hint=f"write {glued.group(1)} and a blank; it is read so here",
            severity="error",
        )
        return glued.group(1).lower()
    return None


def _xor(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _or(arguments, depth)
    while _word(arguments, "xor"):
        arguments.position += 3
        left = Binary("xor", left, _or(arguments, depth), arguments.span(start))
    return left


def _or(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _and(arguments, depth)
    while _word(arguments, "or"):
        arguments.position += 2
        left = Binary("or", left, _and(arguments, depth), arguments.span(start))
    return left


def _and(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _not(arguments, depth)
    while _word(arguments, "and"):
        arguments.position += 3
        left = Binary("and", left, _not(arguments, depth), arguments.span(start))
    return left


def _not(arguments: Arguments, depth: int) -> Expression:
    if _word(arguments, "not"):
        start = arguments.position
        if depth > MAXIMUM_DEPTH:
            _too_deep(arguments)
        arguments.position += 3
        operand = _not(arguments, depth + 1)
        return Unary("not", operand, arguments.span(start))
    return _comparison(arguments, depth)


def _comparison(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _additive(arguments, depth)
    while True:
        found = arguments.match(_COMPARISON)
        if found:
            operator = _SPELLED.get(found.group(), found.group())
            right = _additive(arguments, depth)
            left = Binary(cast(BinaryOperator, operator), left, right, arguments.span(start))
            continue
        word = _word(arguments, "like", "in", "not")
        if word == "like":
            arguments.position += 4
            left = Binary("like", left, _additive(arguments, depth), arguments.span(start))
        elif word == "in":
            arguments.position += 2
            left = InList(left, _options(arguments, depth), arguments.span(start))
        elif word == "not":
            before = arguments.position
            arguments.position += 3
            inner = _word(arguments, "in", "like")
            if inner == "in":
                arguments.position += 2
                left = Unary(
                    "not", InList(left, _options(arguments, depth), arguments.span(start)), arguments.span(start)
                )
            elif inner == "like":
                arguments.position += 4
                like = Binary("like", left, _additive(arguments, depth), arguments.span(start))
                left = Unary("not", like, arguments.span(start))
            else:
                arguments.position = before
                return left
        else:
            other = arguments.match(_OTHER_OPERATOR)
            if not other:
                return left
            arguments.note(
                "SPL028",
                f"expressions have no operator '{other.group(1)}'",
                other.start(1),
                other.end(1),
                hint='use like(field, "%text%") or match(field, "regex")',
                severity="error",
            )
            right = _additive(arguments, depth)
            left = Call(other.group(1).lower(), (left, right), arguments.span(start))


def _options(arguments: Arguments, depth: int) -> tuple[Expression, ...]:
    arguments.skip()
    if not arguments.accept("("):
        arguments.expected("'(' and a list of values after IN")
    return _list(arguments, depth)


def _list(arguments: Arguments, depth: int) -> tuple[Expression, ...]:
    """Expressions separated by commas up to `)`, which is passed."""
    if depth > MAXIMUM_DEPTH:
        _too_deep(arguments)
    opening = arguments.position - 1
    items: list[Expression] = []
    while not arguments.accept(")"):
        if arguments.at_end():
            arguments.close(opening)
            break
        items.append(_xor(arguments, depth + 1))
        if not arguments.accept(",") and arguments.peek() not in (")", ""):
            arguments.expected("',' or ')'")
    return tuple(items)


def _additive(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _multiplicative(arguments, depth)
    while found := arguments.match(_ADDITIVE):
        right = _multiplicative(arguments, depth)
        left = Binary(cast(BinaryOperator, found.group()), left, right, arguments.span(start))
    return left


def _multiplicative(arguments: Arguments, depth: int) -> Expression:
    arguments.skip()
    start = arguments.position
    left = _unary(arguments, depth)
    while found := arguments.match(_MULTIPLICATIVE):
        right = _unary(arguments, depth)
        left = Binary(cast(BinaryOperator, found.group()), left, right, arguments.span(start))
    return left


def _unary(arguments: Arguments, depth: int) -> Expression:
    character = arguments.peek()
    if character == "!":
        # Not documented, but read by Splunk as NOT, and used so by rules (practice).
        start = arguments.position
        if depth > MAXIMUM_DEPTH:
            _too_deep(arguments)
        arguments.position += 1
        return Unary("not", _unary(arguments, depth + 1), arguments.span(start))
    if character in ("-", "+"):
        start = arguments.position
        if depth > MAXIMUM_DEPTH:
            _too_deep(arguments)
        arguments.position += 1
        operand = _unary(arguments, depth + 1)
        if character == "-" and isinstance(operand, Constant) and isinstance(operand.value, (int, float)):
            return Constant(-operand.value, arguments.span(start))
        return Unary("-" if character == "-" else "+", operand, arguments.span(start))
    return _primary(arguments, depth)


def _primary(arguments: Arguments, depth: int) -> Expression:
    character = arguments.peek()
    start = arguments.position
    if character == "(":
        if depth > MAXIMUM_DEPTH:
            _too_deep(arguments)
        arguments.position += 1
        inner = _xor(arguments, depth + 1)
        arguments.close(start)
        return inner
    if character == '"':
        found = arguments.match(_STRING)
        if not found:
            arguments.fail("SPL001", "unbalanced quote: this text is not closed", start, start + 1)
        return Constant(unescape(found.group(1)), arguments.span(start))
    if character == "'":
        found = arguments.match(_FIELD_QUOTED)
        if not found:
            arguments.fail("SPL001", "unbalanced single quote: this field name is not closed", start, start + 1)
        return FieldReference(found.group(1), arguments.span(start))
    if character == "`":
        return arguments.macro()
    if character == "[":
        if not arguments.at_subsearch():
            arguments.fail("SPL003", "unbalanced bracket", start, start + 1)
        pipeline = arguments.subsearch()
        return Subsearch(pipeline, arguments.span(start))
    number = arguments.match(_NUMBER)
    if number:
        return Constant(_number(number.group()), arguments.span(start))
    if _word(arguments, "not"):
        return _not(arguments, depth + 1)
    name = arguments.match(_NAME)
    if name:
        if arguments.peek() == "(" and arguments.text[name.end() : name.end() + 1] in ("(", " ", "\t", "\n", "\r"):
            arguments.position += 1
            items = _list(arguments, depth)
            return _call(arguments, name.group(), items, start)
        arguments.position = name.end()
        return FieldReference(name.group(), arguments.span(start))
    return arguments.expected("a value, a field or a function")


def _call(arguments: Arguments, name: str, items: tuple[Expression, ...], start: int) -> Expression:
    lower = name.lower()
    span = arguments.span(start)
    if lower == "true" and not items:
        return Constant(True, span)
    if lower == "false" and not items:
        return Constant(False, span)
    if lower == "null" and not items:
        return Constant(None, span)
    if lower == "in" and len(items) >= 2:
        return InList(items[0], items[1:], span)
    if (
        lower == "searchmatch"
        and len(items) == 1
        and isinstance(items[0], Constant)
        and isinstance(items[0].value, str)
    ):
        predicate = arguments.parser.inner_predicate(items[0].value, items[0].span)
        if predicate is not None:
            return PredicateExpression(predicate, span)
    arguments.parser.function_used(lower, arguments, start, start + len(name), len(items))
    return Call(lower, items, span)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _too_deep(arguments: Arguments) -> None:
    arguments.fail("SPL005", f"brackets nest deeper than {MAXIMUM_DEPTH}; this is not read further")
