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


def test_events_without_a_time_are_in_no_range(tmp_path: Path) -> None:
    path = tmp_path / "timeless.jsonl"
    path.write_text('{"a": "1"}\n')
    rows, (note,) = warnings("a=* earliest=-24h | table a", path)
    assert rows == 0
    assert "none has a time" in note.message
