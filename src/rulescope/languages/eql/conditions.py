"""Conditions and values of EQL.

Precedence, loosest first: `or`, `and`, `not`, one comparison (they don't chain), `+ -`, `* / %`, sign. Elasticsearch
turns a condition into queries in which a comparison of a field that the event lacks is false and its negation true
(only `== null` and `!= null` ask for the field itself): `missing="false"` in every leaf.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulescope import ir
from rulescope.ir import Any as Wildcard
from rulescope.ir import Binary, Call, Compare, Constant, Expression, FieldReference, Predicate, PredicateExpression
from rulescope.ir.expressions import BinaryOperator
from rulescope.ir.predicates import Not, Or, Test
from rulescope.languages.common.patterns import compare_pattern, compare_patterns, lucene_regex, split_wildcards
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.languages.eql.functions import COMPARING, FUNCTIONS, SHARED_NAMES
from rulescope.languages.eql.lexer import name_part, text_value
from rulescope.text import Span, nearest_name

Operand = Expression | Predicate

_PREDICATES = (ir.And, ir.Or, ir.Not, ir.Compare, ir.Term, ir.Test)
_RESERVED = frozenset({"and", "or", "not", "in", "in~", "like", "like~", "regex", "regex~", "by", "with", "until"})
_KINDS: dict[str, ir.ComparisonKind] = {"==": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: dict[str, BinaryOperator] = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_PATTERN_WORDS = ("like", "like~", "regex", "regex~", "in", "in~")
_Pieces = tuple[str | Wildcard, ...]


def read_condition(reader: TokenReader) -> Predicate:
    """The condition at hand. Raises `SyntaxProblem` where it can't be read."""
    return as_predicate(_either(reader))


def read_value(reader: TokenReader) -> Expression:
    """The value at hand (an argument of a pipe)."""
    return as_expression(_either(reader))


def as_predicate(operand: Operand) -> Predicate:
    """The operand as a condition: a field alone is the question whether it is true."""
    match operand:
        case FieldReference(name=name, span=span):
            return Compare(name, "eq", (True,), span=span, value_spans=(span,))
        case PredicateExpression(predicate=predicate):
            return predicate
    if isinstance(operand, _PREDICATES):
        return operand
    return Test(operand, operand.span)  # type: ignore[arg-type]


def as_expression(operand: Operand) -> Expression:
    """The operand as a value: a condition is true or false."""
    if isinstance(operand, Test):
        return operand.expression
    if isinstance(operand, _PREDICATES):
        return PredicateExpression(operand, operand.span)
    return operand  # type: ignore[return-value]


def _either(reader: TokenReader) -> Operand:
    operands = [_both(reader)]
    while reader.accept_word("or"):
        operands.append(_both(reader))
    if len(operands) == 1:
        return operands[0]
    predicates = tuple(map(as_predicate, operands))
    return Or(predicates, predicates[0].span.union(predicates[-1].span))


def _both(reader: TokenReader) -> Operand:
    operands = [_negated(reader)]
    while reader.accept_word("and"):
        operands.append(_negated(reader))
    if len(operands) == 1:
        return operands[0]
    predicates = tuple(map(as_predicate, operands))
    return ir.And(predicates, predicates[0].span.union(predicates[-1].span))


def _negated(reader: TokenReader) -> Operand:
    signs: list[Token] = []
    while (token := reader.accept_word("not")) is not None:
        signs.append(token)
        reader.check_depth(len(signs))
    operand = _comparison(reader)
    for sign in reversed(signs):
        predicate = as_predicate(operand)
        operand = Not(predicate, sign.span.union(predicate.span))
    return operand


def _comparison(reader: TokenReader) -> Operand:
    start = reader.peek().start
    left = _sum(reader)
    token = reader.peek()
    negated = reader.at_word("not") and reader.peek(1).text in ("in", "in~")
    if negated:
        reader.take()
        token = reader.peek()
    if reader.at(*_KINDS):
        reader.take()
        right = _sum(reader)
        return _ordered(token.text, left, right, Span(start, reader.last_end))
    if reader.at(":") or (token.kind == "word" and token.text in _PATTERN_WORDS):
        reader.take()
        listed = _list(reader)
        found = _looked_up(reader, ":" if token.kind == "sign" else token.text, left, listed, start)
        return Not(as_predicate(found), Span(start, reader.last_end)) if negated else found
    if reader.at("="):
        reader.fail("an operator", hint="compare with '==' (with case) or ':' (without)")
    return left


