"""What a search means (sections 1 to 3 of the SPL semantics that the project follows), as it stands in the IR.

Sources: Search Reference ("search", "where", "eval", "Evaluation functions") and Search Manual ("Boolean expressions",
"Use CASE() and TERM()", "Use time modifiers", "Use search macros", "About subsearches").
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulescope.ir import (
    And,
    Any,
    Binary,
    Call,
    Compare,
    Constant,
    FieldReference,
    Glob,
    InList,
    MacroCall,
    Not,
    Or,
    ParsedQuery,
    Pipeline,
    Predicate,
    PredicateExpression,
    Stage,
    Subsearch,
    Term,
    TimeBound,
    Unary,
)
from rulescope.ir import (
    Test as Condition,
)
from rulescope.ir.stages import Append, Eval, Head, Join, MacroStage, MakeResults, Search, Stats, Table, Where
from rulescope.ir.times import Instant, LocalTime, OpenTime, RelativeTime, Shift, Snap, TimeValue, WrittenTime
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


def parsed(text: str) -> ParsedQuery:
    found = parse_search(text)
    assert found.status == "full", [diagnostic.message for diagnostic in found.diagnostics]
    return found


def stages(text: str) -> tuple[Stage, ...]:
    return parsed(text).pipeline.stages


def searched(text: str) -> Predicate | None:
    """The predicate of the search that `text` is."""
    (stage,) = stages(text)
    assert isinstance(stage, Search)
    return stage.predicate


def where(condition: str) -> Predicate:
    (stage,) = stages(f"| where {condition}")
    assert isinstance(stage, Where)
    return stage.predicate


def evaluated(expression: str) -> object:
    (stage,) = stages(f"| eval result={expression}")
    assert isinstance(stage, Eval)
    (assignment,) = stage.assignments
    assert not isinstance(assignment, MacroCall)
    return assignment.expression


def term(text: str) -> Term:
    return Term(text)


def equal(field: str, value: str) -> Compare:
    """`field=value` of a search: any case, false without the field, numbers as numbers, any of several values."""
    return Compare(field, "eq", (value,), ignore_case=True, missing="false", numeric=True, quantifier="any")


def different(field: str, value: str) -> Not:
    """`field!=value` of a search: false without the field, true if any of several values differs."""
    return Not(Compare(field, "eq", (value,), ignore_case=True, missing="true", numeric=True, quantifier="all"))


def a(name: str = "a") -> FieldReference:
    return FieldReference(name)


# 1. The shape of a search


def test_search_without_pipe_begins_with_the_search_command() -> None:
    pipeline = parsed("error | head 5").pipeline
    assert not pipeline.generating
    assert [type(stage) for stage in pipeline.stages] == [Search, Head]
    assert searched("error") == searched("search error") == term("error")


def test_leading_pipe_makes_the_first_command_generate() -> None:
    pipeline = parsed("| makeresults | head 1").pipeline
    assert pipeline.generating
    assert isinstance(pipeline.stages[0], MakeResults)


def test_subsearch_in_search_is_a_condition_with_an_implicit_search() -> None:
    predicate = searched("index=main [user=bob | fields user]")
    assert isinstance(predicate, And)
    subsearch = predicate.operands[1]
    assert isinstance(subsearch, Subsearch)
    assert subsearch.pipeline.stages[0] == Search(equal("user", "bob"))
    assert not subsearch.pipeline.generating


def test_subsearch_with_a_leading_pipe_generates() -> None:
    predicate = searched("index=main NOT [| inputlookup known.csv | fields user]")
    assert isinstance(predicate, And)
    negation = predicate.operands[1]
    assert isinstance(negation, Not)
    assert isinstance(negation.operand, Subsearch)
    assert negation.operand.pipeline.generating


def test_subsearch_in_where() -> None:
    predicate = where("user=[search index=hr | return $user]")
    assert isinstance(predicate, Condition)
    assert isinstance(predicate.expression, Binary)
    assert isinstance(predicate.expression.right, Subsearch)


def test_subsearch_as_the_value_of_a_field() -> None:
    predicate = searched("earliest=-1d user=[search admin | return $user]")
    assert isinstance(predicate, And)
    assert isinstance(predicate.operands[1], Condition)


@pytest.mark.parametrize(
    "text",
    [
        "a | append [search b]",
        "a | appendcols [search b]",
        "a | appendpipe [stats count]",
        "a | join host [search b]",
        "a | union [search b]",
        "| multisearch [search a] [search b]",
        "a | map [search user=$user$]",
        "a | foreach x* [eval <<FIELD>>=1]",
        "| set diff [search a] [search b]",
    ],
)
def test_commands_take_pipelines_in_brackets(text: str) -> None:
    last = stages(text)[-1]
    held = [getattr(last, "pipeline", None), *getattr(last, "pipelines", ())]
    assert any(isinstance(pipeline, Pipeline) and pipeline.stages for pipeline in held)


def test_subsearches_nest() -> None:
    (stage,) = stages("| append [search a [search b [search c]]]")
    assert isinstance(stage, Append)
    outer = stage.pipeline.stages[0]
    assert isinstance(outer, Search)
    assert isinstance(outer.predicate, And)
    inner = outer.predicate.operands[1]
    assert isinstance(inner, Subsearch)
    innermost = inner.pipeline.stages[0]
    assert isinstance(innermost, Search)
    assert isinstance(innermost.predicate, And)


def test_comments_stand_wherever_blanks_may() -> None:
    plain = parsed("index=main user=bob | where count > 5 | table a, b").pipeline
    commented = parsed(
        '```what``` index=main ```a | pipe``` user=bob ```and [ ( " brackets``` | ```next``` where ```here``` count > 5'
        " | table a, ```between``` b ```end```"
    ).pipeline
    assert commented == plain


def test_macro_stands_for_a_condition() -> None:
    assert searched("`sysmon` EventCode=1") == And((MacroCall("sysmon", (), "sysmon"), equal("EventCode", "1")))


def test_macro_takes_arguments_and_quotes_keep_commas() -> None:
    call = MacroCall("near", ("host", "a, b", ""), 'near(host, "a, b",)')
    assert searched('`near(host, "a, b",)`') == searched('`near(host, "a, b",)` ')
    (stage,) = stages('| `near(host, "a, b",)`')
    assert isinstance(stage, MacroStage)
    assert stage.macro == call


def test_macro_stands_for_a_stage() -> None:
    assert [type(stage) for stage in stages("index=main | `clean` | head 5")] == [Search, MacroStage, Head]


def test_macro_stands_for_an_expression_and_for_part_of_one() -> None:
    assert evaluated("`score`") == MacroCall("score", (), "score")
    assert evaluated("count * `weight(2)`") == Binary("*", a("count"), MacroCall("weight", ("2",), "weight(2)"))
    assert where("`is_admin(user)` OR count > 5") == Or(
        (
            MacroCall("is_admin", ("user",), "is_admin(user)"),
            Compare("count", "gt", (5,), missing="unknown", numeric=True),
        )
    )


def test_macro_stands_in_a_list_of_fields() -> None:
    assert stages("| table _time, `common`") == (Table((FieldReference("_time"), MacroCall("common", (), "common"))),)


def test_macro_without_a_body_is_no_error() -> None:
    found = parse_search("`nowhere` | `also(1)`")
    assert found.status == "full"
    assert found.unknown_macros == ("nowhere", "also(1)")
    assert not [diagnostic for diagnostic in found.diagnostics if diagnostic.severity == "error"]


@pytest.mark.parametrize("text", ["a | STATS Count bY Host", "a | Stats COUNT By Host", "a | stats count BY Host"])
def test_commands_and_their_words_have_no_case_but_fields_have(text: str) -> None:
    stage = stages(text)[1]
    assert isinstance(stage, Stats)
    assert stage.by == (FieldReference("Host"),)


def test_lower_case_or_is_a_word_in_search_and_an_operator_in_where() -> None:
    assert searched("bob or ann") == And((term("bob"), term("or"), term("ann")))
    assert searched("bob and not ann") == And((term("bob"), term("and"), term("not"), term("ann")))
    assert isinstance(where('x="a" or y="b"'), Or)
    assert isinstance(where('x="a" aNd y="b"'), And)


# 2. The search command


def test_blank_is_and_and_or_binds_tighter_than_and() -> None:
    assert searched("a b OR c") == And((term("a"), Or((term("b"), term("c")))))
    assert searched("a OR b c OR d") == And((Or((term("a"), term("b"))), Or((term("c"), term("d")))))
    assert searched("a AND b OR c") == searched("a b OR c")


def test_not_binds_tighter_than_or_and_brackets_tightest() -> None:
    assert searched("NOT a OR b") == Or((Not(term("a")), term("b")))
    assert searched("NOT (a OR b)") == Not(Or((term("a"), term("b"))))
    assert searched("(a b) OR c") == Or((And((term("a"), term("b"))), term("c")))
    assert searched("NOT NOT a") == Not(Not(term("a")))


def test_the_same_text_means_two_things_in_search_and_where() -> None:
    assert isinstance(searched("x=1 y=2 OR z=3"), And)
    assert isinstance(where("x=1 AND y=2 OR z=3"), Or)


def test_structure_stays_as_written() -> None:
    assert searched("a (b c)") == And((term("a"), And((term("b"), term("c")))))
    assert searched("(a OR b) OR c") == Or((Or((term("a"), term("b"))), term("c")))


def test_equality_of_a_search() -> None:
    assert searched("user=Bob") == equal("user", "Bob")
    assert searched('user = "Bob Smith"') == equal("user", "Bob Smith")
    assert searched('"user name"=bob') == equal("user name", "bob")
    assert searched('user=""') == equal("user", "")


def test_not_equal_needs_the_field_and_not_equal_to_does_not() -> None:
    assert searched("user!=bob") == different("user", "bob")
    assert searched("NOT user=bob") == Not(equal("user", "bob"))


def test_star_alone_is_existence() -> None:
    assert searched("user=*") == Compare("user", "exists", ignore_case=True)
    assert searched("NOT user=*") == Not(Compare("user", "exists", ignore_case=True))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("cmd*", "starts_with", "cmd"),
        ("*cmd", "ends_with", "cmd"),
        ("*cmd*", "contains", "cmd"),
        ('"*a b*"', "contains", "a b"),
        (r"*\cmd.exe", "ends_with", r"\cmd.exe"),
        (r"C:\\Windows\\*", "starts_with", "C:\\Windows\\"),
        (r"\*", "starts_with", "\\"),
        ("c*d", "wildcard", Glob(("c", Any.RUN, "d"))),
        ("*c*d*", "wildcard", Glob((Any.RUN, "c", Any.RUN, "d", Any.RUN))),
        ("c**d", "wildcard", Glob(("c", Any.RUN, "d"))),
    ],
)
def test_kinds_of_wildcards(value: str, kind: str, expected: object) -> None:
    assert searched(f"f={value}") == Compare("f", kind, (expected,), ignore_case=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(("sign", "kind"), [("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge")])
def test_order_compares_numbers_else_text(sign: str, kind: str) -> None:
    assert searched(f"f{sign}5") == Compare("f", kind, ("5",), ignore_case=True, numeric=True)  # type: ignore[arg-type]


def test_in_is_a_list_of_equals_with_wildcards() -> None:
    assert searched('f IN (a, b*, "c d")') == Compare(
        "f", "in", ("a", Glob(("b", Any.RUN)), "c d"), ignore_case=True, numeric=True
    )
    assert searched("NOT f IN (1 2)") == Not(Compare("f", "in", ("1", "2"), ignore_case=True, numeric=True))


def test_address_ranges_also_in_lists() -> None:
    cidr = Compare("ip", "cidr", ("10.0.0.0/8",), ignore_case=True)
    assert searched("ip=10.0.0.0/8") == cidr
    assert searched("ip=fe80::/10") == Compare("ip", "cidr", ("fe80::/10",), ignore_case=True)
    assert searched("ip IN (1.2.3.4, 10.0.0.0/8)") == Or(
        (Compare("ip", "in", ("1.2.3.4",), ignore_case=True, numeric=True), cidr)
    )
    assert searched("path=a/8") == equal("path", "a/8")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"say \"hi\""', 'say "hi"'),
        (r'"C:\\Temp"', "C:\\Temp"),
        (r'"C:\Temp"', "C:\\Temp"),
        (r'"\d+\s"', r"\d+\s"),
        (r"C:\\Temp", "C:\\Temp"),
        (r"C:\Temp", "C:\\Temp"),
    ],
)
def test_escapes_of_values(written: str, value: str) -> None:
    assert searched(f"f={written}") == equal("f", value)


def test_unquoted_value_ends_at_a_blank_or_a_bracket() -> None:
    assert searched("(f=a) g") == And((equal("f", "a"), term("g")))
    assert searched("f=a=b g") == And((equal("f", "a=b"), term("g")))


def test_unquoted_value_ends_at_a_comma() -> None:
    # Values with commas are to be quoted (Search Reference, "search", quotes and escaping characters).
    assert searched("f=a,b") == And((equal("f", "a"), term("b")))
    assert searched('f="a,b"') == equal("f", "a,b")


def test_words_and_phrases_are_terms() -> None:
    assert searched("cmd.exe") == Term("cmd.exe")
    assert searched('"failed password"') == Term("failed password", quoted=True)
    assert searched(r'"a \"b\" c\\d"') == Term('a "b" c\\d', quoted=True)
    assert searched("cmd* *") == And((term("cmd*"), term("*")))


def test_directives_hold_one_term() -> None:
    assert searched("TERM(EventCode=1)") == Term("EventCode=1", "TERM")
    assert searched("CASE(Bob)") == Term("Bob", "CASE")
    assert searched('TERM("10.1.2.3")') == Term("10.1.2.3", "TERM", quoted=True)
    assert searched("term(x)") != Term("x", "TERM")


def test_directives_as_values() -> None:
    assert searched("f=CASE(Bob)") == Compare("f", "eq", ("Bob",), ignore_case=False, numeric=True)
    assert searched("f=TERM(10.1.2.3)") == equal("f", "10.1.2.3")


@pytest.mark.parametrize(
    "field", ["index", "sourcetype", "source", "host", "eventtype", "tag", "tag::host", "splunk_server"]
)
def test_fields_with_a_meaning_of_their_own_are_comparisons(field: str) -> None:
    assert searched(f"{field}=x") == equal(field, "x")


def test_indexed_field_with_double_colon() -> None:
    assert searched("sourcetype::syslog") == equal("sourcetype", "syslog")


def bound(name: str, text: str, value: TimeValue | None) -> TimeBound:
    return TimeBound(name, WrittenTime(text, value))


OCTOBER = bound("earliest", "10/27/2023:00:00:00", LocalTime("2023-10-27T00:00:00"))


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ("earliest=-24h@h", bound("earliest", "-24h@h", RelativeTime((Shift(-24, "h"), Snap("h"))))),
        ("latest=@d", bound("latest", "@d", RelativeTime((Snap("d"),)))),
        ("latest=@w1+1mon", bound("latest", "@w1+1mon", RelativeTime((Snap("w", 1), Shift(1, "mon"))))),
        ("latest=now", bound("latest", "now", RelativeTime())),
        ("latest=now()", bound("latest", "now", RelativeTime())),
        ("earliest=1700000000", bound("earliest", "1700000000", Instant(1_700_000_000.0))),
        ("earliest=0", bound("earliest", "0", OpenTime())),
        ('earliest="10/27/2023:00:00:00"', OCTOBER),
        ("earliest=10/27/2023:00:00:00", OCTOBER),
        (
            "earliest=2023-10-27T02:00:00+0200",
            bound("earliest", "2023-10-27T02:00:00+0200", Instant(1_698_364_800.0)),
        ),
        ("_index_earliest=-1h", bound("_index_earliest", "-1h", RelativeTime((Shift(-1, "h"),)))),
        ("earliest=yesterday", bound("earliest", "yesterday", None)),
        ("earliest=@d1", bound("earliest", "@d1", None)),
        ("earliest=`start`", bound("earliest", "`start`", None)),
    ],
)
def test_time_bounds(written: str, bound: TimeBound) -> None:
    assert searched(written) == bound


# 3. Expressions


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
