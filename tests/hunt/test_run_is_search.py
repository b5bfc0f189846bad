"""A rule run among many finds what the same search finds alone, whatever events stand beside those it asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.run import run
from rulescope.api.search import search
from rulescope.hunt.settings import Settings

# Sources that share a channel, an event id, both or neither; `code` is a field that only some have.
KINDS = [
    {"sourcetype": "acme:edr", "source": "a", "index": "main"},
    {"sourcetype": "acme:edr", "source": "b", "index": "main"},
    {"sourcetype": "other", "source": "a", "index": "main", "code": "1"},
    {"sourcetype": "other", "source": "a", "index": "second", "EventCode": "5"},
    {"sourcetype": "XmlWinEventLog", "source": "s", "index": "main", "Channel": "Security", "EventID": "1"},
    {"sourcetype": "XmlWinEventLog", "source": "s", "index": "main", "Channel": "Security", "EventID": "4688"},
    {"sourcetype": "XmlWinEventLog", "source": "t", "index": "main", "Channel": "Sysmon", "EventID": "1"},
    {"sourcetype": "WinEventLog", "source": "t", "index": "main", "Channel": "Sysmon", "EventID": "1", "code": "2"},
]
SEARCHES = [
    'sourcetype="acme:edr"',
    "source=a",
    "sourcetype=other index=main",
    "NOT sourcetype=other",
    "sourcetype!=other",
    "NOT EventCode=5",
    "NOT code=1",
    "code=*",
    "sourcetype=XmlWinEventLog EventID=1",
    "(Channel=Security EventID=4688) OR (Channel=Sysmon EventID=1)",
    "(source=s EventID=4688) OR (source=t EventID=1 sourcetype=WinEventLog)",
    "index=second OR source=b",
    "source=nothing",
    'sourcetype="acme:edr" | stats count BY source',
    'sourcetype="acme:edr" | append [search sourcetype=other] | table n',
    "source=a | join n [search index=main] | table n",
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kinds") / "logs.jsonl"
    lines = [{"_time": number, "n": str(number), **kind} for number, kind in enumerate(KINDS * 2)]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


@pytest.mark.parametrize("text", SEARCHES)
def test_a_rule_finds_what_its_search_finds(logs: Path, tmp_path: Path, text: str) -> None:
    alone = search(text, [logs], Settings(now="0"))
    assert not alone.failed
    rule = tmp_path / "rule.spl"
    rule.write_text(text)
    (found,) = run([rule], [logs], Settings(now="0"), jobs=1).rules
    assert found.outcome.status == "run", found.outcome.message
    assert found.outcome.count == len(alone.rows)
    if "|" not in text:
        assert sorted(event.record - 1 for event in found.outcome.events) == sorted(int(row["n"]) for row in alone.rows)


RANGED = {
    # Sixteen events, one a second from 0 on; a range is from its start until before its end.
    "index=* earliest=2 latest=6 | addinfo | where info_min_time=2 AND info_max_time=6": 4,
    "index=* earliest=2 latest=6 | addinfo | where info_min_time>2": 0,
    "index=* earliest=4 latest=16 | timechart span=4s count | where count=4": 3,
    # Of the fifteen seconds, 1, 8 and 9 have an event of that source.
    'sourcetype="acme:edr" earliest=1 latest=16 | timechart span=1s count | where count=0': 12,
    "| makeresults | append [search index=* earliest=2 latest=4 | addinfo | where info_min_time=2]": 3,
    # What tells kinds apart is settled before the search is planned; its range stays.
    "Channel=Security EventID=1 earliest=1 latest=16 | addinfo | where info_max_time=16": 2,
    "index=* earliest=20 latest=30 | addinfo | stats count": 1,
}
"""Searches whose stages read the time range, and how many rows they give (Search Reference, "addinfo", "timechart")."""


@pytest.mark.parametrize("text", RANGED)
def test_the_time_range_is_the_same_in_every_verb(logs: Path, tmp_path: Path, text: str) -> None:
    alone = search(text, [logs], Settings(now="0"))
    assert not alone.failed
    assert len(alone.rows) == RANGED[text]
    rule = tmp_path / "rule.spl"
    rule.write_text(text)
    (found,) = run([rule], [logs], Settings(now="0"), jobs=1).rules
    assert found.outcome.status == "run", found.outcome.message
    assert found.outcome.count == RANGED[text]


def test_an_event_that_a_search_keeps_is_kept_where_it_is_followed(logs: Path) -> None:
    text = "index=* earliest=2 latest=6 | addinfo | where info_min_time=2 AND info_max_time=6"
    kept = {int(row["n"]) for row in search(text, [logs], Settings(now="0")).rows}
    assert kept == {2, 3, 4, 5}
    for number in range(8):
        followed = search(text, [logs], Settings(now="0"), event=f"logs.jsonl#{number + 1}").event
        assert followed is not None
        assert (followed.outcome == "kept") == (number in kept)
