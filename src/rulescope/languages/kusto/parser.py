"""A query of Kusto's language: `let` and other statements, and queries, each rows and operators with pipes between."""

from __future__ import annotations

from rulescope.ir import ParsedQuery, Pipeline, Stage
from rulescope.ir.stages import Assignment, Command, Eval, Opaque, Union
from rulescope.languages.common.operands import Operand, as_expression
from rulescope.languages.common.outcome import opaque_stage, open_query, parsed_query
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import unpaired_bracket, unpaired_problem
from rulescope.languages.kusto.functions import call_own, is_tabular
from rulescope.languages.kusto.items import at_place, read_name, read_type
from rulescope.languages.kusto.lexer import read_tokens
from rulescope.languages.kusto.operators import OPERATORS
from rulescope.languages.kusto.scope import (
    Parameter,
    QueryReader,
    Scalar,
    Tabular,
    UserFunction,
    size_of,
)
from rulescope.languages.kusto.sources import read_place, read_source
from rulescope.languages.kusto.values import read_operand
from rulescope.text import Diagnostic, Source, Span, nearest_name


def parse_kusto(source: Source | str, macros: object = None) -> ParsedQuery:
    """Read a query of Kusto's language. Never raises: what is wrong with it is in `diagnostics`; `status` sums up.

    Names that `let` gives are put in where they are used. Several queries in one text are a `union` of theirs. The
    language has no macros; all parsers are called alike.
    """
    if isinstance(source, str):
        source = Source(source)
    reader = open_query(source, "KUS", lambda text: QueryReader(text, read_tokens(text)))
    if isinstance(reader, ParsedQuery):
        return reader
    reader.read_pipeline = _nested_pipeline
    reader.read_operand = read_operand
    reader.read_body = _body
    query = _Query(reader)
    stages = query.read()
    diagnostics = [*query.problems, *reader.diagnostics]
    # What is kept by its text only goes on to the end where its bracket is not closed.
    unpaired = unpaired_bracket((token.text, token.start) for token in reader.tokens if token.kind == "sign")
    if unpaired is not None and not any(found.severity == "error" for found in diagnostics):
        diagnostics.append(unpaired_problem("KUS002", unpaired))
    return parsed_query(source, stages, diagnostics, constants="KUS019")


