"""The filter macro of a detection is `search *` where its file says whose convention that is, and else unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.api.named_query import find_query
from rulescope.api.search import search
from rulescope.api.sql import sql_of

TEXT = "x=1 | `odd_thing_filter`"
DETECTION = f"""\
name: Odd Thing
id: 11111111-2222-3333-4444-555555555555
type: TTP
search: '{TEXT}'
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log.jsonl").write_text('{"_time": 1, "x": "1"}\n')
    return tmp_path / "log.jsonl"


def test_in_a_text_it_is_unknown_to_every_verb(log: Path) -> None:
    query = find_query(TEXT)
    for answer in (sql_of(query, "duckdb"), sql_of(query, "duckdb", logs=[log]), search(query, [log])):
        (said,) = [one for one in answer.notes if one.severity == "error"]
        assert (said.code, said.message) == ("RUN014", "the macro 'odd_thing_filter' has no definition")
    assert sql_of(query, "duckdb").sql is None
    assert search(query, [log]).rows == ()


def test_in_a_detection_of_security_content_it_lets_everything_through(log: Path, tmp_path: Path) -> None:
    (tmp_path / "odd_thing.yml").write_text(DETECTION)
    query = find_query(str(tmp_path / "odd_thing.yml"))
    assert sql_of(query, "duckdb").sql is not None
    assert len(search(query, [log]).rows) == 1
