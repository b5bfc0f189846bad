"""The forms of SQL that plans are made of, and what of a plan, as it is printed for a database, that one lacks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from rulescope.engines.engine import SupportTable
from rulescope.knowledge.sql_databases import SqlDatabase

OURS = "spl_"
"""How the functions begin that this project's own engine brings and another database would have to be given."""

FORMS = {
    "bitwise_xor": "exclusive or of bits",
    "boolean_values": "conditions as values",
    "contains": "tests for a part of a text",
    "distinct_from": "IS DISTINCT FROM",
    "distinct_on": "DISTINCT ON",
    "distinct_windows": "DISTINCT in window functions",
    "distinct_frames": "DISTINCT in window functions with an order",
    "ends_with": "tests for the end of a text",
    "filter": "FILTER (WHERE …) of aggregates",
    "frame_exclude": "EXCLUDE in window frames",
    "frames": "window frames",
    "greatest": "the greatest and least of values, NULL left out",
    "having_alone": "HAVING where nothing is grouped or counted",
    "ignore_nulls": "IGNORE NULLS",
    "ilike": "ILIKE",
    "intervals": "intervals",
    "joins": "SEMI, ANTI and ASOF joins",
    "lambdas": "lambdas",
    "lateral": "joins with what is computed of each row",
    "length": "lengths of texts",
    "letters": "small and capital letters of all alphabets",
    "like": "LIKE that tells small and capital letters apart",
    "like_brackets": "LIKE patterns in which [ stands for itself",
    "like_escape": "LIKE … ESCAPE",
    "lists": "lists",
    "mod_of_fractions": "remainders of numbers with fractions",
    "nul_texts": "texts with the character NUL",
    "nulls_order": "NULLS FIRST and LAST",
    "ordered_aggregates": "ORDER BY inside of aggregates",
    "qualify": "QUALIFY",
    "random": "random numbers from 0 to 1",
    "range_frames": "RANGE frames that end at a distance",
    "regex": "regular expressions as RE2 has them",
    "regex_operator": "regular expressions",
    "star_changes": "EXCLUDE and REPLACE of *",
    "starts_with": "tests for the start of a text",
    "structs": "structs",
    "text": "texts compared by all of their characters",
    "try_cast": "TRY_CAST, which gives NULL where a value can't be converted",
    "values_columns": "names for the columns of VALUES",
    "wide_arguments": "places and counts that are BIGINT",
    "within_group": "WITHIN GROUP",
}
"""The forms that a database may lack or mean otherwise, in words."""

_NO_FUNCTIONS = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "between",
        "by",
        "case",
        "cast",
        "distinct",
        "else",
        "end",
        "except",
        "exists",
        "filter",
        "from",
        "group",
        "having",
        "if_",
        "in",
        "index",
        "inner",
        "intersect",
        "interval",
        "is",
        "join",
        "lateral",
        "limit",
        "not",
        "on",
        "or",
        "order",
        "over",
        "partition",
        "qualify",
        "range_",
        "rows",
        "select",
        "set",
        "some",
        "then",
        "union",
        "using",
        "values",
        "when",
        "where",
        "with",
        "within",
    ]
)
"""Words that may stand before a bracket and call nothing."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a plan needs: functions of our own engine, and functions, types and forms that the database lacks.

    `left_out` is what sqlglot left out of the text, in its words. `differs` says in words what the database means
    otherwise than the plan.
    """

    own: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


def own_functions(statement: exp.Expression) -> tuple[str, ...]:
    """The functions of our own engine that the statement calls."""
    names = {call.name.lower() for call in statement.find_all(exp.Anonymous)}
    return tuple(sorted(name for name in names if name.startswith(OURS)))


def needs_of(
    statement: exp.Expression,
    printed: str,
    database: SqlDatabase,
    support: SupportTable,
    left_out: Iterable[str] = (),
) -> Needs:
    """What the statement, printed as `printed` for the database, needs and the database lacks, by the table of what is
    supported there. What a lowered form has left is needed: not all of it could be said otherwise.

    `left_out` is what sqlglot said of the printing: it leaves out what it has no words for.
    """

    def lacks(form: str) -> bool:
        return support.of("form", form) != "simple"

    tokens = Dialect.get_or_raise(database.dialect).tokenize(printed)
    called = {name for name in _called(tokens) if not name.startswith(OURS)}
    needed = {*_printed_forms(tokens), *_tree_forms(statement)}
    forms = tuple(FORMS[form] for form in FORMS if form in needed and lacks(form))
    return Needs(
        own_functions(statement),
        tuple(sorted(name.upper() for name in called - database.functions)),
        tuple(sorted(_types(statement, database))),
        forms,
        tuple(said.rstrip(".") for said in left_out if not any(form in said for form in forms)),
        tuple(text for key, text in database.differs.items() if lacks(key) and _means(statement, key)),
    )


def _called(tokens: list[Token]) -> Iterator[str]:
    """The names that stand before an opening bracket and are no keywords, types or names of columns."""
    for before, token, after in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if after.token_type is not TokenType.L_PAREN or token.token_type is TokenType.IDENTIFIER:
            continue
        name = token.text.lower()
        after_as = before is not None and before.token_type is TokenType.ALIAS
        if name.replace("_", "").isalnum() and name[0].isalpha() and name not in _NO_FUNCTIONS and not after_as:
            yield name


