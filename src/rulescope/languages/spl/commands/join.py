"""join: adds the fields of a subsearch's rows that agree in some fields."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import Join
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import SUBSEARCH_ROWS, options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import field_text, pipeline_text

_OPTIONS = {
    "type": text_option,
    "max": integer_option,
    "overwrite": boolean_option,
    "usetime": boolean_option,
    "earlier": boolean_option,
    "left": field_option,
    "right": field_option,
}
_EQUAL = re.compile(r"([\w]+)\.([^\s=,]+)\s*=\s*([\w]+)\.([^\s=,\[]+)")


def _parse(arguments: ArgumentReader) -> Join:
    found: dict[str, Any] = {}
    fields: list[tuple[str, str]] = []
    pipeline = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_subsearch():
            pipeline = arguments.subsearch()
            continue
        if arguments.option(_OPTIONS, found):
            continue
        if arguments.keyword("where") and found.get("left"):
            fields += _equalities(arguments, found)
            continue
        if arguments.unknown_option(_OPTIONS):
            continue
        if arguments.at_macro():
            arguments.macro_arguments.append(("", arguments.macro()))
            continue
        name = arguments.field_name()
        fields.append((name, name))
    if pipeline is None:
        arguments.fail("SPL050", "join needs a subsearch in [ ]", arguments.start, arguments.end)
    kind = str(found.get("type", "inner")).lower()
    if kind not in ("inner", "left", "outer"):
        message = f"join: type is inner, left or outer, not '{kind}'"
        arguments.wrong_value(message, kind, arguments.start, arguments.end)
    return Join(
        pipeline,
        tuple(fields),
        kind in ("left", "outer"),
        found.get("max", 1),
        found.get("overwrite", True),
        found.get("usetime", False),
        found.get("earlier", True),
        found.get("left"),
        found.get("right"),
        most_rows=SUBSEARCH_ROWS,
    )


def _equalities(arguments: ArgumentReader, found: dict[str, Any]) -> list[tuple[str, str]]:
    """`L.a = R.b` pairs after WHERE, as (field on the left, field on the right)."""
    pairs: list[tuple[str, str]] = []
    while equal := arguments.match(_EQUAL):
        first, one, second, other = equal.groups()
        pairs.append((other, one) if first == found.get("right") or second == found.get("left") else (one, other))
        arguments.keyword("and")
        arguments.skip_separators()
    if not pairs:
        arguments.expected(f"{found.get('left')}.field = {found.get('right')}.field after where")
    return pairs


def _render(stage: Join) -> str:
    text = "join" + options_text(
        ("type", "left" if stage.outer else "inner", "inner"),
        ("max", stage.max_matches, 1),
        ("overwrite", stage.overwrite, True),
        ("usetime", stage.use_time, False),
        ("earlier", stage.earlier, True),
        ("left", stage.left, None),
        ("right", stage.right, None),
    )
    if stage.left is not None and stage.fields:
        text += " where " + " ".join(f"{stage.left}.{one}={stage.right}.{other}" for one, other in stage.fields)
    elif stage.fields:
        text += " " + ", ".join(field_text(one) for one, _ in stage.fields)
    return f"{text} [{pipeline_text(stage.pipeline, inner=True)}]"


COMMAND = CommandSyntax(
    "join",
    "Adds the fields of a subsearch's rows that agree in some fields.",
    (
        "join [type=inner|left|outer] [max=<n>] [overwrite=<bool>] [usetime=<bool>] [earlier=<bool>]"
        " [<field>...] <subsearch>"
    ),
    _parse,
    _render,
)
