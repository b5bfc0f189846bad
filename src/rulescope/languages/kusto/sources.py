"""Where a query's rows come from: tables, named queries, calls, `union`, `datatable`, `externaldata`, `print`, …"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rulescope import ir
from rulescope.ir import Call, Constant, Expression, FieldReference
from rulescope.ir.stages import Argument, Command, Eval, From, MakeResults, Origin, Search, Stage, Table, Union, Where
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token
from rulescope.languages.kusto.functions import ROW_WORDS, TABLE_CALLS, call_own, call_view
from rulescope.languages.kusto.items import assignments, at_place, read_items, read_name, read_options, read_type
from rulescope.languages.kusto.lexer import text_value
from rulescope.languages.kusto.operator_registry import LEADING
from rulescope.languages.kusto.scope import QueryReader, Scalar, Tabular, UserFunction
from rulescope.languages.kusto.search_terms import SEARCH_KINDS, search_predicate
from rulescope.languages.kusto.values import read_expression, read_plugin, read_predicate
from rulescope.text import Diagnostic, Span


def read_source(reader: QueryReader, wildcards: bool = False) -> list[Stage]:
    """The stages that make the rows at hand; names may hold `*` where `wildcards` (in `union`)."""
    token = reader.peek()
    if reader.at("("):
        with reader.nested():
            reader.take()
            pipeline = reader.read_pipeline(reader)
            reader.expect(")", " after the query")
        return list(pipeline.stages)
    if reader.at("*") and wildcards:
        reader.take()
        return [at_place(reader, Origin(names=("*",)), token.start)]
    if reader.at("[") or token.kind != "word":
        name = read_name(reader, wildcards)
        return [at_place(reader, Origin(names=(name,)), token.start)]
    bound = reader.bound(token.text)
    following = reader.peek(1)
    if isinstance(bound, Tabular) and not (following.kind == "sign" and following.text in ("(", "*")):
        reader.take()
        reader.spend(bound.size, token.span)
        return list(bound.stages)
    word = token.text.lower()
    called = following.kind == "sign" and following.text == "("
    if isinstance(bound, UserFunction) and bound.view and not called:
        reader.take()
        return list(call_view(reader, token, bound))
    if isinstance(bound, UserFunction) and called:
        reader.take()
        found = call_own(reader, token, bound)
        return list(found) if isinstance(found, tuple) else _of_value(reader, token)
    if word in ROW_WORDS and not (following.kind == "sign" and following.text not in ("(", "*", "[", "-", "+")):
        reader.take()
        return _made(reader, word, token)
    if word == "range" and following.kind == "word":
        reader.take()
        return _range(reader, token)
    if word in ("materialize", "totable", "view") and called:
        reader.take()
        return _inside(reader)
    if word == "evaluate" and following.kind == "word":
        reader.take()
        return [at_place(reader, Command(name="evaluate", arguments=read_plugin(reader)), token.start)]
    if called:
        return _call(reader, token, word)
    name = read_name(reader, wildcards)
    if isinstance(bound, Scalar):
        return _of_value(reader, token)
    return [at_place(reader, Origin(names=(name,)), token.start)]


def _of_value(reader: QueryReader, token: Token) -> list[Stage]:
    """Rows out of a named value (a stored function's result, a list): known by name only."""
    return [at_place(reader, Origin(names=(token.text,)), token.start)]


def _inside(reader: QueryReader) -> list[Stage]:
    with reader.nested():
        reader.expect("(")
        pipeline = reader.read_pipeline(reader)
        reader.expect(")", " after the query")
    return list(pipeline.stages)


def _call(reader: QueryReader, token: Token, word: str) -> list[Stage]:
    """`workspace("w").Table` is the table; another call is a stored function, whose text is its name here."""
    names: list[str] = []
    constant: str | None = None
    while True:
        call = reader.peek()
        name = read_name(reader)
        constant = None
        if reader.at("("):
            inner = reader.peek(1)
            constant = text_value(reader, inner) if inner.kind == "text" and reader.peek(2).text == ")" else None
            _stored_arguments(reader, name.lower() in TABLE_CALLS)
            names.append("")
        else:
            names.append(name)
        if not reader.accept("."):
            break
        if not names[-1] and name.lower() not in TABLE_CALLS:
            reader.fail("what holds tables, such as database(…)", token=call)
    if names[-1]:
        table = names[-1].rpartition(".")[2]
    elif word in TABLE_CALLS and constant is not None:
        table = constant
    else:
        table = " ".join(reader.text[token.start : reader.last_end].split())
    return [at_place(reader, Origin(names=(table,)), token.start)]


def _stored_arguments(reader: QueryReader, plain: bool) -> None:
    """Go past the arguments of a stored function, or those of `plain` ones, which are names and texts."""
    opening = reader.peek()
    if not plain:
        closing = reader.matching(reader.index)
        if closing == len(reader.tokens) - 1:
            reader.fail("a bracket that is closed", token=opening)
        while reader.index <= closing:
            reader.take()
        return
    reader.take()
    while True:
        if reader.peek().kind not in ("text", "word"):
            reader.fail("a name in quotes")
        reader.take()
        if not reader.accept_comma():
            break
    reader.expect(")", " after the name")


def read_place(reader: QueryReader) -> None:
    """`cluster("c").database("d")`: where tables lie, of which each is read by its own name."""
    while True:
        name = reader.accept_word(*TABLE_CALLS)
        if name is None or not reader.at("("):
            reader.fail("what holds tables, such as database(…)", token=name)
        _stored_arguments(reader, plain=True)
        if not reader.accept("."):
            return


def _made(reader: QueryReader, word: str, token: Token) -> list[Stage]:
    if word in LEADING:
        return LEADING[word](reader)
    if word == "datatable":
        return [at_place(reader, _datatable(reader), token.start)]
    if word == "print":
        items = read_items(reader)
        pairs = [
            (item.names[0] if item.names else f"print_{number}", item.expression, item.span)
            for number, item in enumerate(items)
        ]
        first = at_place(reader, MakeResults(), token.start, token.end)
        return [first, at_place(reader, Eval(assignments=assignments(pairs)), token.start)]
    if word in ("externaldata", "external_data"):
        return [at_place(reader, _external(reader), token.start)]
    if word == "search":
        options = read_options(reader, kind=SEARCH_KINDS)
        rows = _tables(reader, "$table")
        options |= read_options(reader, kind=SEARCH_KINDS)
        origin = at_place(reader, rows, token.start)
        start = reader.peek().start
        predicate = search_predicate(reader, options.get("kind") == "case_sensitive")
        return [origin, at_place(reader, Search(predicate=predicate), start)]
    return _find(reader, token)


def _tables(reader: QueryReader, told: str) -> Stage:
    """`in (tables and queries)` behind `search` and `find`; all tables without it. Which of them a row is from is
    `told` in a column."""
    if not reader.accept_word("in"):
        return Origin(names=("*",), metadata=(told,))
    names: list[str] = []
    pipelines: list[ir.Pipeline] = []
    with reader.nested():
        reader.expect("(")
        while not names + pipelines or reader.accept_comma():
            start = reader.peek().start
            stages = read_source(reader, wildcards=True)
            if len(stages) == 1 and isinstance(stages[0], Origin):
                names += stages[0].names
            else:
                pipelines.append(ir.Pipeline(tuple(stages), span=Span(start, reader.last_end)))
        reader.expect(")", " after the tables")
    if pipelines:
        return Union(pipelines=tuple(pipelines), names=tuple(names), options=(("withsource", told),))
    return Origin(names=tuple(names), metadata=(told,))


def _find(reader: QueryReader, token: Token) -> list[Stage]:
    options = read_options(reader, withsource=(), with_source=())
    rows = _tables(reader, options.get("withsource", options.get("with_source", "source_")))
    stages: list[Stage] = [at_place(reader, rows, token.start)]
    reader.accept_word("where")
    start = reader.peek().start
    predicate: ir.Predicate = read_predicate(reader)
    if isinstance(predicate, ir.Test) and isinstance(predicate.expression, Constant):
        predicate = ir.Term(str(predicate.expression.value), quoted=True, span=predicate.span)
    stages.append(at_place(reader, Where(predicate=predicate), start))
    if reader.at_word("project", "project-smart"):
        begin = reader.take().start
        fields: list[FieldReference] = []
        while not reader.at_end():
            fields.append(FieldReference(read_name(reader, wildcards=True)))
            if reader.accept(":"):
                read_type(reader)
            if not reader.accept_comma():
                break
        if fields:
            stages.append(at_place(reader, Table(fields=tuple(fields)), begin))
    return stages


def _columns(reader: QueryReader) -> list[tuple[str, str]]:
    """`(name: type, …)`; a column without a type is of texts."""
    columns: list[tuple[str, str]] = []
    with reader.nested():
        reader.expect("(", " before the columns")
        while not reader.at(")"):
            name = read_name(reader) if not reader.at("*") else reader.take().text
            columns.append((name, read_type(reader) if reader.accept(":") else "string"))
            if not reader.accept(","):
                break
        reader.expect(")", " after the columns")
    return columns


def _values(reader: QueryReader) -> list[Expression]:
    found: list[Expression] = []
    with reader.nested():
        reader.expect("[", " before the values")
        while not reader.at("]"):
            found.append(read_expression(reader))
            if not reader.accept(","):
                break
        reader.expect("]", " after the values")
    return found


def _datatable(reader: QueryReader) -> Stage:
    columns = _columns(reader)
    values = _values(reader)
    width = max(len(columns), 1)
    if len(values) % width:
        reader.fail(f"values for all {width} columns of each row", token=reader.tokens[reader.index - 1])
    plain = [_plain(reader, value) for value in values]
    names = [name for name, _ in columns]
    rows = [dict(zip(names, plain[at : at + width], strict=False)) for at in range(0, len(plain), width)]
    data = json.dumps(rows, ensure_ascii=False)
    return MakeResults(count=len(rows), format="json", data=data, options=tuple(columns))


def _plain(reader: QueryReader, value: Expression) -> Any:
    """A constant as JSON has it: times as texts, lists and objects as such. Raises `SyntaxProblem` otherwise."""
    match value:
        case Constant(value=plain):
            return plain
        case Call(function="pack_array", arguments=arguments):
            return [_plain(reader, one) for one in arguments]
        case Call(function="bag_pack", arguments=arguments):
            keys: Sequence[Any] = [_plain(reader, one) for one in arguments]
            return {str(key): one for key, one in zip(keys[::2], keys[1::2], strict=False)}
        case Call(function="datetime" | "timespan" | "guid", arguments=(Constant(value=plain),)):
            return plain
    place = value.span
    message = "a value of a datatable is a constant"
    raise SyntaxProblem(Diagnostic("KUS002", message, reader.bounded(place)))


def _external(reader: QueryReader) -> Stage:
    read_options(reader)
    _columns(reader)
    values = _values(reader)
    if reader.accept_word("with"):
        closing = reader.matching(reader.index)
        while reader.at("(") or (reader.index <= closing and reader.peek().kind != "end"):
            if reader.take().text == ")" and reader.index > closing:
                break
    named = [str(one.value) for one in values if isinstance(one, Constant)]
    return From(dataset_kind="externaldata", name=", ".join(named))


def _range(reader: QueryReader, token: Token) -> list[Stage]:
    """`range name from a to b step c`."""
    arguments = [Argument(FieldReference(read_name(reader)))]
    for word in ("from", "to", "step"):
        reader.expect_word(word)
        value = read_expression(reader)
        arguments.append(Argument(value, word, Span(value.span.start, reader.last_end)))
    return [at_place(reader, Command(name="range", arguments=tuple(arguments)), token.start)]
