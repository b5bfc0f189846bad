"""The reference page of the catalogue's schema, made from the comments in `schema.sql`."""

from __future__ import annotations

import re
import sys
from importlib.resources import files

_TABLE = re.compile(r"CREATE (?:VIRTUAL )?TABLE (\w+)")
_COLUMN = re.compile(r'\s+"?(\w+)"?\s+(TEXT|INTEGER|BLOB)\b[^,\n]*,?\s*(?:--\s*(.*))?$')

_NOTE = "<!-- Made from src/rulescope/catalog/schema.sql; a test keeps it fresh. -->"


def schema_reference() -> str:
    """The page as Markdown: what each table and column is."""
    text = (files("rulescope.catalog") / "schema.sql").read_text(encoding="utf-8")
    head, *parts = re.split(r"\n\n(?=--)", text)
    intro = "\n".join(line.removeprefix("--").strip() for line in head.splitlines())
    lines = ["# The catalogue", "", _NOTE, "", intro, ""]
    for part in parts:
        lines.extend(_table(part))
    return "\n".join(lines).rstrip() + "\n"


def _table(part: str) -> list[str]:
    comments = [line.removeprefix("--").strip() for line in part.splitlines() if line.startswith("--")]
    found = _TABLE.search(part)
    name = found.group(1) if found else ""
    lines = [f"## `{name}`", "", " ".join(comments), ""]
    rows = [match.groups() for line in part.splitlines() if (match := _COLUMN.match(line))]
    if rows:
        lines += ["| column | type | what it is |", "|---|---|---|"]
        lines += [
            f"| `{column}` | {kind.lower()} | {(said or '').replace('|', chr(92) + '|')} |"
            for column, kind, said in rows
        ]
    else:
        columns = re.search(r"fts5 \(\s*([^;]*?),\s*tokenize", part, re.DOTALL)
        lines.append(f"Columns: {columns.group(1).strip()}." if columns else "")
    return [*lines, ""]


if __name__ == "__main__":
    sys.stdout.write(schema_reference())
