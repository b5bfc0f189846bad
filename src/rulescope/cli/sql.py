"""`rulescope sql`: show a rule or search as SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption
from rulescope.cli.run_options import LookupsOption, MacrosOption

EPILOG = """\b
RULE is a rule file, a rule of the catalogue (by path, identifier, slug or title), or a search in SPL.
Stages whose columns depend on the data, and what files can't give, are refused by name (exit status 1).

\b
Examples:
  rulescope sql rule.yml --dialect snowflake
  rulescope sql 'Image=*\\\\cmd.exe | stats count by host' --dialect spark
  rulescope sql 33319.58976 --logs sysmon.evtx        fields resolved over these logs
"""

MANY_VALUES = ("--logs",)


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE|SPL|-", help="What to plan; - reads a search from stdin.")],
    dialect: Annotated[
        str, typer.Option("--dialect", help="The database: duckdb, spark, snowflake, postgres, …")
    ] = "duckdb",
    logs: Annotated[
        list[Path] | None, typer.Option("--logs", metavar="LOGS...", help="Logs whose columns the fields come from.")
    ] = None,
    macros: MacrosOption = None,
    lookups: LookupsOption = None,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
) -> None:
    """Show a rule or search as SQL: one CTE a stage, to read, or to run elsewhere."""
    from rulescope.api.sql import sql_of
    from rulescope.cli.input_text import read_standard_input
    from rulescope.cli.terminal import printable, write_json

    text = read_standard_input() if rule == "-" else rule
    answer = sql_of(text, dialect, catalog=catalog, logs=logs or (), macros=macros or (), lookups=lookups or ())
    for one in answer.notes:
        sys.stderr.write(printable(one.drawing) + "\n")
    if json:
        write_json({"rule": answer.rule, "language": answer.language, "dialect": dialect, "sql": answer.sql})
    elif answer.sql is not None:
        sys.stdout.write(answer.sql + "\n")
    if answer.sql is None:
        raise typer.Exit(1)
