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
    Hole,
    InList,
    PredicateExpression,
    Subsearch,
    Unary,
)
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.inner_texts import inner_predicate
from rulescope.languages.spl.reader import unescape

MAXIMUM_CHAIN = 250
"""How many operators may follow one another without brackets: the tree leans to the left by as much."""

MAXIMUM_CONDITIONS = 20_000
"""How many conditions `where` may join by AND and OR; its tree is flat."""

_NUMBER = re.compile(r"(?:\d+(?:\.\d+|\.(?![\s\w\"'(`]))?(?:[eE][+-]?\d+)?|\.\d+)(?![\w$])")
"""A number. A dot before a text or a name joins: `1."%"` is the text 1%."""
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_FIELD_QUOTED = re.compile(r"'([^']*)'")
_NAME = re.compile(r"(?:[A-Za-z_@$#]|<<|\d|[^\W\d])(?:[\w:@$#]|<<|>>|\{\})*")
_OPERATOR = re.compile(
    r"(?P<comparison>==|=|!=|<>|<=|>=|<(?!<)|>(?!>))|(?P<additive>[+\-.])|(?P<multiplicative>[*/%])"
    r"|(?P<word>and|or|xor|not|like|in)(?![\w.:])",
    re.IGNORECASE,
)
_NOT = re.compile(r"not(?![\w.:])", re.IGNORECASE)
_AFTER_NOT = re.compile(r"not\s+(in|like)(?![\w.:])", re.IGNORECASE)
_GLUED = re.compile(r"(?P<glued>AND|OR|XOR|and|or|xor)(?=(?:[a-z][a-z_0-9]*|NOT)\s*\()")
_OTHER_OPERATOR = re.compile(
    r"(contains|startswith|endswith|matches|is|has|regex|==?~|=~)\s+(?=[\"'\w])", re.IGNORECASE
)
_SPELLED = {"<>": "!=", "==": "="}

_XOR, _OR, _AND, _NEGATION, _COMPARING, _ADDING, _MULTIPLYING = range(1, 8)
_LEVELS = {"xor": _XOR, "or": _OR, "and": _AND}


def parse_expression(arguments: ArgumentReader, conditions: int = MAXIMUM_CHAIN) -> Expression:
    """The expression that stands here, as far as it goes; at most so many conditions may be joined by AND and OR."""
    return _expression(arguments, _XOR, conditions)


def _expression(arguments: ArgumentReader, least: int, conditions: int = MAXIMUM_CHAIN) -> Expression:
    """Operands and the operators between them that bind at least as tightly as `least`."""
    arguments.skip()
    start = arguments.position
    if least <= _NEGATION and arguments.looking_at(_NOT):
        left = _negation(arguments, conditions)
    else:
        left = _unary(arguments, conditions)
    joined = 0
    while True:
        found = arguments.looking_at(_OPERATOR) or _glued(arguments, least)
        if found is None:
            other = arguments.looking_at(_OTHER_OPERATOR) if least <= _COMPARING else None
            if other is None:
                return left
            left = _unknown_operator(arguments, other, left, start)
            continue
        operator = found.group().lower() if found.lastgroup in ("word", "glued") else found.group()
        level = _level(operator, found.lastgroup)
        if level < least:
            return left
        joined += 1
        if joined > (conditions if level < _NEGATION else MAXIMUM_CHAIN):
            arguments.fail("SPL005", f"more than {joined - 1:,} operators in a row; this is not read further")
        if operator == "in":
            arguments.position = found.end()
            left = InList(left, _options(arguments), arguments.span(start))
        elif operator == "not":
            after = arguments.match(_AFTER_NOT)
            if after is None:
                return left
            inner: Expression
            if after.group(1).lower() == "in":
                inner = InList(left, _options(arguments), arguments.span(start))
            else:
                inner = Binary("like", left, _expression(arguments, _ADDING), arguments.span(start))
            left = Unary("not", inner, arguments.span(start))
        else:
            arguments.position = found.end()
            right = _expression(arguments, level + 1, conditions)
            operator = _SPELLED.get(operator, operator)
            left = Binary(cast(BinaryOperator, operator), left, right, arguments.span(start))


def _level(operator: str, kind: str | None) -> int:
    if kind == "additive":
        return _ADDING
    if kind == "multiplicative":
        return _MULTIPLYING
    return _LEVELS.get(operator, _COMPARING)


def _glued(arguments: ArgumentReader, least: int) -> re.Match[str] | None:
    """AND, OR or XOR with the function's name right behind it: an error that hides nothing."""
    found = arguments.looking_at(_GLUED)
    if found is None or _LEVELS[found.group().lower()] < least:
        return None
    arguments.note(
        "SPL027",
        f"a blank is missing after {found.group()}",
        found.start(),
        found.end(),
        hint=f"write {found.group()} and a blank",
        severity="error",
    )
    return found


