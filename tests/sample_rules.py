"""Small repositories of rules that tests of the catalogue, the use cases and the command line build from."""

from __future__ import annotations

from pathlib import Path

WHOAMI = """\
id: '100.1'
title: Account discovery by whoami
description: Somebody asks who they are.
logic_format: Splunk
logic: '`get_data` process="*whoami*" NOT user="SYSTEM" | where match(parent, "(?i)cmd\\.exe")
  | stats count by host | where count > 5'
techniques:
- discovery:system owner/user discovery
technique_id:
- T1033
references:
- https://attack.mitre.org/techniques/T1033/
"""

NET = """\
id: '100.2'
title: Account discovery by net
description: Somebody lists accounts.
logic_format: Splunk
logic: '`get_data` process="*whoami*" process="*net user*" | table _time, host'
technique_id:
- T1087
"""

BROKEN_QUERY = """\
id: '100.3'
title: A stage that can't be read
logic_format: Splunk
logic: 'index=main | stat count | table a'
"""

BROKEN_FILE = "id: '100.4'\ntitle: [unclosed\nlogic_format: Splunk\nlogic: 'index=main'\n"

UNREAD = """\
id: '100.5'
title: Another language
logic_format: Sumo
logic: count by user
"""

MACRO = "[get_data]\ndefinition = index=windows\n"


def write_repository(folder: Path, files: dict[str, str]) -> Path:
    """A repository of these files; a licence marks its root."""
    for name, text in {"LICENSE": "MIT License\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


FILES = {
    "detections/whoami-splunk-sysmon.yml": WHOAMI,
    "detections/net-splunk-sysmon.yml": NET,
    "detections/partial-splunk-sysmon.yml": BROKEN_QUERY,
    "detections/broken-splunk-sysmon.yml": BROKEN_FILE,
    "detections/other-sumo-sysmon.yml": UNREAD,
}
"""Five rules: two that are understood wholly, one in part, one broken file, one in a language that isn't read."""
