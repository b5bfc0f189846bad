"""What languages over tables (Kusto, SQL) compute and SQL of the database can't."""

from __future__ import annotations

import base64
import binascii

from rulescope.engines.duckdb.functions.registry import python_function


@python_function("spl_base64_text", "VARCHAR", returns="VARCHAR")
def base64_text(text: str) -> str | None:
    """The text that a Base64 text stands for, read as UTF-8; NULL where it is none."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


@python_function("spl_timespan_text", "DOUBLE", returns="VARCHAR")
def timespan_text(seconds: float) -> str:
    """A span of time as Kusto prints it: `[-][d.]hh:mm:ss[.fffffff]`."""
    ticks = round(abs(seconds) * 10_000_000)
    whole, fraction = divmod(ticks, 10_000_000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    text = f"{hour:02}:{minute:02}:{second:02}"
    if days:
        text = f"{days}.{text}"
    if fraction:
        text = f"{text}.{fraction:07}"
    return f"-{text}" if seconds < 0 else text
