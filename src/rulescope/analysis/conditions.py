"""Reads conditions: from a predicate or an expression to the values it looks for, each with its sign and its branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rulescope.analysis.collecting import FindingCollector
from rulescope.analysis.event_clues import EVENT_PAIR
from rulescope.analysis.expression_parts import (
    chain_operands,
    fixed_text,
    is_fixed,
    is_of_search,
    starred_value,
)
from rulescope.analysis.findings import COMPUTED, Branch, Finding, ValueOrigin, like_value, typed_value
from rulescope.ir import (
    And,
    Binary,
    Call,
    Compare,
    ComparisonKind,
    Constant,
    Expression,
    FieldReference,
    InList,
    MacroCall,
    Not,
    Operation,
    Or,
    Pipeline,
    Predicate,
    PredicateExpression,
    Subsearch,
    Term,
    Test,
    TimeBound,
    Unary,
)
from rulescope.ir.json_form import expression_text, value_text
from rulescope.ir.text_tests import text_test
from rulescope.text import NO_SPAN, Span

_LEAVES = (Compare, Term, Test, Call, Operation, InList, Binary)
_SIGNS: dict[str, ComparisonKind] = {"=": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED: dict[ComparisonKind, ComparisonKind] = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_FIELD_IN_TERM = re.compile(r"([A-Za-z_][\w.]*)=(\S+)")


@dataclass(slots=True, kw_only=True)
class ConditionCollector(FindingCollector):
    """Reads predicates, and expressions that are used as conditions, into `found` and `fields`.

    `subsearch` is called for each pipeline inside a condition; `language` is the rule's.
    """

    language: str
    subsearch: Callable[[Pipeline, bool, Branch], None]

    def predicate(self, predicate: Predicate, negative: bool = False, branch: Branch = None) -> None:
        """Reads a predicate; `negative` where what holds it turns it round."""
        match predicate:
            case And(operands=operands):
                self._all_of(operands, negative, branch, self.predicate)
            case Or(operands=operands):
                self._arms(operands, negative, branch, self.predicate)
            case Not(operand=operand):
                self.predicate(operand, not negative, branch)
            case Compare():
                self._compare(predicate, negative, branch)
            case Term():
                self._term(predicate, negative, branch)
            case Test(expression=expression):
                self.expression(expression, negative, branch)
            case Subsearch(pipeline=pipeline):
                self.subsearch(pipeline, negative, branch)
            case MacroCall() | TimeBound():
                pass

    def expression(self, expression: Expression, negative: bool = False, branch: Branch = None) -> None:
        """Reads an expression that is used as a condition."""
        match expression:
            case Binary(operator="and"):
                self._choices = 1
                self._all_of(chain_operands(expression, ("and",)), negative, branch, self.expression)
            case Binary(operator="xor"):
                self._choices = 1
                for operand in chain_operands(expression, ("xor",)):
                    self.expression(operand, negative, branch)
            case Binary(operator="or"):
                self._arms(chain_operands(expression, ("or",)), negative, branch, self.expression)
            case Binary(operator=operator, left=left, right=right, span=span):
                if operator == "like":
                    self._like(left, right, negative, branch, span)
                elif operator in _SIGNS:
                    self._comparison(_SIGNS[operator], left, right, negative ^ (operator == "!="), branch, span)
            case Unary(operator="not", operand=operand):
                self.expression(operand, not negative, branch)
            case InList(value=value, options=options, span=span):
                self._listed(value, options, negative, branch, span)
            case Call():
                self._call(expression, negative, branch)
            case Operation("nested", (_, PredicateExpression(predicate=inside))):
                self.predicate(inside, negative, branch)
            case Operation():
                if not self._text_test(expression, negative, branch):
                    self.note_fields(expression)
            case FieldReference():
                self._truth(self.origin(expression), negative, branch)
            case PredicateExpression(predicate=predicate):
                self.predicate(predicate, negative, branch)
            case Subsearch(pipeline=pipeline):
                self.subsearch(pipeline, negative, branch)
            case Constant() | MacroCall() | Unary():
                pass

    def _all_of(
        self,
        operands: Sequence[Predicate] | Sequence[Expression],
        negative: bool,
        branch: Branch,
        read: Callable[..., None],
    ) -> None:
        """Reads the parts of an AND; where it is denied, they rule an event out only together."""
        combined = negative and len(operands) > 1
        self.combinations += combined
        number = self.combinations
        for part, operand in enumerate(operands, 1):
            start = len(self.found)
            read(operand, negative, branch)
            if combined:
                self._marked(start, (part, len(operands), number))

    def _arms(
        self,
        operands: tuple[Predicate, ...] | list[Expression],
        negative: bool,
        branch: Branch,
        read: Callable[..., None],
    ) -> None:
        number = len(operands)
        ordinal = self._next_choice() if branch is None else 0
        for arm, operand in enumerate(operands, 1):
            own = None
            if branch is None and not negative and number > 1:
                # Under NOT an OR demands all of its arms: it is no choice.
                own = (arm, number, ordinal)
            # Where the arm is a single leaf, its siblings could stand in its place.
            self._choices = number if isinstance(operand, _LEAVES) else 1
            read(operand, negative, branch or own)
        self._choices = 1

    def _compare(self, compare: Compare, negative: bool, branch: Branch) -> None:
        name = self._read(compare.field)
        origin = self.lineage.of(name)
        if compare.kind in ("exists", "missing") or (
            compare.kind == "wildcard" and value_text(compare.values[0]) == "*"
        ):
            # A field's being there is no value to look for; it counts only for what the rule computed itself.
            self._presence(origin, negative ^ (compare.kind == "missing"), branch)
            return
        placed = len(compare.value_spans) == len(compare.values)
        choices = self._choices
        self._choices = max(choices, len(compare.values))
        for index, value in enumerate(compare.values):
            if compare.kind in ("in", "eq", "wildcard"):
                kind, text = typed_value(value)
            else:
                kind, text = compare.kind, value_text(value)
            span = compare.value_spans[index] if placed else compare.span
            if compare.field == "_raw" and kind in ("contains", "wildcard"):
                self._raw_text(compare, text, negative, branch, span)
                continue
            self._add(name, origin, kind, text, compare.ignore_case, negative, branch, span, value)
        self._choices = choices

    def _term(self, term: Term, negative: bool, branch: Branch) -> None:
        if term.text.strip("*") == "":
            return
        self.found.append(
            Finding(
                "term", "", "", "contains", term.text, term.directive != "CASE", negative, self.stage, term.span,
                branch, term.directive, term.quoted, self._choices,
            )
        )  # fmt: skip
        # Of quoted texts only an event's number is sure to be a field: `user=x` may stand in a command line.
        pair = (_FIELD_IN_TERM if term.directive == "TERM" else EVENT_PAIR).fullmatch(term.text)
        if pair:
            name = self._read(pair[1])
            kind, text = starred_value(pair[2])
            self._add(name, ValueOrigin((name,)), kind, text, True, negative, branch, term.span, text)

    def _like(self, value: Expression, pattern: Expression, negative: bool, branch: Branch, span: Span) -> None:
        if isinstance(pattern, Constant) and isinstance(pattern.value, str):
            kind, text = like_value(pattern.value)
            self._about(value, kind, text, negative, branch, span)
        else:
            self.note_fields(value)
            self.note_fields(pattern)

    def _listed(
        self, value: Expression, options: Sequence[Expression], negative: bool, branch: Branch, span: Span
    ) -> None:
        choices = self._choices
        self._choices = max(choices, len(options))
        for option in options:
            if isinstance(option, Constant) and option.value is not None:
                self._about(
                    value,
                    "eq",
                    value_text(option.value),
                    negative,
                    branch,
                    span if option.span == NO_SPAN else option.span,
                    option.value,
                )
            else:
                self.note_fields(value)
                self.note_fields(option)
        self._choices = choices

    def _comparison(
        self, kind: ComparisonKind, left: Expression, right: Expression, negative: bool, branch: Branch, span: Span
    ) -> None:
        if is_fixed(left) and not is_fixed(right):
            left, right, kind = right, left, _MIRRORED.get(kind, kind)
        if isinstance(right, Constant) and right.value is None:
            self.note_fields(left)
            return
        if isinstance(right, Constant) and isinstance(right.value, bool):
            self.expression(left, negative ^ (not right.value), branch)
            return
        if self._found_in_values(left, kind, right, negative, branch):
            return
        if is_fixed(right):
            if is_of_search(right):
                self.note_fields(left)
                return
            value = right.value if isinstance(right, Constant) else None
            self._about(left, kind, fixed_text(right), negative, branch, span, value)
            return
        # Neither side is fixed. It is a threshold where the rule computed one of them.
        origin, other = self.origin(left), self.origin(right)
        if not origin.fields or not other.fields:
            if origin.fields:
                left, right, kind, origin = right, left, _MIRRORED.get(kind, kind), other
            name = self._name_of(left)
            self._add(name, COMPUTED, kind, expression_text(right, "shared"), False, negative, branch, span, None)

    def _found_in_values(
        self, left: Expression, kind: ComparisonKind, right: Expression, negative: bool, branch: Branch
    ) -> bool:
        """Reads `mvcount(mvfilter(…)) > 0` and `mvfind(x, "…") >= 0` as conditions on single values, as they are."""
        if kind not in ("gt", "ge") or not isinstance(right, Constant):
            return False
        match left:
            case Call(function="mvcount", arguments=(Call(function="mvfilter", arguments=(inner,)),)):
                self.expression(inner, negative, branch)
                return True
            case Call(function="mvfind", arguments=(value, pattern), span=span):
                self._call(Call("match", (value, pattern), span), negative, branch)
                return True
        return False

    def _call(self, call: Call, negative: bool, branch: Branch) -> None:
        match call:
            case Call(function="match", arguments=(value, pattern)):
                if is_fixed(pattern):
                    self._about(value, "match", fixed_text(pattern), negative, branch, call.span)
                else:
                    self.note_fields(call)
            case Call(function="like", arguments=(value, pattern)):
                self._like(value, pattern, negative, branch, call.span)
            case Call(function="cidrmatch", arguments=(pattern, value)):
                if is_fixed(pattern):
                    self._about(value, "cidr", fixed_text(pattern), negative, branch, call.span)
                else:
                    self.note_fields(call)
            case Call(function="in", arguments=(value, *options)):
                self._listed(value, options, negative, branch, call.span)
            case Call(function="isnotnull" | "isnull" as function, arguments=(value,)):
                self._null_test(value, negative ^ (function == "isnull"), branch)
            case Call(function="if" | "case"):
                self._truth(self.origin(call), negative, branch)
            case Call(function="mvfilter", arguments=(inner,)):
                self.expression(inner, negative, branch)
            case Call(function="not", arguments=(inner,)):
                self.expression(inner, not negative, branch)
            case _:
                if not self._text_test(call, negative, branch):
                    self.note_fields(call)

    def _text_test(self, expression: Call | Operation, negative: bool, branch: Branch) -> bool:
        """Reads a comparison of texts that is written as a function; gives whether it was one."""
        test = text_test(expression)
        if test is None:
            return False
        choices = self._choices
        self._choices = max(choices, len(test.others))
        for other in test.others:
            if not is_fixed(other) or is_of_search(other):
                self.note_fields(test.value)
                self.note_fields(other)
                continue
            text, kind = fixed_text(other), test.kind
            if kind == "wildcard":
                kind, text = starred_value(text)
            span = expression.span if other.span == NO_SPAN else other.span
            ignored = test.ignores_case(self.language)
            self._about(test.value, kind, text, negative, branch, span, ignore_case=ignored)
        self._choices = choices
        return True

    def _null_test(self, value: Expression, negative: bool, branch: Branch) -> None:
        match value:
            case Call(function="mvfilter" | "mvfind"):
                self.expression(
                    value if value.function == "mvfilter" else Call("match", value.arguments, value.span),
                    negative,
                    branch,
                )
            case _:
                self._presence(self.origin(value), negative, branch)
