"""`rulescope explain`: what a query or rule file that is in no catalogue looks for."""

from __future__ import annotations

from typing import Annotated

import typer

from rulescope.cli.options import DEFAULT_CATALOG, CatalogOption, JsonOption, LanguageOption, StrictOption

EPILOG = """\b
The format of a rule file says its language. Of a file of several rules one is named by its number, identifier or title.
Exit status 1 if nothing of the query could be read; with --strict, also if it has an error.

\b
Examples:
  rulescope explain 'index=main EventCode=4688 | where like(process, "%mimikatz%")'
  rulescope explain rule.yml
  rulescope explain rules.yml#2
  rulescope explain - < rule.spl
  rulescope explain --json - < rule.spl | jq .stages
"""

MEANT_OPTIONS = {
    "--logs": "explain reads no logs; to run a rule on logs: rulescope search RULE LOGS...",
    "--format": "did you mean '--json'?",
    "--output": "the explanation goes to standard output: rulescope explain RULE > FILE",
    "-o": "the explanation goes to standard output: rulescope explain RULE > FILE",
}


def command(
    text: Annotated[
        str, typer.Argument(metavar="FILE|TEXT|-", help="A rule file, a query, or - to read one from stdin.")
    ],
    language: LanguageOption = None,
    catalog: CatalogOption = DEFAULT_CATALOG,
    json: JsonOption = False,
    strict: StrictOption = None,
) -> None:
    """Explain a rule or query: its stages, what each keeps or changes, what it looks for, and what is wrong with it."""
    from rulescope.api.explain import explain
    from rulescope.api.json_form import rule_json
    from rulescope.api.named_query import find_query
    from rulescope.api.query import text_query
    from rulescope.cli.input_text import read_standard_input
    from rulescope.cli.strict import end_strictly
    from rulescope.cli.terminal import write_json

    is_input = text == "-"
    page = explain(
        text_query(read_standard_input(), language) if is_input else find_query(text, language, catalog=catalog)
    )
    if json:
        write_json(rule_json(page))
    else:
        from rulescope.cli.rule_text import print_rule

        print_rule(page)
    if page.parse == "failed":
        raise typer.Exit(1)
    end_strictly(page.strict_failure(strict))
