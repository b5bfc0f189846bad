"""A rule gives the same rows in every verb: `search`, `run`, `search --event` and what `sql` prints, run on DuckDB;
in every language, over all events and over a time range."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_sql_across_languages import FILES, FOUND, NOW, ROWS

from rulescope.api.named_query import find_query
from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.api.sql import sql_of
from rulescope.engines.duckdb import Database
from rulescope.hunt.settings import Settings
from rulescope.logs import load_logs
from sysmon_events import sysmon

WINWORD = "C:\\Program Files\\Office\\WINWORD.EXE"
EVENTS = [
    sysmon(1, 1, Image="C:\\Windows\\System32\\cmd.exe", CommandLine="cmd.exe /c whoami", ParentImage=WINWORD),
    sysmon(1, 2, Image="C:\\Windows\\System32\\CMD.EXE", CommandLine="CMD.EXE /c dir", ParentImage="C:\\a\\b.exe"),
    sysmon(1, 3, Image="C:\\Windows\\explorer.exe", CommandLine="explorer.exe", ParentImage=WINWORD),
    sysmon(3, 4, Image="C:\\Windows\\System32\\cmd.exe", DestinationIp="203.0.113.9", DestinationPort="443"),
    sysmon(1, 5, Image="C:\\Windows\\System32\\cmd.exe", CommandLine="cmd.exe /c whoami", ParentImage=WINWORD),
]
"""A record is the minute after eleven."""
RANGED = Settings(now=NOW, earliest="-58m", latest="2024-05-01T11:05:30")
WITHIN = {2, 3, 4, 5}
"""A time range, and the records that are in it."""
FOLLOWED = (1, 5)
"""Records that are followed through each rule."""
SEARCHES = {
    "earliest-in-the-search": ("EventCode=1 earliest=-59m latest=-57m | table Image", 1),
    "grouped": ("EventCode=1 | stats count BY ParentImage | where count>1", 1),
    "bounds-that-are-read": ("EventCode=1 earliest=-59m | addinfo | where info_min_time>0 | table Image", 3),
    "head-of-the-newest": ('EventCode=1 | head 1 | search CommandLine="*whoami*"', 1),
}
"""Searches of SPL, and how many rows they give in that range."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verbs")
    (folder / "rules").mkdir()
    for name, text in FILES.values():
        (folder / "rules" / name).write_text(text, encoding="utf-8")
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)) + "\n", encoding="utf-8")
    return folder


def check(rule: Path, logs: Path, settings: Settings) -> tuple[int, set[int]]:
    """How many rows a rule gives, which must be the same in `search`, in `run`, and as SQL; and the records behind."""
    query = find_query(str(rule))
    found = search(query, [logs], settings)
    assert not found.failed, found.notes
    (ran,) = run([rule], [logs], settings, jobs=1).rules
    assert ran.outcome.status == "run", ran.outcome.message
    printed = sql_of(query, "duckdb", logs=[logs], settings=settings)
    assert printed.sql is not None, printed.notes
    with load_logs([logs]) as store:
        database = Database(store.connection)
        rows = store.connection.execute(printed.sql).fetchall()
        database.close()
    assert len(found.rows) == ran.outcome.count == len(rows)
    return len(rows), {event.record for event in ran.outcome.events}


@pytest.mark.parametrize("name", FOUND)
def test_a_rule_gives_the_same_in_every_verb(folder: Path, name: str) -> None:
    rule, logs = folder / "rules" / FILES[name][0], folder / "events.jsonl"
    # The fifth event is as the first.
    wanted = (FOUND[name] | {5}) & WITHIN
    assert check(rule, logs, RANGED) == (ROWS.get(name, len(wanted)), wanted)
    if name in ROWS:
        return
    for record in FOLLOWED:
        followed = search(find_query(str(rule)), [logs], RANGED, event=f"events.jsonl#{record}").event
        assert followed is not None
        assert (followed.outcome == "kept") == (record in wanted)


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_gives_the_same_in_every_verb(folder: Path, tmp_path: Path, name: str) -> None:
    text, rows = SEARCHES[name]
    rule = tmp_path / "rule.spl"
    rule.write_text(text)
    assert check(rule, folder / "events.jsonl", RANGED)[0] == rows
