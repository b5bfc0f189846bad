"""What `let` gave names to, and the reader that knows it.

A scalar name is replaced by its value, a tabular one by its stages, a function of the query's own by its body with the
arguments put in. Names may be used in one another, so bounds hold what that can grow to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from rulescope import ir
from rulescope.ir import Call, Constant, Stage
from rulescope.ir.walk import walk
from rulescope.languages.common.operands import Operand
from rulescope.languages.common.problems import SyntaxProblem
from rulescope.languages.common.tokens import Token, TokenReader
from rulescope.text import Diagnostic, Span

MAXIMUM_NODES = 60_000
"""Parts of the tree that come of putting in named parts; the greatest real query has some 3,000."""

MAXIMUM_CALLS = 300
"""Calls of functions that the query itself defines, those inside their bodies counted."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A name for a value or a condition."""

    value: Operand
    size: int


@dataclass(frozen=True, slots=True)
class Tabular:
    """A name for rows."""

    stages: tuple[Stage, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, and where its default's tokens begin (0: there is none)."""

    name: str
    tabular: bool = False
    default: int = 0


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function of the query's own: its parameters, and which tokens its body begins at.

    A `view` has no parameters, and belongs to the tables that a name with `*` stands for.
    """

    parameters: tuple[Parameter, ...]
    body: int
    tabular: bool
    view: bool = False


Binding = Scalar | Tabular | UserFunction


@dataclass(slots=True)
class Shared:
    """What all readers of one query share."""

    nodes: int = 0
    calls: int = 0
    used: set[str] = field(default_factory=set)


class QueryReader(TokenReader):
    """A reader over a query's tokens that knows its named parts."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(text, tokens, "KUS002", "KUS003")
        self.names: dict[str, Binding] = {}
        self.shared = Shared()
        # The stages before the operator at hand.
        self.rows: tuple[ir.Stage, ...] = ()
        self.closing = _closing(tokens)
        # Values hold queries and queries hold values: the parser sets these, so that no module imports in a circle.
        self.read_pipeline: Callable[[QueryReader], ir.Pipeline]
        self.read_operand: Callable[[QueryReader], Operand]
        self.read_body: Callable[[QueryReader], Operand | tuple[Stage, ...]]

    def bound(self, name: str) -> Binding | None:
        """What a name stands for, or None where `let` did not give it."""
        found = self.names.get(name)
        if found is not None:
            self.shared.used.add(name)
        return found

    def spend(self, size: int, span: Span) -> None:
        """Count parts that are put in. Raises `SyntaxProblem` where they become too many."""
        self.shared.nodes += size
        if self.shared.nodes > MAXIMUM_NODES:
            message = f"named parts put in where they are used make more than {MAXIMUM_NODES:,} parts"
            raise SyntaxProblem(Diagnostic("KUS014", message, self.bounded(span)))

    def keyword(self, token: Token) -> Token:
        """The token, taken as a word of the language; noted where it has capitals, which Kusto does not know."""
        if not token.text.islower():
            lowered = token.text.lower()
            self.note("KUS017", f"Kusto has no '{token.text}'", token.span, "error", f"write '{lowered}'")
        return token

    def accept_word(self, *words: str) -> Token | None:
        """Take a word if it is one of these; one with capitals is noted."""
        token = super().accept_word(*words)
        return None if token is None else self.keyword(token)

    def at_end(self) -> bool:
        """Whether nothing is left, or a sign that ends what stands before it."""
        return self.peek().kind == "end" or self.at(")", "]", "}", ";", "|", ",")

    def matching(self, index: int) -> int:
        """The index of the bracket that closes the one at `index`; that of the last token if none does."""
        return self.closing.get(index, len(self.tokens) - 1)

    def pipe_before(self, index: int, ends: str) -> bool:
        """Whether a `|` follows token `index`, outside brackets, before one of the signs `ends`."""
        place = index
        while place < len(self.tokens):
            token = self.tokens[place]
            if token.kind == "sign":
                if token.text in "([{":
                    place = self.matching(place)
                elif token.text in ends or token.text in ")]}":
                    return False
                elif token.text == "|":
                    return True
            place += 1
        return False


def _closing(tokens: list[Token]) -> dict[int, int]:
    """Where each bracket that is closed ends; brackets of all kinds count alike."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind == "sign":
            if token.text in "([{":
                opened.append(place)
            elif token.text in ")]}" and opened:
                found[opened.pop()] = place
    return found


def size_of(*nodes: object) -> int:
    """How many nodes stand in the trees."""
    return sum(1 for node in nodes for _ in walk(node))


def placed(value: Operand, span: Span) -> Operand:
    """A named value as if it were written at `span`: constants, and lists and calls of them."""
    match value:
        case Constant():
            return Constant(value.value, span)
        case Call(function, arguments):
            inner = tuple(placed(one, span) for one in arguments)
            return Call(function, inner, span)  # type: ignore[arg-type]
    return dataclasses.replace(value, span=span)
