"""ATT&CK: names, parents and the renaming of v19. Expected values are read from attack.mitre.org."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rulescope.knowledge import attack


def test_subtechnique_is_shown_with_its_parent() -> None:
    technique = attack().technique("t1021.002")
    assert technique is not None
    assert technique.display_name == "Remote Services: SMB/Windows Admin Shares"
    assert technique.name == "SMB/Windows Admin Shares"
    assert technique.parent == "T1021"
    assert technique.tactics == ("lateral-movement",)


@pytest.mark.parametrize("text", ["lateral-movement", "Lateral Movement", "TA0008", "lateral_movement", " ta0008 "])
def test_a_tactic_has_many_spellings(text: str) -> None:
    tactic = attack().tactic(text)
    assert tactic is not None
    assert (tactic.id, tactic.slug, tactic.name) == ("TA0008", "lateral-movement", "Lateral Movement")


def test_tactics_of_both_releases_are_known() -> None:
    matrix = attack()
    stealth, impairment = matrix.tactic("stealth"), matrix.tactic("Defense Impairment")
    assert stealth is not None and stealth.id == "TA0005" and stealth.releases == ("v19",)
    assert impairment is not None and impairment.id == "TA0112"
    assert len(matrix.tactics("v18")) == 14
    assert len(matrix.tactics("v19")) == 15
    by_id = matrix.tactic("TA0005")
    assert by_id is not None and by_id.name == "Defense Evasion"
    assert matrix.tactic("exfiltration of cake") is None


def test_tactics_stand_in_the_order_of_the_matrix() -> None:
    names = [tactic.name for tactic in attack().tactics("v18")]
    assert names[0] == "Reconnaissance"
    assert names[-2:] == ["Exfiltration", "Impact"]
    assert names.index("Persistence") < names.index("Privilege Escalation") < names.index("Defense Evasion")


def test_names_are_found_in_any_case_and_with_their_parent() -> None:
    # The Armory writes techniques so, after the tactic and a colon.
    found = attack().by_name("remote services:smb/windows admin shares")
    assert [technique.id for technique in found] == ["T1021.002"]
    assert [technique.id for technique in attack().by_name("Exploitation of Remote Services")] == ["T1210"]
    assert attack().by_name("no such technique") == ()


def test_an_active_technique_goes_before_a_revoked_one_of_the_same_name() -> None:
    found = attack().by_name("PowerShell")
    assert found[0].id == "T1059.001"
    assert any(technique.id == "T1086" and technique.status == "revoked" for technique in found)


def test_rules_for_v18_and_v19_meet() -> None:
    matrix = attack()
    assert matrix.canonical("T1562.001") == matrix.canonical("T1685") == "T1685"
    assert matrix.canonical("T1070.001") == "T1685.005"
    assert matrix.canonical("T1089") == "T1685"  # revoked by T1562.001 long before v19 renamed that
    assert matrix.canonical("T1047") == "T1047"
    assert matrix.canonical("T9999") == "T9999"
    renamed = matrix.technique("T1685")
    assert renamed is not None
    assert renamed.name == "Disable or Modify Tools"
    assert "T1562" in renamed.replaces
    cleared = matrix.technique("T1685.005")
    assert cleared is not None and cleared.display_name == "Disable or Modify Tools: Clear Windows Event Logs"


def test_every_technique_has_known_tactics_and_parents() -> None:
    matrix = attack()
    slugs = {tactic.slug for tactic in matrix.tactics()}
    for technique in matrix.techniques:
        assert set(technique.tactics) <= slugs, technique
        assert technique.parent is None or matrix.technique(technique.parent) is not None, technique


@pytest.mark.corpus
def test_the_shared_list_is_whole(shared: Path) -> None:
    with (shared / "knowledge/attack_techniques.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            technique = attack().technique(row["id"])
            assert technique is not None
            assert technique.name == row["name"]
            assert ";".join(technique.tactics) == row["tactics"]
    with (shared / "knowledge/attack_v18_to_v19.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            renamed = attack().technique(row["v19_id"])
            assert renamed is not None and renamed.name == row["v19_name"]
            assert attack().canonical(row["v18_id"]) == row["v19_id"]
