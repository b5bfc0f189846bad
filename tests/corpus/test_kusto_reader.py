"""Kusto's queries in Markdown, in Sentinel's YAML and in plain files: what is said of them, and where they stand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from corpus_samples import Write

from rulescope.corpus import read_corpus
from rulescope.ir import Attack, LogSource
from rulescope.languages.kusto import parse_kusto
from rulescope.text import Position

HUNTING = """\
# Odd *LDAP* queries

## Query Information

#### MITRE ATT&CK Technique(s)

| Technique ID | Title | Link |
| --- | --- | --- |
| T1087.002 | Account Discovery: Domain Account | https://attack.mitre.org/techniques/T1087/002/ |
| T1018 | Remote System Discovery | https://attack.mitre.org/techniques/T1018/ |

#### Description
Finds **odd** queries, see [the other one](../Other.md). Add for servers:
```KQL
| where DeviceType == "Server"
```

#### Risk
An adversary looks around.

#### Author <Optional>
- **Name:** Ann Other
- **Github:** https://github.com/ann

#### References
- https://example.org/a_(b)
- [A page](https://example.org/c)

## Defender XDR
```KQL
// # no heading
IdentityQueryEvents
| where ActionType == "LDAP query"
```

## Sentinel
```
IdentityQueryEvents
| where TimeGenerated > ago(1d)
| wher ActionType == "LDAP query"
```

## How to read it
```PowerShell
Get-Thing | where x
```
"""

SENTINEL = """\
id: 11111111-2222-3333-4444-555555555555
name: Odd sign-in
kind: Scheduled
description: |
  'Someone signs in, see https://example.org/x.'
severity: Medium
status: Available
requiredDataConnectors:
  - connectorId: AzureActiveDirectory
    dataTypes:
      - SigninLogs
      - AuditLogs
queryFrequency: 1h
queryPeriod: 14d
triggerOperator: gt
triggerThreshold: 3
tactics:
  - CredentialAccess
relevantTechniques:
  - T1110.003
query: |
  let least = 5;
  SigninLogs
  | where ResultType in ("50126", "50053")
  | summarize n = count() by UserPrincipalName, IPAddress
  | where n > least and
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: UserPrincipalName
  - entityType: IP
    fieldMappings:
      - identifier: Address
        columnName: IPAddress
metadata:
  author:
    name: Ann Other
version: 1.0.0
"""


def test_markdown(repository: Path, write: Write) -> None:
    write("Identity/odd.md", HUNTING)
    corpus = read_corpus([repository])
    first, second = corpus.rules
    assert [rule.info.path for rule in corpus.rules] == ["own_rules/Identity/odd.md", "own_rules/Identity/odd.md#2"]
    info = first.info
    assert (info.title, info.variant_label) == ("Odd LDAP queries (Defender XDR)", "Defender XDR")
    assert second.info.title == "Odd LDAP queries (Sentinel)"
    assert info.variant_group == second.info.variant_group == "own_rules/Identity/odd.md"
    assert info.language == second.info.language == "kusto"
    assert info.description == "Finds odd queries, see the other one. Add for servers:"
    assert info.implementation == "An adversary looks around."
    assert info.author == "Ann Other"
    assert info.attack == (Attack("T1087.002"), Attack("T1018"))
    assert info.references == ("https://example.org/a_(b)", "https://example.org/c")
    assert info.data_categories == ("Identity",)


def test_a_part_of_a_query_is_no_rule(repository: Path, write: Write) -> None:
    path = write("odd.md", HUNTING)
    (problem,) = read_corpus([repository]).problems
    place = problem.source.position(problem.diagnostic.span.start + 1)
    assert problem.diagnostic.code == "RUL017"
    assert path.read_text(encoding="utf-8").splitlines()[place.line - 1] == '| where DeviceType == "Server"'


def test_places_in_markdown(repository: Path, write: Write) -> None:
    lines = write("odd.md", HUNTING).read_text(encoding="utf-8").splitlines()
    first, second = read_corpus([repository]).rules
    parsed = parse_kusto(second.source)
    (found,) = parsed.diagnostics
    assert found.code == "KUS010"
    wrong = '| wher ActionType == "LDAP query"'
    assert second.source.position(found.span.start) == Position(lines.index(wrong) + 1, 3)
    where = parse_kusto(first.source).pipeline.stages[1]
    assert first.source.position(where.span.start) == Position(lines.index('| where ActionType == "LDAP query"') + 1, 3)


def test_prose_without_headings(repository: Path, write: Write) -> None:
    write("a.md", "# A\n\nFinds `x`, as https://example.org/y says.\n\n```kusto\nT\n```\n")
    (rule,) = read_corpus([repository]).rules
    assert (rule.info.title, rule.info.description) == ("A", "Finds `x`, as https://example.org/y says.")
    assert rule.info.references == ("https://example.org/y",)
    assert rule.info.variant_group is None


def test_fences(repository: Path, write: Write) -> None:
    """CommonMark, "Fenced code blocks": a longer fence, tildes, one that nothing closes."""
    write("a.md", "# A\n\n````kql\nT | where a == ```x```\n````\n\n~~~ Kusto\nU\n~~~\n\n```KQL\nV\n| take 1\n")
    corpus = read_corpus([repository])
    assert [rule.query_text.strip() for rule in corpus.rules] == ["T | where a == ```x```", "U", "V\n| take 1"]


def test_sentinel(repository: Path, write: Write) -> None:
    path = write("Detections/odd.yaml", SENTINEL)
    (rule,) = read_corpus([repository]).rules
    info = rule.info
    assert (info.identifier, info.title) == ("11111111-2222-3333-4444-555555555555", "Odd sign-in")
    assert (info.severity, info.status, info.kind, info.author) == ("Medium", "Available", "Scheduled", "Ann Other")
    assert info.description == "Someone signs in, see https://example.org/x."
    assert info.references == ("https://example.org/x",)
    assert info.attack == (Attack("T1110.003", "Credential Access"),)
    assert info.log_source == LogSource(names=("SigninLogs", "AuditLogs"))
    assert info.data_categories == ("AzureActiveDirectory",)
    assert info.implementation == "Runs every 1h, over the last 14d, fires on more than 3 results."
    assert info.fields == ("UserPrincipalName", "IPAddress")
    parsed = parse_kusto(rule.source)
    assert parsed.status == "partial"
    (found,) = parsed.diagnostics
    line = path.read_text(encoding="utf-8").splitlines().index("  | where n > least and") + 1
    assert rule.source.position(found.span.start).line == line
    where = parsed.pipeline.stages[1]
    assert rule.source.position(where.span.start) == Position(line - 2, 5)


def test_several_tactics_stand_alone(repository: Path, write: Write) -> None:
    write("a.yaml", SENTINEL.replace("  - CredentialAccess\n", "  - CredentialAccess\n  - InitialAccess\n"))
    (rule,) = read_corpus([repository]).rules
    assert rule.info.attack == (
        Attack("T1110.003"), Attack(None, "Credential Access"), Attack(None, "Initial Access"),
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["kql", "kusto", "csl"])
def test_plain_file(repository: Path, write: Write, suffix: str) -> None:
    write(f"odd_sign_in.{suffix}", "// Finds odd sign-ins\n// by night\n\nSigninLogs\n| where Hour < 5\n")
    (rule,) = read_corpus([repository]).rules
    assert rule.info.title == "odd sign in"
    assert rule.info.description == "Finds odd sign-ins\nby night"
    where = parse_kusto(rule.source).pipeline.stages[1]
    assert rule.source.position(where.span.start) == Position(5, 3)


def test_empty_files(repository: Path, write: Write) -> None:
    write("a.kql", "// nothing\n")
    write("b.yaml", SENTINEL.replace("query: |", "question: |"))
    corpus = read_corpus([repository])
    assert corpus.rules == []
    assert [problem.diagnostic.code for problem in corpus.problems] == ["RUL004"]


BLOCK = "\n```kql\nT\n```\n"
HOSTILE = {
    "signs behind a heading": "# a" + " #" * 100_000 + "x" + BLOCK,
    "blocks": BLOCK * 20_000,
    "headings": "# a\n" * 50_000 + BLOCK,
    "blocks and headings": (BLOCK + "# a\n") * 10_000,
    "brackets": "# a\n" + "[" * 100_000 + BLOCK,
    "links": "# a\n" + "[a](" * 30_000 + BLOCK,
    "stars": "# a\n" + "*" * 50_000 + BLOCK,
    "emphasis": "# a\n" + "*a " * 50_000 + BLOCK,
    "one fence": "`" * 200_000,
    "fences": "```\n" * 50_000,
    "cells": "# a\n" + "|" * 100_000 + BLOCK,
    "addresses": "# a\n" + "https://" * 20_000 + BLOCK,
    "brackets of an address": "# a\n" + "https://a" + "(b" * 20_000 + BLOCK,
    "names": "# Author\n" + "name:" * 20_000 + BLOCK,
}


def test_where_the_reading_of_many_blocks_ends_is_said(repository: Path, write: Write) -> None:
    path = write("a.md", BLOCK * 501)
    corpus = read_corpus([repository])
    assert len(corpus.rules) == 500
    (problem,) = corpus.problems
    assert problem.diagnostic.code == "RUL018"
    assert problem.source.position(problem.diagnostic.span.start + 1).line == path.read_text().count("\n") - 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markdown(repository: Path, write: Write, text: str) -> None:
    write("a.md", text)
    start = time.process_time()
    read_corpus([repository])
    assert time.process_time() - start < 3


STRAY = """\
# A query
```kql
T
| where a == 1
```
| where b == 2
```
## More
```kql
T | where c == 3
```
"""


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (STRAY, [True]),
        ("# A\n```kql\nT\n```\n```\n| where b == 2\n", [True]),
        ("# A\n```kql\nT\n| where a == 1\n```\nlet more = T;\nmore\n```\n", [True]),
        ("# A\n```kql\nT\n| where a == 1\n```\n| Count | Name |\n| --- | --- |\n", [False]),
        ("# A\n```kql\nT\n| where a == 1\n```\nSome words.\n## B\n| take | it\n", [False]),
        ("# A\n```kql\nT\n| where a == 1\n", [False]),
    ],
)
def test_a_query_that_a_stray_fence_cuts_is_told(repository: Path, write: Write, text: str, cut: list[bool]) -> None:
    write("a.md", text)
    corpus = read_corpus([repository])
    found = [any(one.code == "RUL027" for one in rule.frame.problems) if rule.frame else False for rule in corpus.rules]
    assert found[:1] == cut
    assert [one.code for one in corpus.passed_over] == (["RUL027"] if cut == [True] else [])
