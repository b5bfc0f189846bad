"""Operators that choose, name, make or take apart columns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from rulescope.ir import And, Call, Compare, Constant, Expression, FieldReference, Operation
from rulescope.ir.stages import (
    Argument,
    Assignment,
    Command,
    Eval,
    Fields,
    MvExpand,
    Rename,
    Renaming,
    Rex,
    Stage,
    Table,
    Where,
)
from rulescope.languages.kusto.functions import CONVERSIONS
from rulescope.languages.kusto.items import (
    Item,
    assignments,
    columns_of,
    comma,
    read_item,
    read_items,
    read_name,
    read_options,
    read_type,
)
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.operator_registry import operator
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_expression
from rulescope.text import Span

_EXPANSION = {"kind": ("bag", "array"), "bagexpansion": ("bag", "array"), "with_itemindex": ()}
_TYPED_PIECES = {
    "long": r"-?\d+", "int": r"-?\d+", "real": r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?",
    "double": r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", "bool": r"(?:true|false|True|False|TRUE|FALSE)",
}  # fmt: skip
_CONVERSIONS = {name: made for name, made in CONVERSIONS.items() if name not in ("string", "guid", "dynamic")}
"""What makes a column of `parse` a value of its type ("parse operator": the type to convert the value to)."""


def computed(items: list[Item]) -> list[tuple[str, Expression, Span]]:
    """The items as columns and their values; one value for several names gives each its place in the list."""
    found: list[tuple[str, Expression, Span]] = []
    for item, (name, value) in zip(items, columns_of(items), strict=True):
        if len(item.names) > 1:
            for place, one in enumerate(item.names):
                found.append((one, Operation("member", (item.expression, Constant(place))), item.span))
            continue
        if value is not None:
            found.append((name, value, item.span))
    return found


@operator("extend")
def read_extend(reader: QueryReader) -> list[Stage]:
    """`extend name = value, …`."""
    items = read_items(reader)
    if not items:
        reader.fail("a column to add")
    return [Eval(assignments=assignments(computed(items)))]


@operator("project")
def read_project(reader: QueryReader) -> list[Stage]:
    """`project column, name = value, …`: only these columns, in this order."""
    items = read_items(reader)
    names: list[str] = []
    for item, (name, _) in zip(items, columns_of(items), strict=True):
        names += item.names or (name,)
    values = computed(items)
    stages: list[Stage] = [Eval(assignments=assignments(values))] if values else []
    stages.append(Table(fields=tuple(FieldReference(name) for name in names)))
    return stages


def _names(reader: QueryReader) -> list[FieldReference]:
    found: list[FieldReference] = []
    while not reader.at_end():
        start = reader.peek().start
        name = read_name(reader, wildcards=True)
        found.append(FieldReference(name, Span(start, reader.last_end)))
        if not comma(reader):
            break
    if not found:
        reader.fail("a column")
    return found


@operator("project-away")
def read_project_away(reader: QueryReader) -> list[Stage]:
    """`project-away columns`: all but these."""
    return [Fields(fields=tuple(_names(reader)), keep=False)]


@operator("project-keep")
def read_project_keep(reader: QueryReader) -> list[Stage]:
    """`project-keep columns`: only these, in the order they have."""
    return [Fields(fields=tuple(_names(reader)), keep=True)]


@operator("project-reorder")
def read_project_reorder(reader: QueryReader) -> list[Stage]:
    """`project-reorder columns`: these first; no column is lost."""
    found: list[Argument] = []
    while not reader.at_end():
        start = reader.peek().start
        column = FieldReference(read_name(reader, wildcards=True), Span(start, reader.last_end))
        order = reader.accept_word("asc", "desc", "granny")
        if order is not None and order.text.lower() == "granny":
            reader.expect("-")
            order = reader.accept_word("asc", "desc") or reader.fail("asc or desc")
            found.append(Argument(column, f"granny-{order.text.lower()}", column.span))
        else:
            found.append(Argument(column, order.text.lower() if order is not None else None, column.span))
        if not comma(reader):
            break
    if not found:
        reader.fail("a column")
    return [Command(name="project-reorder", arguments=tuple(found))]


@operator("project-by-names")
def read_project_by_names(reader: QueryReader) -> list[Stage]:
    """`project-by-names "name", dynamic(["name", "pattern*"]), …`: these columns, told by texts."""
    names: list[FieldReference] = []
    for item in read_items(reader):
        value = item.expression
        told = value.arguments if isinstance(value, Call) and value.function == "pack_array" else (value,)
        for one in told:
            if not isinstance(one, Constant) or not isinstance(one.value, str):
                reader.fail("the names of columns as texts")
            names.append(FieldReference(one.value, item.span))
    if not names:
        reader.fail("the name of a column")
    return [Table(fields=tuple(names))]


@operator("project-rename")
def read_project_rename(reader: QueryReader) -> list[Stage]:
    """`project-rename new = old, …`."""
    renamings: list[Renaming] = []
    while not reader.at_end():
        start = reader.peek().start
        new = read_name(reader)
        reader.expect("=", " between the new name and the old")
        renamings.append(Renaming(read_name(reader), new, Span(start, reader.last_end)))
        if not comma(reader):
            break
    if not renamings:
        reader.fail("a new name")
    return [Rename(renamings=tuple(renamings))]


@operator("mv-expand", "mvexpand")
def read_mv_expand(reader: QueryReader) -> list[Stage]:
    """`mv-expand [name =] list [to typeof(type)], … [limit n]`: one row an element."""
    options = {key: value for key, value in read_options(reader, **_EXPANSION).items() if not key.startswith("hint.")}
    items, types = _expanded(reader)
    most = read_expression(reader) if reader.accept_word("limit") else None
    limit = most.value if isinstance(most, Constant) and isinstance(most.value, int) else None
    plain = options.get("kind", options.get("bagexpansion", "bag")) == "bag" and "with_itemindex" not in options
    named = columns_of(items)
    values = [(name, value, item.span) for item, (name, value) in zip(items, named, strict=True) if value is not None]
    stages: list[Stage] = [Eval(assignments=assignments(values))] if values else []
    if len(items) == 1 and plain and (most is None or limit is not None):
        stages.append(MvExpand(field=named[0][0], limit=limit))
    else:
        # Several lists are taken apart side by side: not one after the other.
        given = [Argument(FieldReference(name, item.span)) for item, (name, _) in zip(items, named, strict=True)]
        given += [Argument(value, key) for key, value in options.items()]
        given += [] if most is None else [Argument(most, "limit", most.span)]
        stages.append(Command(name="mv-expand", arguments=tuple(given)))
    return [*stages, *_typed([name for name, _ in named], types)]


def _typed(names: list[str], types: list[str]) -> list[Stage]:
    """The elements as values of the types that they are expanded `to`."""
    pairs = [(name, CONVERSIONS[kind]) for name, kind in zip(names, types, strict=True) if kind in CONVERSIONS]
    made = tuple(Assignment(name, Call(function, (FieldReference(name),))) for name, function in pairs)
    return [Eval(assignments=made)] if made else []


def _expanded(reader: QueryReader) -> tuple[list[Item], list[str]]:
    """The lists to expand, and the type of the elements of each, where it is said."""
    items: list[Item] = []
    types: list[str] = []
    while not reader.at_end():
        items.append(read_item(reader))
        types.append("")
        if reader.accept_word("to"):
            reader.expect_word("typeof", " after 'to'")
            reader.expect("(")
            types[-1] = read_type(reader)
            reader.expect(")")
        if not comma(reader):
            break
    if not items:
        reader.fail("a list to expand")
    return items, types


@operator("mv-apply")
def read_mv_apply(reader: QueryReader) -> list[Stage]:
    """`mv-apply [name =] list [to typeof(type)] on (query)`: a query once a row, over the elements of its list."""
    read_options(reader, **_EXPANSION)
    items, types = _expanded(reader)
    named = columns_of(items)
    limit = [Argument(read_expression(reader), "limit")] if reader.accept_word("limit") else []
    reader.expect_word("on", " before the query")
    with reader.nested():
        reader.expect("(")
        start = reader.peek().start
        pipeline = reader.read_pipeline(reader)
        reader.expect(")", " after the query")
    values = [(name, value, item.span) for item, (name, value) in zip(items, named, strict=True) if value is not None]
    lists = [Argument(FieldReference(name, item.span)) for item, (name, _) in zip(items, named, strict=True)]
    typed = _typed([name for name, _ in named], types)
    query = dataclasses.replace(pipeline, stages=(*typed, *pipeline.stages))
    inner = Argument(query, "on", Span(start, reader.last_end))
    stages: list[Stage] = [Eval(assignments=assignments(values))] if values else []
    return [*stages, Command(name="mv-apply", arguments=(*lists, *limit, inner))]


@operator("parse", "parse-where")
def read_parse(reader: QueryReader) -> list[Stage]:
    """`parse [kind=…] text with pattern`: columns out of a text; `parse-where` drops rows that don't fit."""
    word = reader.tokens[reader.index - 1]
    dropping = word.text.lower() == "parse-where"
    options = read_options(reader, kind=("simple", "regex", "relaxed"), flags=())
    subject = read_expression(reader)
    reader.expect_word("with", " before the pattern")
    kind = options.get("kind", "simple")
    flags = options.get("flags", "")
    if not re.fullmatch(r"[A-Za-z]*", flags):
        reader.fail("flags as letters", token=word)
    pattern, types = _pattern(reader, kind, flags)
    stages: list[Stage] = []
    if isinstance(subject, FieldReference):
        field = subject.name
    else:
        field = "parse_1"
        stages.append(Eval(assignments=(Assignment(field, subject, subject.span),)))
    stages.append(Rex(pattern=pattern, field=field))
    # Each column depends on each that may turn out to be no value of its type.
    reader.spend(len(types) * sum(written in _CONVERSIONS for written in types.values()), word.span)
    stages += _converted(types, kind == "relaxed")
    if dropping:
        fits = Compare(field, "match", (pattern,))
        there = [Compare(name, "exists") for name, written in types.items() if written in _CONVERSIONS]
        stages.append(Where(predicate=And((fits, *there)) if there else fits))
    if field == "parse_1":
        stages.append(Fields(fields=(FieldReference(field),), keep=False))
    return stages


