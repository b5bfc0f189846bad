"""Operators that keep or order rows: `where`, `take`, `top`, `sort`, `distinct`, `search`."""

from __future__ import annotations

from rulescope import ir
from rulescope.ir import Constant, FieldReference
from rulescope.ir.stages import Argument, Assignment, Command, Eval, Fields, Head, Search, Sort, SortKey, Stage, Where
from rulescope.languages.common.operands import as_expression
from rulescope.languages.kusto.items import columns_of, read_item, read_items, read_name, read_options
from rulescope.languages.kusto.operator_registry import kept, operator
from rulescope.languages.kusto.scope import QueryReader, Tabular, size_of
from rulescope.languages.kusto.search_terms import SEARCH_KINDS, search_predicate
from rulescope.languages.kusto.values import read_expression, read_predicate
from rulescope.text import Span


@operator("where", "filter")
def read_where(reader: QueryReader) -> list[Stage]:
    """`where condition`."""
    read_options(reader)
    return [Where(predicate=read_predicate(reader))]


@operator("take", "limit")
def read_take(reader: QueryReader) -> list[Stage]:
    """`take n`: any n rows."""
    read_options(reader)
    count = read_expression(reader)
    return [Head(count=_count(count))] if _count(count) is not None else [Head(condition=count)]


@operator("top")
def read_top(reader: QueryReader) -> list[Stage]:
    """`top n by value [asc|desc]`."""
    read_options(reader)
    count = read_expression(reader)
    reader.expect_word("by", " after the number of rows")
    number = _count(count)
    if number is None:
        return kept(reader, "top")
    return _sorted(reader, number)


@operator("sort", "order")
def read_sort(reader: QueryReader) -> list[Stage]:
    """`sort by value [asc|desc] [nulls first|last], …`; descending unless it says `asc`, and nulls at the low end."""
    read_options(reader)
    reader.expect_word("by")
    return _sorted(reader, 0)


def _sorted(reader: QueryReader, count: int) -> list[Stage]:
    keys: list[SortKey] = []
    computed: list[Assignment] = []
    while not reader.at_end():
        item = read_item(reader)
        value = item.expression
        if isinstance(value, FieldReference):
            name = value.name
        else:
            name = f"sort_{len(computed) + 1}"
            computed.append(Assignment(name, value, item.span))
        descending = True
        if (word := reader.accept_word("asc", "desc")) is not None:
            descending = word.text.lower() == "desc"
        nulls_first = not descending
        if reader.accept_word("nulls"):
            nulls = reader.accept_word("first", "last") or reader.fail("'first' or 'last'")
            nulls_first = nulls.text.lower() == "first"
        keys.append(SortKey(name, descending, nulls_first=nulls_first, span=item.span))
        if not reader.accept_comma():
            break
    if not keys:
        reader.fail("a column to sort by")
    stages: list[Stage] = [Eval(assignments=tuple(computed))] if computed else []
    stages.append(Sort(keys=tuple(keys), count=count))
    if computed:
        stages.append(Fields(fields=tuple(FieldReference(one.target) for one in computed), keep=False))
    return stages


@operator("sample")
def read_sample(reader: QueryReader) -> list[Stage]:
    """`sample n`: n rows by chance; kept by name, as which rows it gives can't be said."""
    return kept(reader, "sample")


@operator("sample-distinct")
def read_sample_distinct(reader: QueryReader) -> list[Stage]:
    """`sample-distinct n of column`."""
    return kept(reader, "sample-distinct")


@operator("search")
def read_search(reader: QueryReader) -> list[Stage]:
    """`search "text"` and conditions on columns."""
    options = read_options(reader, kind=SEARCH_KINDS)
    return [Search(predicate=search_predicate(reader, options.get("kind") == "case_sensitive"))]


@operator("serialize")
def read_serialize(reader: QueryReader) -> list[Stage]:
    """`serialize [name = value, …]`: fixes the order of rows, and may add columns."""
    read_options(reader)
    items = read_items(reader)
    pairs = zip(columns_of(items), items, strict=True)
    added = tuple(Assignment(name, value, item.span) for (name, value), item in pairs if value is not None)
    return [Eval(assignments=added)] if added else [Command(name="serialize")]


@operator("as")
def read_as(reader: QueryReader) -> list[Stage]:
    """`as name`: gives the rows so far a name, which what follows may use."""
    read_options(reader)
    rows = reader.rows
    start = reader.peek().start
    name = read_name(reader)
    reader.names[name] = Tabular(rows, size_of(*rows))
    span = Span(start, reader.last_end)
    return [Command(name="as", arguments=(Argument(FieldReference(name, span), "name", span),))]


def _count(value: ir.Expression) -> int | None:
    inner = as_expression(value)
    if isinstance(inner, Constant) and isinstance(inner.value, int) and not isinstance(inner.value, bool):
        return inner.value
    return None
