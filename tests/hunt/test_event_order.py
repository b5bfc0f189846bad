"""SPL takes events newest first, or as the logs have them; what has no time is said where the order counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.hunt.settings import Settings

TIMES = {"a": 100, "b": 300, "c": 200, "d": None}
ALL = "v=* | table v"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "logs" / "events.jsonl"
    path.parent.mkdir()
    lines = [{"v": name} if time is None else {"_time": time, "v": name} for name, time in TIMES.items()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def values(text: str, logs: Path, language: str = "spl", **settings: str) -> str:
    answer = search(text, [logs], Settings(now="1000", **settings), language=language)  # type: ignore[arg-type]
    return "".join(row["v"] for row in answer.rows)


def test_spl_takes_the_newest_events_first_unless_it_is_told_otherwise(logs: Path) -> None:
    assert values(ALL, logs) == "bcad"
    assert values(ALL, logs, order="input") == "abcd"
    assert values("v=* | table v | head 2", logs) == "bc"
    assert values("v=* | table v | head 2", logs, order="input") == "ab"


def test_other_languages_keep_their_order(logs: Path) -> None:
    assert values("any where v != null", logs, "eql") == values("v:*", logs, "kuery") == "abcd"


@pytest.mark.parametrize(("order", "records"), [("newest", [2, 3]), ("input", [1, 2])])
def test_a_bound_on_evidence_keeps_the_first_events_of_the_order(order: str, records: list[int], logs: Path) -> None:
    rule = logs.parent.parent / "rule.spl"
    rule.write_text("v=* | stats count")
    settings = Settings(now="1000", order=order)  # type: ignore[arg-type]
    (found,) = run([rule], [logs], settings, most_events=2).rules
    assert (found.outcome.count, [event.record for event in found.outcome.events]) == (1, records)


@pytest.mark.parametrize(
    "text",
    ["v=* | dedup v", "v=* | stats first(v) AS v", "v=* | streamstats count", "v=* | append [search v=* | head 1]"],
)
def test_events_without_a_time_are_said_where_a_stage_goes_by_the_order(text: str, logs: Path) -> None:
    (note,) = [note for note in search(text, [logs], Settings(now="1000")).notes if note.code == "RUN136"]
    end = "goes by the order of the events, and 1 of 4 have no time: these come last, as the logs have them"
    assert note.message.endswith(end)
    assert note.line == 1 and note.column is not None and note.column > 1


@pytest.mark.parametrize(
    "text",
    [
        ALL,
        "v=* | stats count by v | head 1",
        "v=* | sort v | head 1",
        "v=* | dedup v sortby v",
        "v=* | stats count by v | appendpipe [head 1]",
        "v=nothing | head 1",
        "| makeresults | head 1",
    ],
)
def test_they_are_not_said_where_no_stage_does(text: str, logs: Path) -> None:
    assert "RUN136" not in {note.code for note in search(text, [logs], Settings(now="1000")).notes}


def test_where_no_event_has_a_time_the_order_is_that_of_the_logs(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("v,n\nx,1\ny,2\n")
    answer = search("v=* | head 1 | table v", [path], Settings(now="1000"))
    assert [row["v"] for row in answer.rows] == ["x"]
    assert [note.message for note in answer.notes if note.code == "RUN136"] == [
        "'head' goes by the order of the events, and none has a time: they come as the logs have them"
    ]
    assert not [note for note in search("v=* | head 1", [path], Settings(order="input")).notes if note.code == "RUN136"]
