"""What is said of a Sigma rule: indicators with their blocks, exclusions, events, ATT&CK, what the file says."""

from __future__ import annotations

from pathlib import Path

from rulescope.analysis.extract import facts
from rulescope.catalog.rule_records import parse_rule
from rulescope.corpus import RuleFile, read_corpus
from rulescope.ir import Attack, LogSource
from rulescope.languages.spl.macros import MacroLibrary

RULE = """\
title: Shell from Office
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
related:
    - id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9
      type: similar
status: test
description: Finds shells.
references:
    - https://example.org/a
author: A. Author, B. Writer
date: 2026-01-02
modified: 2026-02-03
tags:
    - attack.execution
    - attack.t1059.003
    - cve.2026-1234
logsource:
    category: process_creation
    product: windows
    definition: needs command lines
detection:
    selection:
        ParentImage|endswith: '\\winword.exe'
        Image|endswith:
            - '\\cmd.exe'
            - '\\sh.exe'
    filter_main:
        CommandLine: 'quiet'
    keywords:
        - 'loud'
    condition: selection and not filter_main or keywords
falsepositives:
    - Unknown
    - Macros
level: high
fields:
    - CommandLine
"""


def read(folder: Path, text: str) -> RuleFile:
    path = folder / "rules" / "a.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (rule,) = read_corpus([path.parent]).rules
    return rule


def test_what_the_file_says(tmp_path: Path) -> None:
    info = read(tmp_path, RULE).info
    assert (info.language, info.title, info.severity, info.status) == ("sigma", "Shell from Office", "high", "test")
    assert info.identifier == "929a690e-bef0-4204-a928-ef5e620d6fcc"
    assert (info.author, info.created, info.modified) == ("A. Author, B. Writer", "2026-01-02", "2026-02-03")
    assert info.attack == (Attack("T1059.003", "execution"),)
    assert info.log_source == LogSource("windows", None, "process_creation")
    assert info.tags == ("cve.2026-1234",)
    assert info.false_positives == "Unknown\nMacros"
    assert info.implementation == "needs command lines"
    assert info.related == (("08fbc97d-0a2f-491c-ae21-8ffcfd3174e9", "similar"),)
    assert info.fields == ("CommandLine",)
    assert info.references == ("https://example.org/a",)


def test_the_query_is_log_source_and_detection(tmp_path: Path) -> None:
    rule = read(tmp_path, RULE)
    assert rule.query_text.startswith("logsource:\n    category: process_creation")
    assert rule.query_text.endswith("condition: selection and not filter_main or keywords")
    start = rule.query_text.index("'\\sh.exe'")
    place = rule.source.position(start)
    assert (place.line, place.column) == (26, 15)


def test_indicators_stand_in_their_blocks(tmp_path: Path) -> None:
    rule = read(tmp_path, RULE)
    found = facts(parse_rule(rule.info, rule.source, MacroLibrary()))
    assert [(one.canonical, one.kind, one.value, one.stage) for one in found.indicators] == [
        ("parent_process_path", "ends_with", "\\winword.exe", 2),
        ("process_path", "ends_with", "\\cmd.exe", 2),
        ("process_path", "ends_with", "\\sh.exe", 2),
    ]
    assert [(one.canonical, one.value, one.stage) for one in found.exclusions] == [("process_command_line", "quiet", 3)]
    assert [(term.text, term.stage, term.excluded) for term in found.search_terms] == [("loud", 4, False)]
    assert [(event.provider, event.event_id, event.derived) for event in found.events] == [
        ("Sysmon", "1", True),
        ("Windows Security", "4688", True),
    ]


def test_a_service_and_event_ids_name_events(tmp_path: Path) -> None:
    text = "title: T\nlogsource: {product: windows, service: security}\ndetection:\n"
    rule = read(tmp_path, text + "  s: {EventID: [4624, 4625]}\n  condition: s\n")
    found = facts(parse_rule(rule.info, rule.source, MacroLibrary()))
    assert [(event.provider, event.event_id, event.derived) for event in found.events] == [
        ("Windows Security", "4624", False),
        ("Windows Security", "4625", False),
    ]


def test_blocks_before_the_log_source_keep_their_numbers(tmp_path: Path) -> None:
    text = "title: T\ndetection:\n  condition: s\n  s: {Image: 'a'}\nlogsource: {product: windows}\n"
    rule = read(tmp_path, text)
    parsed = parse_rule(rule.info, rule.source, MacroLibrary())
    (indicator,) = facts(parsed).indicators
    assert (indicator.value, indicator.stage) == ("a", 2)


def test_a_correlation_takes_the_rules_of_its_file_along(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "c.yml"
    path.parent.mkdir()
    path.write_text(
        "title: C\ncorrelation: {type: event_count, rules: [a], group-by: [User], timespan: 5m, condition: {gte: 5}}\n"
        "---\ntitle: A\nname: a\nlogsource: {product: windows, service: security}\n"
        "detection:\n  s: {EventID: 4625}\n  condition: s\n",
        encoding="utf-8",
    )
    rules = read_corpus([path.parent]).rules
    assert [(rule.info.title, rule.info.kind) for rule in rules] == [("C", "correlation"), ("A", None)]
    parsed = parse_rule(rules[0].info, rules[0].source, MacroLibrary())
    found = facts(parsed)
    assert parsed.status == "full"
    assert [(one.field, one.kind, one.value) for one in found.thresholds] == [("count", "ge", "5")]
    assert [(event.provider, event.event_id) for event in found.events] == [("Windows Security", "4625")]
