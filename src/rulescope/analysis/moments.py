"""Times of the search in words: `ago(2h)`, `dateadd('hour', -2, sysdate())` and `now-2h` are "2 hours ago" alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rulescope.ir import Binary, Call, ComparisonKind, Constant, Expression, FieldReference, Operation, Unary
from rulescope.ir.json_form import expression_text

_NOW = frozenset(
    {"now", "sysdate", "current_timestamp", "current_date", "current_time", "getdate", "localtimestamp", "systimestamp"}
)
_UNITS = {
    "us": "microsecond", "ms": "millisecond", "s": "second", "sec": "second", "m": "minute", "min": "minute",
    "h": "hour", "hr": "hour", "d": "day", "w": "week", "mon": "month", "month": "month", "y": "year", "M": "month",
}  # fmt: skip
_PLURALS = {f"{name}s": name for name in _UNITS.values()}
_SPAN = re.compile(r"([+-]?)(\d+(?:\.\d+)?)\s*([A-Za-z]+)")
_DATE_MATH = re.compile(r"now(?:([+-])(\d+)([A-Za-z]+))?(?:[/@]([A-Za-z]+)(.*))?")
_EDGES = {
    f"{edge}of{unit}": f"the {edge} of the {unit}"
    for edge in ("start", "end")
    for unit in ("day", "week", "month", "year")
}
_CONVERSIONS = frozenset(
    {
        "to_datetime", "todatetime", "to_timestamp", "to_timestamp_ntz", "to_date", "datetime", "as_moment",
        "date_part", "to_dt", "tostring", "to_string",
    }
)  # fmt: skip
TIME_FIELDS = frozenset({"_time", "@timestamp", "Timestamp", "TimeGenerated", "event_time", "timestamp"})
"""Fields that hold an event's own time."""


@dataclass(frozen=True, slots=True)
class SearchTime:
    """A time of the search: so far `back` ("2 hours"; empty: now), or else a `place` ("the start of the day")."""

    back: str = ""
    place: str = ""

    @property
    def words(self) -> str:
        """As it stands in a sentence."""
        return self.place or (f"{self.back} ago" if self.back else "the time of the search")


def time_words(kind: ComparisonKind, value: Expression, bound: Expression, denied: bool) -> str | None:
    """A comparison of a time with one of the search, as words that follow "events"; None where it is no such thing."""
    moment = moment_of(bound)
    subject = _subject(value)
    if moment is None or subject is None or kind not in ("gt", "ge", "lt", "le"):
        return None
    after = (kind in ("gt", "ge")) ^ denied
    if moment.place or not moment.back:
        return f"whose {subject} is {'after' if after else 'before'} {moment.words}"
    if subject in TIME_FIELDS:
        return f"of the last {moment.back}" if after else f"from before the last {moment.back}"
    return f"whose {subject} is {'within' if after else 'before'} the last {moment.back}"


def moment_of(expression: Expression) -> SearchTime | None:
    """The time of the search that an expression is; None for anything else."""
    match expression:
        case Call(function=name, arguments=()) if name in _NOW:
            return SearchTime()
        case Call(function="ago", arguments=(span,)):
            back = span_words(span)
            return SearchTime(back) if back else None
        case Call(function="dateadd" | "timeadd" | "timestampadd" | "datetime_add", arguments=(unit, amount, start)):
            return _moved(start, amount, unit)
        case Operation(name="date_add", arguments=(start, amount, unit)):
            return _moved(start, amount, unit)
        case Operation(name="date_math", arguments=(Constant(value=str(text)), Constant(value=up))):
            return _date_math(text, "end" if up else "start")
        case Call(function="relative_time", arguments=(Call(function="now"), Constant(value=str(text)))):
            return _date_math(f"now{text}", "start")
        case Binary(operator="-", left=left, right=right) if moment_of(left) == SearchTime():
            back = span_words(right)
            return SearchTime(back) if back else None
        case Call(function=name, arguments=(inner,)) if name in _EDGES:
            return _edge(_EDGES[name], moment_of(inner))
        case Operation(name="parameter", arguments=(Constant(value=str(text)),)):
            return SearchTime(
                place={"$latest$": "the end", "$earliest$": "the start"}.get(text, text) + " of the search"
            )
        case Call(function=name, arguments=(inner, *_)) if name in _CONVERSIONS:
            return moment_of(inner)
    return None


def span_words(expression: Expression) -> str:
    """A span of time in words ("2 hours"); empty for what is none."""
    match expression:
        case Call(function="timespan" | "interval" | "totimespan", arguments=(Constant(value=str(text)),)):
            return amount_words(text)
        case Operation(name="time_span", arguments=(Constant(value=amount), Constant(value=str(unit)))):
            return amount_words(f"{amount} {unit}")
        case Constant(value=str(text)):
            return amount_words(text)
    return ""


def amount_words(text: str) -> str:
    """`90d`, `-1 hours`, `5m` in words; empty where the text is no amount of time."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or found[1] == "-":
        return ""
    unit = found[3] if found[3] in _UNITS else found[3].lower()
    name = _UNITS.get(unit) or _PLURALS.get(unit) or (unit if unit in _UNITS.values() else "")
    return f"{found[2]} {name}{'' if found[2] == '1' else 's'}" if name else ""


def _moved(start: Expression, amount: Expression, unit: Expression) -> SearchTime | None:
    number = amount.operand if isinstance(amount, Unary) and amount.operator == "-" else amount
    if moment_of(start) != SearchTime() or not isinstance(number, Constant) or not isinstance(unit, Constant):
        return None
    if isinstance(number.value, bool) or not isinstance(number.value, int | float):
        return None
    if number is amount and number.value >= 0:
        return None
    back = amount_words(f"{abs(number.value):g} {unit.value}")
    return SearchTime(back) if back else None


def _date_math(text: str, edge: str) -> SearchTime | None:
    found = _DATE_MATH.fullmatch(text)
    if found is None or found[1] == "+" or found[5]:
        return None
    back = amount_words(f"{found[2]}{found[3]}") if found[2] else ""
    if found[2] and not back:
        return None
    if not found[4]:
        return SearchTime(back)
    unit = amount_words(f"1{found[4]}").removeprefix("1 ")
    return _edge(f"the {edge} of the {unit}", SearchTime(back)) if unit else None


def _edge(edge: str, within: SearchTime | None) -> SearchTime | None:
    """The start or end of a unit that a time of the search lies in."""
    if within is None or within.place:
        return None
    return SearchTime(place=f"{edge} {within.words}" if within.back else f"{edge} of the search")


def _subject(expression: Expression) -> str | None:
    """What a time is the time of: a field, through conversions; None for what is computed otherwise."""
    match expression:
        case FieldReference(name=name):
            return name
        case Call(function="ingestion_time", arguments=()):
            return "time of ingestion"
        case Call(function=name, arguments=arguments) | Operation(name=name, arguments=arguments) if (
            name in _CONVERSIONS
        ):
            fields = [argument for argument in arguments if not isinstance(argument, Constant)]
            return _subject(fields[0]) if len(fields) == 1 else None
    return None


def bound_text(expression: Expression) -> str:
    """A fixed side of a comparison in words: a time of the search as such, anything else as it reads."""
    moment = moment_of(expression)
    return moment.words if moment is not None else expression_text(expression, "plain")
