"""SigmaHQ's rules: how many are read in full, and why the others are not."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from rulescope.catalog.rule_records import parse_rule
from rulescope.corpus import read_corpus
from rulescope.languages.spl.macros import MacroLibrary

REPORT = Path(__file__).with_name("unread_rules.toml")

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


def test_every_rule_is_read_or_accounted_for(shared: Path) -> None:
    corpus = read_corpus([shared / "rules" / "sigma"])
    rules = [rule for rule in corpus.rules if rule.info.language == "sigma"]
    statuses: Counter[tuple[str, str]] = Counter()
    causes: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for rule in rules:
        folder = rule.info.path.split("/")[1]
        kind = "rules" if folder.startswith("rules") else folder
        parsed = parse_rule(rule.info, rule.source, MacroLibrary())
        statuses[kind, parsed.status] += 1
        if parsed.status != "full":
            codes = {found.code for found in parsed.diagnostics if found.severity == "error"}
            causes[kind, tuple(sorted(codes))] += 1
    assert statuses["rules", "full"] == 3780
    assert statuses["rules", "partial"] == statuses["rules", "failed"] == 0
    expected: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for cause in tomllib.loads(REPORT.read_text(encoding="utf-8")).values():
        for kind in ("deprecated", "unsupported"):
            if cause[kind]:
                expected[kind, tuple(cause["codes"])] = cause[kind]
    assert causes == expected
    assert all(rule.info.title and rule.info.identifier and rule.info.license == "DRL-1.1" for rule in rules)
