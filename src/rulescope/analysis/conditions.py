"""Reads conditions: from a predicate or an expression to the values it looks for, each with its sign and its branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rulescope.analysis.expression_parts import chain_operands, fixed_text, has_text, is_fixed, starred_value
from rulescope.analysis.findings import COMPUTED, Branch, Finding, Lineage, Origin, Outcome, like_value, typed_value
from rulescope.analysis.outcomes import AnyCount, AnyPlace, fits, is_true
from rulescope.ir import (
    And,
    Binary,
    Call,
    Compare,
    ComparisonKind,
    Constant,
    Directive,
    Expression,
    FieldReference,
    InList,
    MacroCall,
    Not,
    Or,
    Pipeline,
    Predicate,
    PredicateExpression,
    Subsearch,
    Term,
    Test,
    TimeBound,
    Unary,
    Value,
)
from rulescope.ir.json_form import expression_text, value_text
from rulescope.ir.walk import walk
from rulescope.text import NO_SPAN, Span

_LEAVES = (Compare, Term, Test, Call, InList, Binary)
# Comparisons with these choose logs, not behaviour.
SCOPES = frozenset(
    {
        "index", "sourcetype", "source", "eventtype", "tag", "splunk_server", "splunk_server_group", "nodename",
        "event.category", "event.type", "event.kind", "event.dataset", "event.module", "data_stream.dataset",
        "host.os.type", "host.os.family", "agent.type", "_index",
    }
)  # fmt: skip
# Functions whose result is the text of their first argument, or a part of it that is still looked at as that field's.
_TEXT_KEEPING = frozenset(
    {
        "lower", "upper", "trim", "ltrim", "rtrim", "tostring", "tonumber", "urldecode", "replace", "nullif", "split",
        "mvdedup", "mvindex", "mvsort", "mvjoin", "to_lower", "to_upper", "to_string", "to_ip", "string", "mv_first",
        "mv_last", "mv_dedupe", "mv_min", "mv_max", "mv_concat", "mv_slice", "url_decode", "substring",
    }
)  # fmt: skip
_FOLDING = frozenset({"lower", "upper", "to_lower", "to_upper"})
_TEXT_JOINING = frozenset({"coalesce", "mvappend"})
# Functions whose result is a measure of the row (a length, a count, a time), whatever they are applied to.
_MEASURES = frozenset(
    {
        "len", "mvcount", "abs", "ceil", "ceiling", "floor", "round", "exp", "ln", "log", "pow", "sqrt", "pi",
        "sigfig", "min", "max", "random", "now", "time", "relative_time", "strptime", "strftime", "exact", "sum", "avg",
        "mvrange", "length", "mv_count", "date_diff", "date_trunc", "to_long", "to_integer", "to_double", "indexof",
        "locate", "st_distance", "timespan", "number",
    }
)  # fmt: skip
_SIGNS: dict[str, ComparisonKind] = {"=": "eq", "!=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED: dict[ComparisonKind, ComparisonKind] = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_MOST_FINDINGS = 400
_MOST_OUTCOMES = 100
_FIELD_IN_TERM = re.compile(r"([A-Za-z_][\w.]*)=(\S+)")


@dataclass(slots=True)
class ConditionReader:
    """Collects what conditions look for, into `found` and `fields`.

    `stage` and `lineage` are set by whoever walks the pipeline, before each stage. `field_name` takes a data model's
    node off a field's name. `subsearch` is called for each pipeline inside a condition.
    """

    field_name: Callable[[str], str]
    subsearch: Callable[[Pipeline, bool, Branch], None]
    stage: int = 0
    lineage: Lineage = field(default_factory=Lineage)
    found: list[Finding] = field(default_factory=list)
    fields: dict[str, None] = field(default_factory=dict)
    # How many values could stand where the leaf at hand stands.
    _choices: int = 1
    # The stage at hand and how many outermost ORs of it were read.
    _choice_count: tuple[int, int] = (0, 0)

    def predicate(self, predicate: Predicate, negative: bool = False, branch: Branch = None) -> None:
        """Reads a predicate; `negative` where what holds it turns it round."""
        match predicate:
            case And(operands=operands):
                for operand in operands:
                    self.predicate(operand, negative, branch)
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
            case Binary(operator="and" | "xor"):
                self._choices = 1
                for operand in chain_operands(expression, ("and", "xor")):
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
            case FieldReference():
                self._truth(self.origin(expression), negative, branch)
            case PredicateExpression(predicate=predicate):
                self.predicate(predicate, negative, branch)
            case Subsearch(pipeline=pipeline):
                self.subsearch(pipeline, negative, branch)
            case Constant() | MacroCall() | Unary():
                pass

    def origin(self, expression: Expression) -> Origin:
        """Where the value of an expression comes from; fields that it reads are noted."""
        match expression:
            case FieldReference(name=written):
                return self.lineage.of(self._read(written))
            case Call(function="if" | "case" | "validate"):
                return self._choice(expression)
            case Call(function=function, arguments=(first, *_)) if function in _TEXT_KEEPING:
                inner = self.origin(first)
                return replace(inner, folded=True) if function in _FOLDING else inner
            case Call(function=function, arguments=arguments) if function in _TEXT_JOINING:
                fields = (name for argument in arguments for name in self.origin(argument).fields)
                return Origin(tuple(dict.fromkeys(fields)))
            case Call(function="mvfilter" | "mvmap", arguments=(first, *_)):
                names = [node.name for node in walk(first) if isinstance(node, FieldReference)]
                return self.lineage.of(self._read(names[0])) if names else COMPUTED
            case Call(function="mvfind", arguments=(value, pattern), span=span):
                found = self.aside(Call("match", (value, pattern), span))
                return Origin(outcomes=(Outcome(AnyPlace(0), found),)) if found else COMPUTED
            case Call() if expression.function not in _MEASURES:
                return self._derived(expression)
            case Binary(operator="." | "+") if expression.operator == "." or has_text(expression):
                return self._derived(expression)
            case Constant():
                return COMPUTED
            case PredicateExpression() | Binary(operator="and" | "or" | "xor" | "like") | InList():
                return Origin(outcomes=(Outcome(True, self.aside(expression)),))
            case _:
                self.note_fields(expression)
                return COMPUTED

    def aside(self, condition: Expression) -> tuple[Finding, ...]:
        """What a condition looks for, without adding it to `found`."""
        kept, self.found = self.found, []
        self.expression(condition)
        aside, self.found = self.found, kept
        # Flags made of flags repeat their conditions: without a bound they would double at every step.
        return tuple(dict.fromkeys(aside))[:_MOST_FINDINGS]

    def note_fields(self, node: object) -> None:
        """Notes the fields that an expression reads."""
        for inner in walk(node):
            if isinstance(inner, FieldReference):
                self._read(inner.name)

    # -- parts of a condition ------------------------------------------------------------------------------------

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
        if compare.kind in ("exists", "missing"):
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

    def _raw_text(self, compare: Compare, text: str, negative: bool, branch: Branch, span: Span) -> None:
        """Text that is looked for anywhere in the event (a keyword of Sigma): a search term, and no field's value."""
        directive: Directive | None = None if compare.ignore_case else "CASE"
        self.found.append(
            Finding(
                "term", "", "", "contains", text.strip("*"), compare.ignore_case, negative, self.stage, span,
                branch, directive, True, self._choices,
            )
        )  # fmt: skip

    def _term(self, term: Term, negative: bool, branch: Branch) -> None:
        if term.text.strip("*") == "":
            return
        self.found.append(
            Finding(
                "term", "", "", "contains", term.text, term.directive != "CASE", negative, self.stage, term.span,
                branch, term.directive, term.quoted, self._choices,
            )
        )  # fmt: skip
        pair = _FIELD_IN_TERM.fullmatch(term.text) if term.directive == "TERM" else None
        if pair:
            name = self._read(pair[1])
            kind, text = starred_value(pair[2])
            self._add(name, Origin((name,)), kind, text, True, negative, branch, term.span, text)

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
            value = right.value if isinstance(right, Constant) else None
            self._about(left, kind, fixed_text(right), negative, branch, span, value)
            return
        # Neither side is fixed. It is a threshold where the rule computed one of them.
        origin, other = self.origin(left), self.origin(right)
        if not origin.fields or not other.fields:
            if origin.fields:
                left, right, kind, origin = right, left, _MIRRORED.get(kind, kind), other
            name = self._name_of(left)
            self._add(name, COMPUTED, kind, expression_text(right), False, negative, branch, span, None)

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
            case Call(function="nested", arguments=(_, PredicateExpression(predicate=inside))):
                self.predicate(inside, negative, branch)
            case Call(function="wildcard" | "wildcard~" | "regex" | "regex~", arguments=(value, *patterns)):
                self._patterns(call.function, value, patterns, negative, branch)
            case Call(function="not", arguments=(inner,)):
                self.expression(inner, not negative, branch)
            case _:
                self.note_fields(call)

    def _patterns(
        self, function: str, value: Expression, patterns: Sequence[Expression], negative: bool, branch: Branch
    ) -> None:
        """Reads whole-value patterns (`*` and `?`, or regular expressions) over a value that is no plain field."""
        choices = self._choices
        self._choices = max(choices, len(patterns))
        for pattern in patterns:
            if not isinstance(pattern, Constant) or pattern.value is None:
                self.note_fields(value)
                self.note_fields(pattern)
                continue
            text = value_text(pattern.value)
            kind: ComparisonKind = "match"
            if function.startswith("wildcard"):
                kind, text = starred_value(text)
            self._about(value, kind, text, negative, branch, pattern.span)
        self._choices = choices

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

    # -- adding what was found -----------------------------------------------------------------------------------

    def _about(
        self,
        subject: Expression,
        kind: ComparisonKind,
        text: str,
        negative: bool,
        branch: Branch,
        span: Span,
        value: Value | None = None,
    ) -> None:
        origin = self.origin(subject)
        if isinstance(subject, FieldReference) or not origin.fields:
            self._add(self._name_of(subject), origin, kind, text, origin.folded, negative, branch, span, value)
            return
        for name in origin.fields:
            self._add(name, replace(origin, fields=(name,)), kind, text, origin.folded, negative, branch, span, value)

    def _add(
        self,
        name: str,
        origin: Origin,
        kind: ComparisonKind,
        text: str,
        ignore_case: bool,
        negative: bool,
        branch: Branch,
        span: Span,
        value: Value | None,
    ) -> None:
        if origin.outcomes:
            reached = self._reached(origin, kind, text if value is None else value)
            if reached:
                self._emit(reached, negative, branch)
                if not origin.fields and not any(isinstance(outcome.value, AnyCount) for outcome in origin.outcomes):
                    return
        raw = origin.fields[0] if origin.fields else name
        if raw == "_time":
            return
        if raw in SCOPES or raw.startswith("tag::"):
            category: str = "scope"
        else:
            category = "indicator" if origin.fields else "threshold"
        self.found.append(
            Finding(
                category,  # type: ignore[arg-type]
                name, raw, kind, text, ignore_case or origin.folded, negative, self.stage, span, branch,
                alternatives=self._choices,
            )
        )  # fmt: skip

    def _reached(self, origin: Origin, kind: ComparisonKind, wanted: Value) -> list[Outcome]:
        return [outcome for outcome in origin.outcomes if fits(outcome.value, kind, wanted)]

    def _truth(self, origin: Origin, negative: bool, branch: Branch) -> None:
        self._emit([one for one in origin.outcomes if is_true(one.value)], negative, branch)

    def _presence(self, origin: Origin, negative: bool, branch: Branch) -> None:
        if origin.outcomes and not origin.fields:
            self._emit([one for one in origin.outcomes if one.value is not None], negative, branch)

    def _next_choice(self) -> int:
        """The number of the next outermost OR of the stage."""
        stage, number = self._choice_count
        number = number + 1 if stage == self.stage else 1
        self._choice_count = (self.stage, number)
        return number

    def _emit(self, outcomes: list[Outcome], negative: bool, branch: Branch) -> None:
        several = len(outcomes)
        ordinal = self._next_choice() if several > 1 and branch is None else 0
        for arm, outcome in enumerate(outcomes, 1):
            own = (arm, several, ordinal) if several > 1 and not negative else None
            for finding in outcome.findings:
                signed = finding.turned() if negative else finding
                self.found.append(replace(signed, branch=branch or own or finding.branch))

    def _choice(self, call: Call) -> Origin:
        """The origin of `if` or `case`: what it can be and when, and the fields that it may hand through."""
        arguments = call.arguments
        pairs: list[tuple[Expression | None, Expression]] = []
        if call.function == "if" and len(arguments) == 3:
            pairs = [(arguments[0], arguments[1]), (None, arguments[2])]
        else:
            pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
        outcomes: list[Outcome] = []
        fields: dict[str, None] = {}
        before: tuple[Finding, ...] = ()
        for condition, result in pairs:
            findings = before if condition is None else self.aside(condition)
            if condition is not None and call.function == "if":
                before = tuple(finding.turned() for finding in findings)
            if isinstance(result, Constant):
                outcomes.append(Outcome(result.value, findings))
                continue
            inner = self.origin(result)
            fields.update(dict.fromkeys(inner.fields))
            outcomes.extend(
                Outcome(one.value, tuple(dict.fromkeys((*findings, *one.findings)))[:_MOST_FINDINGS])
                for one in inner.outcomes
            )
        return Origin(tuple(fields), outcomes=tuple(outcomes[:_MOST_OUTCOMES]))

    def _derived(self, expression: Expression) -> Origin:
        """Text made out of fields of the event (a part, a digest, a joined text): known by how it is made."""
        self.note_fields(expression)
        names = [self.field_name(node.name) for node in walk(expression) if isinstance(node, FieldReference)]
        if not names or not all(self.lineage.of(name).fields for name in names):
            return COMPUTED
        return Origin((expression_text(expression),))

    def _name_of(self, subject: Expression) -> str:
        if isinstance(subject, FieldReference):
            return self.field_name(subject.name)
        return expression_text(subject)

    def _read(self, written: str) -> str:
        name = self.field_name(written)
        if not self.lineage.is_made(name) and "<<" not in name:
            self.fields[name] = None
        return name
