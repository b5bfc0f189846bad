"""The catalogue of shared functions says what the languages and their dialects have."""

from __future__ import annotations

import pytest

from rulescope import ir
from rulescope.engines.sql.dialect import dialect_of
from rulescope.ir.functions import FUNCTIONS, LANGUAGES, SharedFunction, flagged, tree_name
from rulescope.ir.json_form import expression_text
from rulescope.ir.operations import OPERATIONS
from rulescope.ir.walk import walk
from rulescope.languages.eql.functions import FUNCTIONS as EQL
from rulescope.languages.esql.signatures import FUNCTIONS as ESQL
from rulescope.languages.registry import parser_of
from rulescope.languages.spl.functions import FUNCTIONS as SPL
from rulescope.text import Source

DIALECT_OF = {"eql": "elastic"}
"""Languages whose dialect has another name."""
ANY = 10_000
"""As many arguments as SPL's table says where there is no bound."""
FLAGS = {"measure", "keeps", "folds", "joins", "fixed"}
CALLS = [(one, language) for one in FUNCTIONS.values() for language in one.spellings]


def _listed(language: str, spelling: str) -> tuple[int, int | None] | None:
    """The arguments that a language's own table says; None for one without such a table."""
    match language:
        case "spl":
            least, most = SPL[spelling]
            return least, None if most == ANY else most
        case "eql":
            return EQL[spelling].least, EQL[spelling].most
        case "esql":
            return ESQL[spelling].least, ESQL[spelling].most
    return None


def test_rows_are_in_order_and_apart() -> None:
    assert list(FUNCTIONS) == sorted(FUNCTIONS)
    assert FUNCTIONS.keys() & OPERATIONS.keys() == set()
    assert set().union(*(one.flags for one in FUNCTIONS.values())) <= FLAGS


@pytest.mark.parametrize("one", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_row_is_shared(one: SharedFunction) -> None:
    assert len(one.spellings) > 1
    assert one.value and one.null and one.several in ("one", "all", "each", "none")


@pytest.mark.parametrize(("one", "language"), CALLS, ids=lambda value: getattr(value, "name", value))
def test_a_spelling_is_a_function_of_its_dialect(one: SharedFunction, language: str) -> None:
    spelling = one.spellings[language]
    assert tree_name(language, spelling) == one.name
    found = dialect_of(DIALECT_OF.get(language, language)).function_of(one.name)
    assert found is not None
    assert found.least <= one.least
    assert found.most is None or (one.most is not None and one.most <= found.most)


@pytest.mark.parametrize(("one", "language"), CALLS, ids=lambda value: getattr(value, "name", value))
def test_arguments_agree(one: SharedFunction, language: str) -> None:
    listed = _listed(language, one.spellings[language])
    assert listed in (None, (one.least, one.most))


@pytest.mark.parametrize("one", FUNCTIONS.values(), ids=FUNCTIONS)
def test_no_language_has_another_function_of_that_name(one: SharedFunction) -> None:
    own = {"spl": SPL, "eql": EQL, "esql": ESQL}
    own |= {name: dialect_of(name).functions for name in ("kusto", "snowflake")}  # type: ignore[dict-item]
    assert [language for language in LANGUAGES if one.name in own[language] and language not in one.spellings] == []


@pytest.mark.parametrize(("language", "query", "name", "shown"), [
    ("eql", 'any where length(concat(a, "x")) > 3', "len", 'length(concat(a, "x"))'),
    ("esql", "from a | where MV_COUNT(b) > 3", "mvcount", "mv_count(b)"),
    ("esql", 'from a | where to_lower(concat(b, "x")) == c', "lower", 'to_lower(concat(b, "x"))'),
    ("spl", "search x | where len(b) > 3", "len", "len(b)"),
])  # fmt: skip
def test_a_call_is_shown_as_its_language_spells_it(language: str, query: str, name: str, shown: str) -> None:
    tree = parser_of(language)(Source(query), None).expanded
    call = next(node for node in walk(tree) if isinstance(node, ir.Call) and node.function == name)
    assert expression_text(call) == shown


def test_flags_name_functions() -> None:
    assert flagged("folds") == {"lower", "upper"}
    assert "len" in flagged("measure")
