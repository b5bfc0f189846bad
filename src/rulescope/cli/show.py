"""`rulescope show`: one rule of a catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, StrictOption

EPILOG = """\b
RULE is a path in the catalogue, an identifier, a slug (the name of its page), or a title.
Where an identifier or a title belongs to several rules, they are listed.

\b
Examples:
  rulescope show impacket_lateral_movement_activity-splunk-sysmon
  rulescope show 33319.58976 --json | jq .indicators
"""

MEANT_OPTIONS = {
    "--format": "did you mean '--json'?",
    "--language": "leave it out: a catalogue knows the language of each rule",
    "--logs": "show reads no logs; to run a rule on logs: rulescope search RULE LOGS...",
}


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Path in the catalogue, identifier, slug, or title.")],
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Show what one rule looks for: stages, conditions, indicators, search terms, events, ATT&CK, kin."""
    from rulescope.api.json_form import rule_json
    from rulescope.api.rules import rule_page
    from rulescope.api.view import find_rule, open_view
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import write_json

    with open_view(catalog) as view:
        page = rule_page(view, find_rule(view, rule).slug)
    if json:
        write_json(rule_json(page))
    else:
        from rulescope.cli.rule_text import print_rule

        print_rule(page)
    end_strictly(page.strict_failure(strict))
