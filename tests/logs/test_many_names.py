"""More field names than there may be columns: what rules read is always there, the rest is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.logs import EventStore, LoadLimits, load_logs, words_of
from rulescope.logs.share import open_shared, share_events

from .conftest import rows_of

SYSMON = {
    "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "SourceName": "Microsoft-Windows-Sysmon",
    "EventTime": "2024-05-01 10:00:00",
    "Hostname": "pc",
    "Image": "C:\\Windows\\System32\\cmd.exe",
    "CommandLine": "cmd /c whoami",
    "OurOwn": "x",
}
INVENTED = {f"invented_{number}": "v" for number in range(4500)}
ODD = {
    "": "a",
    " ": "b",
    'q"uote': "c",
    "new\nline\t": "d",
    "zero\0": "e",
    "long" * 2000: "f",
    "a.b": "g",
    "image": "h",
    "IMAGE": "i",
    "commandline": "j",
    "_raw.x": "k",
}


def write(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "e.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture(params=["small", "large"])
def limits(request: pytest.FixtureRequest) -> LoadLimits:
    return LoadLimits() if request.param == "small" else LoadLimits(in_process_bytes=0)


@pytest.mark.parametrize("first", [INVENTED, {**dict.fromkeys(list(INVENTED)[:4400], "v"), **ODD}])
def test_one_event_with_invented_names_hides_nothing(
    tmp_path: Path, limits: LoadLimits, first: dict[str, object]
) -> None:
    with load_logs([write(tmp_path, first, SYSMON)], limits=limits) as store:
        row = rows_of(store, hidden=True)[1]
        assert row["Image"] == SYSMON["Image"]
        assert row["CommandLine"] == SYSMON["CommandLine"]
        assert (row["EventCode"], row["host"], row["_channel"]) == ("1", "pc", SYSMON["Channel"])
        assert row["_raw"].startswith("<Event")
        assert len(store.columns) <= 4000 + 6
        assert store.dropped
        assert store.dropped <= first.keys() | {"OurOwn"}
        assert store.dropped_more == 0
        (problem,) = store.problems
        assert problem.code == "LOG037"
        assert f"{len(store.dropped)} are not made columns" in problem.message
        assert store.connection.execute("SELECT count(*), count(_raw) FROM events").fetchall() == [(2, 2)]


def test_names_of_many_events_go_before_names_of_one(tmp_path: Path, limits: LoadLimits) -> None:
    own = {"_time": 1, **{f"ours_{number:03d}": "v" for number in range(300)}}
    with load_logs([write(tmp_path, INVENTED, own, own)], limits=limits) as store:
        assert {name for name in own if name != "_time"} <= {column.name for column in store.columns}
        assert all(name in INVENTED for name in store.dropped)


def test_what_a_rule_reads_is_there_whatever_came_first(tmp_path: Path, limits: LoadLimits) -> None:
    """Five events have more names than are even held while reading; the sixth has one that only a rule knows."""
    wide = [{f"{letter}_{number}": "v" for number in range(4500)} for letter in "abcde"]
    path = write(tmp_path, *wide, {"_time": 1, "zzz.rule{}.field": "x", "zzz.other": "y"})
    with load_logs([path], limits=limits, wanted=lambda: words_of(["search zzz.rule{}.field=x"])) as store:
        assert rows_of(store)[5]["zzz.rule{}.field"] == "x"
        assert store.column("zzz.other") is None
        assert store.dropped_more > 0
        assert '"zzz.other": "y"' in rows_of(store)[5]["_raw"]


def test_a_cache_that_lacks_a_name_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    wide = [{f"{letter}_{number}": "v" for number in range(4500)} for letter in "abcd"]
    write(tmp_path / "logs", *wide, {"_time": 1, "zzz": "x"})
    limits = LoadLimits(in_process_bytes=0)
    with load_logs([tmp_path / "logs"], limits=limits, cache=tmp_path / "cache") as store:
        assert store.column("zzz") is None
    for _ in range(2):
        with load_logs([tmp_path / "logs"], limits=limits, cache=tmp_path / "cache", wanted=lambda: {"zzz"}) as store:
            assert rows_of(store)[4]["zzz"] == "x"


def test_other_processes_know_what_was_left_out(tmp_path: Path, limits: LoadLimits) -> None:
    def check(one: EventStore, other: EventStore) -> None:
        assert one.columns == other.columns
        assert one.dropped == other.dropped
        assert one.dropped
        assert rows_of(one) == rows_of(other)

    with load_logs([write(tmp_path, INVENTED, SYSMON)], limits=limits) as store:
        shared = share_events(store, tmp_path)
        with open_shared(shared, threads=1, memory="1500MB", spill=tmp_path / "spill") as other:
            check(store, other)


def test_too_many_names(tmp_path: Path) -> None:
    records = [{"_time": 1, f"k{number}": "v"} for number in range(50)]
    with load_logs([write(tmp_path, *records)], limits=LoadLimits(columns=20)) as store:
        assert len(store.columns) <= 20 + 6
        assert store.count == 50
        assert "more than 20 different field names" in store.problems[-1].message
        assert "k49" in rows_of(store)[49]["_raw"]


def test_words_of_rules() -> None:
    sigma = "detection:\n  sel:\n    Image|endswith: '\\cmd.exe'\n    'Field With Blank': 3\n"
    assert {"Image", "Field With Blank"} <= words_of([sigma])
    search = "search a{}.b=1 @timestamp>2 | where 'x y'=\"1\" | stats dc(user.name) by winlog.event_data.Image"
    assert {"a{}.b", "@timestamp", "x y", "user.name", "winlog.event_data.Image"} <= words_of([search])
