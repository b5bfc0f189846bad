"""Forms of field rules that SQL can't express: see `knowledge.derivation`."""

from __future__ import annotations

from rulescope.engines.duckdb.functions.registry import python_function
from rulescope.knowledge.command_line import split_arguments, split_words
from rulescope.knowledge.derivation_value import decimal
from rulescope.knowledge.json_member import printed_member


@python_function("spl_command_arguments", "VARCHAR", returns="VARCHAR[]")
def command_arguments(text: str) -> list[str]:
    """The arguments of a Windows command line."""
    return list(split_arguments(text))


@python_function("spl_command_words", "VARCHAR", returns="VARCHAR[]")
def command_words(text: str) -> list[str]:
    """What stands between the blanks of a command line that are not in quotes."""
    return list(split_words(text))


@python_function("spl_decimal", "VARCHAR", returns="VARCHAR")
def hexadecimal_as_decimal(text: str) -> str | None:
    """A hexadecimal number in decimal; NULL where it is none."""
    return decimal(text)


@python_function("spl_printed_member", "VARCHAR", "VARCHAR", returns="VARCHAR")
def printed(text: str, key: str) -> str | None:
    """The member of a JSON object as Java prints it."""
    return printed_member(text, key)
