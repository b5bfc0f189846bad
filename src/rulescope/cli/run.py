"""`rulescope run`: run rules on log files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rulescope.cli.options import JsonOption, StrictOption
from rulescope.cli.outputs import check_output, keep_inputs
from rulescope.cli.run_options import (
    CacheOption,
    EarliestOption,
    EngineOption,
    EventOrder,
    EvidenceLimitOption,
    FieldsOption,
    FormatOption,
    GeoOption,
    IncludeOption,
    KeepInCatalogOption,
    LatestOption,
    LogsOption,
    LookupsOption,
    MacrosOption,
    NowOption,
    OrderOption,
    OutputFormat,
    RawCsvOption,
    ResultsFileOption,
    RuleTimeoutOption,
    SeverityOption,
    TechniqueOption,
    ZoneOption,
    chosen_format,
)

if TYPE_CHECKING:
    from rulescope.api.run import RunReport
    from rulescope.api.selection import Selection
    from rulescope.hunt.settings import Settings

EPILOG = """\b
RULES are rule files and repositories, with the macros and lookups that lie beside them. A rule that can't be run is
refused with a reason, and the others go on.
Exit status 1 if something you asked for failed, or no event could be read; with --strict, also for rules that failed
or could not be read, where no rule was run, for log files passed over and bad records; with --strict=all, also for
refusals and warnings.

\b
Examples:
  rulescope run rules/ --logs logs/
  rulescope run armory/ --logs security.evtx sysmon.evtx -v        with the events behind each hit
  rulescope run rules/ --logs logs/ --technique T1003 --severity high
  rulescope run rules/ --logs logs/ --json -o hits.json
  rulescope run rules/ --logs logs/ --catalog rules.catalog        pages then say what fired