def _ordered(operator: str, left: Operand, right: Operand, span: Span) -> Operand:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    negated = operator == "!="
    found: Predicate
    if isinstance(right, Constant) and isinstance(left, FieldReference):
        value = right.value
        if value is None:
            if operator in ("==", "!="):
                # `!= null` asks for the field itself; a Not around "missing" would say the same less plainly.
                return Compare(left.name, "exists", span=span) if negated else _absent(left.name, span)
            return Test(Binary(_SIGNS[operator], left, right, span), span)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        found = Compare(left.name, _KINDS[operator], (value,), numeric=number, span=span, value_spans=(right.span,))
        return Not(found, span) if negated else found
    if isinstance(right, Constant) and isinstance(right.value, bool) and isinstance(left, _PREDICATES):
        # `cidrMatch(…) == false`
        return left if right.value is not negated else Not(left, span)
    return Test(Binary(_SIGNS[operator], as_expression(left), as_expression(right), span), span)


def _absent(field: str, span: Span) -> Compare:
    return Compare(field, "missing", missing="true", span=span)


def _list(reader: TokenReader) -> list[Expression]:
    """What stands right of a lookup operator: one value, or several in brackets."""
    if not reader.at("("):
        return [as_expression(_sum(reader))]
    values: list[Expression] = []
    with reader.nested():
        reader.take()
        while not reader.at(")"):
            values.append(as_expression(_sum(reader)))
            if not reader.accept(","):
                break
        reader.expect(")", " after the list")
    if not values:
        reader.fail("a value", token=reader.tokens[reader.index - 1])
    return values


def _looked_up(reader: TokenReader, operator: str, left: Operand, listed: list[Expression], start: int) -> Operand:
    span = Span(start, reader.last_end)
    folded = operator == ":" or operator.endswith("~")
    word = operator.rstrip("~")
    constants = [one for one in listed if isinstance(one, Constant)]
    if not isinstance(left, FieldReference) or len(constants) < len(listed):
        name = {":": "wildcard~", "like": "wildcard", "like~": "wildcard~"}.get(operator, operator)
        return Test(Call(name, (as_expression(left), *listed), span), span)
    if word == "regex":
        return _matches(left.name, constants, folded, span)
    if word == "in":
        return _in(left.name, constants, folded, span)
    return compare_patterns(
        left.name,
        [(_pieces(one.value), one.span) for one in constants],
        ignore_case=folded,
        missing="false",
        span=span,
    )


def _pieces(value: object) -> _Pieces:
    return split_wildcards(value) if isinstance(value, str) else (_shown(value),)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in(field: str, constants: Sequence[Constant], folded: bool, span: Span) -> Predicate:
    """`in`: whole values, and `*` is a plain character. `null` is in no list."""
    kept = [one for one in constants if one.value is not None]
    values = tuple(one.value for one in kept if one.value is not None)
    if not values:
        return Test(Constant(False, span), span)
    number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    kind: ir.ComparisonKind = "in" if len(values) > 1 else "eq"
    return Compare(field, kind, values, folded, numeric=number, span=span, value_spans=tuple(one.span for one in kept))


def _matches(field: str, constants: Sequence[Constant], folded: bool, span: Span) -> Predicate:
    found: list[Predicate] = []
    for one in constants:
        pattern = lucene_regex(_shown(one.value))
        if pattern is None:
            # An operator that only Lucene's expressions have: kept as it is, for engines to refuse.
            call = Call("regex~" if folded else "regex", (FieldReference(field, span), one), span)
            found.append(Test(call, span))
        else:
            found.append(Compare(field, "match", (pattern,), folded, span=span, value_spans=(one.span,)))
    return found[0] if len(found) == 1 else Or(tuple(found), span)


def _sum(reader: TokenReader) -> Operand:
    left = _product(reader)
    while (token := reader.accept("+", "-")) is not None:
        left = _joined(token, left, _product(reader))
    return left


def _product(reader: TokenReader) -> Operand:
    left = _signed(reader)
    while (token := reader.accept("*", "/", "%")) is not None:
        left = _joined(token, left, _signed(reader))
    return left


def _joined(token: Token, left: Operand, right: Operand) -> Expression:
    a, b = as_expression(left), as_expression(right)
    operator: BinaryOperator = token.text  # type: ignore[assignment]
    return Binary(operator, a, b, a.span.union(b.span))


def _signed(reader: TokenReader) -> Operand:
    sign = reader.accept("-", "+")
    if sign is None:
        return _primary(reader)
    with reader.nested():
        operand = _signed(reader)
    span = Span(sign.start, reader.last_end)
    if isinstance(operand, Constant) and isinstance(operand.value, int | float) and not isinstance(operand.value, bool):
        return Constant(-operand.value if sign.text == "-" else operand.value, span)
    return ir.Unary("-" if sign.text == "-" else "+", as_expression(operand), span)


