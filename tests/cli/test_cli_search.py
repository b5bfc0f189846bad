"""`rulescope search` from the command line: what it loads, prints and says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "logs" / "windows.jsonl"


def test_a_small_search_loads_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys\nfrom rulescope.cli.app import run\n"
        f"run(['search', '--json', 'EventCode=1 | stats count by Image', {str(SAMPLE)!r}])\n"
        "heavy = {'yaml', 'jinja2', 'pyarrow', 'numpy', 'pygments', 'sqlite3', 'rich', 'rulescope.corpus', 'evtx'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fields"] == ["Image", "count"]
