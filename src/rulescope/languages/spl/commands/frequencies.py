"""What `top` and `rare` have in common."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.stages import FieldItem, Top
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, field_option, integer_option, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.printer import by_text, fields_text

_COUNT = re.compile(r"(\d+)(?=\s)")
_OPTIONS = {
    "limit": integer_option,
    "showcount": boolean_option,
    "countfield": field_option,
    "showperc": boolean_option,
    "percentfield": field_option,
    "useother": boolean_option,
    "otherstr": text_option,
    "maxvals": integer_option,
}


def parse_frequencies(arguments: ArgumentReader, *, rare: bool) -> Top:
    """The arguments of `top` or `rare`."""
    found: dict[str, Any] = {}
    number = arguments.match(_COUNT)
    fields: list[FieldItem] = []
    by: list[FieldItem] = []
    current = fields
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        if current is fields and arguments.keyword("by"):
            current = by
            continue
        late = arguments.match(_COUNT) if not fields and number is None else None
        if late:
            number = late
            continue
        current.append(arguments.field_item())
    if number and ("limit" in found or "maxvals" in found):
        arguments.fail("SPL024", f"{arguments.command} takes one number of values", arguments.start, arguments.end)
    if not fields:
        arguments.fail(
            "SPL045", f"{arguments.command} needs a field", hint=f"for example: {arguments.command} process_name"
        )
    return Top(
        tuple(fields),
        found.get("countfield", "count"),
        found.get("percentfield", "percent"),
        found.get("otherstr", "OTHER"),
        tuple(by),
        found.get("limit", found.get("maxvals", int(number.group(1)) if number else 10)),
        rare,
        found.get("showcount", True),
        found.get("showperc", True),
        found.get("useother", False),
    )


def render_frequencies(stage: Top) -> str:
    """A `top` or `rare` stage as text."""
    return (
        ("rare" if stage.rare else "top")
        + options_text(
            ("limit", stage.limit, 10),
            ("countfield", stage.count_field, "count"),
            ("percentfield", stage.percent_field, "percent"),
            ("showcount", stage.show_count, True),
            ("showperc", stage.show_percent, True),
            ("useother", stage.use_other, False),
            ("otherstr", stage.other_name, "OTHER"),
        )
        + f" {fields_text(stage.fields)}{by_text(stage.by)}"
    )
