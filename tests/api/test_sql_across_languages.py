"""`sql` and `explain` of a rule of every language; what `sql` prints for logs finds what `run` finds in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.explain import explain
from rulescope.api.named_query import find_query
from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.api.sql import sql_of
from rulescope.catalog.build import build_catalog
from rulescope.engines.duckdb import Database
from rulescope.errors import InputError
from rulescope.hunt.settings import Settings
from rulescope.languages.registry import LANGUAGES
from rulescope.logs import load_logs
from sysmon_events import sysmon

NOW = "2024-05-01T12:00:00"
WINWORD = "C:\\Program Files\\Office\\WINWORD.EXE"

EVENTS = [
    sysmon(1, 1, Image="C:\\Windows\\System32\\cmd.exe", CommandLine="cmd.exe /c whoami", ParentImage=WINWORD),
    sysmon(1, 2, Image="C:\\Windows\\System32\\CMD.EXE", CommandLine="CMD.EXE /c dir", ParentImage="C:\\a\\b.exe"),
    sysmon(1, 3, Image="C:\\Windows\\explorer.exe", CommandLine="explorer.exe", ParentImage=WINWORD),
    sysmon(3, 4, Image="C:\\Windows\\System32\\cmd.exe", DestinationIp="203.0.113.9", DestinationPort="443"),
]
"""Two starts of cmd.exe (1, 2), one of another program (3); a connection of cmd.exe (4) is no start."""


def elastic(language: str, query: str, rest: str = "", kind: str = "") -> str:
    return (
        f'[rule]\nname = "{language}"\ntype = "{kind or "query"}"\nlanguage = "{language}"\n'
        f"index = [\"logs-windows.sysmon_operational-*\"]\nquery = '''{query}'''\n{rest}"
    )


FILES = {
    "spl": ("rule.spl", 'EventCode=1 Image="*\\cmd.exe"'),
    "sigma": (
        "sigma.yml",
        "title: t\nlogsource:\n  product: windows\n  category: process_creation\n"
        "detection:\n  sel:\n    Image|endswith: '\\cmd.exe'\n  condition: sel\n",
    ),
    "eql": ("eql.toml", elastic("eql", 'process where process.name : "cmd.exe"', kind="eql")),
    "kuery": ("kuery.toml", elastic("kuery", "event.category:process and process.executable:*cmd.exe*")),
    "lucene": ("lucene.toml", elastic("lucene", "event.category:process AND process.command_line:*whoami*")),
    "esql": (
        "esql.toml",
        elastic("esql", 'FROM logs-* | WHERE event.category == "process" AND process.name LIKE "*md.exe"', kind="esql"),
    ),
    "kusto": ("kusto.md", '# t\n## Defender XDR\n```KQL\nDeviceProcessEvents\n| where FileName =~ "cmd.exe"\n```\n'),
    "snowflake": (
        "t-snowflake-crowdstrike.yml",
        "id: '1.1'\ntitle: t\ndescription: d\nlogic_format: snowflake\n"
        "logic: select * from crowdstrikefdr_process where process ilike '%cmd.exe%'\n",
    ),
    "machine_learning": (
        "job.toml",
        '[rule]\nname = "m"\ntype = "machine_learning"\nanomaly_threshold = 50\n'
        'machine_learning_job_id = ["v3_windows_anomalous_service"]\n',
    ),
    "threshold": (
        "threshold.toml",
        elastic("kuery", "event.category:process", '[rule.threshold]\nfield = ["host.name"]\nvalue = 3\n', "threshold"),
    ),
}
"""A file of each language, and one that adds a stage to its query."""

FOUND = {
    "spl": {1, 2},
    "sigma": {1, 2},
    "eql": {1, 2},
    "kuery": {1},
    "lucene": {1},
    "esql": {1},
    "kusto": {1, 2},
    "snowflake": {1, 2},
    "threshold": {1, 2, 3},
}
"""Records that each must find. kuery and ES|QL tell case apart in a keyword, others don't; there is one `whoami`."""

