"""Paths of rules: that of their file, and behind a `#` what tells one of several rules in it (`app.conf#My search`)."""

from __future__ import annotations

import re
from functools import lru_cache

_FILE = re.compile(r"\.(?:conf|csl|csv|json|jsonl|kql|kusto|md|ndjson|spl|toml|yaml|yml)(?:\.gz)?#", re.IGNORECASE)
"""The end of a file's path before the mark: a file's name can have one itself (`C#.spl`)."""


@lru_cache(maxsize=4096)
def split_rule_path(path: str) -> tuple[str, str]:
    """The file's path, and what names the rule in it (empty for the first)."""
    found = _FILE.search(path)
    if found is None:
        return path, ""
    return path[: found.end() - 1], path[found.end() :]


def file_of_rule(path: str) -> str:
    """The path of the file in which a rule stands."""
    return split_rule_path(path)[0]