class _Query:
    """Reads the statements of a text; a part that can't be read is opaque, and what went wrong is in `problems`."""

    def __init__(self, reader: QueryReader) -> None:
        self.reader = reader
        self.problems: list[Diagnostic] = []
        self.broken: list[Stage] = []
        self.defined: dict[str, Span] = {}

    def read(self) -> list[Stage]:
        """All statements, as one sequence of stages."""
        reader = self.reader
        queries: list[list[Stage]] = []
        while reader.peek().kind != "end":
            if reader.accept(";"):
                continue
            start = reader.peek().start
            if reader.at("."):
                self._command()
            elif _at_statement(reader):
                self._statement(start)
            else:
                queries.append(self._query())
        for name, span in self.defined.items():
            if name not in reader.shared.used:
                self.problems.append(Diagnostic("KUS013", f"nothing uses '{name}'", span, "info"))
        if not queries and not self.broken:
            return self._defined_only()
        if len(queries) <= 1:
            return [*self.broken, *(queries[0] if queries else [])]
        pipelines = tuple(Pipeline(tuple(stages), span=_span(stages)) for stages in queries)
        # Opaque stages inside would not be seen from outside.
        lost = [stage for stages in queries for stage in stages if isinstance(stage, Opaque)]
        return [*self.broken, *lost, at_place(reader, Union(pipelines=pipelines), _span(queries[0]).start)]

    def _defined_only(self) -> list[Stage]:
        """A text of statements alone: what its last name stands for, or all values that it names."""
        reader = self.reader
        place = Span(0, len(reader.text))
        message = "there is no query here, only statements before one"
        self.problems = [Diagnostic("KUS005", message, place, "warning")]
        last = list(reader.names.values())[-1:]
        if last and isinstance(last[0], Tabular):
            return list(last[0].stages)
        if last and isinstance(last[0], UserFunction):
            rows = {one.name: Tabular((), 0) for one in last[0].parameters if one.tabular}
            reader.names, reader.index = {**reader.names, **rows}, last[0].body
            body = _body(reader)
            if isinstance(body, tuple) and body:
                return list(body)
        values = tuple(
            Assignment(name, as_expression(bound.value), bound.value.span)
            for name, bound in reader.names.items()
            if isinstance(bound, Scalar)
        )
        return [at_place(reader, Eval(assignments=values) if values else Command(name="let"), 0)]

    def _command(self) -> None:
        start = self.reader.peek().start
        found = Diagnostic("KUS006", "a management command is no query", self.reader.peek().span)
        while self.reader.peek().kind != "end":
            self.reader.take()
        self._lose(start, found)

    def _lose(self, start: int, found: Diagnostic) -> None:
        self.problems.append(found)
        end = min(max(self.reader.last_end, start + 1), len(self.reader.text))
        self.broken.append(opaque_stage(self.reader.text, start, end, found))
        self.reader.depth = 0

    def _statement(self, start: int) -> None:
        reader = self.reader
        name_token = reader.peek(1)
        is_let = reader.at_word("let")
        try:
            _read_statement(reader)
            if reader.peek().kind != "end" and not reader.at(";"):
                reader.fail("';' after the statement")
        except SyntaxProblem as problem:
            self._skip(";")
            self._lose(start, problem.diagnostic)
        if is_let and name_token.kind == "word":
            self.defined[name_token.text] = name_token.span

    def _query(self) -> list[Stage]:
        reader = self.reader
        stages: list[Stage] = []
        first = True
        while True:
            start = reader.peek().start
            before = stages
            try:
                stages = read_source(reader) if first else _operator(reader, stages)
                if not (reader.peek().kind == "end" or reader.at("|", ";") or self._at_next()):
                    reader.fail("a pipe or the end of the query")
            except SyntaxProblem as problem:
                self.problems.append(problem.diagnostic)
                self._skip("|", ";")
                end = min(max(reader.last_end, start + 1), len(reader.text))
                # Half a stage would say something else than the whole.
                stages = [*before, opaque_stage(reader.text, start, end, problem.diagnostic)]
                reader.depth = 0
            first = False
            if not reader.accept("|"):
                break
        return stages

    def _at_next(self) -> bool:
        """Whether a query of its own begins behind an empty line, as editors that run one query of many take it."""
        reader = self.reader
        between = reader.text[reader.last_end : reader.peek().start]
        if sum(not line.strip() for line in between.split("\n")[1:-1]) == 0 or reader.peek().kind != "word":
            return False
        reader.note("KUS015", "a second query begins here", reader.peek().span, "info")
        return True

    def _skip(self, *ends: str) -> None:
        """On to one of the signs outside brackets; brackets that nothing opened count for nothing."""
        reader = self.reader
        depth = 0
        while reader.peek().kind != "end":
            if depth == 0 and reader.at(*ends):
                return
            if reader.at("(", "[", "{"):
                depth += 1
            elif reader.at(")", "]", "}"):
                depth = max(depth - 1, 0)
            reader.take()


def _span(stages: list[Stage]) -> Span:
    return Span(stages[0].span.start, max(stage.span.end for stage in stages)) if stages else Span(0, 0)


def _at_statement(reader: QueryReader) -> bool:
    following = reader.peek(1)
    if reader.at_word("let"):
        return following.kind in ("word", "span", "number") or (following.kind == "sign" and following.text == "[")
    if reader.at_word("set", "alias", "restrict", "pattern", "import"):
        return following.kind == "word"
    return reader.at_word("declare") and following.text.lower() in ("query_parameters", "pattern")


