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
