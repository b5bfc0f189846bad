"""Real rules of the corpora, checked against their files as read by eye."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.corpus import Corpus, read_corpus
from rulescope.ir import Attack
from rulescope.text import Position

pytestmark = pytest.mark.corpus

IMPACKET = (
    "armory/detections/endpoint/impacket_lateral_movement_activity/"
    "impacket_lateral_movement_activity-splunk-winevent.yml"
)


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Corpus:
    return read_corpus([shared / "rules"])


def test_how_many_there_are(corpus: Corpus) -> None:
    by_repository: dict[str, int] = {}
    for rule in corpus.rules:
        by_repository[rule.info.repository] = by_repository.get(rule.info.repository, 0) + 1
    known = {"armory": 1898, "security_content": 1711, "splunkbase": 6133, "elastic": 2192}
    assert known.items() <= by_repository.items()
    assert sum(macro.repository == "security_content" for macro in corpus.macros) == 189
    assert sum(macro.repository == "splunkbase" for macro in corpus.macros) == 7362
    assert (len(corpus.lookups), len(corpus.data_sources)) == (79, 205)
    assert sum(rule.info.language == "snowflake" for rule in corpus.rules) == 432
    assert corpus.counts.unread_by_language == {}
    assert "failed" not in corpus.counts.by_outcome
    assert sum(corpus.counts.by_outcome.values()) == corpus.counts.files


def test_names_are_unique(corpus: Corpus) -> None:
    paths = [rule.info.path for rule in corpus.rules]
    assert len(set(paths)) == len(paths)
    assert paths == sorted(paths)


def test_impacket(corpus: Corpus) -> None:
    (rule,) = [rule for rule in corpus.rules if rule.info.path == IMPACKET]
    assert rule.info.title == "Impacket Lateral Movement Activity (Windows Event Logs)"
    assert rule.info.identifier == "33319.58975"
    assert rule.info.attack == (Attack("T1021.002", "lateral-movement"), Attack("T1210", "lateral-movement"))
    assert rule.info.data_categories == ("Process command-line parameters", "Windows event logs")
    assert rule.info.license == "GPL-3.0-only"
    assert rule.info.description is not None
    assert rule.info.description.startswith(
        "Impacket is a collection of Python classes for working with network protocols, "
    )
    query = rule.query_text
    assert query.startswith(
        '`get_endpoint_data` `get_endpoint_data_winevent` (TERM(EventCode=4688) OR "<EventID>4688<"'
    )
    assert query.endswith("| bin span=1s | stats values(*) as * by _time, host ")
    assert rule.source.position(0) == Position(11, 9)
    assert rule.source.position(query.index('"<EventID>')) == Position(12, 3)
    assert rule.source.position(query.index("stats values")) == Position(18, 75)
    variants = {
        other.info.variant_label for other in corpus.rules if other.info.variant_group == rule.info.variant_group
    }
    assert variants == {"Sysmon", "EDR", "Windows Event Logs", "CrowdStrike FDR Process"}


def test_a_correlation_of_security_content(corpus: Corpus) -> None:
    (rule,) = [rule for rule in corpus.rules if rule.info.title == "ProxyShell ProxyNotShell Behavior Detected"]
    info = rule.info
    assert info.identifier == "c32fab32-6aaf-492d-bfaf-acbed8e50cdf"
    assert (info.kind, info.status, info.risk_score) == ("Correlation", "production", 81)
    assert (info.author, info.modified) == ("Michael Haag, Splunk", "2024-09-30")
    assert info.attack == (Attack("T1190"), Attack("T1133"))
    assert info.tags == ("ProxyShell", "BlackByte Ransomware", "ProxyNotShell")
    assert info.license == "Apache-2.0"
    (test,) = info.tests
    assert (test.name, test.source, test.sourcetype) == ("True Positive Test", "proxyshell", "stash")
    assert rule.source.position(0) == Position(10, 10)


def test_a_macro_and_a_lookup_of_security_content(corpus: Corpus) -> None:
    (macro,) = [one for one in corpus.macros if one.path == "security_content/macros/security_content_ctime.yml"]
    assert macro.arguments == ("field",)
    assert macro.definition == 'convert timeformat="%Y-%m-%dT%H:%M:%S" ctime($field$)'
    (lookup,) = [lookup for lookup in corpus.lookups if lookup.name == "3cx_ioc_domains"]
    assert (lookup.match_types, lookup.case_sensitive, lookup.minimum_matches) == ((("domain", "WILDCARD"),), False, 1)
    assert lookup.table is not None


def test_nearly_all_techniques_stand_under_a_tactic(corpus: Corpus) -> None:
    armory = [pair for rule in corpus.rules if rule.info.repository == "armory" for pair in rule.info.attack]
    assert len(armory) > 3000
    assert sum(pair.tactic is None or pair.technique_id is None for pair in armory) <= 4
