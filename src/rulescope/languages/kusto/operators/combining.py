"""Operators that put the rows of more than one query together: `join`, `lookup`, `union`, `partition`, `fork`."""

from __future__ import annotations

from dataclasses import replace

from rulescope import ir
from rulescope.ir import Binary, FieldReference, Pipeline
from rulescope.ir.stages import Argument, Command, Join, Origin, Stage, Union
from rulescope.languages.common.operands import Operand
from rulescope.languages.common.tokens import Token
from rulescope.languages.kusto.functions import call_view
from rulescope.languages.kusto.items import at_place, comma, read_name, read_options
from rulescope.languages.kusto.operator_registry import kept, leading, operator
from rulescope.languages.kusto.scope import QueryReader, Tabular, UserFunction
from rulescope.languages.kusto.sources import read_source
from rulescope.text import Span

JOIN_KINDS = frozenset({
    "innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftanti", "rightanti", "leftsemi", "rightsemi",
    "anti", "leftantisemi", "rightantisemi",
})  # fmt: skip
"""The kinds of `join`; without one it is `innerunique`."""


def _right(reader: QueryReader) -> Pipeline:
    """The rows on the right: a query in brackets, a table's name, or a call."""
    start = reader.peek().start
    return Pipeline(tuple(read_source(reader)), span=Span(start, reader.last_end))


@operator("join")
def read_join(reader: QueryReader) -> list[Stage]:
    """`join [kind=…] (query) on columns`."""
    how = read_options(reader, kind=tuple(sorted(JOIN_KINDS))).get("kind", "innerunique").lower()
    pipeline = _right(reader)
    read_options(reader)
    reader.expect_word("on", " before the columns to join by")
    return [_join(reader, pipeline, how)]


@operator("lookup")
def read_lookup(reader: QueryReader) -> list[Stage]:
    """`lookup [kind=leftouter|inner] (query) on columns`: a join that adds the other columns of the right side."""
    how = read_options(reader, kind=("leftouter", "inner")).get("kind", "leftouter").lower()
    pipeline = _right(reader)
    reader.expect_word("on", " before the columns to join by")
    return [replace(_join(reader, pipeline, how), keys_once=True)]


def _join(reader: QueryReader, pipeline: Pipeline, how: str) -> Join:
    fields: list[tuple[str, str]] = []
    while not reader.at_end():
        token = reader.peek()
        pairs = _pairs(reader.read_operand(reader))
        if pairs is None:
            hint = "rows are joined by equal columns only; a where behind the join compares otherwise"
            reader.fail("a column, or $left.a == $right.b", hint=hint, token=token)
        fields += pairs
        if not comma(reader):
            break
    if not fields:
        reader.fail("a column to join by")
    outer = how in ("leftouter", "fullouter")
    return Join(pipeline=pipeline, fields=tuple(fields), outer=outer, max_matches=0, overwrite=False, how=how)


def _pairs(operand: Operand) -> list[tuple[str, str]] | None:
    match operand:
        case FieldReference(name=name):
            bare = name.removeprefix("$left.").removeprefix("$right.")
            return [(bare, bare)]
        case ir.And(operands=operands):
            found: list[tuple[str, str]] = []
            for one in operands:
                pairs = _pairs(one)
                if pairs is None:
                    return None
                found += pairs
            return found
        case ir.Test(expression=Binary(operator="=", left=FieldReference(name=a), right=FieldReference(name=b))):
            if a.startswith("$right.") or b.startswith("$left."):
                a, b = b, a
            return [(a.removeprefix("$left."), b.removeprefix("$right."))]
        case ir.Compare(kind="eq", values=(True,), field=name):
            return [(name, name)]
    return None


@operator("union")
def read_union(reader: QueryReader) -> list[Stage]:
    """`union [kind=…] [withsource=…] tables and queries`, behind rows that there are already."""
    return [_union(reader, leading=False)]


