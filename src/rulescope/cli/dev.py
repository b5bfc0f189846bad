"""`rulescope dev`: look at what the program makes of a query or of logs, and what it supports."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, LanguageOption, StrictOption
from rulescope.cli.run_options import LookupsOption

EPILOG = """\b
For those who work on Rulescope, or report a fault of it.
  print-ir      the tree of a query, a line a node; with --json the lossless document
  print-plan    the fields and the SQL after each stage; with --logs over what these logs have
  print-events  the columns and kinds of events that logs are read into, and the first events
  print-support what is run of a language in DuckDB, another database or the reference: simple, lowered or unsupported

\b
Examples:
  rulescope dev print-ir 'index=main | stats count by user'
  rulescope dev print-ir rule.yml --json
  rulescope dev print-plan rule.yml --logs sysmon.evtx
  rulescope dev print-events logs/
  rulescope dev print-support spl sqlite
"""

MANY_VALUES = ("--logs",)
MEANT_OPTIONS = {"--dialect": "plans are printed for other databases by: rulescope sql RULE --dialect NAME"}


class Printed(StrEnum):
    """What is to be printed."""

    tree = "print-ir"
    plan = "print-plan"
    events = "print-events"
    support = "print-support"


def command(
    what: Annotated[Printed, typer.Argument(metavar="|".join(Printed), help="What to look at.")],
    subjects: Annotated[
        list[str],
        typer.Argument(metavar="RULE|QUERY|-|LOGS...", help="A rule or query; logs; a language and a database."),
    ],
    language: LanguageOption = None,
    logs: Annotated[
        list[Path] | None, typer.Option("--logs", metavar="LOGS...", help="Logs that a plan is made over.")
    ] = None,
    lookups: LookupsOption = None,
    most: Annotated[int, typer.Option("--most", min=0, help="How many events print-events shows.")] = 3,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Print the tree of a query, the plan of its stages, the events that logs become, or what is supported."""
    from rulescope.api.developing import show_events, show_plan, show_support, show_tree
    from rulescope.api.named_query import find_query
    from rulescope.api.query import text_query
    from rulescope.api.strict import strict_notes
    from rulescope.cli.input_text import read_standard_input
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import printable, write_json
    from rulescope.errors import UsageError

    if what is Printed.events:
        shown = show_events([Path(one) for one in subjects], most)
    elif what is Printed.support:
        if len(subjects) > 2:
            raise UsageError(f"{what} takes a language and a database", hint="rulescope dev print-support spl sqlite")
        shown = show_support(*subjects)
    else:
        if len(subjects) > 1:
            raise UsageError(f"{what} takes one rule or query, not {len(subjects)}", hint="quote a query: '…'")
        text = subjects[0]
        is_input = text == "-"
        query = text_query(read_standard_input(), language) if is_input else find_query(text, language, catalog=catalog)
        shown = show_tree(query) if what is Printed.tree else show_plan(query, logs or (), lookups or ())
    for one in shown.notes:
        sys.stderr.write(printable(one.drawing) + "\n")
    if json:
        write_json(shown.document)
    else:
        sys.stdout.write("\n".join(map(printable, shown.text.split("\n"))))
    if not shown.whole:
        raise typer.Exit(1)
    end_strictly(strict_notes(strict, shown.notes))
