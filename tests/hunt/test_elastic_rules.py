"""Rules of Elastic as files, run on events as Elastic's agents write them: nested objects, lists, ECS names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulescope.api.run import RunReport, run
from rulescope.hunt.settings import Settings

EVENTS = [
    # 1, 2: a process and its connection, on one host.
    {"@timestamp": "2024-05-01T10:00:00Z", "event": {"category": ["process"], "type": ["start"], "action": "start"},
     "host": {"id": "h1"}, "user": {"name": "ann"},
     "process": {"name": "cmd.exe", "entity_id": "p1", "args": ["cmd.exe", "/c", "whoami"],
                 "command_line": "cmd.exe /c whoami"}},
    {"@timestamp": "2024-05-01T10:00:05Z", "event": {"category": ["network"], "type": ["start", "connection"]},
     "host": {"id": "h1"}, "process": {"name": "cmd.exe", "entity_id": "p1"},
     "destination": {"ip": "203.0.113.9"}, "source": {"ip": "10.0.0.1"}},
    # 3: the same outside the range; one category, not as a list.
    {"@timestamp": "2024-05-01T10:00:06Z", "event": {"category": "network", "type": "start"}, "host": {"id": "h2"},
     "process": {"name": "x", "entity_id": "p2"}, "destination": {"ip": "198.51.100.1"}, "source": {"ip": "8.8.8.8"}},
    # 4: an indicator.
    {"@timestamp": "2024-04-30T00:00:00Z", "event": {"module": "threatintel"},
     "threat": {"indicator": {"ip": "203.0.113.9"}}},
    # 5 to 8: logons.
    *({"@timestamp": f"2024-05-01T11:00:0{second}Z", "event": {"category": ["authentication"]},
       "user": {"name": user}, "source": {"ip": address}}
      for second, user, address in [(1, "bob", "1.1.1.1"), (2, "bob", "2.2.2.2"), (3, "bob", "1.1.1.1"),
                                    (4, "eve", "1.1.1.1")]),
]  # fmt: skip

RULES = {
    "list_of_arguments": ('eql', 'eql', 'process where event.type == "start" and process.args : "whoami"', "", {1}),
    "sequence": ('eql', 'eql', 'sequence by process.entity_id with maxspan=1m [process where true] '
                 '[network where destination.ip != null]', "", {1, 2}),
    "address_range": ('query', 'kuery', 'event.category:network and source.ip:(10.0.0.0/8 or 192.168.0.0/16)', "",
                      {2}),
    "lucene": ('query', 'lucene', 'event.category:network AND NOT source.ip:"10.0.0.0/8"', "", {3}),
    "threshold": ('threshold', 'kuery', 'event.category:authentication',
                  '[rule.threshold]\nfield = ["user.name"]\nvalue = 3\n'
                  '[[rule.threshold.cardinality]]\nfield = "source.ip"\nvalue = 2\n', {5, 6, 7}),
    "new_terms": ('new_terms', 'kuery', 'event.category:authentication',
                  '[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["user.name", "source.ip"]\n'
                  '[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-7d"\n',
                  {5, 6, 8}),
    "suppressed": ('query', 'kuery', 'event.category:authentication',
                   '[rule.alert_suppression]\ngroup_by = ["user.name"]\n', {5, 8}),
    "indicator": ('threat_match', 'kuery', 'event.category:network',
                  'threat_index = ["logs-ti_*"]\nthreat_query = "event.module:threatintel"\nthreat_language = "kuery"\n'
                  '[[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = "destination.ip"\n'
                  'type = "mapping"\nvalue = "threat.indicator.ip"\n', {2}),
    "grok": ('esql', 'esql', 'FROM logs-* | GROK process.command_line "/c %{WORD:what}" | WHERE what == "whoami"', "",
             {1}),
    "stats": ('esql', 'esql', 'FROM logs-* | WHERE KQL("event.category:authentication") '
              '| STATS c = COUNT_DISTINCT(source.ip) BY user.name | WHERE c > 1', "", {5, 6, 7}),
}  # fmt: skip
"""Name: type, language, query, what else the file says, and the lines of the events that must be the evidence."""

COUNTS = {"sequence": 1, "threshold": 1, "stats": 1}
"""Rows, where they are fewer than the events behind them."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    folder = tmp_path_factory.mktemp("elastic")
    (folder / "rules").mkdir()
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)) + "\n", encoding="utf-8")
    for name, (kind, language, query, rest, _) in RULES.items():
        text = f"[rule]\nname = \"{name}\"\ntype = \"{kind}\"\nlanguage = \"{language}\"\nquery = '''{query}'''\n{rest}"
        (folder / "rules" / f"{name}.toml").write_text(text, encoding="utf-8")
    return run([folder / "rules"], [folder / "events.jsonl"], Settings(now="1714561300"), jobs=1)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_its_events(report: RunReport, name: str) -> None:
    one = next(one for one in report.rules if Path(one.path).stem == name)
    assert one.outcome.status == "run", one.outcome.message
    wanted = RULES[name][4]
    assert {event.record for event in one.outcome.events} == wanted
    assert one.outcome.count == COUNTS.get(name, len(wanted))
