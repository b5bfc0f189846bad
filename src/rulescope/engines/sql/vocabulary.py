"""Fields that detections name and logs don't carry: from the field rules of `knowledge`, over the raw columns at hand.

A row's own raw field goes first; only where it has none is the field derived, by the rules of the log that the row
belongs to. Rules whose raw fields no log at hand carries are left out, so that an expression stays as small as the data
allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from rulescope.engines.sql.build import all_of, any_of, cases, column, literal, negate, sql
from rulescope.engines.sql.default_fields import DEFAULT_FIELDS, default_field
from rulescope.engines.sql.expressions import compare
from rulescope.engines.sql.raw_objects import whole_value
from rulescope.engines.sql.regex import translate
from rulescope.engines.sql.schema import Column
from rulescope.engines.sql.values import (
    Type,
    Value,
    as_multi,
    as_text,
    auto_value,
    choice,
    multi_value,
    stored,
)
from rulescope.knowledge import FieldRule, Log, field_rules
from rulescope.knowledge.derivation import (
    Basename,
    CaseOnValue,
    Coalesce,
    CommandLineArguments,
    Concat,
    ConstantText,
    Count,
    Decimal,
    Dirname,
    Form,
    Length,
    ListOf,
    Lower,
    NullIf,
    PrintedMember,
    RawField,
    RegexExtract,
    RegexReplace,
    Split,
    WhenMatches,
    WhenSame,
)
from rulescope.knowledge.log_directory import EVERY_LOG, WINDOWS, is_labelled


class KnowledgeFields:
    """Resolves fields by the shipped field rules.

    `hidden` are the physical names of the columns that tell which log a row belongs to: `_provider`, `_channel` and
    `_event_id`. `sourcetypes` are those that the events have, in lower case: rules of other logs are left out.
    """

    def __init__(
        self,
        hidden: Mapping[str, Column],
        logs: frozenset[tuple[str | None, str | None, str | None]],
        before: Sequence[FieldRule] = (),
        shipped: bool = True,
    ) -> None:
        """`before` are rules that are tried before the shipped ones: the user's. Not `shipped`: only they count."""
        self._shipped = shipped
        self._hidden = hidden
        self._logs = logs
        self._before: dict[str, list[FieldRule]] = {}
        for rule in before:
            self._before.setdefault(rule.target, []).append(rule)
        self._providers = {provider for provider, _, _ in logs if provider}
        self._channels = {channel for _, channel, _ in logs if channel}
        self._sourcetypes = {sourcetype.lower() for _, _, sourcetype in logs if sourcetype}

    def with_rules(self, rules: Sequence[FieldRule]) -> KnowledgeFields:
        """The same, with these rules tried before the shipped ones."""
        return KnowledgeFields(self._hidden, self._logs, rules)

    def only_rules(self, rules: Sequence[FieldRule]) -> KnowledgeFields:
        """The same logs with these rules alone: for languages whose names are not Splunk's."""
        return KnowledgeFields(self._hidden, self._logs, rules, shipped=False)

    def names(self) -> Sequence[str]:
        """Every field that some rule computes."""
        shipped = (*field_rules().targets, *DEFAULT_FIELDS) if self._shipped else ()
        return (*(name for name in self._before if name not in shipped), *shipped) if self._before else shipped

    def expression(self, name: str, fields: Mapping[str, Column]) -> Value | None:
        """The field over the raw columns; None where nothing at hand gives it."""
        raw = fields.get(name)
        if self._shipped and raw is None and name in DEFAULT_FIELDS and name not in self._before:
            return default_field(name, fields)
        derived: list[Value] = []
        elsewhere: list[exp.Expression] = []
        shipped = field_rules().of_target(name) if self._shipped else ()
        for rule in (*self._before.get(name, ()), *shipped):
            condition = self._condition(rule.log, fields)
            if condition is None:
                continue
            value = compile_form(rule.form, fields)
            if rule.event_ids:
                ids = [literal(number) for number in sorted(rule.event_ids)]
                condition = all_of([condition, exp.In(this=self._column("_event_id"), expressions=ids)])
            if rule.instead and raw is not None:
                elsewhere.append(negate(condition.copy()))
            if value is None or (isinstance(rule.form, RawField) and rule.form.name == name):
                continue
            derived.append(Value(cases([(condition, value.node)], None), value.type))
        if raw is None:
            parts = derived
        elif elsewhere:
            held = _present(raw.value())
            parts = [Value(cases([(all_of(elsewhere), held.node)], None), held.type), *derived]
        else:
            parts = [_present(raw.value()), *derived] if derived else []
            if derived and not self._shipped:
                # An empty text that nothing is derived for is one: in other languages it is not a missing field.
                parts.append(raw.value())
        if not parts:
            return None
        if len(parts) == 1:
            return stored(parts[0])
        return stored(choice(parts, lambda nodes: exp.Coalesce(this=nodes[0], expressions=nodes[1:])))

    @property
    def unlabelled(self) -> bool:
        """Whether some events tell no log that they are from: neither a Windows log nor a sourcetype that is known."""
        return any(not is_labelled(*one) for one in self._logs)

    @property
    def labelled(self) -> bool:
        """Whether some events tell a log that they are from."""
        return any(is_labelled(*one) for one in self._logs)

    def by_rules(self, rules: Sequence[FieldRule], fields: Mapping[str, Column], whole: bool) -> Value | None:
        """The first value that these rules give, each for the events of its log; None where none of them can. `whole`:
        an object or a list is one value, as JSON."""
        found: list[Value] = []
        for rule in rules:
            condition = self._condition(rule.log, fields)
            value = compile_form(rule.form, fields) if condition is not None else None
            if whole and condition is not None and isinstance(rule.form, RawField):
                value = whole_value(rule.form.name, value, fields)
            if condition is None or value is None:
                continue
            if rule.event_ids:
                ids = [literal(number) for number in sorted(rule.event_ids)]
                condition = all_of([condition, exp.In(this=self._column("_event_id"), expressions=ids)])
            found.append(Value(cases([(condition, value.node)], None), value.type))
        if len(found) < 2:
            return found[0] if found else None
        return choice(found, lambda nodes: exp.Coalesce(this=nodes[0], expressions=nodes[1:]))

    def _column(self, name: str) -> exp.Expression:
        return column(self._hidden[name].physical)

    def _condition(self, log: Log, fields: Mapping[str, Column]) -> exp.Expression | None:
        """Whether a row belongs to the log; None where no event does."""
        if log.publisher and log.publisher != "*":
            if log.publisher not in self._providers:
                return None
            return sql("(:p = :x)", p=self._column("_provider"), x=log.publisher)
        if log.channel:
            if log.channel not in self._channels:
                return None
            return sql("(:c = :x)", c=self._column("_channel"), x=log.channel)
        if log.key == EVERY_LOG:
            return exp.true()
        if log.key == WINDOWS:
            return sql("(:c IS NOT NULL)", c=self._column("_channel")) if self._channels else None
        names = sorted({*log.sourcetypes} & self._sourcetypes)
        held = fields.get("sourcetype")
        if not names or held is None:
            return None
        return any_of([sql("(lower(:s) = :x)", s=column(held.physical), x=name) for name in names])


