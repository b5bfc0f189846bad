"""Random queries of Kusto and Snowflake over two tables, and random rows of these."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from random_conditions import conditions, filled, one_of

from rulescope.knowledge.log_tables import LogColumn, LogTable

KINDS = {
    "p": {
        "id": "string",
        "ts": "datetime",
        "host": "string",
        "name": "string",
        "pid": "long",
        "score": "real",
        "ok": "bool",
    },
    "n": {"id": "string", "host": "string", "port": "long", "pid": "long"},
}
TEXT = one_of("x", "X", "xy", "cmd.exe", "cmd x", "CMD-X", "10", "a b")
HOST = one_of("a", "b", "c")
NUMBER = one_of("0", "1", "5", "10")
TIMES = ["2024-04-29T08:00:00Z", "2024-05-01T00:00:00Z", "2024-05-01T10:30:00Z", "2024-05-01T12:00:00Z"]

_p = st.fixed_dictionaries(
    {"host": HOST},
    optional={
        "name": TEXT,
        "ts": st.sampled_from(TIMES),
        "pid": st.sampled_from([0, 1, 5, 10, -3]),
        "score": st.sampled_from([0.5, 1.5, 2.0]),
        "ok": st.booleans(),
    },
)
_n = st.fixed_dictionaries(
    {"host": HOST}, optional={"port": st.sampled_from([53, 443]), "pid": st.sampled_from([0, 1, 5, 10])}
)


def _numbered(letter: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Type": letter, "id": f"{letter}{place}", **row} for place, row in enumerate(rows)]


# A column that no event has is said to be recorded by no log, and rows can't be chosen by it.
_EVERY_COLUMN = dict.fromkeys([*KINDS["p"], *KINDS["n"]], "0") | {"Type": "elsewhere"}

events = st.tuples(st.lists(_p, max_size=6), st.lists(_n, max_size=4)).map(
    lambda pair: [*_numbered("p", pair[0]), *_numbered("n", pair[1]), _EVERY_COLUMN]
)


def table_of(language: str, name: str) -> LogTable | None:
    """One of the two tables."""
    columns = tuple(LogColumn(column, kind, ()) for column, kind in KINDS.get(name, {}).items())
    return LogTable(language, name, (), columns) if columns else None


_kusto_leaf = st.one_of(
    filled(
        'name {o} "{t}"',
        o=one_of(
            "==",
            "!=",
            "=~",
            "!~",
            "has",
            "!has",
            "contains",
            "!contains",
            "startswith",
            "!startswith",
            "endswith",
            "has_cs",
            "contains_cs",
            "hasprefix",
            "hassuffix",
        ),
        t=TEXT,
    ),
    filled('name {o} ("{t}", "{u}")', o=one_of("in", "!in", "in~", "!in~", "has_any", "has_all"), t=TEXT, u=TEXT),
    filled("pid {o} {n}", o=one_of("==", "!=", "<", "<=", ">", ">="), n=NUMBER),
    filled("{f}({c})", f=one_of("isempty", "isnotempty", "isnull", "isnotnull"), c=one_of("name", "pid", "ts", "ok")),
    filled("pid between ({n} .. {m})", n=NUMBER, m=NUMBER),
    filled("pid {o} ({n}, {m})", o=one_of("in", "!in"), n=NUMBER, m=NUMBER),
    filled("ts {o} datetime({t})", o=one_of("<", "<=", ">", ">=", "==", "!="), t=st.sampled_from(TIMES)),
    filled('name matches regex "{r}"', r=one_of("^x", "[0-9]+", "cmd\\\\W")),
    filled(
        "{c}",
        c=one_of(
            "ok",
            "ok == false",
            "ts > ago(1d)",
            "pid == score",
            "pid != score",
            "strlen(name) > 2",
            "host in ((n | project host))",
            "host !in ((n | where port == 53 | project host))",
            "pid + 1 > 5",
            "tolower(name) == host",
        ),
    ),
)
_kusto_value = one_of(
    "pid + 1",
    "pid * 2 - 3",
    "pid / 2",
    "pid % 4",
    "score / 2",
    'strcat(name, "-", host)',
    "toupper(name)",
    "strlen(name)",
    'iff(pid > 2, "big", "small")',
    'case(pid > 5, "a", pid > 1, "b", "c")',
    'coalesce(name, "none")',
    "bin(pid, 4)",
    "tostring(pid)",
    "startofday(ts)",
    "startofweek(ts)",
    "bin(ts, 1h)",
    "isnull(pid)",
    "substring(name, 1, 2)",
    'indexof(name, "x")',
    'replace_string(name, "x", "yy")',
    'split(name, ".")[0]',
    'extract("([a-z])", 1, name)',
    'datetime_diff("day", datetime(2024-05-02), ts)',
    "ts - datetime(2024-05-01) > 1h",
    "not(pid > 2)",
    "name == host",
)
_kusto_stage = st.one_of(
    filled("where {c}", c=conditions(_kusto_leaf, contrary="not({})")),
    filled("where {c}", c=conditions(_kusto_leaf, contrary="not({})")),
    filled("extend v = {e}", e=_kusto_value),
    filled(
        "join kind={k} n on {c}",
        k=one_of("inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftanti", "leftsemi"),
        c=one_of("host", "pid", "host, pid"),
    ),
    one_of(
        "take 3",
        "sort by pid asc, id asc",
        "sort by pid, id",
        "top 2 by id",
        "distinct host, ok",
        "union (n | project id, host)",
    ),
)
_kusto_last = one_of(
    "project id",
    "count",
    "summarize c = count() by host",
    "summarize s = sum(pid), a = avg(pid), lo = min(pid), hi = max(pid)",
    "summarize c = countif(pid > 2), d = dcount(host)",
    "summarize s = make_set(host), l = make_list(id)",
    "project id, host, pid",
    "summarize c = count() by pid",
    "summarize c = count(), m = max(ts) by ok",
    "summarize arg_max(ts, id) by host",
)

_sql_leaf = st.one_of(
    filled(
        "name {o} '{t}'",
        o=one_of("=", "<>", "like", "not like", "ilike"),
        t=one_of("x", "xy", "cmd.exe", "x%", "%X%", "c_d%"),
    ),
    filled("name {o} ('{t}', '{u}')", o=one_of("in", "not in"), t=TEXT, u=TEXT),
    filled("name {o} ('{t}', null)", o=one_of("in", "not in"), t=TEXT),
    filled("pid {o} {n}", o=one_of("=", "<>", "<", "<=", ">", ">="), n=NUMBER),
    filled("{c} is {n}", c=one_of("name", "pid", "ts", "ok"), n=one_of("null", "not null")),
    filled("pid {o} between {n} and {m}", o=one_of("", "not"), n=NUMBER, m=NUMBER),
    filled("pid {o} ({n}, {m})", o=one_of("in", "not in"), n=NUMBER, m=NUMBER),
    filled("ts {o} '{t}'", o=one_of("<", "<=", ">", ">=", "=", "<>"), t=st.sampled_from(TIMES)),
    filled("regexp_like(name, '{r}')", r=one_of("x.*", "[0-9]+", "cmd.*")),
    filled("{f}(name, '{t}')", f=one_of("startswith", "endswith", "contains"), t=TEXT),
    one_of(
        "ok",
        "not ok",
        "ts > dateadd(day, -1, current_timestamp())",
        "pid = score",
        "pid <> score",
        "length(name) > 2",
        "host in (select host from n)",
        "host not in (select host from n where port = 53)",
        "pid + 1 > 5",
        "equal_null(pid, null)",
        "pid in (select pid from n)",
        "pid not in (select pid from n)",
        "exists (select 1 from n where port = 53)",
        "lower(name) = host",
    ),
)
_sql_value = one_of(
    "pid + 1",
    "pid * 2 - 3",
    "score / 2",
    "name || host",
    "upper(name)",
    "length(name)",
    "iff(pid > 2, 'big', 'small')",
    "case when pid > 5 then 'a' when pid > 1 then 'b' end",
    "coalesce(name, 'none')",
    "nvl(pid, 7)",
    "nvl2(pid, 'y', 'n')",
    "nullif(host, 'a')",
    "decode(pid, 1, 'one', null, 'none', 'other')",
    "date_trunc('day', ts)",
    "year(ts)",
    "substr(name, 2, 2)",
    "charindex('x', name)",
    "split_part(name, '.', 1)",
    "replace(name, 'x', 'yy')",
    "left(name, 2)",
    "right(name, 2)",
    "greatest(pid, 4)",
    "datediff(day, ts, '2024-05-02'::timestamp)",
    "pid > 2",
    "mod(pid, 4)",
    "count(*) over (partition by host)",
    "row_number() over (partition by host order by id)",
    "pid::varchar",
    "ts::date",
)
_WHERE = conditions(_sql_leaf)
_sql_query = st.one_of(
    filled("select id, {v} as v from p where {c}", v=_sql_value, c=_WHERE),
    filled(
        "select id from p where {c} order by pid {d}, id limit 3", c=_WHERE, d=one_of("", "desc", "desc nulls last")
    ),
    filled(
        "select {k}, count(*) as c, sum(pid) as s, min(pid) as lo, avg(score) as a from p where {c} group by {k}",
        k=st.just("{k}"),
        c=_WHERE,
    ).flatmap(lambda text: one_of("host", "pid", "ok").map(lambda key: text.replace("{k}", key))),
    filled("select host, count(distinct name) as d from p where {c} group by host having count(*) > 1", c=_WHERE),
    filled(
        "select p.id, n.id as other, n.port from p {j} join n on p.{k}",
        j=one_of("", "left", "right", "full"),
        k=one_of("host = n.host", "pid = n.pid", "host = n.host and p.pid = n.pid"),
    ),
    filled(
        "select host from p where {c} {o} select host from n",
        c=_WHERE,
        o=one_of("union", "union all", "intersect", "except"),
    ),
    filled("select distinct host, ok from p where {c}", c=_WHERE),
    filled("select count(*) as c, count(pid) as d, max(ts) as m, count_if(pid > 2) as i from p where {c}", c=_WHERE),
)

snowflake = _sql_query


@st.composite
def kusto(draw: st.DrawFn) -> str:
    stages = draw(st.lists(_kusto_stage, max_size=2))
    joined = [stage for stage in stages if stage.startswith("join")]
    kept = [stage for stage in stages if not stage.startswith("join")]
    return " | ".join(["p", *kept, *joined[:1], draw(_kusto_last)])


def lines_of(rows: list[dict[str, Any]]) -> str:
    """Rows as lines of JSON."""
    return "\n".join(json.dumps(row) for row in rows)
