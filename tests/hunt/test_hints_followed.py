"""Hints of searches and runs, followed: the search then runs, and gives what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.query import text_query
from rulescope.api.search import SearchAnswer, search
from rulescope.api.sql import sql_of
from rulescope.engines.sql.dialect import dialect_of
from rulescope.errors import InputError, KnowledgeError
from rulescope.hunt.settings import Settings

EVENTS = [
    {"_time": 1_700_000_000, "user": "ann", "ip": "10.0.0.1", "n": "1", "sourcetype": "web"},
    {"_time": 1_700_003_600, "user": "bob", "ip": "10.0.0.2", "n": "2", "sourcetype": "db"},
]
SIGMA = "title: a\nlogsource: {product: linux}\ndetection:\n  s:\n    user|expand: '%Admins%'\n  condition: s\n"
FIELD = '[[field]]\nname = "who"\nvalue = "user"\n'


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, EVENTS)))
    return path


def answer(text: str, logs: Path, language: str = "spl", **settings: object) -> SearchAnswer:
    return search(text, [logs], Settings(now="1700010000", **settings), language=language)  # type: ignore[arg-type]


def hints(found: SearchAnswer, code: str) -> str:
    return " ".join(note.hint or "" for note in found.notes if note.code == code)


# The search, its code, what the hint says, the search as the hint has it, and how many rows that gives.
SEARCHES = [
    ("stats count by user", "SPL018", "write * | stats", "* | stats count by user", 2),
    ("| where user=ann", "SPL053", "* for all events", '* | where user="ann"', 1),
    ("user=ann or user=bob", "SPL015", "write OR", "user=ann OR user=bob", 2),
    ("not user=ann", "SPL015", "write NOT", "NOT user=ann", 1),
    ('* | where user contains "an"', "SPL028", "like(field", '* | where like(user, "%an%")', 1),
    ('* | where match(user="^a")', "SPL030", "match(field", '* | where match(user, "^a")', 1),
    ('* | where user="ann" ORlike(user, "b%")', "SPL027", "a blank", '* | where user="ann" OR like(user, "b%")', 2),
    ("* | eval a=(n=1)", "RUN032", "if(condition", '* | eval a=if(n=1, "true", "false") | where a="true"', 1),
    ("tag=web", "RUN120", "sourcetype=", "sourcetype=web", 1),
    ("| datamodel", "RUN035", "datamodel Endpoint Processes search", "| datamodel Endpoint Processes search", 0),
    ("* | timechart span=1s count | tail 1", "RUN021", "wider span", "* | timechart span=1h count", 2),
]


@pytest.mark.parametrize(("text", "code", "told", "followed", "rows"), SEARCHES)
def test_a_search_as_its_hint_has_it(
    logs: Path, text: str, code: str, told: str, followed: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rulescope.engines.sql.stages.timecharting._MAXIMUM_INTERVALS", 100)
    assert told in hints(answer(text, logs), code)
    found = answer(followed, logs)
    assert not found.failed
    assert [note.message for note in found.notes if note.severity != "info"] == []
    assert len(found.rows) == rows


def test_a_macro_is_given_as_the_hint_says(logs: Path, tmp_path: Path) -> None:
    assert "--macros" in hints(answer("`web`", logs), "RUN014")
    path = tmp_path / "macros.conf"
    path.write_text("[web]\ndefinition = sourcetype=web\n")
    assert len(answer("`web`", logs, macros=(path,)).rows) == 1


def test_placeholders_are_given_as_the_hint_says(logs: Path, tmp_path: Path) -> None:
    assert "parted by commas, with --macros" in hints(answer(SIGMA, logs, "sigma"), "RUN014")
    path = tmp_path / "macros.conf"
    path.write_text("[Admins]\ndefinition = ann, root\n")
    assert not answer(SIGMA, logs, "sigma", macros=(path,)).failed


def test_macros_are_read_from_the_files_that_the_hint_names(logs: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "other.txt"
    wrong.write_text("web = sourcetype=web\n")
    with pytest.raises(KnowledgeError) as error:
        answer("`web`", logs, macros=(wrong,))
    assert "macros.conf" in (error.value.hint or "")
    assert "YAML as in security_content" in (error.value.hint or "")
    yaml = tmp_path / "web.yml"
    yaml.write_text("name: web\ndefinition: sourcetype=web\n")
    assert len(answer("`web`", logs, macros=(yaml,)).rows) == 1


@pytest.mark.parametrize("time", ["1700000000", "-24h@h", "now", "2023-05-01", "2023-05-01T12:00:00"])
def test_times_of_the_hint_are_taken(logs: Path, time: str) -> None:
    with pytest.raises(InputError) as error:
        answer("*", logs, earliest="yesterday")
    assert error.value.hint is not None
    assert answer("*", logs, earliest=time).failed is False


def test_fields_are_written_as_the_hint_says(logs: Path, tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    path.write_text('name = "who"\nvalue = "user"\n')
    with pytest.raises(KnowledgeError) as error:
        answer("who=ann", logs, fields=path)
    assert error.value.hint == "a field is a table, written [[field]]"
    path.write_text(FIELD)
    assert len(answer("who=ann", logs, fields=path).rows) == 1


def test_an_event_is_named_as_the_hint_says(logs: Path) -> None:
    with pytest.raises(InputError) as error:
        search("*", [logs], Settings(), event="events.jsonl")
    assert "FILE#RECORD" in (error.value.hint or "")
    assert search("*", [logs], Settings(), event="events.jsonl#1").event is not None


def test_a_dialect_of_the_hint_is_known() -> None:
    with pytest.raises(InputError) as error:
        sql_of(text_query("*"), "snowflak")
    assert "snowflake" in (error.value.hint or "")
    assert sql_of(text_query("*"), "snowflake").sql is not None


def test_no_function_that_searches_can_not_call_is_suggested(logs: Path) -> None:
    names = [name.removesuffix("~") for name in dialect_of("elastic").function_names() if name.endswith("~")]
    assert names
    for name in names:
        found = answer(f"* | eval a={name}(user)", logs)
        assert "~" not in hints(found, "RUN011"), name