def _read_statement(reader: QueryReader) -> None:
    if reader.at_word("let"):
        _let(reader)
        return
    if reader.at_word("declare") and reader.peek(1).text.lower() == "query_parameters":
        reader.take()
        reader.take()
        for parameter in _parameters(reader):
            if parameter.default:
                kept, reader.index = reader.index, parameter.default
                value = read_operand(reader)
                reader.index = kept
                reader.names[parameter.name] = Scalar(value, size_of(value))
        return
    if reader.at_word("set"):
        _set(reader)
    elif reader.accept_word("alias"):
        # Another name for a database, of which tables are read by their own names.
        reader.expect_word("database")
        read_name(reader)
        reader.expect("=", " after the name")
        read_place(reader)
    else:
        reader.fail("a statement that is read: let, set, alias database or declare query_parameters")


_DECIDING = ("query_now", "query_datetimescope")
"""How the names of request properties begin that decide what a query finds."""


def _set(reader: QueryReader) -> None:
    """`set property = value`: most change how the query is run, and not what it finds ("Set statement")."""
    reader.take()
    token = reader.peek()
    name = read_name(reader)
    if name.startswith(_DECIDING):
        reader.note("KUS020", f"'{name}' decides what the query finds, and is not read", token.span, "error")
    if reader.accept("="):
        read_operand(reader)


def _let(reader: QueryReader) -> None:
    reader.keyword(reader.take())
    name = reader.take().text if reader.peek().kind in ("span", "number") else read_name(reader)
    reader.expect("=", " after the name")
    view = reader.at_word("view") and reader.peek(1).text == "("
    if view:
        reader.take()
    if reader.at("("):
        closing = reader.matching(reader.index)
        following = reader.tokens[min(closing + 1, len(reader.tokens) - 1)]
        if following.kind == "sign" and following.text == "{":
            reader.names[name] = _function(reader, view)
            return
    literal = reader.peek().kind in ("span", "number", "text", "typed")
    rows = not literal and (is_tabular(reader, "") or reader.pipe_before(reader.index, ";"))
    only = reader.peek(1).kind == "end" or reader.peek(1).text == ";"
    if not rows and reader.peek().kind == "word" and only and reader.peek().text not in reader.names:
        rows = reader.peek().text.lower() not in ("true", "false", "null")
    if not rows and not literal and reader.at("("):
        inside = reader.index
        while reader.tokens[inside].kind == "sign" and reader.tokens[inside].text == "(":
            inside += 1
        rows = reader.pipe_before(inside, "") and reader.matching(reader.index) > inside
    if rows:
        stages = _stages(reader)
        reader.names[name] = Tabular(tuple(stages), size_of(*stages))
    else:
        value = read_operand(reader)
        reader.names[name] = Scalar(value, size_of(value))


def _parameters(reader: QueryReader) -> tuple[Parameter, ...]:
    """`(name: type = default, rows: (column: type, …))`."""
    found: list[Parameter] = []
    with reader.nested():
        reader.expect("(")
        while not reader.at(")"):
            name = read_name(reader)
            tabular = False
            default = 0
            if reader.accept(":"):
                if reader.at("("):
                    tabular = True
                    _row_schema(reader)
                else:
                    read_type(reader)
            if reader.accept("="):
                default = reader.index
                read_operand(reader)
            found.append(Parameter(name, tabular, default))
            if not reader.accept_comma():
                break
        reader.expect(")", " after the parameters")
    return tuple(found)


def _row_schema(reader: QueryReader) -> None:
    """`(*)` or `(column: type, …)`: which columns the rows of a parameter have."""
    reader.expect("(")
    while not reader.accept("*") and not reader.at(")"):
        read_name(reader)
        reader.expect(":", " after the column")
        read_type(reader)
        if not reader.accept_comma():
            break
    reader.expect(")", " after the columns")


