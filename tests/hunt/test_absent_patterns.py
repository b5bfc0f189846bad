"""Patterns of fields' names that fit none, and fields that a stage took away before another reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.sysmon_events import sysmon

from rulescope.hunt.bound_rule import bind_rule, read_query
from rulescope.hunt.knowledge import Knowledge, Logs, knowledge_for, logs_of
from rulescope.hunt.search import SearchResult, run_search
from rulescope.hunt.settings import Settings
from rulescope.logs import load_logs
from rulescope.text import Source

IMAGE = "C:\\Windows\\System32\\cmd.exe"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Logs, Knowledge]]:
    """Three processes of Sysmon; the last one has no user."""
    path = tmp_path_factory.mktemp("patterns") / "events.jsonl"
    users = {"User": "CORP\\ann"}
    events = [sysmon(1, 1, Image=IMAGE, **users), sysmon(1, 2, Image=IMAGE, **users), sysmon(1, 3, Image="C:\\a.exe")]
    path.write_text("\n".join(map(json.dumps, events)))
    with load_logs([path]) as store:
        found = logs_of(store)
        yield found, knowledge_for(Settings(), found)


def ask(text: str, logs: tuple[Logs, Knowledge], language: str = "spl") -> SearchResult:
    rule = bind_rule(read_query(Source(text), language, None), language)
    return run_search(rule.pipeline, logs[0], knowledge=logs[1], vocabulary=rule.vocabulary)


def told(text: str, logs: tuple[Logs, Knowledge], language: str) -> list[tuple[str, str, str | None]]:
    return [(one.code, one.message, one.hint) for one in ask(text, logs, language).diagnostics]


NONE = "no event here has a field like"
PATTERNS = [
    ("spl", "EventCode=1 | table nosuch*", f"{NONE} 'nosuch*'", None),
    ("spl", "EventCode=1 | fields nosuch*, Image | stats count", f"{NONE} 'nosuch*'", None),
    ("spl", "EventCode=1 | table proces_*", f"{NONE} 'proces_*'", "did you mean 'process_*'?"),
    ("spl", "EventCode=1 | table *Imagee", f"{NONE} '*Imagee'", "did you mean '*Image'?"),
    ("spl", "EventCode=1 | stats values(nosuch*) as * by User", f"{NONE} 'nosuch*'", None),
    ("spl", "EventCode=1 | stats count by nosuch*", f"{NONE} 'nosuch*'", None),
    ("spl", "EventCode=1 | rename nosuch* as x*", f"{NONE} 'nosuch*'", None),
    ("spl", "EventCode=1 NOT nosuch*=x", f"{NONE} 'nosuch*', so it excludes nothing", None),
    ("kuery", "proces.*: x", f"{NONE} 'proces.*'", "did you mean 'process.*'?"),
    ("kuery", "not proces.*: x", f"{NONE} 'proces.*', so it excludes nothing", "did you mean 'process.*'?"),
    ("lucene", r"proces.\*:x", f"{NONE} 'proces.*'", "did you mean 'process.*'?"),
    ("esql", "FROM logs-* | KEEP proces.*", f"{NONE} 'proces.*'", "did you mean 'process.*'?"),
    ("esql", "FROM logs-* | DROP nosuch*", f"{NONE} 'nosuch*'", None),
    ("esql", "FROM logs-* | DROP nosuch", "no event here has the field 'nosuch'", None),
    ("esql", "FROM logs-* | RENAME nosuch AS n", "no event here has the field 'nosuch'", None),
]


@pytest.mark.parametrize(("language", "text", "message", "hint"), PATTERNS)
def test_a_pattern_that_no_name_fits_is_said(
    logs: tuple[Logs, Knowledge], language: str, text: str, message: str, hint: str | None
) -> None:
    assert told(text, logs, language) == [("RUN130", message, hint)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("spl", "EventCode=1 | table Ima*"),
        ("spl", "EventCode=1 | table process_*, date_*, h*"),
        ("spl", "EventCode=1 | table Hash*"),
        ("spl", "EventCode=1 | fields - nosuch*, nosuch"),
        ("spl", "EventCode=1 | eval made_one=1 | table made_*"),
        ("spl", "EventCode=1 | stats count as n_all by User | table n_*"),
        ("kuery", "process.*: x"),
        ("esql", "FROM logs-* | KEEP process.*, winlog.*"),
        ("esql", "FROM logs-* | EVAL a = 1 | DROP a"),
    ],
)
def test_a_pattern_that_a_name_fits_is_silent(logs: tuple[Logs, Knowledge], language: str, text: str) -> None:
    assert told(text, logs, language) == []


# What is read off events by another name than theirs goes by a pattern of such names, too.
DERIVED = [
    ("kuery", "process.nam*: cmd.exe", 2),
    ("kuery", "not process.nam*: cmd.exe", 1),
    ("lucene", r"process.nam\*:cmd.exe", 2),
    ("spl", "EventCode=1 | stats count(process_nam*) as n_* | search n_e=3", 1),
    ("spl", "EventCode=1 process_nam*=cmd.exe", 2),
]


@pytest.mark.parametrize(("language", "text", "rows"), DERIVED)
def test_a_pattern_takes_in_what_is_derived(logs: tuple[Logs, Knowledge], language: str, text: str, rows: int) -> None:
    assert len(ask(text, logs, language).rows) == rows


def test_a_pattern_keeps_the_columns_that_are_derived(logs: tuple[Logs, Knowledge]) -> None:
    result = ask("FROM logs-* | KEEP process.na*, user.n*", logs, "esql")
    assert tuple(result.fields) == ("process.name", "user.name")
    assert [row["process.name"] for row in result.rows] == ["cmd.exe", "cmd.exe", "a.exe"]


# The rows are those of a field without values; that the stage before took it away is said, and where.
TAKEN = [
    ("spl", "EventCode=1 | fields Image | where isnull(User)", "User", "fields", "these are left: Image", 3),
    ("spl", "EventCode=1 | fields - User | where isnull(User)", "User", "fields", None, 3),
    ("spl", "EventCode=1 | fields - U* | where isnull(User)", "User", "fields", None, 3),
    ("spl", "EventCode=1 | table Image | where isnotnull(User)", "User", "table", "these are left: Image", 0),
    ("spl", 'EventCode=1 | table Image | where User="x" OR Image="y"', "User", "table", "these are left: Image", 0),
    ("spl", 'EventCode=1 | fields Image | eval u=coalesce(User, "none")', "User", "fields", "these are left: Image", 3),
    ("spl", "EventCode=1 | stats count by Image | eval a=if(isnull(User), 1, 2)", "User", "stats",
     "these are left: Image, count", 2),
    ("spl", "EventCode=1 | stats count by Image | search NOT host=x", "host", "stats",
     "these are left: Image, count", 2),
    ("spl", "EventCode=1 | stats count by Image | where _time > 0", "_time", "stats",
     "these are left: Image, count", 0),
    ("spl", "EventCode=1 | rename User as u | where isnull(User)", "User", "rename",
     "from there on it is called 'u'", 3),
    ("esql", "FROM logs-* | KEEP process.name | WHERE user.name IS NULL", "user.name", "KEEP",
     "these are left: process.name", 3),
    ("esql", "FROM logs-* | DROP user.name | WHERE user.name IS NULL", "user.name", "DROP", None, 3),
    ("esql", "FROM logs-* | DROP user.* | WHERE user.name IS NULL", "user.name", "DROP", None, 3),
    ("esql", "FROM logs-* | STATS c = COUNT(*) BY process.name | WHERE user.name IS NULL", "user.name", "STATS",
     "these are left: c, process.name", 2),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "name", "word", "hint", "rows"), TAKEN)
def test_what_a_stage_took_away_is_said_where_it_is_read(
    logs: tuple[Logs, Knowledge], language: str, text: str, name: str, word: str, hint: str | None, rows: int
) -> None:
    end = ", so it excludes nothing" if "NOT " in text.replace("NOT NULL", "") else ""
    assert told(text, logs, language) == [("RUN131", f"no row has the field '{name}' after '{word}'{end}", hint)]
    assert len(ask(text, logs, language).rows) == rows


@pytest.mark.parametrize(
    "text",
    [
        "EventCode=1 | fields Image | where _time > 0",
        "EventCode=1 | stats count by host, _time | where _time > 0 AND isnotnull(host)",
        "EventCode=1 | fields Image | fillnull value=none User | where isnotnull(User)",
        "EventCode=1 | chart count over Image by User | where isnull(host)",
        "EventCode=1 | where isnull(User)",
        "EventCode=1 | fields - U* | eval User=1 | where User=1",
    ],
)
def test_what_is_still_there_or_made_anew_is_silent(logs: tuple[Logs, Knowledge], text: str) -> None:
    assert told(text, logs, "spl") == []