def _converted(types: Mapping[str, str], relaxed: bool) -> Iterable[Stage]:
    """The columns as values of their types. Unless it is `relaxed`, one that is no such value makes all of them empty:
    the text does not fit the pattern then."""
    made = [
        Assignment(name, Call(_CONVERSIONS[written], (FieldReference(name),)))
        for name, written in types.items()
        if written in _CONVERSIONS
    ]
    if made:
        yield Eval(assignments=tuple(made))
    # Numbers and truth values are told by the pattern.
    told_later = [name for name, written in types.items() if written in _CONVERSIONS and written not in _TYPED_PIECES]
    for wanted in told_later if not relaxed and len(types) > 1 else ():
        missing = Call("isnull", (FieldReference(wanted),))
        emptied = []
        for name, written in types.items():
            if name != wanted:
                empty = Constant(None if written in _CONVERSIONS else "")
                emptied.append(Assignment(name, Call("iff", (missing, empty, FieldReference(name)))))
        yield Eval(assignments=tuple(emptied))


def _pattern(reader: QueryReader, kind: str, flags: str) -> tuple[str, dict[str, str]]:
    """The pattern as a regular expression with a named group a column, and the types of the columns.

    Source: "parse operator" of the language's reference: `*` is any run of characters, a column of text too, a number
    its digits; with `kind=relaxed` what is no number gives null. With `kind=regex` a column of text takes as much as
    it can, as the results shown there do, unless the flag `U` turns that round.
    """
    text_piece = ".*" if kind == "regex" else ".*?"
    pieces: list[str] = []
    types: dict[str, str] = {}
    last_text: int | None = None
    while not reader.at_end():
        token = reader.peek()
        last_text = None
        if reader.accept("*"):
            pieces.append(".*?")
        elif token.kind == "text":
            reader.take()
            text = text_value(reader, token)
            pieces.append(text if kind == "regex" else re.escape(text))
        else:
            name = read_name(reader)
            written = read_type(reader) if reader.accept(":") else "string"
            group = re.sub(r"\W", "_", name)
            types[group] = written
            typed = _TYPED_PIECES.get(written)
            piece = f"(?<{group}>{typed or text_piece})"
            pieces.append(f"(?:{piece}|.*?)" if typed and kind == "relaxed" else piece)
            last_text = None if typed else len(pieces) - 1
    if not pieces:
        reader.fail("a pattern")
    if last_text is not None and kind != "regex":
        # A column of text at the end takes all that is left.
        pieces[last_text] = pieces[last_text].removesuffix(".*?)") + ".*)"
    # Outside a regular expression that the author wrote, a line's end is a character as any other.
    prefix = f"(?{flags})" if flags else "" if kind == "regex" else "(?s)"
    return prefix + ("".join(pieces[1:]) or ".*" if pieces[0] == ".*?" else "^" + "".join(pieces)), types
