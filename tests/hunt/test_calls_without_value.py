"""That a call makes nothing of an argument which the rule itself writes is said; of one of the events' own it is not.

Source: Splunk's Search Reference, relative_time(time, specifier), strptime(str, format), tonumber(numstr, base).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.knowledge import Knowledge, Logs, knowledge_for, logs_of
from rulescope.hunt.search import run_search
from rulescope.hunt.settings import Settings
from rulescope.logs import load_logs
from rulescope.text import Source


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Logs, Knowledge]]:
    path = tmp_path_factory.mktemp("calls") / "events.jsonl"
    path.write_text(json.dumps({"_time": 1700000000, "a": "-1d", "n": "17"}))
    with load_logs([path]) as store:
        found = logs_of(store)
        yield found, knowledge_for(Settings(), found)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ('relative_time(now(), "1 day ago")', "'1 day ago' is no time modifier, such as -1d@d"),
        ('relative_time(now(), "-1banana")', "'-1banana' is no time modifier, such as -1d@d"),
        ('strptime(a, "yyyy-MM-dd")', "'yyyy-MM-dd' is no format of times, such as %Y-%m-%d"),
        ("tonumber(n, 37)", "a base is from 2 to 36, and not 37"),
        ("tonumber(n, 1)", "a base is from 2 to 36, and not 1"),
        ('relative_time(_time, "-1d@d")', None),
        ("relative_time(_time, a)", None),
        ('strptime(a, "%Y-%m-%d")', None),
        ("tonumber(n, 36)", None),
        ("tonumber(n)", None),
    ],
)
def test_what_leaves_a_call_without_value_is_said(logs: tuple[Logs, Knowledge], call: str, why: str | None) -> None:
    rule = bind_rule(read_query(Source(f"_time>0 | eval x={call} | table x"), "spl", None), "spl")
    result = run_search(rule.pipeline, logs[0], knowledge=logs[1], vocabulary=rule.vocabulary)
    name = call.partition("(")[0]
    said = [] if why is None else [("RUN137", f"{name}: {why}")]
    assert [(one.code, one.message) for one in result.diagnostics] == said
    if why is not None:
        assert result.rows == ({},)
