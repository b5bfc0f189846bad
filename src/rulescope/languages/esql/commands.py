"""The commands of ES|QL, one reader each; every reader begins after the command's name.

Source: Elastic's "ES|QL commands".
"""

from __future__ import annotations

from collections.abc import Callable

from rulescope.ir import Constant, FieldReference, Pipeline
from rulescope.ir.stages import (
    Aggregate,
    Argument,
    Assignment,
    Command,
    Eval,
    EventStats,
    Fields,
    Head,
    Lookup,
    LookupField,
    MvExpand,
    Origin,
    Rename,
    Renaming,
    Sort,
    SortKey,
    Stage,
    Stats,
    Table,
    Where,
)
from rulescope.languages.common.tokens import TokenReader, name_part
from rulescope.languages.esql.aggregates import read_aggregates, read_groups, refuse_aggregates
from rulescope.languages.esql.conditions import read_condition, read_value
from rulescope.languages.esql.lexer import INDEX_PATTERN, text_value
from rulescope.languages.esql.metadata import tell_unknown
from rulescope.languages.esql.patterns import dissect_names, grok_names
from rulescope.languages.esql.values import read_field
from rulescope.text import Span

CommandReader = Callable[[TokenReader], list[Stage]]
NestedReader = Callable[[TokenReader], Pipeline]


def _ended(reader: TokenReader) -> bool:
    return reader.peek().kind == "end" or reader.at("|", ")", ";")


def _from(reader: TokenReader) -> list[Stage]:
    names: list[str] = []
    while True:
        found = INDEX_PATTERN.match(reader.text, reader.peek().start)
        if found is None or reader.peek().kind == "end":
            return reader.fail("an index pattern")
        names.append(found.group().strip('"'))
        while reader.peek().kind != "end" and reader.peek().start < found.end():
            reader.take()
        if not reader.accept_comma():
            break
    bracket = reader.accept("[")
    metadata = _names(reader) if reader.accept_word("metadata") else ()
    tell_unknown(metadata, reader)
    if bracket:
        reader.expect("]")
    return [Origin(names=tuple(names), metadata=tuple(field.name for field in metadata))]


def _where(reader: TokenReader) -> list[Stage]:
    condition = read_condition(reader)
    refuse_aggregates(reader, condition)
    return [Where(predicate=condition)]


def _assignments(reader: TokenReader) -> tuple[Assignment, ...]:
    found: list[Assignment] = []
    while True:
        start = reader.peek().start
        index = reader.index
        name: str | None = None
        if reader.peek().kind == "word":
            name = read_field(reader).name
            if not reader.accept("="):
                reader.index = index
                name = None
        value_start = reader.peek().start
        value = read_value(reader)
        refuse_aggregates(reader, value)
        if name is None:
            name = reader.text[value_start : reader.last_end]
        found.append(Assignment(name, value, Span(start, reader.last_end)))
        if not reader.accept_comma():
            return tuple(found)


def _eval(reader: TokenReader) -> list[Stage]:
    return [Eval(assignments=_assignments(reader))]


def _row(reader: TokenReader) -> list[Stage]:
    found = _assignments(reader)
    return [Command(name="row", arguments=tuple(Argument(one.expression, one.target, one.span) for one in found))]


def _stats(reader: TokenReader) -> list[Stage]:
    aggregates = read_aggregates(reader)
    if not aggregates and not reader.at_word("by"):
        reader.fail("a function or BY")
    by, computed = read_groups(reader) if reader.accept_word("by") else ((), ())
    results = _results(aggregates, by)
    return [*_grouping(computed), Stats(aggregates=results, by=by, dedup_split_values=True, missing_groups=True)]


def _results(aggregates: tuple[Aggregate, ...], by: tuple[FieldReference, ...]) -> tuple[Aggregate, ...]:
    """The aggregates that results have: of one name the last, and none of the name of a group, which goes before it."""
    last = {one.result_name: one for one in aggregates}
    groups = {one.name for one in by}
    return tuple(one for one in aggregates if last[one.result_name] is one and one.result_name not in groups)


def _inline_stats(reader: TokenReader) -> list[Stage]:
    reader.expect_word("stats", " after INLINE")
    return _inlinestats(reader)


def _inlinestats(reader: TokenReader) -> list[Stage]:
    aggregates = read_aggregates(reader)
    by, computed = read_groups(reader) if reader.accept_word("by") else ((), ())
    return [
        *_grouping(computed),
        EventStats(aggregates=_results(aggregates, by), by=by, missing_groups=True),
    ]


