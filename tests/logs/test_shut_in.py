"""The databases that searches run on can't reach files, the network or their own settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from rulescope.logs import EventStore, LoadLimits, load_logs
from rulescope.logs.connection import close_connection, open_connection
from rulescope.logs.share import open_shared, share_events

LARGE = LoadLimits(in_process_bytes=0)

# DuckDB, "Securing DuckDB": what reads, writes, lists or loads, and what would undo the bounds.
STATEMENTS = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_parquet('{folder}/other.parquet')",
    "SELECT * FROM parquet_metadata('{folder}/other.parquet')",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '{folder}/written.csv'",
    "EXPORT DATABASE '{folder}/exported'",
    "ATTACH '{folder}/attached.duckdb'",
    "INSTALL httpfs",
    "LOAD '{folder}/extension'",
    "SET enable_external_access = true",
    "SET allowed_paths = ['/etc/passwd']",
    "SET memory_limit = '100GB'",
    "RESET lock_configuration",
]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(2):
        lines = [json.dumps({"_time": line, "n": str(line), "kind": number}) for line in range(50)]
        (folder / f"{number}.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture(params=["small", "large", "cached", "shared small", "shared large"])
def store(request: pytest.FixtureRequest, logs: Path, tmp_path: Path) -> Iterator[EventStore]:
    """A load of each kind; the cache's folder is given as users give it, relative to where they are."""
    kind = request.param
    if kind == "cached":
        request.getfixturevalue("monkeypatch").chdir(tmp_path)
        load_logs([logs], limits=LARGE, cache=Path("cache")).close()
        with load_logs([logs], limits=LARGE, cache=Path("cache")) as loaded:
            yield loaded
        return
    with load_logs([logs], limits=LARGE if "large" in kind else None) as loaded:
        if "shared" not in kind:
            yield loaded
            return
        with open_shared(share_events(loaded, tmp_path), threads=1, memory="200MB", spill=tmp_path / "spill") as shared:
            yield shared


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_reaches_out(store: EventStore, tmp_path: Path, statement: str) -> None:
    duckdb.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path}/other.parquet'")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(duckdb.Error):
        store.connection.execute(statement.format(folder=tmp_path)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_events_can_be_read(store: EventStore) -> None:
    assert store.connection.execute("SELECT count(*), count(n) FROM events").fetchall() == [(100, 100)]
    narrow = store.relation(["n"])
    found = store.connection.execute(f"SELECT n FROM ({narrow}) WHERE _row = 60").fetchall()
    assert found == [("10",)]


def test_variables_of_the_program_are_no_tables() -> None:
    import pyarrow as arrow

    connection = open_connection()
    secret = arrow.table({"a": [1]})
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM secret")
    assert secret.num_rows == 1


def test_what_does_not_fit_into_memory_goes_to_a_folder_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    connection = open_connection(memory="60MB", threads=1)
    connection.execute("CREATE TEMP TABLE t AS SELECT range AS i, md5(range::VARCHAR) AS m FROM range(2000000)")
    assert [path.name.startswith("rulescope-spill-") for path in tmp_path.iterdir()] == [True]
    assert connection.execute("SELECT count(DISTINCT m) FROM t").fetchall() == [(2_000_000,)]
    close_connection(connection)
    assert list(tmp_path.iterdir()) == []
