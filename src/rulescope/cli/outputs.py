"""Where results may be written: never over a file that the same command reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from rulescope.errors import InputError

_OVER_INPUT = "RSC163"


def check_output(output: Path | None, *, rules: Iterable[Path] = (), others: Iterable[Path | None] = ()) -> None:
    """Raises `InputError` where results can't be written to `output`, or would replace what is read, as `keep_inputs`
    has it: better before a long run than after it."""
    from rulescope.cli.results import check_place

    if output is not None:
        check_place(output)
        keep_inputs(output, rules=rules, others=others)


def keep_inputs(output: Path | None, *, rules: Iterable[Path] = (), others: Iterable[Path | None] = ()) -> None:
    """Raises `InputError` where `output` is one of the files that are read, under whatever name it is given.

    Of folders of `rules` these are the files that may hold rules or tables; of `others` (logs, lookups, single files)
    all. A new file in such a folder is none of them.
    """
    try:
        wanted = output.stat() if output is not None else None
    except (OSError, ValueError):
        return
    if output is None or wanted is None:
        return
    for path in _files(rules, others):
        try:
            found = path.stat()
        except (OSError, ValueError):
            continue
        if os.path.samestat(found, wanted):
            raise InputError(
                f"{output} can't be written: it is {path}, which is read here"
                if path != output
                else f"{output} can't be written: it is one of the files that are read here",
                code=_OVER_INPUT,
                hint="name another file",
            )


def keep_inputs_outside(site: Path | None, given: Iterable[Path]) -> None:
    """Raises `InputError` where something of what is read lies in the folder of a site: its pages could replace it."""
    if site is None:
        return
    folder = site.resolve()
    for path in given:
        if path.exists() and path.resolve().is_relative_to(folder):
            raise InputError(
                f"{site} can't be written: {path}, which is read here, lies in it",
                code=_OVER_INPUT,
                hint="name an empty or a new folder",
            )


def _files(rules: Iterable[Path], others: Iterable[Path | None]) -> Iterator[Path]:
    from rulescope.corpus.readers import may_hold_rules

    for given in rules:
        yield given
        yield from (path for path in _below(given) if may_hold_rules(path.name) or path.name.endswith(".csv"))
    for other in others:
        if other is not None:
            yield other
            yield from _below(other)


def _below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)
