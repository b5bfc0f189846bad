"""`rulescope dev`: trees, plans and events, as those who work on the program look at them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.cli.app import run
from rulescope.ir.lossless import read_tree
from rulescope.languages.spl import parse_search

QUERY = "index=main user=a* | stats count by user | where count>1"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"_time":{at},"user":"ab","index":"main"}}\n' for at in range(5)))
    return path


def test_the_tree_is_a_line_a_node(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "print-ir", QUERY]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("Pipeline")
    assert any(line.startswith("-: Search") for line in lines)
    assert any("field='user' kind='starts_with' values=('a',)" in line for line in lines)


def test_the_document_is_the_tree(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "print-ir", QUERY, "--json"]) == 0
    assert read_tree(json.loads(capsys.readouterr().out)) == parse_search(QUERY).expanded


def test_a_plan_has_every_stage(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    for more in ([], ["--logs", str(logs)]):
        assert run(["dev", "print-plan", QUERY, "--json", *more]) == 0
        stages = json.loads(capsys.readouterr().out)["stages"]
        assert [one["number"] for one in stages] == [0, 1, 2, 3]
        assert [one["kind"] for one in stages] == ["events", "search", "stats", "where"]
        assert stages[3]["fields"] == {"user": "auto", "count": "number"}
        assert "GROUP BY" in stages[2]["sql"] and "GROUP BY" not in stages[1]["sql"]


def test_a_plan_stops_where_a_stage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "print-plan", "user=a | rest /services/x | table a", "--json"]) == 1
    captured = capsys.readouterr()
    assert [one["kind"] for one in json.loads(captured.out)["stages"]] == ["events", "search"]
    assert "rest" in captured.err


def test_events(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    assert run(["dev", "print-events", str(logs), "--json", "--most", "2"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["events"] == 5
    assert [event["user"] for event in document["first"]] == ["ab", "ab"]
    kind = {"channel": None, "provider": None, "event_id": None, "sourcetype": None, "events": 5}
    assert document["kinds"] == [kind]
    assert run(["dev", "print-events", str(logs)]) == 0
    assert "5 events" in capsys.readouterr().out


def test_two_rules_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "print-ir", "a=1", "b=2"]) == 2
    assert "takes one rule or query, not 2" in capsys.readouterr().err


def test_support_is_told_by_language_and_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "print-support", "spl", "sqlite", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert "Stats" in parts["stage"]["simple"] and "fit" in parts["command"]["unsupported"]
    assert "ends_with" in parts["form"]["lowered"] and "lists" in parts["form"]["unsupported"]
    assert run(["dev", "print-support", "spl", "reference", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert "Stats" in parts["stage"]["simple"] and "Transaction" not in parts["stage"]["simple"]
    assert run(["dev", "print-support", "kusto"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("kusto in duckdb\n") and "\nforms, simple (" in text and "forms, lowered" not in text


@pytest.mark.parametrize(
    ("subjects", "said"),
    [
        (["splk"], "did you mean 'spl'?"),
        (["spl", "sqlit"], "did you mean 'sqlite'?"),
        (["spl", "mysql"], "one of: duckdb, sqlite"),
        (["spl", "sqlite", "postgres"], "a language and a database"),
    ],
)
def test_support_of_what_is_not_known_is_refused(
    subjects: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["dev", "print-support", *subjects]) == 2
    assert said in capsys.readouterr().err
