"""parse(print(x)) = x: for searches written by a grammar, and the printer's canonical form where it matters."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rulescope.ir.stages import Opaque
from rulescope.languages.spl.printer import render_pipeline
from rulescope.languages.spl.query import parse_search

# What people write: names with dots, dashes and blanks, values with wildcards, backslashes, quotes and signs.
NAMES = st.sampled_from(
    [
        "user",
        "host",
        "EventCode",
        "process_name",
        "Processes.user",
        "a-b",
        "x{}.y",
        "my field",
        "src_ip",
        "_time",
        "in",
        "as",
    ]
)
WORDS = st.sampled_from(
    ["root", "4688", "cmd.exe", "*\\\\cmd.exe", "C:\\\\Windows\\\\*", "a*b", "*", "10.0.0.0/8", "x-y_z", "&1", "é"]
)
TEXT = st.text(st.sampled_from("ab \\\"*%_'()|=,.:/<>&é[]$"), min_size=1, max_size=8)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def search_name(name: str) -> str:
    return quoted(name) if " " in name else name


def field(name: str) -> str:
    plain = name.replace("_", "").isalnum() and name not in ("in", "as")
    return name if plain else f"'{name}'"


VALUES = st.one_of(WORDS, TEXT.map(quoted))
COMPARISONS = st.builds(
    lambda name, sign, value: f"{search_name(name)}{sign}{value}",
    NAMES,
    st.sampled_from(["=", "!=", "<", ">=", " = "]),
    VALUES,
)
LISTS = st.builds(
    lambda name, negated, values: f"{search_name(name)} {negated}IN ({', '.join(values)})",
    NAMES,
    st.sampled_from(["", "NOT "]),
    st.lists(VALUES, min_size=1, max_size=3),
)
TERMS = st.one_of(WORDS, TEXT.map(quoted), st.sampled_from(["TERM(10.1.2.3)", "CASE(Root)", 'TERM("a b")']))
LEAVES = st.one_of(
    COMPARISONS, LISTS, TERMS, st.sampled_from(["`windows_events`", "user=CASE(Root)", "earliest=-1d@d"])
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("NOT {}".format, inner),
        st.builds("({})".format, inner),
        st.builds("{} {}".format, inner, inner),
        st.builds("{} AND {}".format, inner, inner),
        st.builds("{} OR {}".format, inner, inner),
        st.builds("NOT ({} OR {})".format, inner, inner),
        st.builds("{} [search {} | fields user]".format, inner, inner),
    ),
    max_leaves=8,
)

CONSTANTS = st.one_of(
    TEXT.map(quoted), st.integers(0, 10**6).map(str), st.sampled_from(["1.5", "0.25", "true()", "null()", "-3", ".5"])
)
ATOMS = st.one_of(CONSTANTS, NAMES.map(field), st.sampled_from(["`threshold`", "now()"]))
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "."]), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["=", "==", "!=", "<", ">=", "LIKE"]), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR", "XOR", "and"]), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["AND", "OR", "XOR"]), inner),
        st.builds("NOT {}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("if({}, {}, {})".format, inner, inner, inner),
        st.builds("lower({})".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("({} IN ({}, {}))".format, inner, inner, inner),
        st.builds("in({}, {})".format, NAMES.map(field), CONSTANTS),
        st.builds("like({}, {})".format, NAMES.map(field), TEXT.map(quoted)),
        st.builds("match({}, {})".format, NAMES.map(field), TEXT.map(quoted)),
        st.builds("isnull({})".format, NAMES.map(field)),
        st.builds("isnotnull({})".format, NAMES.map(field)),
        st.builds('cidrmatch("10.0.0.0/8", {})'.format, NAMES.map(field)),
    ),
    max_leaves=8,
)
LISTED = NAMES.map(lambda name: quoted(name) if " " in name or name in ("in", "as") else name)
AGGREGATES = st.one_of(
    st.sampled_from(["count", "c", "sparkline(count)", "sparkline(avg(bytes), 1h)"]),
    st.builds("{}({})".format, st.sampled_from(["values", "dc", "avg", "p95", "perc99.5", "first", "sum"]), LISTED),
    st.builds("{}(eval({}))".format, st.sampled_from(["count", "dc", "sum"]), EXPRESSIONS),
    st.builds("{}({}) AS {}".format, st.sampled_from(["list", "max"]), LISTED, LISTED),
)
STAGES = st.one_of(
    CONDITIONS.map("search {}".format),
    EXPRESSIONS.map("where {}".format),
    st.builds("eval {}={}".format, LISTED, EXPRESSIONS),
    st.builds("eval x={}, y={}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("stats {}, {} BY {}".format, AGGREGATES, AGGREGATES, LISTED),
    st.builds("eventstats {}".format, AGGREGATES),
    st.builds("timechart span=5m {} BY {}".format, AGGREGATES, LISTED),
    st.builds("| mstats avg(cpu) WHERE {} BY host".format, CONDITIONS).map(lambda text: text[2:]),
    st.builds("tstats count WHERE {} BY host".format, CONDITIONS),
    st.builds("rename {} AS {}".format, LISTED, LISTED),
    st.builds("table {}, {}".format, LISTED, LISTED),
    st.builds("sort {}{}, -{}".format, st.sampled_from(["", "0 ", "10 "]), LISTED, LISTED),
    st.builds("lookup assets {} AS {} OUTPUT {}".format, LISTED, LISTED, LISTED),
    st.builds("rex field={} {}".format, LISTED, TEXT.map(lambda text: quoted(f"(?<a>x){text}"))),
    st.builds("regex {}={}".format, LISTED, TEXT.map(quoted)),
    st.builds("fillnull value={} {}".format, TEXT.map(quoted), LISTED),
    st.builds("replace {} WITH {} IN {}".format, TEXT.map(quoted), TEXT.map(quoted), LISTED),
    st.builds("join {} [search {}]".format, LISTED, CONDITIONS),
    st.builds("append [| makeresults | where {}]".format, EXPRESSIONS),
    st.builds("fit PCA {} into {}".format, LISTED, st.sampled_from(["m", '"from"', '"a b"'])),
    st.builds("savedsearch {} host={}".format, TEXT.map(quoted), TEXT.map(quoted)),
)
SEARCHES = st.builds("{} | {}".format, CONDITIONS, st.lists(STAGES, min_size=1, max_size=2).map(" | ".join))

SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def check(text: str) -> None:
    pipeline = parse_search(text).pipeline
    printed = render_pipeline(pipeline)
    again = parse_search(printed)
    assert again.pipeline == pipeline, printed
    assert render_pipeline(again.pipeline) == printed


@SETTINGS
@given(CONDITIONS)
def test_conditions_of_search(text: str) -> None:
    check(text)


@SETTINGS
@given(EXPRESSIONS)
def test_expressions_of_where(text: str) -> None:
    check(f"index=main | where {text}")


@SETTINGS
@given(EXPRESSIONS)
def test_expressions_of_eval(text: str) -> None:
    check(f"index=main | eval x={text}")


@SETTINGS
@given(SEARCHES)
def test_whole_searches(text: str) -> None:
    check(text)


@SETTINGS
@given(st.one_of(CONDITIONS, EXPRESSIONS.map("index=main | where {}".format)))
def test_what_the_grammar_writes_is_read(text: str) -> None:
    stages = parse_search(text).pipeline.stages
    assert not any(isinstance(stage, Opaque) for stage in stages)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("index=main   user=bob OR user=ann fail*", 'search index="main" (user="bob" OR user="ann") fail*'),
        ("a b OR c", "search a (b OR c)"),
        ("NOT (a OR b)", "search NOT (a OR b)"),
        ('earliest="-1d@d" latest=now x', "search earliest=-1d@d latest=now x"),
        ("x!=5 | where a=1 OR b=2 AND c=3", 'search x!="5" | where a = 1 OR b = 2 AND c = 3'),
        ("x | where (a=1 OR b=2) AND NOT c=3", "search x | where (a = 1 OR b = 2) AND NOT c = 3"),
        ("x | where NOT a=1 AND c!=3", "search x | where NOT a = 1 AND c != 3"),
        ("x | eval a=1-(2-3)", "search x | eval a=1 - (2 - 3)"),
        ("| tstats count where index=main by host", '| tstats count WHERE index="main" BY host'),
        ("x | stats count by 'my field'", 'search x | stats count BY "my field"'),
    ],
)
def test_canonical_form(written: str, printed: str) -> None:
    assert render_pipeline(parse_search(written).pipeline) == printed
