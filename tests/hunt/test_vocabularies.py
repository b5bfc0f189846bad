"""A rule's language chooses what its names mean over raw logs, in runs of rules as in single searches."""

from __future__ import annotations

import json
from pathlib import Path

from rulescope.api.run import run

RULE = """title: A shell
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\cmd.exe'}
  condition: selection
"""

EVENT = {
    "Channel": "Security",
    "SourceName": "Microsoft-Windows-Security-Auditing",
    "EventID": 4688,
    "EventTime": "2026-01-05 10:00:00",
    "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
}


def test_a_name_of_another_log_is_derived_where_no_event_of_the_kind_has_it(tmp_path: Path) -> None:
    """Security 4688 has no `Image`: events of that kind must not be left out before it is derived."""
    rule, logs = tmp_path / "rule.yml", tmp_path / "events.json"
    rule.write_text(RULE, encoding="utf-8")
    logs.write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    answer = run([rule], [logs])
    assert [hit.outcome.count for hit in answer.hits] == [1]
