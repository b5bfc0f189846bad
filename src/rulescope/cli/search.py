"""`rulescope search`: run a search on log files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, LanguageOption, StrictOption
from rulescope.cli.outputs import check_output
from rulescope.cli.run_options import (
    CacheOption,
    EarliestOption,
    EventOption,
    EventOrder,
    FieldsOption,
    FormatOption,
    GeoOption,
    LatestOption,
    LookupsOption,
    MacrosOption,
    NowOption,
    OrderOption,
    OutputFormat,
    RawCsvOption,
    RowLimitOption,
    RowsFileOption,
    SearchTimeoutOption,
    TraceOption,
    ZoneOption,
    chosen_format,
)
from rulescope.corpus.rule_paths import file_of_rule

if TYPE_CHECKING:
    from rulescope.api.search import SearchAnswer
    from rulescope.hunt.event_trace import EventTrace, Truth
    from rulescope.hunt.settings import Settings

EPILOG = """\b
QUERY is a query, a rule file of any language (of several rules one as rules.yml#2), or a rule's path in the catalogue.
Logs are EVTX, JSON Lines (also .gz, and .zip with JSON inside), JSON arrays, CSV, Parquet, text, or folders of them.
Exit status 1 if the search could not be read or run.

\b
Examples:
  rulescope search 'EventCode=1 | stats count by Image' logs/
  rulescope search rule.yml logs/
  rulescope search --language eql 'process where process.name : "cmd.exe"' logs/
  rulescope search --json 'Image=*\\\\cmd.exe | table _time, CommandLine' sysmon.evtx | jq .rows
  rulescope search --trace 'EventCode=4688 | where match(process, "(?i)whoami")' security.evtx
  rulescope search --event security.evtx#4711 - security.evtx < rule.spl     where did this event go?
"""


MEANT_OPTIONS = {"--logs": "logs stand after the query: rulescope search QUERY LOGS..."}


def command(
    text: Annotated[
        str, typer.Argument(metavar="QUERY|RULE|-", help="A query or rule file, or - to read a query from stdin.")
    ],
    logs: Annotated[list[Path] | None, typer.Argument(metavar="LOGS...", help="Log files and folders.")] = None,
    language: LanguageOption = None,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    trace: TraceOption = False,
    event: EventOption = None,
    now: NowOption = None,
    earliest: EarliestOption = None,
    latest: LatestOption = None,
    timezone: ZoneOption = "UTC",
    order: OrderOption = EventOrder.newest,
    macros: MacrosOption = None,
    lookups: LookupsOption = None,
    fields: FieldsOption = None,
    geo_database: GeoOption = None,
    limit: RowLimitOption = 100_000,
    timeout: SearchTimeoutOption = 60.0,
    form: FormatOption = None,
    csv_raw: RawCsvOption = False,
    output: RowsFileOption = None,
    cache: CacheOption = None,
    strict: StrictOption = None,
) -> None:
    """Run a search or rule on log files, with no Splunk."""
    from rulescope.cli.results import write_rows
    from rulescope.cli.strict import end_strictly
    from rulescope.hunt.settings import Settings

    written = chosen_format(form, json, output)
    if written is OutputFormat.parquet and output is None and sys.stdout.isatty():
        raise typer.BadParameter("parquet needs a file: give one with -o", param_hint="--format")
    settings = Settings(
        now=now,
        earliest=earliest,
        latest=latest,
        time_zone=timezone,
        order=order.value,
        macros=tuple(macros or ()),
        lookups=tuple(lookups or ()),
        fields=fields,
        geo_database=geo_database,
        rows=limit,
        seconds=timeout,
        cache=cache,
    )
    read = (Path(file_of_rule(text)), *(logs or ()), *settings.macros, *settings.lookups)
    check_output(output, others=(*read, fields, geo_database, catalog))
    answer = _answer(text, logs or (), settings, language, catalog, trace, event)
    if answer.failed and written is not OutputFormat.json:
        raise typer.Exit(1)
    write_rows(answer, written.value, output, raw=csv_raw)
    if written is OutputFormat.table or (output is not None and written is not OutputFormat.json):
        _print_trace(answer)
        _print_summary(answer)
    if answer.failed:
        raise typer.Exit(1)
    end_strictly(answer.strict_failure(strict))


def _answer(
    text: str,
    logs: Sequence[Path],
    settings: Settings,
    language: str | None,
    catalog: Path,
    trace: bool,
    event: str | None,
) -> SearchAnswer:
    """What the query, or the rule of that name, gives on the logs; what is to be noted of it is shown."""
    from rulescope.api.named_query import check_logs, find_query
    from rulescope.api.query import text_query
    from rulescope.api.search import out_of_time, search
    from rulescope.cli.input_text import read_standard_input
    from rulescope.cli.supervision import earlier_end
    from rulescope.cli.terminal import printable

    check_logs(text, logs)
    if earlier_end():
        answer = out_of_time(settings)
    else:
        if text == "-":
            query = text_query(read_standard_input(), language)
        else:
            query = find_query(text, language, catalog=catalog, names=False)
        answer = search(query, logs, settings, traced=trace, event=event)
    for note in answer.notes:
        sys.stderr.write(printable(note.drawing) + "\n")
    return answer


def _print_summary(answer: SearchAnswer) -> None:
    from rulescope.api.load_report import load_summary
    from rulescope.cli.terminal import one_line

    count = len(answer.rows)
    read = one_line(load_summary(answer.load))
    sys.stderr.write(
        f"{count:,} row{'' if count == 1 else 's'} from {read}; "
        f"read in {answer.load_seconds:.2f} s, searched in {answer.search_seconds:.2f} s\n"
    )


def _print_trace(answer: SearchAnswer) -> None:
    from rulescope.cli.tables import draw_table

    if answer.trace:
        rows: list[list[object]] = [[0, answer.events, "events", ""]]
        rows += [[one.number, one.rows, one.kind, one.text] for one in answer.trace]
        sys.stdout.write("\n" + draw_table(["Stage", "Rows", "Kind", "Text"], rows, numbers=(0, 1)) + "\n")
    if answer.event is not None:
        _print_event(answer.event)
    sys.stdout.flush()


def _print_event(event: EventTrace) -> None:
    from rulescope.cli.terminal import one_line

    place = one_line(f"{event.file}#{event.record}")
    said = {
        "kept": "passed all stages",
        "dropped": f"was dropped by stage {event.number} ({event.kind})",
        "grouped": f"passed all filters up to stage {event.number} ({event.kind}), which puts events together",
    }[event.outcome]
    sys.stdout.write(f"\n{place} {said}\n")
    if event.text:
        sys.stdout.write(f"  | {one_line(event.text)}\n")
    if event.condition is not None:
        _print_truth(event.condition, 1)


def _print_truth(truth: Truth, depth: int) -> None:
    from rulescope.cli.tables import colours, styled
    from rulescope.cli.terminal import one_line

    on = colours()
    mark, style = {True: ("true   ", "32"), False: ("false  ", "31"), None: ("unknown", "33")}[truth.truth]
    head = truth.kind.upper() if truth.kind in ("and", "or", "not") else one_line(truth.text)
    sys.stdout.write(f"{'  ' * depth}{styled(mark, style, on=on)} {head}\n")
    for name, value in truth.values:
        shown = "the event has no such field" if value is None else one_line(value)
        sys.stdout.write(f"{'  ' * depth}        {styled(f'{one_line(name)} = {shown}', '2', on=on)}\n")
    if truth.kind == "macro" and truth.truth:
        return
    for part in truth.parts:
        _print_truth(part, depth + 1)