"""

MANY_VALUES = ("--logs",)
"""Options that take all values up to the next option."""

MEANT_OPTIONS = {
    "--language": "leave it out: a rule file says its language",
    "--level": "did you mean '--severity'?",
    "--rules": "rules stand before the logs: rulescope run RULES... --logs LOGS...",
    "--tag": "did you mean '--technique'?",
}

MOST_SHOWN = 10
"""Events of evidence that are shown for each rule; the JSON has all."""


def command(
    rules: Annotated[list[Path], typer.Argument(metavar="RULES...", help="Rule files and folders of them.")],
    logs: LogsOption,
    json: JsonOption = False,
    engine: EngineOption = "duckdb",
    output: ResultsFileOption = None,
    form: FormatOption = None,
    csv_raw: RawCsvOption = False,
    catalog: KeepInCatalogOption = None,
    include: IncludeOption = None,
    severity: SeverityOption = None,
    technique: TechniqueOption = None,
    limit: EvidenceLimitOption = 10_000,
    timeout: RuleTimeoutOption = 60.0,
    jobs: Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Processes; 0 chooses.")] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the events behind each hit.")] = False,
    strict: StrictOption = None,
    now: NowOption = None,
    earliest: EarliestOption = None,
    latest: LatestOption = None,
    timezone: ZoneOption = "UTC",
    order: OrderOption = EventOrder.newest,
    macros: MacrosOption = None,
    lookups: LookupsOption = None,
    fields: FieldsOption = None,
    geo_database: GeoOption = None,
    cache: CacheOption = None,
) -> None:
    """Run rules on log files: which fire, how often, and on which events."""
    from rulescope.api.selection import Selection
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.supervision import earlier_end
    from rulescope.hunt.settings import Settings

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
        seconds=timeout,
        cache=cache,
        apart=bool(earlier_end()),
    )
    selection = Selection(tuple(include or ()), tuple(severity or ()), tuple(technique or ()))
    written = chosen_format(form, json, output)
    read = (*logs, *settings.macros, *settings.lookups, fields, geo_database)
    check_output(output, rules=rules, others=(*read, catalog))
    keep_inputs(catalog, rules=rules, others=read)
    report = _run(rules, logs, settings, selection, engine, jobs, limit, catalog)
    _write(report, written, output, csv_raw)
    if written is OutputFormat.table or (output is not None and not json):
        print_report(report, verbose=verbose)
    elif report.nothing_run is not None:
        sys.stderr.write(f"{report.nothing_run}\n")
    if report.load.nothing_read:
        raise typer.Exit(1)
    end_strictly(report.strict_failure(strict))


def _run(
    rules: Sequence[Path],
    logs: Sequence[Path],
    settings: Settings,
    selection: Selection,
    engine: str,
    jobs: int,
    most_events: int,
    catalog: Path | None,
) -> RunReport:
    """Runs the rules, shows how far that is and what is to be noted of it, and keeps the results in the catalogue."""
    from rulescope.api.run import Stages, run
    from rulescope.cli.progress import Bars
    from rulescope.cli.terminal import printable

    if catalog is not None:
        from rulescope.catalog.store import open_catalog

        open_catalog(catalog).close()
    with Bars(shown=sys.stderr.isatty()) as bars:
        report = run(
            rules,
            logs,
            settings,
            engine=engine,
            selection=selection,
            jobs=jobs,
            most_events=most_events,
            told=Stages(bars.loading, bars.running),
        )
    for note in report.notes:
        if note.severity != "info":
            sys.stderr.write(printable(note.drawing) + "\n")
    if catalog is not None:
        from rulescope.api.fired import keep_run

        keep_run(catalog, report, logs)
    return report


def _write(report: RunReport, form: OutputFormat, output: Path | None, raw: bool) -> None:
    from rulescope.cli.results import rows_bytes, write_bytes

    if form is OutputFormat.json:
        from rulescope.api.json_form import encode_json
        from rulescope.api.run_json import run_json

        write_bytes(encode_json(run_json(report)) + b"\n", output)
    elif form is not OutputFormat.table or output is not None:
        fields = ("rule", "id", "title", "severity", "techniques", "count", "events")
        rows = [
            {
                "rule": one.path,
                "id": one.identifier,
                "title": one.title,
                "severity": one.severity,
                "techniques": list(one.techniques),
                "count": one.outcome.count,
                "events": [f"{event.file}#{event.record}" for event in one.outcome.events],
            }
            for one in report.rules
            if one.outcome.count
        ]
        write_bytes(rows_bytes(fields, rows, form.value, raw=raw), output)


def print_report(report: RunReport, *, verbose: bool = False) -> None:
    """Prints the hits by severity, why rules were refused or failed, and how much was done."""
    from collections import Counter

    from rulescope.cli.passed_over import print_reasons
    from rulescope.cli.tables import colours, draw_table, styled
    from rulescope.cli.terminal import one_line

    on = colours()
    hits = report.hits
    if hits:
        rows = [
            [
                one.severity or "-",
                one.outcome.count,
                f"{len(one.outcome.events):,}{'+' if one.outcome.more else ''}",
                one.title,
                ", ".join(one.techniques),
                one.path,
            ]
            for one in hits
        ]
        headings = ["Severity", "Rows", "Events", "Rule", "Techniques", "Path"]
        if not any(one.severity for one in hits):
            headings, rows = headings[1:], [row[1:] for row in rows]
        numbers = [headings.index("Rows"), headings.index("Events")]
        sys.stdout.write(draw_table(headings, rows, numbers=numbers) + "\n")
    if verbose:
        for one in hits:
            sys.stdout.write(f"\n{styled(one_line(one.title), '1', on=on)}\n")
            for event in one.outcome.events[:MOST_SHOWN]:
                sys.stdout.write(f"  {one_line(event.file)}#{event.record}\n")
            rest = len(one.outcome.events) - MOST_SHOWN
            if rest > 0:
                sys.stdout.write(f"  … and {rest:,}{' or more' if one.outcome.more else ''} others\n")
    doubts = Counter(one.outcome.doubt for one in hits if one.outcome.doubt)
    print_reasons("Events that are not exact", [(count, "", doubt, None) for doubt, count in doubts.most_common()])
    _print_reasons(report)
    _print_counts(report)


def _print_reasons(report: RunReport) -> None:
    from collections import Counter

    from rulescope.cli.passed_over import print_reasons, reasons_of

    for head, status in (("Why refused", "refused"), ("Why failed", "failed")):
        reasons = [one.outcome for one in report.with_status(status)]
        found = Counter((one.code or "", one.message or "", one.hint) for one in reasons)
        print_reasons(head, [(count, *reason) for reason, count in found.most_common()])
    print_reasons("Why not read", reasons_of(report.unreadable))
    print_reasons("Why not opened", reasons_of(report.not_opened), counted="Files")
    warnings = sorted(report.warnings(), key=lambda one: -len(one.rules))
    told = [(len(one.rules), one.code, one.message, one.hint) for one in warnings]
    print_reasons("Warnings of rules that ran, and of files", told)


def _print_counts(report: RunReport) -> None:
    from collections import Counter

    from rulescope.api.load_report import load_summary
    from rulescope.cli.passed_over import print_other_files
    from rulescope.cli.tables import colours, styled
    from rulescope.cli.terminal import one_line

    counts = report.counts()
    hits = report.hits
    by_severity = Counter(one.severity or "without severity" for one in hits if any(hit.severity for hit in hits))
    parts = [f"{count:,} {name}" for name, count in by_severity.items()]
    total = report.nothing_run or f"{len(hits):,} of {counts['run']:,} rules fired"
    sys.stdout.write("\n" + styled(total, "1", on=colours()) + (f": {', '.join(parts)}" if parts else "") + "\n")
    sys.stdout.write(
        f"{counts['run']:,} rules run, {counts['refused']:,} refused, {counts['failed']:,} failed, "
        f"{counts['unreadable']:,} unreadable; read in {report.load_seconds:.1f} s, run in {report.run_seconds:.1f} s\n"
    )
    sys.stdout.write(one_line(load_summary(report.load)) + "\n")
    print_other_files(report.other_files)
