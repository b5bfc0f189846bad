"""Operators that show, describe or hand on rows; plug-ins and functions that take rows."""

from __future__ import annotations

from rulescope.ir import FieldReference
from rulescope.ir.stages import Argument, Command, Stage
from rulescope.languages.kusto.items import read_options
from rulescope.languages.kusto.operator_registry import kept, operator
from rulescope.languages.kusto.scope import QueryReader
from rulescope.languages.kusto.values import read_expression, read_plugin


@operator("render", "consume", "getschema", "assert-schema", "scan", "execute_and_cache")
def read_kept(reader: QueryReader) -> list[Stage]:
    """Operators that are kept by name and text."""
    return kept(reader, reader.tokens[reader.index - 1].text.lower())


@operator("evaluate")
def read_evaluate(reader: QueryReader) -> list[Stage]:
    """`evaluate plugin(arguments) [: schema]`."""
    read_options(reader)
    call = read_plugin(reader)
    argument = Argument(call, span=call.span)
    if reader.accept(":") is None:
        return [Command(name="evaluate", arguments=(argument,))]
    if not reader.at("("):
        reader.fail("the columns in brackets")
    return kept(reader, "evaluate", argument)


@operator("invoke")
def read_invoke(reader: QueryReader) -> list[Stage]:
    """`invoke function(arguments)`: a stored function over the rows; one of the query's own is put in elsewhere."""
    call = read_expression(reader)
    if isinstance(call, FieldReference):
        reader.fail("a call: function(…)", token=reader.tokens[reader.index - 1])
    return [Command(name="invoke", arguments=(Argument(call, span=call.span),))]
