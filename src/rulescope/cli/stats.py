"""`rulescope stats`: how much is in a catalogue, and how much of it was understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, StrictOption

if TYPE_CHECKING:
    from rulescope.api.models import Overview, Sharing

EPILOG = """\b
Examples:
  rulescope stats
  rulescope stats --catalog rules.catalog --json
  rulescope stats --shared       what rules in different languages have in common
"""

MEANT_OPTIONS = {
    "--format": "did you mean '--json'?",
    "--output": "results go to standard output: rulescope stats --json > FILE",
    "-o": "results go to standard output: rulescope stats --json > FILE",
}
ALONE = "stats counts the rules of a catalogue: rulescope build RULES... makes one, and counts them, too"

MOST_ROWS = 10
"""Causes and macros that are shown; the JSON of the site has all."""


def command(
    catalog: CatalogOption = DEFAULT_CATALOG,
    shared: Annotated[
        bool, typer.Option("--shared", help="Tell also what rules in different languages have in common.")
    ] = False,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Count rules by repository and language: understood wholly, in part, or not at all, and why not."""
    from rulescope.api.json_form import stats_json
    from rulescope.api.pages import overview
    from rulescope.api.sharing import sharing
    from rulescope.api.view import open_view
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import write_json

    with open_view(catalog) as view:
        found = overview(view)
        common = sharing(view) if shared else None
    if json:
        write_json({**stats_json(found), **({"shared": common} if common is not None else {})})
    else:
        print_overview(found)
        if common is not None:
            print_sharing(common)
    end_strictly(found.strict_failure(strict))


def print_sharing(found: Sharing) -> None:
    """Prints how many rules share a value with a rule in another language, by language, and the most shared values."""
    from rich.table import Table

    from rulescope.cli.terminal import output, plain

    console = output()
    console.print(
        f"\n{found.sharing:,} of {found.rules:,} rules that look for some value share one with a rule in another "
        f"language, {found.telling:,} one that does not only say which kind of event is meant"
    )
    languages = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    languages.add_column("Language")
    for heading in ("Rules with a value", "Share one", "Beyond kinds of events"):
        languages.add_column(heading, justify="right")
    for row in found.languages:
        languages.add_row(plain(row.language), f"{row.rules:,}", f"{row.sharing:,}", f"{row.telling:,}")
    values = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    values.add_column("Rules", justify="right")
    values.add_column("Derived", justify="right")
    values.add_column("Most shared across languages")
    values.add_column("By language")
    for one in found.most_shared:
        by_language = ", ".join(f"{language} {number:,}" for language, number in one.by_language.items())
        what = plain(f"{one.field} {one.kind} {one.value}", "cyan")
        values.add_row(f"{one.rules:,}", f"{one.derived:,}", what, plain(by_language, "dim"))
    for table in (languages, values):
        console.print()
        console.print(table)


def print_overview(found: Overview) -> None:
    """Prints the counts, the main causes of rules not understood wholly, the macros that lack a body, and what of the
    files was passed over."""
    from rich.table import Table

    from rulescope.cli.passed_over import print_passed_over
    from rulescope.cli.terminal import output, plain

    console = output()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Repository", "Language"):
        table.add_column(heading)
    for heading in ("Rules", "Full", "Partial", "Failed"):
        table.add_column(heading, justify="right")
    for repository in found.repositories:
        name = repository.name
        for language, counts in repository.by_language.items():
            table.add_row(
                plain(name), plain(language), *_cells(counts.total, counts.full, counts.partial, counts.failed)
            )
            name = ""
    if len(found.repositories) != 1 or len(found.by_language) != 1:
        counts = found.counts
        table.add_row("All", "", *_cells(counts.total, counts.full, counts.partial, counts.failed), style="bold")
    console.print(table)
    parts = (
        (found.stages, "stage"),
        (found.indicators, "indicator"),
        (found.fields, "field"),
        (found.events, "event"),
        (found.techniques, "technique"),
    )
    console.print("\n" + ", ".join(f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in parts))
    if found.causes:
        causes = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", title_justify="left")
        causes.add_column("Rules", justify="right")
        causes.add_column("Why not understood wholly")
        causes.add_column("For example")
        for cause in found.causes[:MOST_ROWS]:
            others = cause.messages - 1
            more = f" (and {others:,} other message{'' if others == 1 else 's'} like it)" if others else ""
            reason = f"{cause.code}: {cause.message}{more}"
            causes.add_row(f"{cause.rules:,}", plain(reason), plain(cause.example.slug, "dim"))
        console.print()
        console.print(causes)
        if len(found.causes) > MOST_ROWS:
            console.print(f"… and {len(found.causes) - MOST_ROWS} more kinds", style="dim")
    _print_missing_macros(found)
    print_passed_over(found.passed_over)


def _print_missing_macros(found: Overview) -> None:
    from rich.table import Table

    from rulescope.cli.terminal import output, plain

    if not found.missing_macros:
        return
    console = output()
    waiting = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    waiting.add_column("Rules", justify="right")
    waiting.add_column("Macro without a body")
    waiting.add_column("What it stands for")
    for macro in found.missing_macros[:MOST_ROWS]:
        waiting.add_row(f"{macro.rules:,}", plain(macro.name, "cyan"), plain(macro.meaning or "", "dim"))
    console.print()
    console.print(waiting)
    if len(found.missing_macros) > MOST_ROWS:
        console.print(f"… and {len(found.missing_macros) - MOST_ROWS:,} more macros", style="dim")


def _cells(total: int, full: int, partial: int, failed: int) -> list[str]:
    return [f"{total:,}", f"{full:,}", f"{partial:,}" if partial else "-", f"{failed:,}" if failed else "-"]
