"""Options of the verbs that run rules and searches on logs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How results are written."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class EventOrder(StrEnum):
    """The order in which SPL takes events."""

    newest = "newest"
    input = "input"


def chosen_format(form: OutputFormat | None, json: bool, output: Path | None) -> OutputFormat:
    """The form that was asked for; where none was, what the output's name ends in, else a table."""
    if json:
        return OutputFormat.json
    if form is not None:
        return form
    suffix = output.suffix.lower().removeprefix(".") if output is not None else ""
    return next((one for one in OutputFormat if one.value == suffix), OutputFormat.table)


LogsOption = Annotated[list[Path], typer.Option("--logs", metavar="LOGS...", help="Log files and folders.")]
# Hidden while there is one only; which there are is said by `api.run`, which looks at the name.
EngineOption = Annotated[str, typer.Option("--engine", metavar="NAME", help="What runs the plans.", hidden=True)]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="WORD", help="Only rules with this in path, title or identifier."),
]
SeverityOption = Annotated[
    list[str] | None, typer.Option("--severity", metavar="NAME", help="Only rules of this severity.")
]
TechniqueOption = Annotated[
    list[str] | None, typer.Option("--technique", metavar="ID", help="Only rules of this ATT&CK technique.")
]
TraceOption = Annotated[bool, typer.Option("--trace", help="Show how many rows come out of each stage.")]
EventOption = Annotated[
    str | None,
    typer.Option("--event", metavar="FILE#RECORD", help="Show which stage and which condition dropped this event."),
]
EvidenceLimitOption = Annotated[
    int, typer.Option("--limit", min=1, metavar="N", help="Most events of evidence kept for each rule.")
]
RowLimitOption = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Most rows shown; 0 for all.")]
RuleTimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0, metavar="S", help="Seconds after which a rule is given up; 0: never.")
]
SearchTimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0, metavar="S", help="Seconds after which it is given up; 0: never.")
]
ResultsFileOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the results to a file.")
]
RowsFileOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the rows to a file instead of stdout.")
]
KeepInCatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="FILE", help="Keep the results in this catalogue, for the pages of its rules."),
]
FormatOption = Annotated[
    OutputFormat | None,
    typer.Option("--format", help="How results are written. Default: as FILE's name ends, else a table."),
]
RawCsvOption = Annotated[
    bool,
    typer.Option(
        "--csv-raw",
        help="Leave texts in CSV as they are. Default: an apostrophe goes before what a spreadsheet would run.",
    ),
]
NowOption = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="What now() and relative times mean. Default: the clock.")
]
EarliestOption = Annotated[
    str | None, typer.Option("--earliest", metavar="TIME", help="Only events from then on: -24h@h, 2024-05-01, epoch.")
]
LatestOption = Annotated[str | None, typer.Option("--latest", metavar="TIME", help="Only events before then.")]
OrderOption = Annotated[
    EventOrder,
    typer.Option("--order", help="How SPL takes events: newest first, as Splunk does, or as the logs have them."),
]
ZoneOption = Annotated[
    str, typer.Option("--timezone", metavar="ZONE", help="IANA time zone for days and printed times.")
]
MacrosOption = Annotated[
    list[Path] | None,
    typer.Option("--macros", metavar="FILE", help="Macros: macros.conf, YAML, or a pack in TOML. May be repeated."),
]
LookupsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--lookups", metavar="DIR", help="A folder of lookup tables as CSV, and of definitions. May be repeated."
    ),
]
FieldsOption = Annotated[
    Path | None, typer.Option("--fields", metavar="FILE", help="Fields of your own and how they are computed, in TOML.")
]
GeoOption = Annotated[
    Path | None,
    typer.Option("--geo-database", metavar="FILE", help="A database in MaxMind's format, for iplocation."),
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Keep what was read of large logs here, for the next time.",
        envvar="RULESCOPE_CACHE",
    ),
]
