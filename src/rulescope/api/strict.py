"""What `--strict` makes of what went wrong beside the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol


class Strict(StrEnum):
    """How strict a verb is: `errors` fails for what could not be read or run, `all` also for refusals and warnings."""

    errors = "errors"
    all = "all"


def strict_failure(strict: Strict | None, errors: Mapping[str, int], others: Mapping[str, int]) -> str | None:
    """Why a strict call fails, as `failed rules: 2, bad records: 1`; None where it doesn't.

    `errors` and `others` count things by what they are called, `others` (refusals, warnings) only
    for `Strict.all`.
    """
    if strict is None:
        return None
    counted = {**errors, **(others if strict is Strict.all else {})}
    return ", ".join(f"{what}: {count:,}" for what, count in counted.items() if count) or None


class Judged(Protocol):
    """What has a severity: a diagnostic, a note."""

    @property
    def severity(self) -> str:
        """`error`, `warning` or `info`."""


def strict_notes(strict: Strict | None, notes: Iterable[Judged]) -> str | None:
    """Why a strict call fails that said these `notes` of one query or rule; None where it doesn't."""
    severities = [one.severity for one in notes]
    return strict_failure(strict, {"errors": severities.count("error")}, {"warnings": severities.count("warning")})