ROWS = {"threshold": 1}
"""Rows where they are fewer than the events."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every")
    (folder / "rules").mkdir()
    for name, text in FILES.values():
        (folder / "rules" / name).write_text(text, encoding="utf-8")
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)) + "\n", encoding="utf-8")
    return folder


def test_there_is_a_file_of_every_language() -> None:
    assert LANGUAGES.keys() <= FILES.keys()


@pytest.mark.parametrize("name", FOUND)
def test_the_sql_of_a_rule_finds_what_a_run_finds(folder: Path, name: str) -> None:
    path, logs = folder / "rules" / FILES[name][0], folder / "events.jsonl"
    outcome = run([path], [logs], Settings(now=NOW), jobs=1).rules[0].outcome
    answer = sql_of(find_query(str(path)), "duckdb", logs=[logs])
    assert answer.sql is not None, answer.notes
    with load_logs([logs]) as store:
        # The functions of our own that RUN111 tells of are there once a database was set up on the connection.
        database = Database(store.connection)
        rows = store.connection.execute(answer.sql).fetchall()
        database.close()
    assert {event.record for event in outcome.events} == FOUND[name]
    assert len(rows) == outcome.count == ROWS.get(name, len(FOUND[name]))


@pytest.mark.parametrize("name", FOUND)
def test_the_sql_of_a_rule_needs_no_logs(folder: Path, name: str) -> None:
    answer = sql_of(find_query(str(folder / "rules" / FILES[name][0])), "duckdb")
    assert answer.sql is not None, answer.notes
    # The table holds events of the rule's own source: nothing has to tell them from others.
    assert "_channel" not in answer.sql


@pytest.mark.parametrize(
    "text",
    [
        'EventCode=* | eval m=mvmap(split(Image, "\\\\"), upper(m)) | stats count, values(m) AS m BY Computer'
        " | join Computer [search EventCode=3 | stats count AS n BY Computer] | eventstats sum(n) AS s",
        FILES["spl"][1],
    ],
)
def test_the_same_search_gives_the_same_sql_each_time(folder: Path, text: str) -> None:
    query = find_query(text)
    logs = [folder / "events.jsonl"]
    for read in (None, logs):
        first, again = (sql_of(query, "duckdb", logs=read) for _ in range(2))
        assert first.sql is not None, first.notes
        assert first.sql == again.sql


@pytest.mark.parametrize("name", FOUND)
def test_the_same_rule_gives_the_same_sql_each_time(folder: Path, name: str) -> None:
    query = find_query(str(folder / "rules" / FILES[name][0]))
    assert sql_of(query, "duckdb").sql == sql_of(query, "duckdb").sql


def test_a_rule_that_no_files_answer_is_refused_by_name(folder: Path) -> None:
    answer = sql_of(find_query(str(folder / "rules" / "job.toml")), "duckdb")
    assert answer.sql is None
    assert answer.notes[-1].code == "RUN010" and "machine_learning" in answer.notes[-1].message


def test_a_rule_of_the_catalogue_is_the_rule_of_its_file(folder: Path) -> None:
    catalog = folder / "every.catalog"
    build_catalog([folder / "rules"], catalog, processes=1)
    for name in FOUND:
        file = FILES[name][0]
        of_file = sql_of(find_query(str(folder / "rules" / file)), "duckdb")
        of_catalog = sql_of(find_query(f"rules/{file}", catalog=catalog), "duckdb")
        assert of_catalog.language == of_file.language, name
        assert of_catalog.sql == of_file.sql, name


@pytest.mark.parametrize(
    ("language", "query", "rows"),
    [
        ("sigma", FILES["sigma"][1], 2),
        ("eql", 'process where process.name : "cmd.exe"', 2),
        ("kuery", "event.category:process and process.executable:*cmd.exe*", 1),
        ("lucene", "process.command_line:*whoami*", 1),
        ("esql", 'FROM logs-* | WHERE event.category == "process" | STATS n = COUNT(*)', 1),
        ("kusto", 'DeviceProcessEvents | where FileName =~ "cmd.exe"', 2),
        ("snowflake", "select * from crowdstrikefdr_process where process ilike '%cmd.exe%'", 2),
    ],
)
def test_searches_of_every_language(folder: Path, language: str, query: str, rows: int) -> None:
    answer = search(query, [folder / "events.jsonl"], Settings(now=NOW), language=language, traced=True)
    assert not answer.failed, answer.notes
    assert len(answer.rows) == rows
    assert answer.trace[-1].rows == rows


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("sigma", FILES["sigma"][1]),
        ("eql", 'process where process.name : "cmd.exe"'),
        ("kuery", "event.category:process and process.executable:*cmd.exe*"),
        ("lucene", "event.category:process AND process.name:cmd.exe"),
        ("esql", 'FROM logs-* | WHERE process.name == "cmd.exe"'),
        ("kusto", 'DeviceProcessEvents | where FileName =~ "cmd.exe"'),
        ("snowflake", "select * from crowdstrikefdr_process where process ilike '%cmd.exe%'"),
    ],
)
def test_the_way_of_an_event_in_every_language(folder: Path, language: str, query: str) -> None:
    answer = search(query, [folder / "events.jsonl"], Settings(now=NOW), language=language, event="events.jsonl#3")
    assert not answer.failed, answer.notes
    assert answer.event is not None
    assert answer.event.outcome == "dropped"
    assert answer.event.condition is not None and answer.event.condition.truth is not True


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("spl", 'search a=1 | where _time > relative_time(now(), "-2h")'),
        ("esql", "FROM logs-* | WHERE @timestamp > NOW() - 1 hour"),
        ("kusto", "DeviceEvents | where Timestamp > ago(1h)"),
        ("kusto", "DeviceEvents | where Timestamp between (ago(2h) .. now())"),
        ("snowflake", "select * from okta where event_time > dateadd(hour, -2, sysdate())"),
    ],
)
def test_a_bound_on_the_time_of_the_search_is_no_threshold(language: str, query: str) -> None:
    page = explain(query, language)
    assert page.parse == "full"
    assert [row for row in page.thresholds if "imestamp" in f"{row.fact.field} {row.fact.value}"] == []


def test_explanations_read_as_sentences() -> None:
    kinds = [stage.explanation for stage in explain('any where process.name : "cmd.exe"', "eql").stages]
    assert kinds == ["Takes events of any kind.", "Keeps events whose process.name is cmd.exe."]
    words = explain("event.type:(start or end)", "lucene").stages[0].explanation
    assert words is not None and "whose event.type is “or”" in words


def test_a_file_is_explained_with_what_it_adds_to_its_query(folder: Path) -> None:
    page = explain(find_query(str(folder / "rules" / FILES["threshold"][0])))
    assert page.info.title == "kuery"
    assert [stage.kind for stage in page.stages] == ["source", "search", "threshold"]
    with pytest.raises(InputError) as caught:
        explain(find_query(str(folder / "rules")))
    assert caught.value.code == "RSC102"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_is_explained(folder: Path, language: str) -> None:
    page = explain(find_query(str(folder / "rules" / FILES[language][0])))
    assert (page.parse, page.info.language) == ("full", language)
    assert page.stages and all(stage.explanation for stage in page.stages)
    if language != "machine_learning":
        assert any(
            "cmd.exe" in row.fact.value or "md.exe" in row.fact.value or "whoami" in row.fact.value
            for row in page.indicators
        )
