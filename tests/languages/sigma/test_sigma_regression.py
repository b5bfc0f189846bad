"""Sigma's own regression data: every rule finds its event, as often as is right."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rulescope.api.run import run
from rulescope.text.yaml_document import YamlMapping, YamlScalar, YamlSequence, load_yaml

EXCEPTIONS = Path(__file__).with_name("regression_exceptions.toml")


def scalar(node: object, key: str) -> str | None:
    value = node.entries.get(key) if isinstance(node, YamlMapping) else None
    return value.value if isinstance(value, YamlScalar) else None


def read_case(info: Path) -> tuple[str, int, Path]:
    """The rule's identifier, the stated number of matches, and the events of one case."""
    (document,) = load_yaml(info.read_text(encoding="utf-8")).documents
    assert isinstance(document, YamlMapping)
    rules = document.entries["rule_metadata"]
    assert isinstance(rules, YamlSequence)
    identifier = scalar(rules.items[0], "id")
    assert identifier is not None
    tests = document.entries.get("regression_tests_info")
    stated = scalar(tests.items[0], "match_count") if isinstance(tests, YamlSequence) else None
    (events,) = [path for path in info.parent.iterdir() if path.name != "info.yml"]
    return identifier, int(stated or 1), events


def test_exceptions_are_distinct() -> None:
    cases = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))["case"]
    assert len({case["rule"] for case in cases}) == len(cases) == 4
    assert all(case["right"] != case["stated"] and case["why"].strip() for case in cases)


@pytest.mark.corpus
@pytest.mark.slow
def test_every_rule_finds_its_events(shared: Path) -> None:
    right = {case["rule"]: case["right"] for case in tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))["case"]}
    cases = [read_case(info) for info in sorted((shared / "events" / "sigma_regression").rglob("info.yml"))]
    assert len(cases) == 129
    paths: dict[str, Path] = {}
    wanted = {identifier for identifier, _, _ in cases}
    for path in (shared / "rules" / "sigma").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        start = text.find("\nid: ")
        identifier = text[start + 5 :].split("\n", 1)[0].strip("'\" ") if start >= 0 else ""
        if identifier in wanted:
            paths[identifier] = path
    found, expected = {}, {}
    for identifier, stated, events in cases:
        (rule,) = run([paths[identifier]], [events], jobs=1).rules
        found[identifier] = (rule.outcome.status, rule.outcome.count)
        expected[identifier] = ("run", right.get(identifier, stated))
    assert found == expected
