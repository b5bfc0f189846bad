"""Commands that apps bring and rules rely on: known by name, their arguments taken as they come."""

from __future__ import annotations

from rulescope.ir.stages import Stage
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.commands.syntax import CommandSyntax, signature

APP_COMMANDS: dict[str, str] = {
    "avlbase64": "Anvilogic",
    "cyberchef": "CyberChef for Splunk",
}
"""Command to the app that brings it; not Splunk's own."""


def app_command(name: str, app: str) -> CommandSyntax:
    """A command that an app brings: any words, options and subsearches are its arguments."""
    known = signature(name, f"A command of {app}, not of Splunk itself.", name, positional="any", open_options=True)

    def parse(arguments: ArgumentReader) -> Stage:
        arguments.note(
            "SPL029",
            f"{name} is a command of {app}, not of Splunk itself",
            arguments.start - len(name),
            arguments.start,
            severity="info",
        )
        return known.parse(arguments)

    return CommandSyntax(name, known.summary, known.syntax, parse, known.render)
