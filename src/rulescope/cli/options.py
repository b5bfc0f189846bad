"""Options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rulescope.api.strict import Strict

DEFAULT_CATALOG = Path("rulescope.catalog")
"""Where the catalogue is unless `--catalog` says otherwise: in the current folder."""

CatalogOption = Annotated[
    Path,
    typer.Option("--catalog", metavar="FILE", help="The catalogue, as written by `build`.", envvar="RULESCOPE_CATALOG"),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="NAME", help="The language of a query: spl (if none is given), sigma, eql, kusto, …"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout, and nothing else.")]
StrictOption = Annotated[
    Strict | None,
    typer.Option(
        "--strict",
        metavar="[=all]",
        help="Exit with 1 for rules, log files and records that failed or could not be read; with =all also for "
        "refusals and warnings.",
    ),
]
"""`--strict` alone is `--strict=errors`: `cli.app` puts that in before options are read."""
