"""Operators that show, describe or hand on rows; plug-ins and functions that take rows."""

from __future__ import annotations

from rulescope.ir import FieldReference
from rulescope.ir.stages import Argument, Command, Stage
from rulescope.languages.kusto.items import read_name, read_options, read_type
from rulescope.languages.kusto.operator_registry import kept, operator
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_expression, read_plugin
from rulescope.text import Span


@operator("render", "consume", "getschema", "assert-schema", "scan", "execute_and_cache")
def read_kept(reader: QueryReader) -> list[Stage]:
    """Operators that are kept by name and text."""
    return kept(reader, reader.tokens[reader.index - 1].text.lower())


@operator("evaluate")
def read_evaluate(reader: QueryReader) -> list[Stage]:
    """`evaluate plugin(arguments) [: schema]`; a column of the schema is an argument by the name of its type."""
    read_options(reader)
    arguments = list(read_plugin(reader))
    if reader.accept(":") is None:
        return [Command(name="evaluate", arguments=tuple(arguments))]
    if not reader.at("("):
        reader.fail("the columns in brackets")
    with reader.nested():
        reader.take()
        while not reader.at(")"):
            start = reader.peek().start
            name = reader.take().text if reader.at("*") else read_name(reader)
            kind = read_type(reader) if reader.accept(":") else "*"
            span = Span(start, reader.last_end)
            arguments.append(Argument(FieldReference(name, span), kind, span))
            if not reader.accept_comma():
                break
        reader.expect(")", " after the columns")
    return [Command(name="evaluate", arguments=tuple(arguments))]


@operator("invoke")
def read_invoke(reader: QueryReader) -> list[Stage]:
    """`invoke function(arguments)`: a stored function over the rows; one of the query's own is put in elsewhere."""
    call = read_expression(reader)
    if isinstance(call, FieldReference):
        reader.fail("a call: function(…)", token=reader.tokens[reader.index - 1])
    return [Command(name="invoke", arguments=(Argument(call, span=call.span),))]
