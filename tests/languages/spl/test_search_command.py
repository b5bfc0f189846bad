"""What the conditions of the search command mean (section 2 of the SPL semantics that the project follows).

Sources: Search Reference ("search", "where", "eval", "Evaluation functions") and Search Manual ("Boolean expressions",
"Use CASE() and TERM()", "Use time modifiers", "Use search macros", "About subsearches").
"""

from __future__ import annotations

import pytest
from spl_trees import different, equal, searched, term, where

from rulescope.ir import (
    And,
    Any,
    Compare,
    Glob,
    Not,
    Or,
    Term,
    TimeBound,
)
from rulescope.ir.times import Instant, LocalTime, OpenTime, RelativeTime, Shift, Snap, TimeValue, WrittenTime


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
