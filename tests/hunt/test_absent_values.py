"""Indexes, sources, sourcetypes, hosts, index patterns and log sources that name no event are said with those there
are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.sysmon_events import sysmon

from rulescope.api.search import Note, search
from rulescope.hunt.settings import Settings

EVENTS = [
    {"_time": 1, "_raw": "a", "index": "main", "sourcetype": "acme:edr", "source": "edr", "host": "pc1", "n": "1"},
    {"_time": 2, "_raw": "b", "index": "main", "sourcetype": "acme:web", "source": "web", "host": "pc2", "n": "2"},
    {"_time": 3, "_raw": "c", "index": "lab", "sourcetype": "acme:web", "source": "web", "host": "pc2", "n": "3"},
    sysmon(1, 1, Image="C:\\x.exe"),
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("values") / "logs.jsonl"
    path.write_text("\n".join(map(json.dumps, EVENTS)))
    return path


def told(text: str, logs: Path, language: str = "spl", settings: Settings = Settings(now="0")) -> list[Note]:  # noqa: B008
    answer = search(text, [logs], settings, language=language)
    assert not answer.failed, answer.notes
    return [note for note in answer.notes if note.code in ("RUN132", "RUN134")]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("index=wineventlog n=*", "no event has index 'wineventlog'", "there are: main, lab"),
        ("index=win* n=*", "no event has index 'win*'", "there are: main, lab"),
        ("index IN (win, sec) n=*", "no event has index 'win' or 'sec'", "there are: main, lab"),
        ("index=main host=pc9", "no event has host 'pc9'", "there are: pc2, pc1, ws1.corp.local"),
        ("(source=x OR source=y) n=*", "no event has source 'x' or 'y'", None),
        ("n=* | append [search index=nowhere]", "no event has index 'nowhere'", "there are: main, lab"),
        ("n=* [search index=nowhere | fields n]", "no event has index 'nowhere'", "there are: main, lab"),
        ("| tstats count where index=nowhere by host", "no event has index 'nowhere'", "there are: main, lab"),
        ("index=nowhere | stats count", "no event has index 'nowhere'", "there are: main, lab"),
        (
            "sourcetype=acme:edr index=lab",
            "no event has sourcetype 'acme:edr' and index 'lab' at once",
            "with sourcetype 'acme:edr' there are: main",
        ),
    ],
)
def test_a_value_that_no_event_has_is_said(logs: Path, text: str, message: str, hint: str | None) -> None:
    (note,) = told(text, logs)
    assert (note.code, note.severity, note.message) == ("RUN132", "warning", message)
    if hint is not None:
        assert note.hint == hint


def test_the_nearest_of_many_values_is_named_first(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(json.dumps({"_time": 1, "_raw": "r", "index": f"index{n}"}) for n in "abcdefgh"))
    (note,) = told("index=indexx", path)
    assert note.hint is not None
    assert note.hint.endswith(" and 3 more")
    (near,) = told("index=indxg", path)
    assert near.hint is not None
    assert near.hint.startswith("there are: indexg, ")


@pytest.mark.parametrize(
    "text",
    [
        "index=* n=*",
        "index=main n=9",
        "index=MAIN",
        "(index=nowhere OR index=main) n=*",
        "(sourcetype=nothing OR source=web) n=*",
        "NOT index=nowhere",
        "index!=nowhere",
        "sourcetype=acme:* host=pc* n=9",
        "host=PC1 n=*",
        "n=* | eval index=1 | search index=2",
        "n=* | stats count by index | search index=nowhere",
    ],
)
def test_a_value_that_costs_nothing_is_silent(logs: Path, text: str) -> None:
    assert told(text, logs) == []


@pytest.mark.parametrize(
    ("language", "text", "message", "hint"),
    [
        (
            "esql",
            'FROM logs-windwos.* | WHERE process.name == "x.exe"',
            "no log is known here by the index 'logs-windwos.*'",
            "did you mean 'logs-windows.*'?",
        ),
        (
            "sigma",
            "title: t\nlogsource: {product: windwos, category: process_creation}\n"
            "detection: {a: {Image|endswith: x.exe}, condition: a}",
            "no log source is known here by the product 'windwos'",
            "did you mean 'windows'?",
        ),
        (
            "sigma",
            "title: t\nlogsource: {product: windows, category: proces_creation}\n"
            "detection: {a: {Image|endswith: x.exe}, condition: a}",
            "no log source is known here by the category 'proces_creation'",
            "did you mean 'process_creation'?",
        ),
    ],
)
def test_a_misspelt_source_of_a_rule_is_said(logs: Path, language: str, text: str, message: str, hint: str) -> None:
    (note,) = told(text, logs, language)
    assert (note.code, note.message, note.hint) == ("RUN134", message, hint)
    wrong, right = note.message.split("'")[1], hint.split("'")[1]
    assert told(text.replace(wrong, right), logs, language) == []
    assert search(text.replace(wrong, right), [logs], Settings(now="0"), language=language).rows


HAS = {"event.category": "process", "event.dataset": "windows.sysmon_operational", "event.module": "windows"}


@pytest.mark.parametrize(
    ("language", "text", "label", "value"),
    [
        ("eql", 'registry where process.name == "x.exe"', "event.category", "registry"),
        ("eql", "sequence [process where true] [registry where true]", "event.category", "registry"),
        ("eql", 'any where event.category == "registri"', "event.category", "registri"),
        ("eql", 'any where event.dataset == "aws.cloudtrail"', "event.dataset", "aws.cloudtrail"),
        ("kuery", "event.module : windws and process.name : x.exe", "event.module", "windws"),
        ("lucene", "event.category:registry", "event.category", "registry"),
        ("esql", 'FROM logs-* | WHERE event.dataset == "aws.x"', "event.dataset", "aws.x"),
    ],
)
def test_what_elastic_tells_events_apart_by_is_said(
    logs: Path, language: str, text: str, label: str, value: str
) -> None:
    (note,) = told(text, logs, language)
    assert (note.code, note.message) == ("RUN132", f"no event has {label} '{value}'")
    assert note.hint == f"there are: {HAS[label]}"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("eql", 'process where process.name == "y.exe"'),
        ("eql", 'any where event.category in ("registry", "process") and process.name == "y.exe"'),
        ("eql", 'any where not event.category == "registry"'),
        ("kuery", "event.dataset : windows.* and process.name : y.exe"),
        ("esql", 'FROM logs-windows.* | WHERE process.name == "y.exe"'),
        ("kusto", 'DeviceProcessEvents | where FileName == "y.exe"'),
    ],
)
def test_what_events_have_is_silent_though_none_is_found(logs: Path, language: str, text: str) -> None:
    assert told(text, logs, language) == []


def test_an_events_own_category_goes_before_what_its_log_stands_for(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    own = {"event": {"category": ["network", "session"]}, "process": {"name": "x.exe"}}
    path.write_text(json.dumps(own) + "\n" + json.dumps(sysmon(1, 1, Image="C:\\x.exe")))
    assert told("session where false", path, "eql") == []
    (note,) = told("file where true", path, "eql")
    assert note.hint is not None
    assert set(note.hint.removeprefix("there are: ").split(", ")) == {"network", "session", "process"}


@pytest.mark.parametrize(
    ("language", "text", "what"),
    [
        ("esql", "FROM logs-aws.cloudtrail-* | KEEP event.action", "of the index 'logs-aws.cloudtrail-*'"),
        ("kusto", "AWSCloudTrail | summarize count()", "a row of the table 'AWSCloudTrail'"),
        ("kusto", "DeviceProcessEvents | take 0 | union AWSCloudTrail", "a row of the table 'AWSCloudTrail'"),
        ("snowflake", "select event_name from awscloudtrail", "a row of the table 'awscloudtrail'"),
        (
            "sigma",
            "title: t\nlogsource: {product: windows, category: registry_set}\n"
            "detection: {a: {Image|endswith: x.exe}, condition: a}",
            "of the log source product 'windows', category 'registry_set'",
        ),
    ],
)
def test_a_source_of_which_no_event_is_here_is_said(tmp_path: Path, language: str, text: str, what: str) -> None:
    path = tmp_path / "sysmon.jsonl"
    path.write_text(json.dumps(sysmon(1, 1, Image="C:\\x.exe")))
    (note,) = told(text, path, language)
    assert (note.code, note.message) == ("RUN132", f"no event here is {what}")
    assert note.hint == "there are events of: Microsoft-Windows-Sysmon/Operational"


def test_an_index_pattern_that_is_not_known_is_told_where_it_is_read_too(tmp_path: Path) -> None:
    """Events that tell no log may be of any: the search is not kept to the index."""
    path = tmp_path / "own.jsonl"
    path.write_text('{"process": {"name": "x.exe"}}\n' * 2)
    (note,) = told('FROM our-own-* | WHERE process.name == "x.exe"', path, "esql")
    assert note.message == "no log is known here by the index 'our-own-*'"
    assert note.hint == "events that tell no log are taken for those of the index"


@pytest.mark.parametrize(
    ("language", "text", "code", "message", "hint"),
    [
        (
            "kusto",
            'DeviceProcessEvents | where FileNam == "x"',
            "RUN044",
            "the table 'DeviceProcessEvents' has no column 'FileNam'",
            "did you mean 'FileName'?",
        ),
        ("kusto", "DeviceProcessEvents | summarize count() by FileNam", "RUN044", None, "did you mean 'FileName'?"),
        (
            "kusto",
            'DeviceProcessEvents | project A = FileName | where FileName == "x"',
            "RUN044",
            "there is no column 'FileName' here",
            "there are: A",
        ),
        ("kusto", "DeviceProcesEvents | take 1", "RUN046", None, "did you mean 'DeviceProcessEvents'?"),
        (
            "snowflake",
            "select event_nam from awscloudtrail",
            "RUN044",
            "the table 'awscloudtrail' has no column 'event_nam'",
            "did you mean 'event_name'?",
        ),
        ("snowflake", "select 1 from awscloudtral", "RUN046", None, "did you mean 'awscloudtrail'?"),
    ],
)
def test_tables_refuse_what_they_have_not_and_say_the_nearest(
    logs: Path, language: str, text: str, code: str, message: str | None, hint: str
) -> None:
    answer = search(text, [logs], Settings(now="0"), language=language)
    assert answer.failed
    last = answer.notes[-1]
    assert (last.code, last.hint) == (code, hint)
    assert message is None or last.message == message
