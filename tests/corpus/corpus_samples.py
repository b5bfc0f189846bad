"""Rule files of our own, one a layout, that several tests start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Write = Callable[[str, "str | bytes"], Path]
"""Writes a file into the test's repository: path in it, and text or bytes."""

ARMORY = """\
id: '12.34'
title: Odd Logon
description: Somebody logs on
  from far away.
logic_format: Splunk
logic: '`get_logs` action=''logon''
  | stats count by user '
techniques:
- initial-access:valid accounts
- persistence:valid accounts
- credential-access:brute force:password spraying
technique_id:
- T1110.003
- T1078
data_category:
- Authentication logs
references: https://example.org/logon
"""

DETECTION = """\
name: Rare Service
id: 11111111-2222-3333-4444-555555555555
version: 2
date: '2024-09-30'
author: A. Author
status: production
type: TTP
description: A service that nobody knows.
data_source:
- Sysmon EventID 1
search: '| tstats count from datamodel=Endpoint.Processes | `rare_service_filter`'
how_to_implement: Turn on the log.
known_false_positives: New software.
references:
- https://example.org/a
tags:
  analytic_story:
  - Living Off The Land
  cve:
  - CVE-2024-0001
  mitre_attack_id:
  - T1543.003
  risk_score: 64
tests:
- name: True Positive Test
  attack_data:
  - data: https://example.org/one.log
    source: XmlWinEventLog:Security
    sourcetype: XmlWinEventLog
  - data: https://example.org/two.log
    source: XmlWinEventLog:Security
    sourcetype: XmlWinEventLog
  - data: https://example.org/three.log
    source: other
    sourcetype: stash
"""

SAVED = """\
# searches of an app
dispatch.earliest_time = -1d

[default]
disabled = 0
description = of all

[Failed logons]
search = index=wineventlog EventCode=4625 \\
| stats count by user \\
   # not a comment
action.correlationsearch.annotations = {"mitre_attack": ["T1110"], "analytic_story": ["Guessing"]}
action.risk.param._risk_score = 40
alert.severity = 4

[No search]
description = nothing here
"""
