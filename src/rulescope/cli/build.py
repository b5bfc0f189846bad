"""`rulescope build`: rule repositories into a catalogue, and a site."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, StrictOption

EPILOG = """\b
Files and folders may be mixed: repositories of YAML rules, Splunk apps (savedsearches.conf, macros.conf), .spl files.
A second build reads only what changed. A build that fails leaves the old catalogue as it was.

\b
Examples:
  rulescope build rules/                              the catalogue alone
  rulescope build armory/ security_content/ -o site/  with a site to browse
  rulescope build rules/ --strict                     fail where a rule could not be read, or has an error
"""

MEANT_OPTIONS = {
    "--format": "did you mean '--json'?",
    "--language": "leave it out: a rule file says its language",
    "--logs": "build reads no logs; to run rules on logs: rulescope run RULES... --logs LOGS...",
    "--output": "did you mean '--site'?",
}

_PHASES = {
    "finding": "Finding rule files",
    "reading": "Reading files",
    "understanding": "Understanding rules",
    "comparing": "Comparing rules",
    "writing": "Writing the catalogue",
    "site": "Writing the site",
}


def command(
    rules: Annotated[list[Path], typer.Argument(metavar="RULES", help="Files and folders of rules.")],
    site: Annotated[
        Path | None, typer.Option("-o", "--site", metavar="SITE", help="Write a site into this folder.")
    ] = None,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Read rule repositories, fill the catalogue, and write the site."""
    from rulescope.api.build import build
    from rulescope.api.json_form import stats_json
    from rulescope.cli.outputs import keep_inputs, keep_inputs_outside
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import write_json

    keep_inputs(catalog, rules=rules)
    keep_inputs_outside(site, rules)
    started = time.monotonic()
    written = None
    with _progress(quiet=json) as progress:
        result = build(rules, catalog, progress)
        if site is not None:
            from rulescope.web import export_site

            written = export_site(catalog, site, lambda done, total: progress("site", done, total))
    if json:
        write_json(stats_json(result.overview))
    else:
        from rulescope.cli.stats import print_overview
        from rulescope.cli.terminal import messages, one_line

        print_overview(result.overview)
        report = result.report
        took = f"{time.monotonic() - started:.1f} s"
        where = one_line(str(catalog))
        if site is not None and written is not None:
            where += f", {written.files:,} files {'in' if written.changed else 'as they were in'} {one_line(str(site))}"
        if report.changed:
            done = f"{report.files_read:,} of {report.files:,} files read, {report.rules_read:,} rules understood anew"
        else:
            done = f"nothing changed in {report.files:,} files"
        messages().print(f"\n{done}, {took} → {where}", style="dim", soft_wrap=True)
    end_strictly(result.overview.strict_failure(strict))


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr where that is a terminal; else nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda phase, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from rulescope.cli.terminal import messages

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # Without a thread of its own: the build forks its workers, which must not happen beside threads.
    with Progress(*columns, console=messages(), transient=True, auto_refresh=False) as bars:
        task = bars.add_task("", total=None)
        current = ""
        shown = 0.0

        def tell(phase: str, done: int, total: int) -> None:
            nonlocal task, current, shown
            now = time.monotonic()
            if phase != current:
                # A task that has had a total can't be without one again: each phase gets its own.
                current = phase
                bars.remove_task(task)
                task = bars.add_task(_PHASES.get(phase, phase), total=total or None)
            elif now - shown < 0.1:
                return
            shown = now
            bars.update(task, completed=done)
            bars.refresh()

        yield tell