def _grouping(computed: tuple[Assignment, ...]) -> list[Stage]:
    """What a group is computed from is a stage of its own before it."""
    if not computed:
        return []
    place = computed[0].span.union(computed[-1].span)
    return [Eval(assignments=computed, span=place)]


def _names(reader: TokenReader) -> tuple[FieldReference, ...]:
    """A list of fields that may hold `*`."""
    found = [_name_pattern(reader)]
    while reader.accept_comma():
        found.append(_name_pattern(reader))
    return tuple(found)


def _name_pattern(reader: TokenReader) -> FieldReference:
    start = reader.peek().start
    parts: list[str] = []
    while True:
        token = reader.peek()
        joined = not parts or token.start == reader.last_end
        if joined and (token.kind in ("word", "number", "span") or reader.at(".", "*", "-")):
            parts.append(name_part(reader.take()))
        else:
            break
    if not parts:
        reader.fail("a field")
    return FieldReference("".join(parts), Span(start, reader.last_end))


def _keep(reader: TokenReader) -> list[Stage]:
    return [Table(fields=_names(reader))]


def _drop(reader: TokenReader) -> list[Stage]:
    return [Fields(fields=_names(reader), keep=False)]


def _rename(reader: TokenReader) -> list[Stage]:
    found: list[Renaming] = []
    while True:
        start = reader.peek().start
        first = _name_pattern(reader).name
        if reader.accept("="):
            source, target = _name_pattern(reader).name, first
        else:
            reader.expect_word("as", " after the field")
            source, target = first, _name_pattern(reader).name
        found.append(Renaming(source, target, Span(start, reader.last_end)))
        if not reader.accept_comma():
            return [Rename(renamings=tuple(found))]


def _sort(reader: TokenReader) -> list[Stage]:
    keys: list[SortKey] = []
    computed: list[Assignment] = []
    while True:
        start = reader.peek().start
        value = read_value(reader)
        if isinstance(value, FieldReference):
            name = value.name
        else:
            name = f"$$order_by${len(computed)}"
            computed.append(Assignment(name, value, Span(start, reader.last_end)))
        direction = reader.accept_word("asc", "desc")
        descending = direction is not None and direction.text.lower() == "desc"
        nulls_first = descending
        if reader.accept_word("nulls"):
            place = reader.accept_word("first", "last") or reader.fail("FIRST or LAST")
            nulls_first = place.text.lower() == "first"
        keys.append(SortKey(name, descending, nulls_first=nulls_first, span=Span(start, reader.last_end)))
        if not reader.accept_comma():
            # What rows are only ordered by is no column of theirs.
            dropped = tuple(FieldReference(one.target, one.span) for one in computed)
            after = [Fields(fields=dropped, keep=False)] if dropped else []
            return [*_grouping(tuple(computed)), Sort(keys=tuple(keys), count=0), *after]


def _limit(reader: TokenReader) -> list[Stage]:
    start = reader.peek().start
    value = read_value(reader)
    if reader.accept_word("by"):
        by = _names(reader)
        arguments = [Argument(value, span=Span(start, reader.last_end)), *(Argument(one, "by") for one in by)]
        return [Command(name="limit", arguments=tuple(arguments))]
    if isinstance(value, Constant) and isinstance(value.value, int):
        return [Head(count=value.value)]
    return [Command(name="limit", arguments=(Argument(value, span=Span(start, reader.last_end)),))]


def _mv_expand(reader: TokenReader) -> list[Stage]:
    return [MvExpand(field=_name_pattern(reader).name)]


def _text(reader: TokenReader, what: str) -> tuple[str, Span]:
    token = reader.peek()
    if token.kind not in ("text", "raw"):
        return reader.fail(what)
    reader.take()
    return text_value(token), token.span


def _grok(reader: TokenReader) -> list[Stage]:
    arguments = [Argument(read_value(reader), "field")]
    names: list[str] = []
    while True:
        pattern, span = _text(reader, "a pattern in quotes")
        arguments.append(Argument(pattern, "pattern", span))
        names.extend(grok_names(pattern))
        if not reader.accept_comma():
            break
    arguments.extend(Argument(name, "output") for name in dict.fromkeys(names))
    return [Command(name="grok", arguments=tuple(arguments))]


def _dissect(reader: TokenReader) -> list[Stage]:
    field = Argument(read_value(reader), "field")
    pattern, span = _text(reader, "a pattern in quotes")
    arguments = [field, Argument(pattern, "pattern", span)]
    if reader.accept_word("append_separator"):
        reader.expect("=")
        arguments.append(Argument(_text(reader, "a text in quotes")[0], "append_separator"))
    arguments.extend(Argument(name, "output") for name in dissect_names(pattern))
    return [Command(name="dissect", arguments=tuple(arguments))]