def _unknown_operator(arguments: ArgumentReader, other: re.Match[str], left: Expression, start: int) -> Expression:
    arguments.position = other.end()
    arguments.note(
        "SPL028",
        f"expressions have no operator '{other.group(1)}'",
        other.start(1),
        other.end(1),
        hint='use like(field, "%text%") or match(field, "regex")',
        severity="error",
    )
    right = _expression(arguments, _ADDING)
    return Call(other.group(1).lower(), (left, right), arguments.span(start))


def _negation(arguments: ArgumentReader, conditions: int) -> Expression:
    starts: list[int] = []
    while found := arguments.match(_NOT):
        starts.append(found.start())
    operand = arguments.parser.nested(arguments, len(starts), lambda: _expression(arguments, _COMPARING, conditions))
    for start in reversed(starts):
        operand = Unary("not", operand, arguments.span(start))
    return operand


def _options(arguments: ArgumentReader) -> tuple[Expression, ...]:
    if not arguments.accept("("):
        arguments.expected("'(' and a list of values after IN")
    opening = arguments.position - 1
    options = _list(arguments)
    if not options:
        arguments.fail("SPL014", "IN needs at least one value", opening, arguments.position)
    return options


def _list(arguments: ArgumentReader) -> tuple[Expression, ...]:
    """Expressions separated by commas up to `)`, which is passed."""
    opening = arguments.position - 1
    items: list[Expression] = []
    while not arguments.accept(")"):
        if arguments.at_end():
            arguments.close(opening)
            break
        items.append(arguments.parser.nested(arguments, 1, lambda: _expression(arguments, _XOR)))
        if not arguments.accept(",") and arguments.peek() not in (")", ""):
            arguments.expected("',' or ')'")
    return tuple(items)


def _unary(arguments: ArgumentReader, conditions: int) -> Expression:
    signs: list[tuple[int, str]] = []
    while (character := arguments.peek()) and character in "-+!":
        signs.append((arguments.position, character))
        arguments.position += 1
    if not signs:
        return _primary(arguments, conditions)
    operand = arguments.parser.nested(arguments, len(signs), lambda: _primary(arguments, conditions))
    for start, sign in reversed(signs):
        if sign == "!":
            # Not documented, but read by Splunk as NOT, and used so by rules (practice).
            operand = Unary("not", operand, arguments.span(start))
        elif sign == "-" and isinstance(operand, Constant) and type(operand.value) in (int, float):
            operand = Constant(-cast(float, operand.value), arguments.span(start), operand.written)
        else:
            operand = Unary("-" if sign == "-" else "+", operand, arguments.span(start))
    return operand


def _primary(arguments: ArgumentReader, conditions: int) -> Expression:
    character = arguments.peek()
    start = arguments.position
    if character == "(":
        arguments.position += 1
        inner = arguments.parser.nested(arguments, 1, lambda: _expression(arguments, _XOR, conditions))
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
        return Constant(_number(number.group()), arguments.span(start), number.group())
    if arguments.looking_at(_NOT):
        return _negation(arguments, conditions)
    name = arguments.match(_NAME)
    if name:
        if arguments.peek() == "(":
            arguments.position += 1
            items = _two_arguments(arguments, name.group(), _list(arguments), start)
            return _call(arguments, name.group(), items, start)
        arguments.position = name.end()
        kind = Hole if "<<" in name.group() else FieldReference
        return kind(name.group(), arguments.span(start))
    return arguments.expected("a value, a field or a function")


def _two_arguments(
    arguments: ArgumentReader, name: str, items: tuple[Expression, ...], start: int
) -> tuple[Expression, ...]:
    """The arguments; `match(field="regex")` is read with a comma for its `=`, which it can only mean."""
    only = items[0] if len(items) == 1 else None
    if name.lower() not in ("match", "like") or not isinstance(only, Binary) or only.operator != "=":
        return items
    arguments.note(
        "SPL030",
        f"{name} takes a field and a pattern, not a comparison",
        start,
        arguments.position,
        hint=f'write {name}(field, "pattern")',
        severity="error",
    )
    return only.left, only.right


def _call(arguments: ArgumentReader, name: str, items: tuple[Expression, ...], start: int) -> Expression:
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
        predicate = inner_predicate(arguments.parser, items[0].value, items[0].span)
        if predicate is not None:
            return PredicateExpression(predicate, span)
    arguments.parser.function_used(lower, arguments, start, start + len(name), len(items))
    return Call(lower, items, span)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
