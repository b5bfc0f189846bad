"""The assignments of `eval` and `fieldformat`."""

from __future__ import annotations

import re

from rulescope.ir.expressions import MacroCall
from rulescope.ir.stages import Assignment
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.expressions import parse_expression

_TARGET = re.compile(r"(?:[\w.:@${}*-]|<<|>>)+(?=\s*=)")
_LOOSE_TARGET = re.compile(r"[^=\"'`|,()\[\]]+(?==)")


def parse_assignments(arguments: ArgumentReader) -> tuple[Assignment | MacroCall, ...]:
    """`field=expression` pairs, separated by commas."""
    found: list[Assignment | MacroCall] = []
    while not arguments.at_end():
        if arguments.accept(","):
            continue
        start = arguments.position
        if arguments.at_macro():
            found.append(arguments.macro())
            continue
        if arguments.substituted():
            continue
        target = _target(arguments)
        if not arguments.accept("="):
            left, right = ("name", target) if "(" in target else (target, "value")
            arguments.expected(f"'=' after '{target}'", hint=f"write: {arguments.command} {left}={right}")
        if arguments.at_end():
            arguments.fail("SPL046", f"{arguments.command}: '{target}' is given no value", start, arguments.end)
        expression = parse_expression(arguments)
        found.append(Assignment(target, expression, arguments.span(start)))
        if arguments.peek() == ")":
            break
        if not arguments.at_end() and arguments.peek() not in (",", "`"):
            arguments.expected("an operator, a comma or the end of the stage")
    if not found and not arguments.macro_arguments:
        arguments.fail(
            "SPL046", f"{arguments.command} needs an assignment", hint=f"for example: {arguments.command} total=a+b"
        )
    return tuple(found)


def _target(arguments: ArgumentReader) -> str:
    bare = arguments.match(_TARGET)
    if bare:
        return bare.group()
    if arguments.peek() in ('"', "'"):
        return arguments.field_name("a field to assign to")
    loose = arguments.match(_LOOSE_TARGET)
    if loose:
        name = loose.group().strip()
        arguments.note(
            "SPL047",
            f"a field's name with blanks or signs is written in quotes: '{name}'",
            loose.start(),
            loose.start() + len(loose.group().rstrip()),
        )
        return name
    return arguments.field_name("a field to assign to")