def _printed_forms(tokens: list[Token]) -> Iterator[str]:
    """The forms that show in the words of the text: what sqlglot has put otherwise does not."""
    words = [token.text.upper() if token.token_type is not TokenType.STRING else "" for token in tokens]
    kinds = {token.token_type for token in tokens}
    alone = {
        TokenType.QUALIFY: "qualify",
        TokenType.ILIKE: "ilike",
        TokenType.ESCAPE: "like_escape",
        TokenType.L_BRACKET: "lists",
        TokenType.L_BRACE: "structs",
        TokenType.RLIKE: "regex_operator",
        TokenType.INTERVAL: "intervals",
    }
    yield from (form for kind, form in alone.items() if kind in kinds)
    pairs = {
        ("FILTER", "("): "filter",
        ("IS", "DISTINCT"): "distinct_from",
        ("NOT", "DISTINCT"): "distinct_from",
        ("DISTINCT", "ON"): "distinct_on",
        ("NULLS", "FIRST"): "nulls_order",
        ("NULLS", "LAST"): "nulls_order",
        ("WITHIN", "GROUP"): "within_group",
        ("EXCLUDE", "CURRENT"): "frame_exclude",
        ("SEMI", "JOIN"): "joins",
        ("ANTI", "JOIN"): "joins",
        ("ASOF", "JOIN"): "joins",
        ("*", "EXCLUDE"): "star_changes",
        ("*", "REPLACE"): "star_changes",
    }
    yield from (pairs[pair] for pair in itertools.pairwise(words) if pair in pairs)


def _tree_forms(statement: exp.Expression) -> Iterator[str]:
    """The forms that are in the tree, however they may be printed."""
    for form, (kinds, counts) in _TREE_FORMS.items():
        if any(counts(node) for node in statement.find_all(*kinds)):
            yield form


def _always(_: exp.Expr) -> bool:
    return True


def _names_columns(values: exp.Expr) -> bool:
    alias = values.args.get("alias")
    return isinstance(alias, exp.TableAlias) and bool(alias.columns)


def _counts_distinct(window: exp.Expr, ordered: bool) -> bool:
    return isinstance(window.this.this, exp.Distinct) and bool(window.args.get("order")) is ordered


def _ends_at_distance(frame: exp.Expr) -> bool:
    ends = (frame.args.get("start"), frame.args.get("end"))
    return str(frame.args.get("kind")).upper() == "RANGE" and any(isinstance(end, exp.Expr) for end in ends)


def _is_lateral(join: exp.Expr) -> bool:
    """Whether what is joined is a selection from no table that reads columns: those of the rows beside it."""
    selected = join.this.this if isinstance(join.this, exp.Subquery) else None
    return isinstance(selected, exp.Select) and selected.args.get("from_") is None and bool(selected.find(exp.Column))


def _is_value(condition: exp.Expr) -> bool:
    """Whether a condition stands where a value is wanted."""
    node, parent = condition, condition.parent
    while isinstance(parent, exp.Paren):
        node, parent = parent, parent.parent
    if isinstance(parent, exp.Where | exp.Having | exp.Qualify | exp.Connector | exp.Not | exp.Filter):
        return False
    return not (isinstance(parent, exp.If | exp.Join) and node.arg_key in ("this", "on"))


_TREE_FORMS: dict[str, tuple[tuple[type[exp.Expr], ...], Callable[[exp.Expr], bool]]] = {
    "bitwise_xor": ((exp.BitwiseXor,), _always),
    "boolean_values": ((exp.Predicate, exp.Connector, exp.Not), _is_value),
    "distinct_frames": ((exp.Window,), lambda window: _counts_distinct(window, ordered=True)),
    "distinct_windows": ((exp.Window,), lambda window: _counts_distinct(window, ordered=False)),
    "frames": ((exp.WindowSpec,), _always),
    "ignore_nulls": ((exp.IgnoreNulls,), _always),
    "lambdas": ((exp.Lambda,), _always),
    "lateral": ((exp.Join,), _is_lateral),
    "lists": ((exp.Array, exp.Bracket), _always),
    "mod_of_fractions": ((exp.Mod,), lambda node: not isinstance(node.expression, exp.Literal)),
    "nul_texts": ((exp.Literal,), lambda text: "\0" in text.name),
    "ordered_aggregates": ((exp.Order,), lambda order: isinstance(order.parent, exp.Func)),
    "range_frames": ((exp.WindowSpec,), _ends_at_distance),
    "structs": ((exp.Struct,), _always),
    "try_cast": ((exp.TryCast,), _always),
    "values_columns": ((exp.Values,), _names_columns),
}
"""Forms by what stands in the tree: kinds of nodes, and which of them count."""


def _types(statement: exp.Expression, database: SqlDatabase) -> Iterable[str]:
    found = set()
    for cast in statement.find_all(exp.Cast):
        written = cast.to.sql(dialect=database.dialect)
        # The first word: DOUBLE PRECISION, TIMESTAMP WITH TIME ZONE.
        name = re.split(r"[ (\[<]", written, maxsplit=1)[0].lower()
        if name not in database.types:
            found.add(written)
    return found


DIFFERENCES: dict[str, tuple[type[exp.Expression], ...]] = {
    "greatest": (exp.Greatest, exp.Least),
    "length": (exp.Length,),
    "letters": (exp.Lower, exp.Upper),
    "like": (exp.Like,),
    "random": (exp.Rand,),
    "regex": (exp.RegexpLike, exp.RegexpExtract, exp.RegexpReplace, exp.RegexpFullMatch, exp.RegexpExtractAll),
    "text": (exp.EQ, exp.In, exp.Like),
}
"""Forms that every database has, though some mean otherwise by them: what stands in a tree where that counts."""


def _means(statement: exp.Expression, key: str) -> bool:
    return statement.find(*DIFFERENCES[key]) is not None