def _present(value: Value) -> Value:
    """The value, an empty text counting as none."""
    if value.type in {Type.NUMBER, Type.MULTI}:
        return value
    return Value(sql("NULLIF(:x, '')", x=value.node), value.type)


def compile_form(form: Form, fields: Mapping[str, Column]) -> Value | None:
    """The form as a value; None where no raw field at hand can give it one."""
    match form:
        case RawField(name):
            held = fields.get(name)
            return None if held is None else _present(held.value())
        case ConstantText(text):
            return auto_value(literal(text))
        case Coalesce(parts):
            found = [value for part in parts if (value := compile_form(part, fields)) is not None]
            if len(found) < 2:
                return found[0] if found else None
            return choice(found, lambda nodes: exp.Coalesce(this=nodes[0], expressions=nodes[1:]))
        case Concat(parts):
            texts = [compile_form(part, fields) for part in parts]
            if None in texts:
                return None
            node = _text(texts[0])
            for part in texts[1:]:
                node = sql(":x || :y", x=node, y=_text(part))
            return auto_value(node)
        case ListOf(parts):
            items = [_text(value) for part in parts if (value := compile_form(part, fields)) is not None]
            if not items:
                return None
            return multi_value(
                sql("spl_filled(list_filter(:l, lambda v: v IS NOT NULL))", l=exp.Array(expressions=items))
            )
        case Count(of):
            counted = compile_form(of, fields)
            return None if counted is None else auto_value(sql("CAST(len(:x) AS VARCHAR)", x=as_multi(counted)))
        case CaseOnValue(of, branches, default):
            return _case(of, branches, default, fields)
        case WhenMatches(of, pattern, then, otherwise):
            subject = compile_form(of, fields)
            if subject is None:
                return None if otherwise is None else compile_form(otherwise, fields)
            condition = sql("regexp_matches(:x, :p)", x=_text(subject), p=translate(pattern) or pattern)
            return _branches([(condition, then)], otherwise, fields)
        case WhenSame(left, right, then, otherwise):
            first, second = compile_form(left, fields), compile_form(right, fields)
            if first is None or second is None:
                return None if otherwise is None else compile_form(otherwise, fields)
            return _branches([(sql("(:x = :y)", x=_text(first), y=_text(second)), then)], otherwise, fields)
    return _of_text(form, fields)


