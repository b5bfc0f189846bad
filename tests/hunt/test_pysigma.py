"""An independent check: SPL that pySigma's Splunk backend writes for Sigma rules finds the events recorded for them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma_as_spl import as_splunk_runs_it

from rulescope.api.search import search

EXCEPTIONS = Path(__file__).with_name("sigma_exceptions.toml")


def exceptions() -> dict[str, dict[str, Any]]:
    return {case["rule"]: case for case in tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))["case"]}


def rules_by_identifier(shared: Path, wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (shared / "rules" / "sigma").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        start = text.find("\nid: ")
        identifier = text[start + 5 :].split("\n", 1)[0].strip("'\" ") if start >= 0 else ""
        if identifier in wanted:
            found[identifier] = text
    return found


@pytest.mark.corpus
@pytest.mark.slow
def test_the_splunk_backends_searches_find_the_recorded_events(shared: Path) -> None:
    pytest.importorskip("sigma.backends.splunk", reason="pysigma-backend-splunk is not installed")
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError
    from sigma.pipelines.splunk import splunk_windows_pipeline

    known = exceptions()
    infos = sorted((shared / "events" / "sigma_regression").rglob("info.yml"))
    cases = [(info, yaml.safe_load(info.read_text(encoding="utf-8"))) for info in infos]
    rules = rules_by_identifier(shared, {document["rule_metadata"][0]["id"] for _, document in cases})
    found: dict[str, int | str] = {}
    expected: dict[str, int | str] = {}
    for info, document in cases:
        identifier = document["rule_metadata"][0]["id"]
        stated = (document.get("regression_tests_info") or [{}])[0].get("match_count")
        logs = [path for path in info.parent.iterdir() if path.name != "info.yml"]
        try:
            written = SplunkBackend(processing_pipeline=splunk_windows_pipeline()).convert(
                SigmaCollection.from_yaml(rules[identifier])
            )
        except SigmaError:
            found[identifier] = "not written"
        else:
            answers = [search(as_splunk_runs_it(text), logs) for text in written]
            assert not any(answer.failed for answer in answers), (identifier, written)
            count = sum(len(answer.rows) for answer in answers)
            found[identifier] = count if stated is not None or identifier in known else min(count, 1)
        expected[identifier] = known[identifier]["outcome"] if identifier in known else stated or 1
    assert len(cases) == 129
    assert found == expected
    assert sum(1 for outcome in found.values() if outcome != "not written") >= 125
