"""Where the values of expressions come from: fields of the event, or what the rule computes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rulescope.analysis.expression_parts import has_text
from rulescope.analysis.findings import COMPUTED, Branch, Finding, Lineage, Outcome, ValueOrigin
from rulescope.analysis.outcomes import AnyPlace
from rulescope.ir import Binary, Call, Constant, Expression, FieldReference, InList, Operation, PredicateExpression
from rulescope.ir.functions import flagged
from rulescope.ir.json_form import expression_text
from rulescope.ir.walk import walk

# The names that languages have of their own for putting letters into one case.
_LETTERS = frozenset({"tolower", "toupper", "to_lower", "to_upper"})
# Functions whose result is the text of their first argument, or a part of it that is still looked at as that field's.
_TEXT_KEEPING = flagged("keeps") | _LETTERS | {
    "trim", "ltrim", "rtrim", "tostring", "tonumber", "replace", "nullif", "split", "mvsort", "to_ip", "mv_min",
    "mv_max", "url_decode", "substring",
}  # fmt: skip
_FOLDING = flagged("folds") | _LETTERS
_TEXT_JOINING = flagged("joins") | {"mvappend"}
# Functions whose result is a measure of the row (a length, a count, a time), whatever they are applied to.
_MEASURES = flagged("measure") | {
    "ceiling", "floor", "round", "ln", "log", "sigfig", "min", "max", "random", "now", "time", "relative_time",
    "strptime", "strftime", "exact", "sum", "avg", "mvrange", "length", "date_diff", "date_trunc", "to_integer",
    "to_double", "indexof", "locate", "st_distance", "timespan", "time_span", "number",
}  # fmt: skip
_MOST_FINDINGS = 400
_MOST_OUTCOMES = 100


@dataclass(slots=True, kw_only=True)
class OriginReader:
    """Follows expressions back to fields of the event; what conditions inside them look for is kept with them.

    `stage` and `lineage` are set by whoever walks the pipeline, before each stage. `field_name` takes a data model's
    node off a field's name. `fields` are those that were read, as far as the rule does not make them.
    """

    field_name: Callable[[str], str]
    stage: int = 0
    lineage: Lineage = field(default_factory=Lineage)
    found: list[Finding] = field(default_factory=list)
    fields: dict[str, None] = field(default_factory=dict)
    # How many denied combinations the rule has had so far.
    combinations: int = 0

    def expression(self, expression: Expression, negative: bool = False, branch: Branch = None) -> None:
        """Reads an expression that is used as a condition: for who knows conditions."""
        raise NotImplementedError

    def origin(self, expression: Expression) -> ValueOrigin:
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
                return ValueOrigin(tuple(dict.fromkeys(fields)))
            case Call(function="mvfilter" | "mvmap", arguments=(first, *_)):
                names = [node.name for node in walk(first) if isinstance(node, FieldReference)]
                return self.lineage.of(self._read(names[0])) if names else COMPUTED
            case Call(function="mvfind", arguments=(value, pattern), span=span):
                found = self.aside(Call("match", (value, pattern), span))
                return ValueOrigin(outcomes=(Outcome(AnyPlace(0), found),)) if found else COMPUTED
            case Call(function=name) | Operation(name=name) if name not in _MEASURES:
                return self._derived(expression)
            case Binary(operator="." | "+") if expression.operator == "." or has_text(expression):
                return self._derived(expression)
            case Constant():
                return COMPUTED
            case PredicateExpression() | Binary(operator="and" | "or" | "xor" | "like") | InList():
                return ValueOrigin(outcomes=(Outcome(True, self.aside(expression)),))
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

    def denied(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """What is looked for where a condition does not hold: of several that it asks for at once, one combination."""
        turned = tuple(finding.turned() for finding in findings)
        parts = {finding.together and finding.together[2] for finding in findings}
        at_once = len(turned) > 1 and all(finding.branch is None for finding in findings)
        if not at_once or (len(parts) == 1 and None not in parts):
            return turned
        self.combinations += 1
        return tuple(
            replace(finding, together=(part, len(turned), self.combinations)) for part, finding in enumerate(turned, 1)
        )

    def note_fields(self, node: object) -> None:
        """Notes the fields that an expression reads."""
        for inner in walk(node):
            if isinstance(inner, FieldReference):
                self._read(inner.name)

    def _choice(self, call: Call) -> ValueOrigin:
        """The origin of `if` or `case`: what it can be and when, and the fields that it may hand through."""
        arguments = call.arguments
        pairs: list[tuple[Expression | None, Expression]] = []
        if call.function == "if" and len(arguments) == 3:
            pairs = [(arguments[0], arguments[1]), (None, arguments[2])]
        else:
            pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
            if len(arguments) % 2 and call.function == "case":
                pairs.append((None, arguments[-1]))
        outcomes: list[Outcome] = []
        fields: dict[str, None] = {}
        before: tuple[Finding, ...] = ()
        for condition, result in pairs:
            otherwise = condition is None or _always(condition)
            findings = before if condition is None or otherwise else self.aside(condition)
            if not otherwise and call.function != "validate":
                before = (*before, *self.denied(findings))[:_MOST_FINDINGS]
            if isinstance(result, Constant):
                outcomes.append(Outcome(result.value, findings))
                continue
            inner = self.origin(result)
            fields.update(dict.fromkeys(inner.fields))
            outcomes.extend(
                Outcome(one.value, tuple(dict.fromkeys((*findings, *one.findings)))[:_MOST_FINDINGS])
                for one in inner.outcomes
            )
        return ValueOrigin(tuple(fields), outcomes=tuple(outcomes[:_MOST_OUTCOMES]))

    def _derived(self, expression: Expression) -> ValueOrigin:
        """Text made out of fields of the event (a part, a digest, a joined text): known by how it is made."""
        self.note_fields(expression)
        names = [self.field_name(node.name) for node in walk(expression) if isinstance(node, FieldReference)]
        if not names or not all(self.lineage.of(name).fields for name in names):
            return COMPUTED
        return ValueOrigin((expression_text(expression, "shared"),))

    def _name_of(self, subject: Expression) -> str:
        if isinstance(subject, FieldReference):
            return self.field_name(subject.name)
        return expression_text(subject, "shared")

    def _read(self, written: str) -> str:
        name = self.field_name(written)
        if not self.lineage.is_made(name) and "<<" not in name:
            self.fields[name] = None
        return name


def _always(condition: Expression) -> bool:
    """Whether a condition is the one that `case` ends with: true of every row."""
    return condition in (Constant(True), Call("true", ())) or (
        isinstance(condition, Binary)
        and condition.operator == "="
        and isinstance(condition.left, Constant)
        and condition.left == condition.right
    )
