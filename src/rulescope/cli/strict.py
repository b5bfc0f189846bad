"""How a strict call ends."""

from __future__ import annotations

import sys

import typer


def end_strictly(failure: str | None) -> None:
    """Ends the program with status 1 and the reason on stderr; nothing where there is none."""
    if failure is not None:
        sys.stderr.write(f"strict: {failure}\n")
        raise typer.Exit(1)
