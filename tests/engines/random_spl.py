"""Random searches of SPL, and random events for them."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = ["x", "X", "xy", "cmd.exe", "a\\b", "1", "2", "10", "2.5", "-3", "a b", "", "%", "_x"]
SINGLE = ["a", "b", "c"]
ALL = [*SINGLE, "m"]

value = st.sampled_from(WORDS)
row = st.fixed_dictionaries(
    {"_time": st.integers(1_700_000_000, 1_700_000_050)},
    optional={
        "a": value,
        "b": value,
        "c": st.sampled_from(["1", "2", "3", "30"]),
        "m": st.lists(value.filter(bool), min_size=1, max_size=3),
        "_raw": st.sampled_from(["cmd.exe /c x", "cmdline x=1", "a\\b (XY)", "EventCode=1 EventCode=10", ""]),
    },
)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@st.composite
def search_leaf(draw: st.DrawFn) -> str:
    form = draw(st.integers(0, 6))
    field = draw(st.sampled_from(ALL))
    word = draw(value)
    if form == 0:
        return f"{field}{draw(st.sampled_from(['=', '!=']))}{quoted(word)}"
    if form == 1:
        pattern = draw(st.sampled_from(["*", "x*", "*x", "*.e*", "*b", "c*e", "1*"]))
        return f"{field}{draw(st.sampled_from(['=', '!=']))}{quoted(pattern)}"
    if form == 2:
        return f"c{draw(st.sampled_from(['<', '<=', '>', '>=']))}{draw(st.integers(0, 30))}"
    if form == 3:
        options = draw(st.lists(st.sampled_from([*WORDS, "x*"]), min_size=1, max_size=3))
        return f"{field} IN ({', '.join(quoted(option) for option in options)})"
    if form == 4:
        return draw(st.sampled_from(["cmd", "cmd*", '"a\\\\b"', "xy", "EventCode=1x", '"x=1"', "*"]))
    if form == 5:
        return f"TERM({draw(st.sampled_from(['EventCode=1', 'EventCode=10', 'cmd.exe', 'x', 'cmd']))})"
    return f"CASE({draw(st.sampled_from(['XY', 'xy', 'cmd']))})"


search_condition = st.recursive(
    search_leaf(),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {pair[1]})"),
        inner.map(lambda one: f"NOT {one}"),
    ),
    max_leaves=5,
)


@st.composite
def where_leaf(draw: st.DrawFn) -> str:
    form = draw(st.integers(0, 5))
    field = draw(st.sampled_from(SINGLE))
    if form == 0:
        return f"{field}{draw(st.sampled_from(['=', '!=']))}{quoted(draw(value))}"
    if form == 1:
        return f"{draw(st.sampled_from(['isnull', 'isnotnull']))}({draw(st.sampled_from(ALL))})"
    if form == 2:
        return f"match({field}, {quoted(draw(st.sampled_from(['x', '^x', 'e$', '[0-9]', '(?i)X'])))})"
    if form == 3:
        return f"like({field}, {quoted(draw(st.sampled_from(['x%', '%x', '_x', '%.%', 'x'])))})"
    if form == 4:
        return f"tonumber({field}){draw(st.sampled_from(['<', '<=', '>', '>=', '=', '!=']))}{draw(st.integers(-3, 30))}"
    return f"len({field})>{draw(st.integers(0, 4))}"


where_condition = st.recursive(
    where_leaf(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda three: f"({' '.join(three)})"),
        inner.map(lambda one: f"NOT {one}"),
    ),
    max_leaves=4,
)


@st.composite
def expression(draw: st.DrawFn) -> str:
    field, other = draw(st.sampled_from(SINGLE)), draw(st.sampled_from(SINGLE))
    return draw(
        st.sampled_from(
            [
                f"{field}.{other}",
                f"tonumber({field})*2",
                f"tonumber({field})-tonumber({other})",
                f"tonumber({field})/tonumber({other})",
                f"upper({field})",
                f"len({field})",
                f'coalesce({field}, {other}, "none")',
                f'if({field}="x", "yes", "no")',
                f'case({field}="x", "one", isnull({other}), "two")',
                "mvcount(m)",
                f"mvindex(m, {draw(st.integers(-2, 2))})",
                f'if(isnull({field}) OR {other}="1", {field}, lower({other}))',
                f"tonumber({field})%tonumber({other})",
                f"substr({field}, {draw(st.integers(-5, 5))})",
                f"substr({field}, {draw(st.integers(-5, 5))}, {draw(st.integers(-3, 4))})",
                f'replace({field}, "[xX](y?)", "<\\1>")',
                f'trim({field}, "x 1")',
                f'ltrim({field}, "x.")',
                f'rtrim({field}, "ye")',
                f'tostring({field}).":"',
                'mvjoin(m, "-")',
                f'mvfind(m, "{draw(st.sampled_from(["x", "^1", "z"]))}")',
                f'mvjoin(split({field}, "{draw(st.sampled_from(["x", ".", ""]))}"), "|")',
                f'mvjoin(mvdedup(mvappend(m, {field})), ",")',
                'mvjoin(mvreverse(mvsort(m)), ",")',
                'mvjoin(mvfilter(m!="x"), ",")',
                'mvjoin(mvfilter(match(m, "[0-9]")), ",")',
                'mvjoin(mvmap(m, upper(m)), ",")',
            ]
        )
    )


@st.composite
def stage(draw: st.DrawFn) -> str:
    form = draw(st.integers(0, 17))
    field, other = draw(st.sampled_from(ALL)), draw(st.sampled_from(SINGLE))
    if form == 0:
        return f"search {draw(search_condition)}"
    if form == 1:
        return f"where {draw(where_condition)}"
    if form == 2:
        return f"eval {draw(st.sampled_from(['a', 'n']))}={draw(expression())}"
    if form == 3:
        return f"table {draw(st.sampled_from(['a, b', 'm, c', '*', 'a*, c']))}"
    if form == 4:
        return f"fields {draw(st.sampled_from(['', '- ']))}{field}, {other}"
    if form == 5:
        return f"rename {other} AS {draw(st.sampled_from(['n', 'c']))}" if other != "c" else "rename c AS n"
    if form == 6:
        return f"{draw(st.sampled_from(['head', 'tail']))} {draw(st.integers(1, 4))}"
    if form == 7:
        return "reverse"
    if form == 8:
        return f"dedup {draw(st.sampled_from(['', '2 ']))}{other}"
    if form == 9:
        return f"fillnull value={draw(st.sampled_from(['0', 'none']))} {other}"
    if form == 10:
        return "mvexpand m"
    if form == 13:
        return f"sort 0 {draw(st.sampled_from(['', '-']))}str(a)"
    if form == 14:
        return f"makemv delim={draw(st.sampled_from(['x', '.']))} m"
    if form == 15:
        return draw(
            st.sampled_from(['rex field=a "(?<n>[0-9]+)"', 'rex field=b "^(?<n>.)(?<k>y)?"', 'rex "(?<n>x\\S*)"'])
        )
    if form == 16:
        return f"bin c span={draw(st.sampled_from(['2', '5', '10']))}"
    functions = draw(
        st.lists(
            st.sampled_from(["count", "count(a)", "dc(b)", "values(m)", "list(a)", "first(b)", "last(a)", "sum(c)",
                             "avg(c)", "min(c)", "max(c)", 'count(eval(a="x"))']),
            min_size=1, max_size=3, unique=True,
        )
    )  # fmt: skip
    named = ", ".join(f"{function} AS r{index}" for index, function in enumerate(functions))
    if form == 17:
        options = draw(st.sampled_from(["", "current=f ", "window=2 ", "window=2 current=f ", "window=2 global=f "]))
        return f"streamstats {options}{named}{draw(st.sampled_from(['', ' BY c']))}"
    if form == 11:
        return f"eventstats {named} BY {other}"
    return f"stats {named}{draw(st.sampled_from(['', f' BY {other}', f' BY {field}']))}"


events = st.lists(row, max_size=6)
searches = st.lists(stage(), min_size=1, max_size=4).map(lambda stages: "search * | " + " | ".join(stages))
