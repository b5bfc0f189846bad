"""One program looked for in five languages: what the pages of rules, fields and events say of one another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rulescope.api import pages
from rulescope.api.json_form import rule_json
from rulescope.api.models import ComparedAs
from rulescope.api.rules import rule_page
from rulescope.api.sharing import sharing
from rulescope.api.techniques import technique_page
from rulescope.api.view import CatalogView, open_view
from rulescope.catalog.build import build_catalog
from sample_rules import write_repository

SIGMA = """\
title: Tool by its name
id: 7a1b3c7e-0000-4000-8000-000000000001
status: test
related:
  - {id: 7a1b3c7e-0000-4000-8000-000000000002, type: similar}
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\cmd.exe', CommandLine|contains: ' /c '}
  condition: selection
tags: [attack.execution, attack.t1059.003]
"""

SIGMA_BY_NUMBER = """\
title: A shell started, by number
id: 7a1b3c7e-0000-4000-8000-000000000002
status: test
logsource: {product: windows, service: sysmon}
detection:
  selection: {EventID: 1, Image|endswith: '\\CMD.EXE'}
  condition: selection
"""

ELASTIC = """\
[metadata]
creation_date = "2024/01/01"
integration = ["endpoint"]
maturity = "production"
updated_date = "2024/01/01"

[rule]
author = ["x"]
description = "d"
index = ["logs-endpoint.events.process-*"]
language = "eql"
license = "MIT"
name = "Shell by EQL"
risk_score = 21
rule_id = "7a1b3c7e-0000-4000-8000-000000000003"
severity = "low"
type = "eql"
query = '''
process where process.name : "cmd.exe" and process.command_line : "* /c *"
'''
"""

SPLUNK = """\
id: '900.1'
title: Shell (Splunk)
logic_format: Splunk
logic: index=x process_name="cmd.exe" process="* /c *"
technique_id:
- T1059.003
"""

SNOWFLAKE = """\
id: '900.2'
title: Shell (Snowflake)
logic_format: Snowflake
logic: select * from crowdstrike where ImageFileName ilike '%\\\\cmd.exe'
"""

FILES = {
    "sigma/rules/windows/tool.yml": SIGMA,
    "sigma/rules/windows/number.yml": SIGMA_BY_NUMBER,
    "elastic/rules/windows/shell.toml": ELASTIC,
    "armory/shell-splunk.yml": SPLUNK,
    "armory/shell-snowflake.yml": SNOWFLAKE,
}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogView]:
    folder = tmp_path_factory.mktemp("languages")
    build_catalog([write_repository(folder / "rules", FILES)], folder / "rules.catalog", processes=1)
    with open_view(folder / "rules.catalog") as opened:
        assert {link.parse for link in opened.all_links()} == {"full"}
        yield opened


def slug(view: CatalogView, title: str) -> str:
    return next(link.slug for link in view.all_links() if link.title == title)


def test_a_path_is_counted_as_its_base_name(view: CatalogView) -> None:
    row = next(row for row in rule_page(view, slug(view, "Tool by its name")).indicators if row.fact.field == "Image")
    assert row.compared == ComparedAs(
        "process_name", "process_name", "eq", "cmd.exe", "process_name is the base name of process_path"
    )
    assert row.corpus.by_language == {"eql": 1, "sigma": 1, "snowflake": 1, "spl": 1}
    # EQL and SPL compare the name itself; the other Sigma rule and Snowflake compare the path, as this rule does.
    assert row.corpus.derived == 2
    of_spl = next(
        one for one in rule_page(view, slug(view, "Shell (Splunk)")).indicators if one.fact.value == "cmd.exe"
    )
    assert (of_spl.corpus.total, of_spl.corpus.derived, of_spl.compared) == (4, 3, None)
    assert of_spl.value_anchor == row.value_anchor


def test_the_field_has_all_rules_and_says_how_they_compare(view: CatalogView) -> None:
    page = pages.field_page(view, "process_name")
    (use,) = page.values
    assert (use.kind, use.value.casefold(), use.count) == ("eq", "cmd.exe", 5)
    assert use.ways == (("Image", "ends_with", "\\CMD.EXE"), ("imagefilename", "ends_with", "\\cmd.exe"))
    (elsewhere,) = pages.field_page(view, "process_path").elsewhere
    assert (elsewhere.name, elsewhere.rules) == ("process_name", 3)


def test_the_contracts_json_says_what_is_derived(view: CatalogView) -> None:
    document = rule_json(rule_page(view, slug(view, "Tool by its name")))
    row = next(row for row in document["indicators"] if row["field"] == "Image")
    assert row["corpus"] == {"total": 4, "by_language": {"eql": 1, "sigma": 1, "snowflake": 1, "spl": 1}}
    assert row["derived"] == 2
    assert row["compared"]["field"] == "process_name"
    assert all(event["derived"] is True for event in document["events"])


def test_a_rule_of_a_generic_kind_covers_the_events_without_naming_them(view: CatalogView) -> None:
    """process_creation stands for Sysmon 1 and Security 4688; only a rule that gives the number names the event."""
    page = next(page for page in pages.event_pages(view) if page.event.slug == "sysmon-1")
    assert [link.title for link in page.rules] == ["A shell started, by number"]
    assert "Tool by its name" in [link.title for link in page.derived_rules]
    assert (page.event.rules, page.event.derived_rules) == (1, len(page.derived_rules))
    assert sum(page.by_language.values()) == 1 + len(page.derived_rules)
    provider = next(page for page in pages.providers(view) if page.provider == "Sysmon")
    assert [link.title for link in provider.rules] == ["A shell started, by number"]
    assert provider.rule_count == 1


def test_variants_say_how_they_are_known(view: CatalogView) -> None:
    sigma = rule_page(view, slug(view, "Tool by its name"))
    assert {(row.rule.title, row.why) for row in sigma.variants} == {
        ("A shell started, by number", "called similar by an author"),
        ("Shell by EQL", "the same conditions"),
        ("Shell (Splunk)", "the same conditions"),
    }
    splunk = rule_page(view, slug(view, "Shell (Splunk)"))
    twin = "its repository keeps both as one detection; the same title"
    assert ("Shell (Snowflake)", twin) in {(row.rule.title, row.why) for row in splunk.variants}


def test_a_technique_counts_its_rules_by_language(view: CatalogView) -> None:
    assert technique_page(view, "T1059.003").by_language == {"sigma": 1, "spl": 1}


def test_what_languages_share(view: CatalogView) -> None:
    found = sharing(view)
    assert (found.rules, found.sharing, found.telling) == (5, 5, 5)
    by_name = {row.language: row for row in found.languages}
    assert by_name["sigma"].rules == 2
    assert by_name["sigma"].with_language == {"eql": 2, "snowflake": 2, "spl": 2}
    first = found.most_shared[0]
    assert (first.field, first.kind, first.rules, first.derived) == ("process_name", "eq", 5, 3)
    assert first.by_language == {"sigma": 2, "eql": 1, "snowflake": 1, "spl": 1}
    assert [link.language for link in first.examples] == list(first.by_language)
    # The command line is looked for by three; the number of the event says only which event is meant.
    assert [row.field for row in found.most_shared] == ["process_name", "process_command_line"]
