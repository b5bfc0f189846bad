"""What is wrong with a call of a function that a language's documentation lists."""

from __future__ import annotations

from collections.abc import Iterable

from rulescope.text import nearest_name

_LONGEST = 60
"""Characters of a name that was probably meant to be another one."""


def unknown_function(written: str, names: Iterable[str]) -> tuple[str, str | None]:
    """What is said of a function that is none of `names`: the message, and a hint where one of them was meant."""
    near = nearest_name(written.lower(), names) if len(written) < _LONGEST else None
    return f"there is no function '{written}'", f"did you mean '{near}'?" if near else None


def wrong_count(written: str, number: int, least: int, most: int | None) -> str | None:
    """What is said of a call with so many arguments; None where the function takes them (`most` None: no bound)."""
    if least <= number and (most is None or number <= most):
        return None
    wanted = str(least) if most == least else f"{least} to {most or 'any number'}"
    return f"{written} takes {wanted} arguments, not {number}"
