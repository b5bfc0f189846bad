"""The commands of SPL: one module a command, found by name and loaded when a search first uses it.

A module `commands/<name>.py` holds `COMMAND`, a `CommandSyntax`: how its arguments are read into a stage, and how such
a stage is written back. `names.py` lists every command, so that nothing has to be loaded to know the names.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from rulescope.languages.spl.commands.apps import APP_COMMANDS, app_command
from rulescope.languages.spl.commands.names import ALIASES, COMMANDS
from rulescope.languages.spl.commands.syntax import CommandSyntax


@cache
def find_command(name: str) -> CommandSyntax | None:
    """The command of that name (in any case, aliases too), or None if Splunk has none."""
    lower = name.lower()
    module = ALIASES.get(lower, lower)
    if module in APP_COMMANDS:
        return app_command(module, APP_COMMANDS[module])
    if module not in COMMANDS:
        return None
    loaded = import_module(f"rulescope.languages.spl.commands.{_module_name(module)}")
    command: CommandSyntax = loaded.COMMAND
    return command


def command_names() -> list[str]:
    """Every name that a command goes by."""
    return sorted({*COMMANDS, *ALIASES, *APP_COMMANDS})


def _module_name(name: str) -> str:
    # `from`, `return`, `set` and `map` are words of Python or shadow its own.
    return f"{name}_" if name in ("from", "return") else name


__all__ = ["CommandSyntax", "command_names", "find_command"]