def _function(reader: QueryReader, view: bool) -> UserFunction:
    """A function's parameters and body. The body is read once here, its parameters unknown, to find what is wrong."""
    parameters = _parameters(reader)
    opening = reader.index
    closing = reader.matching(opening)
    reader.expect("{", " before the function's body")
    body = reader.index
    kept = reader.names
    empty = Tabular((), 0)
    reader.names = {**kept, **{one.name: empty for one in parameters if one.tabular}}
    for one in parameters:
        if not one.tabular:
            reader.names.pop(one.name, None)
    try:
        with reader.nested():
            read = _body(reader)
    finally:
        reader.names = kept
    reader.index = closing
    reader.expect("}", " after the function's body")
    tabular = isinstance(read, tuple)
    return UserFunction(parameters, body, tabular, view and tabular and not parameters)


def _body(reader: QueryReader) -> Operand | tuple[Stage, ...]:
    """The statements of a function's body, and the value or rows that it gives."""
    kept = reader.names
    reader.names = dict(kept)
    try:
        while _at_statement(reader):
            _read_statement(reader)
            reader.expect(";", " after the statement")
        rows = is_tabular(reader, "};") or reader.pipe_before(reader.index, ";")
        if not rows and reader.peek().kind == "word" and reader.peek(1).text in ("}", ";"):
            rows = reader.peek().text not in reader.names and reader.peek().text[:1].isupper()
        if rows:
            found: Operand | tuple[Stage, ...] = tuple(_stages(reader))
        else:
            found = read_operand(reader)
        reader.accept(";")
        if not reader.at("}"):
            reader.fail("'}' after the function's body")
        return found
    finally:
        reader.names = kept


def _nested_pipeline(reader: QueryReader) -> Pipeline:
    """A query inside brackets, statements before it left to the whole."""
    start = reader.peek().start
    stages = _stages(reader)
    return Pipeline(tuple(stages), span=Span(start, reader.last_end))


def _stages(reader: QueryReader) -> list[Stage]:
    stages: list[Stage] = []
    with reader.nested():
        # A query that begins with a pipe takes the rows of the one around it (`mv-apply`, `partition`).
        if reader.at_word(*OPERATORS) and not _is_table(reader):
            stages = _operator(reader, stages)
        else:
            stages += read_source(reader)
        while reader.accept("|"):
            stages = _operator(reader, stages)
    return stages


def _is_table(reader: QueryReader) -> bool:
    """Whether a word that is also an operator's name stands for a table, or begins rows itself."""
    following = reader.peek(1)
    if reader.at_word("union", "search", "evaluate"):
        return True
    return following.kind == "end" or (following.kind == "sign" and following.text in ("|", ")", ";"))


def _operator(reader: QueryReader, rows: list[Stage]) -> list[Stage]:
    """The rows so far, and what the operator at hand makes of them."""
    token = reader.peek()
    if token.kind != "word":
        reader.fail("the name of an operator")
    name = token.text.lower()
    read = OPERATORS.get(name)
    if read is None:
        near = nearest_name(name, OPERATORS) if len(name) < 60 else None
        hint = f"did you mean '{near}'?" if near else None
        raise SyntaxProblem(Diagnostic("KUS010", f"there is no operator '{token.text[:60]}'", token.span, hint=hint))
    reader.keyword(reader.take())
    called = reader.peek()
    own = reader.bound(called.text) if name == "invoke" and called.kind == "word" else None
    if isinstance(own, UserFunction):
        reader.take()
        found = call_own(reader, called, own, tuple(rows))
        return [*found] if isinstance(found, tuple) else [*rows, at_place(reader, Command(name="invoke"), token.start)]
    outer, reader.rows = reader.rows, tuple(rows)
    made = read(reader)
    reader.rows = outer
    return [*rows, *(at_place(reader, stage, token.start) for stage in made)]