@leading("union")
def read_leading_union(reader: QueryReader) -> list[Stage]:
    """The same as the source of a query."""
    return [_union(reader, leading=True)]


def _union(reader: QueryReader, leading: bool) -> Stage:
    """The union at hand; of plain tables, where nothing stands before it, their names are the source."""
    start = reader.tokens[reader.index - 1].start
    options = read_options(reader, kind=("inner", "outer"), isfuzzy=("true", "false"), withsource=(), with_source=())
    pipelines: list[Pipeline] = []
    names: list[str] = []
    while not reader.at_end():
        token = reader.peek()
        stages = read_source(reader, wildcards=True)
        pipelines += _views(reader, token, stages)
        bound = reader.names.get(token.text)
        if isinstance(bound, UserFunction) and bound.view:
            stages = [*stages, _named(token)]
        if len(stages) == 1 and isinstance(stages[0], Origin) and not isinstance(reader.names.get(token.text), Tabular):
            names += stages[0].names
        else:
            pipelines.append(Pipeline(tuple(stages), span=Span(token.start, reader.last_end)))
        read_options(reader)
        if not comma(reader):
            break
    if not names and not pipelines:
        reader.fail("a table or a query in brackets")
    # `isfuzzy=false` and hints change nothing; `isfuzzy=true` lets tables be missing.
    plain = {key: value for key, value in options.items() if not key.startswith("hint.") and value.lower() != "false"}
    if leading and not pipelines and not plain:
        return at_place(reader, Origin(names=tuple(names)), start)
    union = Union(pipelines=tuple(pipelines), names=tuple(names), options=tuple(options.items()))
    return at_place(reader, union, start)


def _views(reader: QueryReader, token: Token, stages: list[Stage]) -> list[Pipeline]:
    """The rows of the query's own views that a name with `*` stands for."""
    names = stages[0].names if len(stages) == 1 and isinstance(stages[0], Origin) else ()
    patterns = [name for name in names if "*" in name]
    found: list[Pipeline] = []
    for name, bound in list(reader.names.items()) if patterns else ():
        if isinstance(bound, UserFunction) and bound.view and any(_is_like(name, one) for one in patterns):
            reader.bound(name)
            found.append(Pipeline((*call_view(reader, token, bound), _named(token, name)), span=token.span))
    return found


def _named(token: Token, name: str | None = None) -> Stage:
    """What calls the rows by the name of their view."""
    reference = FieldReference(name or token.text, token.span)
    return Command(name="as", arguments=(Argument(reference, "name", token.span),), text=token.text, span=token.span)


def _is_like(name: str, pattern: str) -> bool:
    """Whether a name is as a pattern with `*` says, in time that grows with both lengths only."""
    first, *middle, last = pattern.split("*")
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    place, end = len(first), len(name) - len(last)
    for piece in middle:
        place = name.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


@operator("partition")
def read_partition(reader: QueryReader) -> list[Stage]:
    """`partition by column (query)`: the query once a value."""
    read_options(reader)
    reader.expect_word("by")
    token = reader.peek()
    column = FieldReference(read_name(reader), token.span)
    read_options(reader)
    if not reader.at("(", "{"):
        return kept(reader, "partition", Argument(column, "by"))
    with reader.nested():
        closing = ")" if reader.take().text == "(" else "}"
        start = reader.peek().start
        inner = reader.read_pipeline(reader)
        reader.expect(closing, " after the query")
    query = Argument(inner, None, Span(start, reader.last_end))
    return [Command(name="partition", arguments=(Argument(column, "by"), query))]


@operator("fork", "facet", "graph-match", "make-graph", "graph-to-table", "graph-shortest-paths", "graph-merge",
          "graph-mark-components", "macro-expand")  # fmt: skip
def read_many(reader: QueryReader) -> list[Stage]:
    """Operators with several queries or patterns inside; kept by name and text."""
    return kept(reader, reader.tokens[reader.index - 1].text.lower())
