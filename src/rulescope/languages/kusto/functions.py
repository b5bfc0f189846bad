"""What makes rows and what makes a value, and calls of functions that the query itself defines."""

from __future__ import annotations

from typing import Final

from rulescope.ir import Call, Expression, FieldReference, Stage
from rulescope.languages.common.operands import Operand
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token
from rulescope.languages.kusto.comparisons import LIST_OPERATORS, TEXT_OPERATORS
from rulescope.languages.kusto.scope import (
    MAXIMUM_CALLS,
    Binding,
    QueryReader,
    Scalar,
    Tabular,
    UserFunction,
    size_of,
)
from rulescope.text import Diagnostic

ROW_WORDS: Final[frozenset[str]] = frozenset(
    {"union", "search", "find", "print", "datatable", "externaldata", "external_data"}
)
"""Words that begin a query which makes rows."""

TABLE_CALLS: Final[frozenset[str]] = frozenset(
    {"database", "cluster", "workspace", "app", "resource", "adx", "arg", "table", "external_table",
     "materialized_view", "stored_query_result", "materialize", "totable"}
)  # fmt: skip
"""Functions that give a table, or what holds tables."""


CONVERSIONS: Final[dict[str, str]] = {
    "bool": "tobool", "date": "todatetime", "datetime": "todatetime", "double": "toreal", "decimal": "toreal",
    "int": "toint", "long": "tolong", "real": "toreal", "time": "totimespan", "timespan": "totimespan",
    "string": "tostring", "guid": "toguid", "dynamic": "todynamic",
}  # fmt: skip
"""Types, and the functions that make a value one of them."""


def conversion_of(value: Expression) -> str | None:
    """The function that makes a value one of the type in `typeof(type)`; None for anything else."""
    match value:
        case Call(function="typeof", arguments=(FieldReference(name=name),)):
            return CONVERSIONS.get(name.lower())
    return None


def check_function(reader: QueryReader, token: Token) -> None:
    """Note a word that is called as a function and is an operator: it stands between its operands."""
    name = token.text.lower()
    if name in TEXT_OPERATORS or name in LIST_OPERATORS:
        hint = f"write value {name} …, or … {name} (…) for a list"
        reader.note("KUS022", f"'{token.text}' is an operator, no function", token.span, "error", hint)


def is_tabular(reader: QueryReader, ends: str) -> bool:
    """Whether rows begin at hand, as far as their first words tell; `ends` are signs that may follow a name."""
    token = reader.peek()
    following = reader.peek(1)
    if token.kind != "word":
        return False
    word = token.text.lower()
    bound = reader.names.get(token.text)
    if isinstance(bound, Tabular):
        return following.kind == "end" or (following.kind == "sign" and following.text in f"|;}}{ends}")
    if isinstance(bound, UserFunction):
        return bound.tabular and following.text == "("
    if word in ROW_WORDS:
        return not (following.kind == "sign" and following.text not in ("(", "*", "[", "-", "+"))
    if word == "range":
        return following.kind == "word"
    return word in TABLE_CALLS and following.text == "("


def call_own(
    reader: QueryReader, token: Token, function: UserFunction, rows: tuple[Stage, ...] | None = None
) -> Operand | tuple[Stage, ...]:
    """The body of a function of the query's own, its arguments put in; the opening bracket is at hand.

    `rows` are those that `invoke` hands to the first parameter.
    """
    _count_call(reader, token)
    parameters = list(function.parameters)
    given: dict[str, Binding] = {}
    if rows is not None and parameters:
        given[parameters.pop(0).name] = Tabular(rows, size_of(*rows))
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            named = reader.peek(1)
            if reader.peek().kind == "word" and named.kind == "sign" and named.text == "=":
                name = reader.take().text
                found = next((one for one in parameters if one.name == name), None)
                if found is None:
                    reader.fail(f"a parameter of {token.text}", token=named)
                reader.take()
            else:
                # An argument without a name goes to the first parameter that has none yet.
                found = next((one for one in parameters if one.name not in given), None)
                if found is None:
                    reader.fail(f"')': {token.text} takes {len(parameters)} arguments")
            given[found.name] = _argument(reader, found.tabular)
            if not reader.accept_comma():
                break
        reader.expect(")", " after the arguments")
        for parameter in parameters:
            if parameter.name not in given:
                if not parameter.default:
                    reader.fail(f"the argument '{parameter.name}' of {token.text}", token=token)
                given[parameter.name] = _default(reader, parameter.default)
        return _body(reader, function, given)


def call_view(reader: QueryReader, token: Token, function: UserFunction) -> tuple[Stage, ...]:
    """The rows of a function without parameters that is named as a table is."""
    _count_call(reader, token)
    with reader.nested():
        found = _body(reader, function, {})
    return found if isinstance(found, tuple) else ()


def _count_call(reader: QueryReader, token: Token) -> None:
    reader.shared.calls += 1
    if reader.shared.calls > MAXIMUM_CALLS:
        message = f"functions of the query's own are called more than {MAXIMUM_CALLS} times"
        raise SyntaxProblem(Diagnostic("KUS014", message, token.span))


def _body(reader: QueryReader, function: UserFunction, given: dict[str, Binding]) -> Operand | tuple[Stage, ...]:
    kept, index, rows = reader.names, reader.index, reader.rows
    reader.names, reader.rows = {**kept, **given}, ()
    reader.index = function.body
    try:
        return reader.read_body(reader)
    finally:
        reader.names, reader.index, reader.rows = kept, index, rows


def _argument(reader: QueryReader, tabular: bool) -> Binding:
    if tabular or is_tabular(reader, ",)") or reader.pipe_before(reader.index, ","):
        pipeline = reader.read_pipeline(reader)
        return Tabular(pipeline.stages, size_of(*pipeline.stages))
    value = reader.read_operand(reader)
    return Scalar(value, size_of(value))


def _default(reader: QueryReader, index: int) -> Binding:
    kept = reader.index
    reader.index = index
    try:
        value = reader.read_operand(reader)
    finally:
        reader.index = kept
    return Scalar(value, size_of(value))