def _case(
    of: Form, branches: tuple[tuple[str, Form], ...], default: Form | None, fields: Mapping[str, Column]
) -> Value | None:
    subject = compile_form(of, fields)
    if subject is None:
        return None if default is None else compile_form(default, fields)
    text = auto_value(_text(subject))
    conditions = [
        (compare("=", Value(text.node, Type.TEXT), Value(literal(key), Type.TEXT)), form) for key, form in branches
    ]
    return _branches(conditions, default, fields)


def _branches(
    branches: list[tuple[exp.Expression, Form]], default: Form | None, fields: Mapping[str, Column]
) -> Value | None:
    values = [(condition, compile_form(form, fields)) for condition, form in branches]
    last = None if default is None else compile_form(default, fields)
    found = [value for _, value in values if value is not None] + ([last] if last is not None else [])
    if not found:
        return None
    conditions = [condition for condition, _ in values]

    def build(nodes: list[exp.Expression]) -> exp.Expression:
        rest = iter(nodes)
        pairs = [
            (condition, next(rest) if value is not None else exp.Null())
            for condition, (_, value) in zip(conditions, values, strict=True)
        ]
        return cases(pairs, next(rest) if last is not None else None)

    return choice(found, build)


def _of_text(
    form: Basename
    | Dirname
    | RegexExtract
    | RegexReplace
    | NullIf
    | Lower
    | Length
    | Decimal
    | Split
    | CommandLineArguments
    | PrintedMember,
    fields: Mapping[str, Column],
) -> Value | None:
    inner = compile_form(form.of, fields)
    if inner is None:
        return None
    text = _text(inner)
    match form:
        case Basename():
            return auto_value(sql(r"regexp_extract(:x, '[^\\/]*$')", x=text))
        case Dirname():
            return auto_value(sql(r"NULLIF(regexp_extract(:x, '(?s)^(.*)[\\/]', 1), '')", x=text))
        case RegexExtract(pattern=pattern):
            return auto_value(sql("NULLIF(regexp_extract(:x, :p, 1), '')", x=text, p=translate(pattern) or pattern))
        case RegexReplace(pattern=pattern, replacement=replacement):
            plain = replacement.replace("\\", "\\\\")
            return auto_value(sql("regexp_replace(:x, :p, :r, 'g')", x=text, p=translate(pattern) or pattern, r=plain))
        case NullIf(values=values):
            options = [literal(value) for value in values]
            return auto_value(
                sql("CASE WHEN NOT :c THEN :x END", c=exp.In(this=text.copy(), expressions=options), x=text)
            )
        case Lower():
            return auto_value(sql("lower(:x)", x=text))
        case Length():
            return auto_value(sql("CAST(length(:x) AS VARCHAR)", x=text))
        case Decimal():
            return auto_value(sql("spl_decimal(:x)", x=text))
        case CommandLineArguments(parsed=parsed):
            function = "spl_command_arguments" if parsed else "spl_command_words"
            return multi_value(sql(f"spl_filled({function}(:x))", x=text))
        case PrintedMember(key=key):
            return auto_value(sql("spl_printed_member(:x, :k)", x=text, k=key))
        case Split(separator=separator):
            return multi_value(
                sql("spl_filled(list_filter(string_split(:x, :s), lambda v: v <> ''))", x=text, s=separator)
            )


def _text(value: Value | None) -> exp.Expression:
    """The value as text; of several the first."""
    if value is None:
        return exp.Null()
    if value.type is Type.MULTI:
        return sql("list_extract(:x, 1)", x=as_multi(value))
    return as_text(value)
