"""Mangled rules: whatever a text holds, it ends in a tree or in findings, and soon."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from rulescope.errors import Refusal
from rulescope.hunt.origins import bind_origins
from rulescope.ir.json_form import predicate_json, stage_predicate
from rulescope.languages.sigma import parse_sigma
from rulescope.text import Source, render_diagnostic

SEEDS = [
    "logsource: {product: windows, service: sysmon}\ndetection:\n  a:\n    Image|endswith|cased: '\\cmd.exe'\n"
    "    x|re|i: '^a(b|c)*$'\n  _b:\n    - 'kw*'\n    - \"two\\n\"\n  condition: 1 of a* and not (_b or all of them)\n",
    "logsource: {category: test}\ndetection:\n  k:\n    '|all': [' -a ', '/b']\n  m:\n"
    "    - p|base64offset|contains: http\n"
    "    - q|windash: '-x'\n      r|cidr: 10.0.0.0/8\n  n: {z: null, y|gt: 5, w|fieldref: v, u|expand: '%s%'}\n"
    "  condition: [k, m or n]\n",
    "correlation:\n  type: value_count\n  rules: [a, b]\n  group-by: [User]\n  timespan: 10m\n"
    "  condition:\n    field: x\n"
    "    gte: 3\n---\nname: a\nlogsource: {product: x}\ndetection:\n  s: {e: 1}\n  condition: s\n",
]
WORDS = [
    "|", "'", '"', ":", "\n", "  ", "- ", "*", "?", "\\", "(", ")", "not ", "and ", "of ", "1 of ", "them", "{", "}",
    "[", "]", "&a ", "*a ", "!!python/object:os ", "<<: ", "null", "~", "\t", "\0", "\u2028", "re|",
    "|contains", "|all",
    "|base64", "|cidr", "|exists", "%x%", "---\n", "condition: ", "detection:", "9" * 30, "é", "\ud800", "#",
]  # fmt: skip
CASES = int(os.environ.get("RULESCOPE_FUZZ_CASES", "1500"))


def mangled(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:place] + chance.choice(WORDS) + text[place:]
            case 1:
                text = text[:place] + text[place + chance.randint(1, 12) :]
            case 2:
                end = min(len(text), place + chance.randint(1, 40))
                text = text[:end] + text[place:end] + text[end:]
            case _:
                text = text[:place] + chance.choice(WORDS) + text[place + 1 :]
    return text


def check(text: str) -> None:
    source = Source(text, "<mangled>")
    parsed = parse_sigma(source)
    for found in parsed.diagnostics:
        assert 0 <= found.span.start <= found.span.end
        render_diagnostic(found, source)
    if parsed.status == "partial":
        assert any(found.severity == "error" for found in parsed.diagnostics)
    try:
        bound = bind_origins(parsed.expanded)
    except Refusal as error:
        # A placeholder that nobody gave values for: the rule is read, and can't be run.
        assert error.code == "RUN014" and parsed.macros
        bound = parsed.expanded
    for stage in bound.stages:
        predicate = stage_predicate(stage)
        if predicate is not None:
            predicate_json(predicate, source)


def test_mangled_rules_end_in_trees_or_findings() -> None:
    chance = random.Random(20260824)
    start = time.process_time()
    for _ in range(CASES):
        check(mangled(chance.choice(SEEDS), chance))
    assert time.process_time() - start < CASES * 0.05


@pytest.mark.corpus
@pytest.mark.slow
def test_mangled_rules_of_the_corpus(shared: Path) -> None:
    chance = random.Random(4)
    paths = sorted((shared / "rules" / "sigma").rglob("*.yml"))
    for path in chance.sample(paths, 400):
        text = path.read_text(encoding="utf-8")
        if len(text) < 20_000:
            for _ in range(3):
                check(mangled(text, chance))
