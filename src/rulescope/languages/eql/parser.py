"""A query of EQL: an event and its condition, a sequence or a sample of them, and pipes.

The category before `where` becomes a source of its own: the events of which it speaks, with the condition on
`event.category` that it stands for.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rulescope.ir import Compare, FieldReference, ParsedQuery, Predicate
from rulescope.ir.stages import (
    Aggregate,
    Argument,
    Command,
    Dedup,
    Head,
    Interval,
    Origin,
    Sequence,
    SequenceStep,
    Sort,
    SortKey,
    Stage,
    Stats,
    Tail,
    Where,
)
from rulescope.languages.common.outcome import opaque_stage, open_query, parsed_query
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader, name_part
from rulescope.languages.eql.conditions import endgame_only, read_condition, read_field, read_value
from rulescope.languages.eql.lexer import read_tokens, text_value
from rulescope.languages.registry import LANGUAGES
from rulescope.text import Diagnostic, Source, Span, misspelt_name, nearest_name

_CATEGORIES = frozenset(LANGUAGES["eql"].categories)
"""The values that `event.category` is allowed (ECS reference, "event.category")."""

CATEGORY_FIELD = "event.category"
"""The field that an event's category is read from, unless a rule says otherwise."""

MAXIMUM_RUNS = 100
"""The greatest number that `with runs` takes."""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(\w+)")
_UNITS = {
    "d": ("d", 1.0), "h": ("h", 1.0), "m": ("m", 1.0), "s": ("s", 1.0), "ms": ("ms", 1.0), "micros": ("us", 1.0),
    "nanos": ("us", 0.001), "us": ("us", 1.0), "sec": ("s", 1.0), "min": ("m", 1.0), "hour": ("h", 1.0),
    "hours": ("h", 1.0), "seconds": ("s", 1.0), "minutes": ("m", 1.0), "days": ("d", 1.0), "day": ("d", 1.0),
}  # fmt: skip
_PIPES = ("head", "tail")
_ENDGAME_PIPES = ("count", "filter", "sort", "unique", "unique_count")


