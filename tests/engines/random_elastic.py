"""Random queries of EQL, KQL, Lucene and ES|QL, and random events for them."""

from __future__ import annotations

from hypothesis import strategies as st
from random_conditions import conditions, filled, one_of

TEXTS = one_of("x", "X", "xy", "cmd.exe", "a b", "1", "10", "2.5", "-3")
FIELD = one_of("a", "b", "c", "m")
NUMBER = st.integers(-3, 30).map(str)
ORDER = one_of("<", "<=", ">", ">=")

events = st.lists(
    st.fixed_dictionaries(
        {
            "event.category": one_of("process", "file", "network"),
            "host": one_of("h1", "h2"),
        },
        optional={
            "a": TEXTS,
            "b": TEXTS,
            "c": st.integers(-3, 30),
            "m": st.lists(TEXTS, min_size=1, max_size=3),
            "u": one_of("ann", "bob"),
        },
    ),
    max_size=7,
).map(lambda found: [{"_time": place * 2 + 1, "id": f"e{place}", **event} for place, event in enumerate(found)])

_eql_leaf = st.one_of(
    filled('{f} {o} "{t}"', f=FIELD, o=one_of("==", "!=", ":"), t=TEXTS),
    filled('{f} : ("{t}", "{g}")', f=FIELD, t=TEXTS, g=one_of("x*", "*Y", "c*e", "?", "*")),
    filled('{f} in ("{t}", "{u}")', f=FIELD, t=TEXTS, u=TEXTS),
    filled('{f} not in~ ("{t}", "{u}")', f=FIELD, t=TEXTS, u=TEXTS),
    filled('{f} like~ ("{g}")', f=FIELD, g=one_of("x*", "*y", "c?d*")),
    filled("c {o} {n}", o=one_of("==", "!=", "<", "<=", ">", ">="), n=NUMBER),
    filled("{f} {o} null", f=FIELD, o=one_of("==", "!=")),
    filled('startsWith~({f}, "{t}")', f=one_of("a", "b"), t=one_of("x", "C", "1")),
    filled('{f} regex "{r}"', f=one_of("a", "b"), r=one_of("x.*", "[0-9]+", "cmd[.]exe")),
    one_of("true", "a == b", "length(a) > 2"),
)
eql_condition = conditions(_eql_leaf)
_category = one_of("any", "process", "file")
_step = filled("[{c} where {w}]", c=_category, w=one_of("true", 'a == "x"', "c > 5", 'u == "ann"'))


@st.composite
def eql(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 3)):
        return f"{draw(_category)} where {draw(eql_condition)}{draw(one_of('', '', ' | head 2', ' | tail 2'))}"
    steps = " ".join(draw(st.lists(_step, min_size=2, max_size=3)))
    until = draw(one_of("", "", " until [network where true]"))
    by = draw(one_of("", " by host", " by u", " by m"))
    return f"sequence{by}{draw(one_of('', ' with maxspan=5s'))} {steps}{until}"


_kuery_leaf = st.one_of(
    filled("{f}: {t}", f=FIELD, t=one_of("x", "X", "xy", "10", "1", "x*", "*y", '"a b"', '"cmd.exe"', "c*e")),
    filled("{f}: (x or {t})", f=FIELD, t=one_of("X", "10", "xy*")),
    filled("m: (x and {t})", t=one_of("xy", "10")),
    filled("c {o} {n}", o=ORDER, n=st.integers(0, 30).map(str)),
    filled("{f}: *", f=FIELD),
)
kuery = conditions(_kuery_leaf)

_lucene_leaf = st.one_of(
    filled("{f}:{t}", f=FIELD, t=one_of("x", "X", "xy", "10", "1", "x*", "*y", '"a b"', '"cmd.exe"', "c*e", "x?")),
    filled("{f}:(x OR {t})", f=FIELD, t=one_of("X", "10", "xy*")),
    filled("c:{r}", r=one_of("[1 TO 10]", "{1 TO 10}", ">5", "<=10", "[5 TO *]")),
    filled("_exists_:{f}", f=FIELD),
    filled("{f}:/{r}/", f=one_of("a", "b"), r=one_of("x.*", "[0-9]+", "cmd[.]exe")),
)
lucene = conditions(_lucene_leaf, "AND", "OR", "(NOT {})")

_esql_leaf = st.one_of(
    filled('{f} {o} "{t}"', f=one_of("a", "b", "m"), o=one_of("==", "!="), t=TEXTS),
    filled("c {o} {n}", o=one_of("==", "!=", "<", "<=", ">", ">="), n=NUMBER),
    filled('{f} in ("{t}", "{u}")', f=one_of("a", "b"), t=TEXTS, u=TEXTS),
    filled('{f} like "{g}"', f=one_of("a", "b"), g=one_of("x*", "*y", "c?d*")),
    filled('{f} rlike "{r}"', f=one_of("a", "b"), r=one_of("x.*", "[0-9]+")),
    filled("{f} is {n}", f=FIELD, n=one_of("null", "not null")),
    filled('starts_with({f}, "{t}")', f=one_of("a", "b"), t=one_of("x", "c", "1")),
    filled("{f} {o} {g}", f=one_of("a", "m"), o=one_of("==", "!=", "<"), g=one_of("b", "m")),
    filled("{f} in (b, m)", f=one_of("a", "m")),
)
_esql_stage = st.one_of(
    filled("where {c}", c=conditions(_esql_leaf)),
    filled("where {c}", c=conditions(_esql_leaf)),
    filled(
        "eval n = {e}", e=one_of("concat(a, b)", 'coalesce(a, "none")', "length(a)", "to_upper(b)", "c * 2", "c + 1")
    ),
    one_of("limit 2", "drop b", "sort c", "sort c desc", "rename b as z"),
)
_esql_last = one_of(
    "keep id",
    "keep id, a, c",
    "stats n = count(*)",
    "stats n = count(*), s = sum(c) by host",
    "stats d = count_distinct(a)",
    "stats lo = min(c), hi = max(c) by u",
    "stats n = count(m), v = values(m) by m",
    "stats lo = min(c > 5), hi = max(c > 5), n = count(c > 5)",
)


@st.composite
def esql(draw: st.DrawFn) -> str:
    stages = draw(st.lists(_esql_stage, max_size=3))
    return " | ".join(["from logs", *stages, draw(_esql_last)])
