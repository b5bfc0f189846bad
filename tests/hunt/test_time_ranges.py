"""Time ranges that no event lies in are said, with the time that the logs are of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rulescope.api.search import Note, search
from rulescope.hunt.settings import Settings

# Two events of 3 March 2021, at noon and one second and a half later.
NOON = datetime(2021, 3, 3, 12, tzinfo=UTC).timestamp()
LINES = f'{{"_time": {NOON:.0f}, "a": "1"}}\n{{"_time": {NOON + 1.5}, "a": "2"}}\n'
NOW = Settings(now="2024-01-01T00:00:00")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "old.jsonl"
    path.write_text(LINES)
    return path


def warnings(text: str, logs: Path, settings: Settings = NOW) -> tuple[int, list[Note]]:
    answer = search(text, [logs], settings)
    return len(answer.rows), [note for note in answer.notes if note.code == "RUN110"]


def test_a_relative_range_after_the_logs_is_said_with_place_and_hint(logs: Path) -> None:
    text = "a=* earliest=-24h latest=now | table a"
    rows, (note,) = warnings(text, logs)
    assert rows == 0
    assert note.severity == "warning"
    assert (note.line, note.column) == (1, text.index("earliest") + 1)
    assert "begins at 2023-12-31T00:00:00" in note.message
    assert "newest event is of 2021-03-03T12:00:01" in note.message
    assert note.hint is not None
    # What the hint says to do finds them: the upper bound is exclusive.
    then = note.hint.split("--now ")[-1].split()[0]
    assert then == "2021-03-03T12:00:02"
    assert warnings(text, logs, Settings(now=then)) == (2, [])


def test_a_range_that_has_events_is_no_news(logs: Path) -> None:
    assert warnings("a=* earliest=-5y | table a", logs) == (2, [])
    assert warnings("a=* latest=now | table a", logs) == (2, [])
    assert warnings("a=1 latest=03/03/2021:12:00:01 | table a", logs) == (1, [])


def test_dates_get_no_hint_to_change_the_clock(logs: Path) -> None:
    rows, (note,) = warnings("a=* earliest=01/01/2022:00:00:00 | table a", logs)
    assert rows == 0
    assert note.hint is None


def test_a_range_before_the_logs_is_said(logs: Path) -> None:
    rows, (note,) = warnings("a=* latest=-4y | table a", logs)
    assert rows == 0
    assert "ends at 2020-01-01T00:00:00" in note.message
    assert "oldest event is of 2021-03-03T12:00:00" in note.message


def test_ranges_in_subsearches_are_looked_at(logs: Path) -> None:
    rows, (note,) = warnings("a=* | append [search a=* earliest=-1h] | table a", logs)
    assert rows == 2
    assert note.column == len("a=* | append [search a=* ") + 1


def test_the_range_of_the_whole_search_is_looked_at(logs: Path) -> None:
    settings = Settings(now="2024-01-01", earliest="-7d@d", time_zone="Europe/Berlin")
    rows, (note,) = warnings("a=* | table a", logs, settings)
    assert rows == 0
    assert (note.line, note.column) == (None, None)
    # Midnight of 25 December in Berlin; the newest event is of one o'clock there.
    assert "'--earliest'" in note.message
    assert "begins at 2023-12-25T00:00:00" in note.message
    assert "of 2021-03-03T13:00:01" in note.message


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("a=1 OR earliest=-24h", 1),
        ("NOT earliest=-24h", 2),
        ("a=1 NOT (earliest=-24h latest=now)", 1),
        ("a=* NOT [search earliest=-24h | fields a]", 2),
    ],
)
def test_what_is_said_is_true_where_rows_are_kept(logs: Path, condition: str, kept: int) -> None:
    rows, (note,) = warnings(f"{condition} | table a", logs)
    assert rows == kept
    assert note.message.startswith("no event meets 'earliest=-24h': it begins at ")
    settings = Settings(now="2024-01-01T00:00:00")
    timeless = logs.with_name("timeless.jsonl")
    timeless.write_text('{"a": "1"}\n')
    notes = search(f"{condition} | table a", [timeless], settings).notes
    said = {note.message for note in notes if note.code == "RUN110"}
    assert "no event meets 'earliest=-24h': none has a time" in said
    assert all(message.startswith("no event meets '") for message in said)


@pytest.mark.parametrize(
    "text",
    [
        "a=* | eval _time=now() | search earliest=-24h | table a",
        "| makeresults | search earliest=-24h | table _time",
        "a=* | stats count, max(_time) AS _time | eval _time=_time+9e9 | search earliest=-24h | table count",
        "a=* | appendpipe [eval _time=now() | search earliest=-24h] | table a",
    ],
)
def test_times_that_a_search_makes_are_no_events_times(logs: Path, text: str) -> None:
    rows, notes = warnings(text, logs)
    assert rows > 0
    assert notes == []


@pytest.mark.parametrize(
    "bounds",
    ["earliest=-24h", "earliest=-7d latest=-1d", "earliest=-1d@d latest=@d", "earliest=-2h@h latest=-1h@h"],
)
def test_the_hint_leads_to_the_events_whatever_the_range(logs: Path, bounds: str) -> None:
    text = f"a=* {bounds} | table a"
    rows, notes = warnings(text, logs)
    assert rows == 0
    then = next(note.hint for note in notes if note.hint).split("--now ")[-1].split()[0]
    rows, notes = warnings(text, logs, Settings(now=then))
    assert rows > 0
    assert notes == []


def test_no_clock_is_named_that_would_not_do(logs: Path) -> None:
    _, notes = warnings("a=* earliest=-1h latest=-2h | table a", logs)
    assert notes
    assert all("--now gives another time" in (note.hint or "") for note in notes)
    assert all("for these logs" not in (note.hint or "") for note in notes)


def test_the_range_of_a_whole_search_names_the_clock(logs: Path) -> None:
    (note,) = warnings("a=* | table a", logs, Settings(now="2024-01-01", earliest="-7d"))[1]
    assert note.hint == "relative times count from the clock, unless --now gives another time"


def test_events_without_a_time_are_in_no_range(tmp_path: Path) -> None:
    path = tmp_path / "timeless.jsonl"
    path.write_text('{"a": "1"}\n')
    rows, (note,) = warnings("a=* earliest=-24h | table a", path)
    assert rows == 0
    assert "none has a time" in note.message
