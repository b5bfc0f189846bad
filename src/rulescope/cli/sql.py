"""`rulescope sql`: show a rule or search as SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, LanguageOption, StrictOption
from rulescope.cli.run_options import (
    EarliestOption,
    EventOrder,
    LatestOption,
    LookupsOption,
    MacrosOption,
    NowOption,
    OrderOption,
    ZoneOption,
)

EPILOG = """\b
RULE is a rule file (of several rules one as rules.yml#2), a rule of the catalogue (by path, identifier, slug or title),
or a query. The columns are those that the rule names, unless --logs gives those of logs.
Stages whose columns depend on the data, and what files can't give, are refused by name (exit status 1).

\b
Examples:
  rulescope sql rule.yml --dialect snowflake
  rulescope sql 'Image=*\\\\cmd.exe | stats count by host' --dialect spark
  rulescope sql 33319.58976 --logs sysmon.evtx        fields resolved over these logs
"""

MANY_VALUES = ("--logs",)

MEANT_OPTIONS = {
    "--format": "did you mean '--json', or '--dialect' for the database?",
    "--database": "did you mean '--dialect'?",
    "--output": "the SQL goes to standard output: rulescope sql RULE > FILE",
    "-o": "the SQL goes to standard output: rulescope sql RULE > FILE",
}


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE|QUERY|-", help="What to plan; - reads a query from stdin.")],
    dialect: Annotated[
        str, typer.Option("--dialect", help="The database: duckdb, spark, snowflake, postgres, …")
    ] = "duckdb",
    language: LanguageOption = None,
    logs: Annotated[
        list[Path] | None, typer.Option("--logs", metavar="LOGS...", help="Logs whose columns the fields come from.")
    ] = None,
    now: NowOption = None,
    earliest: EarliestOption = None,
    latest: LatestOption = None,
    time_zone: ZoneOption = "UTC",
    order: OrderOption = EventOrder.newest,
    macros: MacrosOption = None,
    lookups: LookupsOption = None,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Show a rule or search as SQL: one CTE a stage, to read, or to run elsewhere."""
    from rulescope.api.named_query import find_query
    from rulescope.api.query import text_query
    from rulescope.api.sql import sql_json, sql_of
    from rulescope.cli.input_text import read_standard_input
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import printable, write_json
    from rulescope.hunt.settings import Settings

    if rule == "-":
        query = text_query(read_standard_input(), language)
    else:
        query = find_query(rule, language, catalog=catalog)
    settings = Settings(now, earliest, latest, time_zone, order.value, tuple(macros or ()), tuple(lookups or ()))
    answer = sql_of(query, dialect, logs=logs or (), settings=settings)
    for one in answer.notes:
        sys.stderr.write(printable(one.drawing) + "\n")
    if json:
        write_json(sql_json(answer))
    elif answer.sql is not None:
        sys.stdout.write(answer.sql + "\n")
    if answer.sql is None:
        raise typer.Exit(1)
    end_strictly(answer.strict_failure(strict))