def _enrich(reader: TokenReader) -> list[Stage]:
    name = _index_name(reader)
    key = _name_pattern(reader).name if reader.accept_word("on") else None
    outputs: list[LookupField] = []
    if reader.accept_word("with"):
        while True:
            first = _name_pattern(reader).name
            if reader.accept("="):
                outputs.append(LookupField(_name_pattern(reader).name, first))
            else:
                outputs.append(LookupField(first, first))
            if not reader.accept_comma():
                break
    keys = (LookupField(key, key),) if key else ()
    return [Lookup(name=name, keys=keys, outputs=tuple(outputs))]


def _index_name(reader: TokenReader) -> str:
    found = INDEX_PATTERN.match(reader.text, reader.peek().start)
    if found is None or reader.peek().kind == "end":
        return reader.fail("a name")
    while reader.peek().kind != "end" and reader.peek().start < found.end():
        reader.take()
    return found.group().strip('"')


def _lookup(reader: TokenReader) -> list[Stage]:
    reader.expect_word("join", " after LOOKUP")
    name = _index_name(reader)
    if reader.accept_word("as"):
        reader.take()
    reader.expect_word("on", " after the index")
    conditions: list[Argument] = []
    keys: list[LookupField] = []
    while True:
        value = read_value(reader)
        if isinstance(value, FieldReference):
            keys.append(LookupField(value.name, value.name))
        else:
            conditions.append(Argument(value, "on"))
        if not reader.accept_comma():
            break
    if conditions:
        arguments = (Argument(name, "index"), *(Argument(key.event_field, "on") for key in keys), *conditions)
        return [Command(name="lookup join", arguments=arguments)]
    return [Lookup(name=name, keys=tuple(keys))]


def _options(reader: TokenReader, name: str) -> list[Stage]:
    """A command that is kept by its arguments, in the order written: `name = value`, ON, WITH {…}."""
    arguments: list[Argument] = []
    while not _ended(reader):
        start = reader.peek().start
        word = reader.accept_word("on", "with", "as", "by")
        option = word.text.lower() if word is not None else None
        if word is None and reader.peek().kind == "word":
            index = reader.index
            target = read_field(reader).name
            if reader.accept("="):
                option = target
            else:
                reader.index = index
        arguments.append(Argument(read_value(reader), option, Span(start, reader.last_end)))
        reader.accept_comma()
    return [Command(name=name, arguments=tuple(arguments))]


def _kept(name: str) -> CommandReader:
    return lambda reader: _options(reader, name)


def fork(reader: TokenReader, nested: NestedReader) -> list[Stage]:
    """FORK: branches in brackets, each a pipeline over the rows so far."""
    branches: list[Argument] = []
    while reader.at("("):
        start = reader.peek().start
        with reader.nested():
            reader.take()
            branches.append(Argument(nested(reader), span=Span(start, reader.last_end)))
            reader.expect(")", " after a branch")
    if not branches:
        reader.fail("a branch in brackets")
    return [Command(name="fork", arguments=tuple(branches))]


SOURCE_COMMANDS: dict[str, CommandReader] = {
    "from": _from,
    "ts": _from,
    "row": _row,
    "show": _kept("show"),
    "promql": _kept("promql"),
    "explain": _kept("explain"),
}
"""Commands that a query begins with."""

COMMANDS: dict[str, CommandReader] = {
    "where": _where,
    "eval": _eval,
    "stats": _stats,
    "inline": _inline_stats,
    "inlinestats": _inlinestats,
    "keep": _keep,
    "project": _keep,
    "drop": _drop,
    "rename": _rename,
    "sort": _sort,
    "limit": _limit,
    "mv_expand": _mv_expand,
    "grok": _grok,
    "dissect": _dissect,
    "enrich": _enrich,
    "lookup": _lookup,
    "completion": _kept("completion"),
    "rerank": _kept("rerank"),
    "sample": _kept("sample"),
    "change_point": _kept("change_point"),
    "fuse": _kept("fuse"),
    "insist": _kept("insist"),
    "uri_parts": _kept("uri_parts"),
    "user_agent": _kept("user_agent"),
    "registered_domain": _kept("registered_domain"),
    "ip_location": _kept("ip_location"),
    "mmr": _kept("mmr"),
}
"""Commands that follow a pipe; FORK is read apart, for it holds pipelines."""
