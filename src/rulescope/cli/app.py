"""The program `rulescope`: which verbs it has, and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Annotated

import typer
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

import rulescope
from rulescope.cli.arguments import read_arguments
from rulescope.cli.errors import CommandLineError, report, shows_help, unknown_verb, usage_error
from rulescope.cli.failures import as_known, print_traceback
from rulescope.errors import RulescopeError
from rulescope.system.processes import check_ending

VERBS = {
    "build": ("rulescope.cli.build", "Read rules, fill the catalogue, write the site."),
    "stats": ("rulescope.cli.stats", "Count rules, and say how well they were understood."),
    "show": ("rulescope.cli.show", "Show what one rule of the catalogue looks for."),
    "explain": ("rulescope.cli.explain", "Explain a query that is in no catalogue."),
    "search": ("rulescope.cli.search", "Run a search on log files."),
    "run": ("rulescope.cli.run", "Run rules on log files, and show what they find."),
    "sql": ("rulescope.cli.sql", "Show a rule or search as SQL, one CTE a stage."),
    "dev": ("rulescope.cli.dev", "Print trees, plans and events, for those who work on Rulescope."),
}
"""Each verb, in the order of the help: the module whose function `command` it is, and a line."""

EPILOG = """\b
Examples:
  rulescope build rules/ -o site/      read rules, write a catalogue and a site
  rulescope stats                      how much of them was understood
  rulescope show 33319.58976           one rule, by identifier, path or slug
  rulescope explain 'index=main | stats count by user'
  rulescope explain --json - < rule.spl
  rulescope search 'EventCode=1 | stats count by Image' logs/
  rulescope run rules/ --logs logs/    which rules fire, and on which events

\b
`rulescope VERB --help` says more of each verb.
Exit status: 0 done, 1 something you asked for failed, 2 wrong usage.
"""


class Verbs(TyperGroup):
    """Finds verbs in `VERBS`, so that running one does not load the others."""

    def list_commands(self, ctx: object) -> list[str]:
        """The verbs' names in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: object, cmd_name: str) -> object:  # type: ignore[override]
        """The verb of that name, or None."""
        found = VERBS.get(cmd_name)
        if found is None:
            return None
        module, line = found
        loaded = import_module(module)
        verb = typer.Typer(add_completion=False, rich_markup_mode=None)
        verb.command(cmd_name, short_help=line, epilog=loaded.EPILOG)(loaded.command)
        made = get_command(verb)
        made.allow_extra_args = True
        made.parse_args = partial(read_arguments, made.parse_args, loaded)  # type: ignore[method-assign]
        return made

    def resolve_command(self, ctx: Context, args: list[str]) -> object:  # type: ignore[override]
        """The verb that the arguments begin with, and the rest. Raises `UsageError` where there is no such verb."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            raise unknown_verb(args[0], VERBS)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rulescope {rulescope.__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read detection rules, say what each looks for, and run them on real logs."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and gives its exit status. Errors are printed to stderr with code and hint; with `--json`
    they are also the document on stdout."""
    try:
        status = get_command(app).main(args=list(arguments), prog_name="rulescope", standalone_mode=False)
    except BrokenPipeError:
        raise
    except CommandLineError as error:
        if shows_help(error):
            sys.stderr.write(f"{error}\n")
            return 2
        return report(usage_error(error, arguments, VERBS), arguments)
    except Exception as error:  # noqa: BLE001 - whoever runs a program is told what happened, in words
        check_ending()
        print_traceback(error)
        return report(error if isinstance(error, RulescopeError) else as_known(error), arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return status if isinstance(status, int) else 0