def parse_eql(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of EQL. Never raises: whatever is wrong with it is in `diagnostics`, and `status` sums up.

    The language has no macros; all parsers are called alike.
    """
    source = Source(source) if isinstance(source, str) else source
    reader = open_query(source, "EQL", read_tokens)
    if isinstance(reader, ParsedQuery):
        return reader
    text = source.text
    stages: list[Stage] = []
    problems: list[Diagnostic] = []
    first = True
    while True:
        start = reader.peek().start
        try:
            stages.extend(_first(reader) if first else [_in_order(_pipe(reader), stages)])
            if reader.peek().kind != "end" and not reader.at("|"):
                stages.pop()
                reader.fail("a pipe or the end of the query")
        except SyntaxProblem as problem:
            problems.append(problem.diagnostic)
            _skip_to_pipe(reader)
            end = reader.last_end if reader.last_end > start else len(text)
            stages.append(opaque_stage(text, start, end, problem.diagnostic))
            reader.depth = 0
        first = False
        if not reader.accept("|"):
            break
    return parsed_query(source, stages, [*problems, *reader.diagnostics], constants="EQL017")


def _skip_to_pipe(reader: TokenReader) -> None:
    while reader.peek().kind != "end" and not reader.at("|"):
        reader.take()


def _first(reader: TokenReader) -> list[Stage]:
    if reader.at_word("sequence", "sample") and reader.peek(1).text.lower() != "where":
        return [_sequence(reader)]
    token = reader.peek()
    if token.text == "join" and reader.peek(1).text in ("by", "["):
        raise endgame_only("'join'", token.span)
    category = _category(reader)
    reader.expect_word("where", " after the event's category")
    start = reader.peek().start
    predicate = read_condition(reader)
    text = reader.text
    where = Where(predicate=predicate, text=text[start : reader.last_end], span=Span(start, reader.last_end))
    return [_origin(category, token), where]


def _origin(category: str | None, token: Token) -> Origin:
    if category is None:
        return Origin(text=token.text, span=token.span, names=("any",))
    predicate = Compare(CATEGORY_FIELD, "eq", (category,), span=token.span, value_spans=(token.span,))
    return Origin(text=token.text, span=token.span, names=(category,), predicate=predicate)


def _category(reader: TokenReader) -> str | None:
    """An event's category; None for `any`."""
    token = reader.peek()
    if token.kind in ("text", "raw"):
        reader.take()
        return text_value(reader, token)
    if token.kind == "word" and not token.text.endswith("~"):
        reader.take()
        if token.text == "any":
            return None
        name = name_part(token)
        # A rule may read its categories from another field (`event_category_override`), and events may have ones of
        # their own: only what is hardly meant is said.
        near = None if name in _CATEGORIES else misspelt_name(name, _CATEGORIES)
        if near is not None:
            message = f"no event of the common schema has the category '{name}'"
            reader.note("EQL018", message, token.span, hint=f"did you mean '{near}'?")
        return name
    return reader.fail("an event's category ('process', 'any', …), 'sequence' or 'sample'")


def _sequence(reader: TokenReader) -> Sequence:
    head = reader.take()
    ordered = head.text.lower() == "sequence"
    by: list[FieldReference] = []
    optional: list[str] = []
    span: Interval | None = None
    while True:
        if not by and reader.accept_word("by"):
            _join_keys(reader, by, optional)
        elif span is None and reader.accept_word("with"):
            span = _max_span(reader)
        else:
            break
    steps: list[SequenceStep] = []
    while reader.at("[", "!"):
        steps.append(_step(reader, optional))
    if not steps:
        reader.fail("an event in square brackets")
    until = _step(reader, optional, is_until=True) if reader.accept_word("until") else None
    place = Span(head.start, reader.last_end)
    _check_sequence(reader, head, ordered, steps, bool(by), span, until)
    return Sequence(
        text=reader.text[place.start : place.end],
        span=place,
        steps=tuple(steps),
        by=tuple(by),
        max_span=span,
        until=until,
        ordered=ordered,
        optional_by=tuple(dict.fromkeys(optional)),
    )


def _check_sequence(
    reader: TokenReader,
    head: Token,
    ordered: bool,
    steps: list[SequenceStep],
    by: bool,
    span: Interval | None,
    until: SequenceStep | None,
) -> None:
    missing = any(step.missing for step in steps)
    if len(steps) < 2 and steps[0].runs < 2:
        reader.note("EQL022", f"a {head.text.lower()} takes at least two events", head.span, "error")
    if missing and span is None and ordered:
        message = "a missing event needs 'with maxspan'"
        reader.note("EQL020", message, head.span, "error", "write 'sequence with maxspan=…'")
    if missing and all(step.missing for step in steps):
        reader.note("EQL020", "a sequence needs at least one event that is there", head.span, "error")
    keyed = by or all(step.by for step in steps)
    if not ordered and (missing or span or until or not keyed or any(step.runs > 1 for step in steps)):
        message = "a sample has join keys, and no maxspan, runs, until or missing events"
        reader.note("EQL023", message, head.span, "error")


def _join_keys(reader: TokenReader, by: list[FieldReference], optional: list[str]) -> None:
    while True:
        is_optional = reader.at("?")
        field = read_field(reader)
        by.append(field)
        if is_optional:
            optional.append(field.name)
        if reader.at("(", "+", "-", "*", "/", "%"):
            raise endgame_only("calculated join key", Span(field.span.start, reader.peek().end))
        if not reader.accept_comma():
            return


def _max_span(reader: TokenReader) -> Interval:
    reader.expect_word("maxspan")
    reader.expect("=", " after maxspan")
    token = reader.peek()
    if token.kind not in ("span", "number"):
        reader.fail("a span of time such as 30s")
    reader.take()
    text = token.text
    unit = reader.peek()
    if token.kind == "number" and unit.kind == "word" and unit.text in _UNITS:
        text = f"{text}{reader.take().text}"
    found = _SPAN.fullmatch(text)
    known = _UNITS.get(found[2]) if found else None
    if found is None or known is None:
        place = Span(token.start, reader.last_end)
        reader.note("EQL024", f"'{text}' is no span of time", place, "error", "write 30s, 5m, 1h or 1d")
        amount = _SPAN.match(text + "s")
        return Interval(text, float(amount[1]) if amount else 0.0, "s", span=place)
    return Interval(text, float(found[1]) * known[1], known[0], span=Span(token.start, reader.last_end))


def _step(reader: TokenReader, optional: list[str], is_until: bool = False) -> SequenceStep:
    start = reader.peek().start
    missing = not is_until and reader.accept("!") is not None
    with reader.nested():
        reader.expect("[", " before an event")
        token = reader.peek()
        category = _category(reader)
        reader.expect_word("where", " after the event's category")
        predicate: Predicate | None = read_condition(reader)
        reader.expect("]", " after the event's condition")
    by: list[FieldReference] = []
    runs = 0
    alias: str | None = None
    while True:
        if not by and reader.accept_word("by"):
            _join_keys(reader, by, optional)
        elif not runs and reader.accept_word("with"):
            runs = _runs(reader)
        elif alias is None and reader.at_word("as") and reader.peek(1).kind == "word":
            reader.take()
            alias = name_part(reader.take())
        elif reader.at_word("fork"):
            raise endgame_only("'fork'", reader.peek().span)
        else:
            break
    condition = None
    if category is not None:
        condition = Compare(CATEGORY_FIELD, "eq", (category,), span=token.span, value_spans=(token.span,))
    place = Span(start, reader.last_end)
    return SequenceStep(
        category, predicate, tuple(by), missing, runs or 1, alias, category_condition=condition, span=place
    )


def _runs(reader: TokenReader) -> int:
    reader.expect_word("runs")
    reader.expect("=", " after runs")
    token = reader.peek()
    if token.kind != "number" or not token.text.isdigit() or len(token.text) > 9:
        reader.fail("a number of runs")
    reader.take()
    runs = int(token.text)
    if not 1 <= runs <= MAXIMUM_RUNS:
        reader.note("EQL021", f"'with runs' takes 1 to {MAXIMUM_RUNS}, not {runs}", token.span, "error")
    return min(max(runs, 1), MAXIMUM_RUNS)


def _pipe(reader: TokenReader) -> Stage:
    token = reader.peek()
    if token.kind != "word":
        reader.fail("the name of a pipe")
    reader.take()
    name = token.text
    if name not in _PIPES and name not in _ENDGAME_PIPES:
        near = nearest_name(name, (*_PIPES, *_ENDGAME_PIPES)) if len(name) < 60 else None
        hint = f"did you mean '{near}'?" if near else None
        raise SyntaxProblem(Diagnostic("EQL030", f"there is no pipe '{name[:60]}'", token.span, hint=hint))
    if name in _ENDGAME_PIPES:
        reader.note("EQL031", f"Elasticsearch's EQL has no pipe '{name}'", token.span)
    stage = _pipe_stage(reader, name)
    return _placed(stage, reader, token.start)


def _in_order(stage: Stage, before: list[Stage]) -> Stage:
    """`head` and `tail` go by time, unless the rows were put into another order."""
    if isinstance(stage, Head | Tail) and any(isinstance(one, Sort) for one in before):
        return replace(stage, in_time=False)
    return stage


def _placed(stage: Stage, reader: TokenReader, start: int) -> Stage:
    return replace(stage, text=reader.text[start : reader.last_end], span=Span(start, reader.last_end))


def _pipe_stage(reader: TokenReader, name: str) -> Stage:
    if name == "filter":
        return Where(predicate=read_condition(reader))
    if name in ("head", "tail"):
        count = _count(reader)
        return Head(count=count, in_time=True) if name == "head" else Tail(count=count, in_time=True)
    values = []
    while reader.peek().kind != "end" and not reader.at("|"):
        values.append(read_value(reader))
        if not reader.accept_comma():
            break
    fields = tuple(one for one in values if isinstance(one, FieldReference))
    if name in ("sort", "unique", "count") and len(fields) == len(values):
        if name == "sort":
            return Sort(keys=tuple(SortKey(one.name, span=one.span) for one in fields), count=0)
        if name == "unique":
            return Dedup(fields=fields)
        return Stats(aggregates=(Aggregate("count", written="count"),), by=fields)
    return Command(name=name, arguments=tuple(Argument(one, span=one.span) for one in values))


def _count(reader: TokenReader) -> int:
    token = reader.peek()
    if token.kind != "number" or not token.text.isdigit() or len(token.text) > 9:
        reader.fail("a number of events")
    reader.take()
    return int(token.text)