def _primary(reader: TokenReader) -> Operand:
    token = reader.peek()
    if token.kind == "number":
        reader.take()
        return Constant(number_value(token.text), token.span)
    if token.kind in ("text", "raw", "single"):
        reader.take()
        return Constant(text_value(reader, token), token.span)
    if reader.at("("):
        with reader.nested():
            reader.take()
            inner = _either(reader)
            reader.expect(")")
        return inner
    if reader.at("?"):
        return read_field(reader)
    if token.kind == "word" and token.text not in _RESERVED:
        if token.text in ("true", "false", "null") and not _is_at(reader, 1, "."):
            reader.take()
            return Constant({"true": True, "false": False, "null": None}[token.text], token.span)
        if _is_at(reader, 1, "("):
            return _call(reader)
        return read_field(reader)
    return reader.fail("a field, a value or a condition")


def _is_at(reader: TokenReader, ahead: int, text: str) -> bool:
    token = reader.peek(ahead)
    return token.kind == "sign" and token.text == text


def number_value(text: str) -> int | float:
    """A number as written: whole, or with a fraction or exponent."""
    if text.isdigit() and len(text) <= 30:
        return int(text)
    return float(text)


def read_field(reader: TokenReader) -> FieldReference:
    """A field by name: parts joined by dots, some in backticks, `?` before it where the field may not exist."""
    start = reader.peek().start
    reader.accept("?")
    token = reader.peek()
    if token.kind != "word" or token.text.endswith("~"):
        reader.fail("a field")
    reader.take()
    parts = [name_part(token)]
    while True:
        token = reader.peek()
        if reader.at(".") and token.start == reader.last_end and reader.peek(1).kind in ("word", "number", "span"):
            reader.take()
            part = reader.take()
            parts.append("." + name_part(part))
        elif token.kind == "number" and token.text.startswith(".") and token.start == reader.last_end:
            parts.append(reader.take().text)
        elif reader.at("[") and token.start == reader.last_end and reader.peek(1).kind == "number":
            reader.take()
            parts.append(f"[{reader.take().text}]")
            reader.expect("]")
        else:
            break
    return FieldReference("".join(parts), Span(start, reader.last_end))


def _call(reader: TokenReader) -> Operand:
    token = reader.take()
    name = token.text.rstrip("~").lower()
    folded = token.text.endswith("~")
    arguments: list[Expression] = []
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            arguments.append(as_expression(_either(reader)))
            if not reader.accept(","):
                break
        reader.expect(")", f" after the arguments of {token.text}")
    span = Span(token.start, reader.last_end)
    _check(reader, token, name, folded, len(arguments))
    return _lowered(name, folded, arguments, span)


def _check(reader: TokenReader, token: Token, name: str, folded: bool, number: int) -> None:
    known = FUNCTIONS.get(name)
    if known is None:
        near = nearest_name(name, FUNCTIONS) if len(name) < 60 else None
        hint = f"did you mean '{near}'?" if near else None
        reader.note("EQL010", f"there is no function '{token.text}'", token.span, "error", hint)
        return
    if number < known.least or (known.most is not None and number > known.most):
        wanted = str(known.least) if known.most == known.least else f"{known.least} to {known.most or 'any number'}"
        reader.note("EQL011", f"{token.text} takes {wanted} arguments, not {number}", token.span, "error")
    if folded and not known.folding:
        reader.note("EQL010", f"'{name}' has no form without regard to case", token.span, "error")
    if known.endgame:
        reader.note("EQL012", f"Elasticsearch's EQL has no function '{token.text}'", token.span)


def _lowered(name: str, folded: bool, arguments: list[Expression], span: Span) -> Operand:
    """A function of a field and constants as the comparison that it is, else as a call."""
    first = arguments[0] if arguments else None
    rest = arguments[1:]
    constants = [one for one in rest if isinstance(one, Constant)]
    if isinstance(first, FieldReference) and rest and len(constants) == len(rest):
        kind = COMPARING.get(name)
        if kind is not None:
            parts: list[Predicate] = [
                Compare(first.name, kind, (_shown(one.value),), folded, span=span, value_spans=(one.span,))
                for one in constants
            ]
            return parts[0] if len(parts) == 1 else Or(tuple(parts), span)
        if name == "wildcard":
            # Endgame's EQL regards no case.
            pieces = [(_pieces(one.value), one.span) for one in constants]
            if len(pieces) == 1:
                return compare_pattern(first.name, pieces[0][0], True, "false", span, pieces[0][1])
            return compare_patterns(first.name, pieces, True, "false", span)
    return Call(f"{name}~" if folded else SHARED_NAMES.get(name, name), tuple(arguments), span)
