"""Sigma rules run as they are find what the SPL finds that pySigma writes for them; where not, the cause is known."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sigma_as_spl import compare, differing, kinds_of, rules_of

from rulescope.logs import load_logs

LOGS = ("sigma_regression", "evtx_to_attack", "impacket")
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")
KNOWN = Path(__file__).with_name("sigma_as_spl.toml")


def known() -> dict[str, Any]:
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))


@pytest.mark.corpus
@pytest.mark.slow
def test_a_sample_of_the_rules_finds_the_same_events(shared: Path) -> None:
    pytest.importorskip("sigma.backends.splunk", reason="pysigma-backend-splunk is not installed")
    pytest.importorskip("sigma.pipelines.sysmon", reason="pysigma-pipeline-sysmon is not installed")
    pytest.importorskip("sigma.pipelines.windows", reason="pysigma-pipeline-windows is not installed")
    rules = rules_of([shared / "rules" / "sigma" / folder for folder in FOLDERS], every=12)
    with load_logs([shared / "events" / name for name in LOGS]) as store:
        sides = compare(store, rules)
        found = {
            one.path: (kinds_of(store, one.sigma - one.spl), kinds_of(store, one.spl - one.sigma))
            for one in differing(sides)
        }
    assert not [one.path for one in sides if one.refused]
    assert sum(1 for one in sides if one.sigma and one.sigma == one.spl) >= 25
    explained = {one["rule"]: one for one in known()["difference"]}
    assert {path: counts for path, counts in found.items() if path not in explained} == {}


def test_every_difference_has_a_cause() -> None:
    causes = known()["cause"]
    assert all(one["cause"] in causes for one in known()["difference"])
    assert {one["cause"] for one in known()["difference"]} == set(causes)
    assert all(cause["why"].strip() for cause in causes.values())
