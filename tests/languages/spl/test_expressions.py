"""What expressions of where, eval and stats mean (section 3 of the SPL semantics that the project follows).

Sources: Search Reference ("search", "where", "eval", "Evaluation functions") and Search Manual ("Boolean expressions",
"Use CASE() and TERM()", "Use time modifiers", "Use search macros", "About subsearches").
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from spl_trees import a, equal, evaluated, searched, stages, term, where

from rulescope.ir import (
    And,
    Any,
    Binary,
    Call,
    Compare,
    Constant,
    Glob,
    InList,
    MacroCall,
    Not,
    Or,
    PredicateExpression,
    Unary,
)
from rulescope.ir import (
    Test as Condition,
)
from rulescope.ir.stages import Eval, Join, Stats, Where
from rulescope.languages.spl import parse_search

FUNCTIONS = (
    "mvappend", "mvcount", "mvdedup", "mvfilter", "mvfind", "mvindex", "mvjoin", "mvmap", "mvrange", "mvsort",
    "mvzip", "split", "tonumber", "tostring", "substr", "len", "upper", "lower", "trim", "ltrim", "rtrim",
    "urldecode", "md5", "sha1", "sha256", "sha512", "strftime", "strptime", "relative_time", "now", "time", "abs",
    "ceiling", "ceil", "floor", "round", "exp", "ln", "log", "pow", "sqrt", "pi", "min", "max", "random", "sigfig",
    "json_extract", "json_object", "json_array", "json_keys", "json_valid", "spath", "typeof", "isnum", "isint",
    "isstr", "isbool", "true", "false", "validate", "printf", "commands", "nullif", "replace", "case",
)  # fmt: skip
"""Those that the semantics name."""


def number(field: str, kind: str, value: int) -> Compare:
    return Compare(field, kind, (value,), missing="unknown", numeric=True)  # type: ignore[arg-type]


def test_precedence_of_where() -> None:
    x, y, z = (number(name, "eq", 1) for name in "xyz")
    assert where("x=1 OR y=1 AND z=1") == Or((x, And((y, z))))
    assert where("NOT x=1 AND y=1") == And((Not(x), y))
    assert where("NOT (x=1 AND y=1)") == Not(And((x, y)))
    assert where("(x=1 OR y=1) AND z=1") == And((Or((x, y)), z))


def test_xor_binds_loosest() -> None:
    def one(name: str) -> Binary:
        return Binary("=", a(name), Constant(1))

    assert where("x=1 XOR y=1 OR z=1") == Condition(Binary("xor", one("x"), Binary("or", one("y"), one("z"))))
    assert evaluated("x=1 OR y=1 XOR z=1") == Binary("xor", Binary("or", one("x"), one("y")), one("z"))


def test_arithmetic_before_comparison_before_not() -> None:
    assert evaluated("a+b*c") == Binary("+", a(), Binary("*", a("b"), a("c")))
    assert evaluated("a-b-c") == Binary("-", Binary("-", a(), a("b")), a("c"))
    assert evaluated("a % 2 = 0") == Binary("=", Binary("%", a(), Constant(2)), Constant(0))
    assert evaluated("NOT a = b") == Unary("not", Binary("=", a(), a("b")))
    assert evaluated("a . b = c") == Binary("=", Binary(".", a(), a("b")), a("c"))
    assert evaluated("-a * b") == Binary("*", Unary("-", a()), a("b"))


def test_dot_joins_and_plus_adds() -> None:
    assert evaluated("b.c") == Binary(".", a("b"), a("c"))
    assert evaluated('1."%"') == Binary(".", Constant(1), Constant("%"))
    assert evaluated("1.5.b") == Binary(".", Constant(1.5), a("b"))
    assert evaluated('b+" "+c') == Binary("+", Binary("+", a("b"), Constant(" ")), a("c"))


@pytest.mark.parametrize(
    ("written", "operator"), [("==", "="), ("=", "="), ("!=", "!="), ("<", "<"), ("<=", "<="), (">", ">"), (">=", ">=")]
)
def test_comparison_operators(written: str, operator: str) -> None:
    assert evaluated(f"(a {written} b)") == Binary(operator, a(), a("b"))  # type: ignore[arg-type]


def test_fields_in_single_quotes_and_text_in_double() -> None:
    assert evaluated("'Processes.user'") == a("Processes.user")
    assert evaluated("'a b' + c") == Binary("+", a("a b"), a("c"))
    assert evaluated('"user"') == Constant("user")
    assert where("'Processes.user'=\"bob\"") == Compare("Processes.user", "eq", ("bob",), missing="unknown")


def test_escapes_of_text_leave_regular_expressions_whole() -> None:
    assert evaluated(r'"cmd\.exe\s"') == Constant(r"cmd\.exe\s")
    assert evaluated(r'"say \"hi\" C:\\Temp"') == Constant('say "hi" C:\\Temp')


def test_comparison_with_a_missing_field_is_unknown() -> None:
    expected = Compare("x", "eq", ("a",), ignore_case=False, missing="unknown")
    assert where('x="a"') == expected
    assert where('NOT x="a"') == Not(expected)
    assert where('x!="a"') == Not(replace(expected, quantifier="all"))
    assert where('"a"=x') == expected


def test_search_keeps_what_where_drops() -> None:
    in_search = searched("NOT x=a")
    in_where = where('NOT x="a"')
    assert isinstance(in_search, Not)
    assert isinstance(in_where, Not)
    assert isinstance(in_search.operand, Compare)
    assert isinstance(in_where.operand, Compare)
    assert (in_search.operand.missing, in_where.operand.missing) == ("false", "unknown")


def test_null_functions() -> None:
    assert where("isnull(x)") == Compare("x", "missing")
    assert where("isnotnull(x)") == Compare("x", "exists")
    assert evaluated("null()") == Constant(None)
    assert evaluated("if(x=1, true(), null())") == Call(
        "if", (Binary("=", a("x"), Constant(1)), Constant(True), Constant(None))
    )
    assert evaluated("coalesce(a, b)") == Call("coalesce", (a(), a("b")))


def test_equality_has_case_and_star_is_plain() -> None:
    assert where('x="*Bob*"') == Compare("x", "eq", ("*Bob*",), ignore_case=False, missing="unknown")


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("a%", "starts_with", "a"),
        ("%a", "ends_with", "a"),
        ("%a%", "contains", "a"),
        ("a", "eq", "a"),
        ("a_", "wildcard", Glob(("a", Any.ONE))),
        ("a%b", "wildcard", Glob(("a", Any.RUN, "b"))),
        ("a*", "eq", "a*"),
    ],
)
def test_like(pattern: str, kind: str, value: object) -> None:
    expected = Compare("x", kind, (value,), ignore_case=False, missing="unknown")  # type: ignore[arg-type]
    assert where(f'like(x, "{pattern}")') == expected
    assert where(f'x LIKE "{pattern}"') == expected


def test_match_is_unanchored_and_has_case() -> None:
    assert where(r'match(x, "^a\d")') == Compare("x", "match", (r"^a\d",), ignore_case=False, missing="unknown")


def test_cidrmatch_takes_the_range_first() -> None:
    assert where('cidrmatch("10.0.0.0/8", ip)') == Compare("ip", "cidr", ("10.0.0.0/8",), missing="unknown")


def test_in_as_operator_and_as_function() -> None:
    expected = Compare("x", "in", ("a", "b"), missing="unknown")
    assert where('x IN ("a", "b")') == expected
    assert where('in(x, "a", "b")') == expected
    assert where('x NOT IN ("a", "b")') == Not(expected)
    assert evaluated('if(x IN ("a", y), 1, 0)') == Call(
        "if", (InList(a("x"), (Constant("a"), a("y"))), Constant(1), Constant(0))
    )


def test_lists_of_numbers_and_texts_in_where() -> None:
    assert where("x IN (1, 2)") == Compare("x", "in", (1, 2), missing="unknown", numeric=True)
    assert where('x IN (1, "b")') == Compare("x", "in", (1, "b"), missing="unknown", numeric=True)
    text = Compare("x", "in", ("2",), missing="unknown")
    assert where('x IN (1, "2")') == Or((Compare("x", "in", (1,), missing="unknown", numeric=True), text))
    assert where('lower(x) IN ("a")') == Condition(InList(Call("lower", (a("x"),)), (Constant("a"),)))


def test_values_of_where_that_are_no_comparisons() -> None:
    assert where("x + 1") == Condition(Binary("+", a("x"), Constant(1)))
    assert where("x = true()") == Condition(Binary("=", a("x"), Constant(True)))


def test_searchmatch_follows_the_rules_of_search() -> None:
    assert evaluated('searchmatch("user=bob error")') == PredicateExpression(And((equal("user", "bob"), term("error"))))


def test_numbers_compare_as_numbers_and_text_as_text() -> None:
    assert where("EventCode=4688") == number("EventCode", "eq", 4688)
    assert where('EventCode="4688"') == Compare("EventCode", "eq", ("4688",), missing="unknown", numeric=False)
    assert where("5 < count") == number("count", "gt", 5)


def test_several_assignments_in_their_order() -> None:
    (stage,) = stages("| eval x=1, y=x+1, 'new field'=y")
    assert isinstance(stage, Eval)
    targets = [item.target for item in stage.assignments if not isinstance(item, MacroCall)]
    assert targets == ["x", "y", "new field"]


def test_condition_between_fields_is_a_test() -> None:
    assert where("a=b") == Condition(Binary("=", a(), a("b")))
    assert where("len(a) > 5") == Condition(Binary(">", Call("len", (a(),)), Constant(5)))


@pytest.mark.parametrize(
    "name",
    FUNCTIONS,
)
def test_function_is_known(name: str) -> None:
    found = parse_search(f"| eval x={name}()")
    assert "SPL025" not in {diagnostic.code for diagnostic in found.diagnostics}


@pytest.mark.parametrize("name", ["match", "like"])
def test_a_comparison_in_place_of_field_and_pattern_is_read_as_both(name: str) -> None:
    found = parse_search(f'* | where {name}(a="^b")')
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["SPL030"]
    _, stage = found.pipeline.stages
    assert isinstance(stage, Where)
    assert stage.predicate == where(f'{name}(a, "^b")')


def test_eval_inside_stats() -> None:
    (stage,) = stages('| stats count(eval(status="x" OR n>5)) AS c')
    assert isinstance(stage, Stats)
    aggregate = stage.aggregates[0]
    assert not isinstance(aggregate, MacroCall)
    assert aggregate.computed
    assert aggregate.argument == Binary("or", Binary("=", a("status"), Constant("x")), Binary(">", a("n"), Constant(5)))


def test_join_takes_options_fields_and_pipeline_in_any_order() -> None:
    one = stages("| join type=left user [search a]")
    other = stages("| join user type=left [search a]")
    assert one == other
    assert isinstance(one[0], Join)
