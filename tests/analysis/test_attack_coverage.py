"""A rule's place in ATT&CK, where the author's tags stand apart."""

import pytest

from rulescope import ir
from rulescope.analysis.attack import attack_coverage


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        # v19 has Stealth and Defense Impairment where v18 has Defense Evasion: the technique stands under the author's.
        ((("stealth", None), (None, "T1218")), [("Stealth", "T1218", False)]),
        ((("defense-impairment", None), (None, "T1562.001")), [("Defense Impairment", "T1562.001", False)]),
        ((("defense-evasion", None), (None, "T1218")), [("Defense Evasion", "T1218", False)]),
        # A tactic that no technique of the rule belongs to stands alone.
        ((("exfiltration", None), ("collection", None), (None, "T1560")),
         [("Collection", "T1560", False), ("Exfiltration", None, False)]),
        (((None, "T1218"),), [("Defense Evasion", "T1218", True)]),
    ],
)  # fmt: skip
def test_techniques_stand_under_the_tactics_that_the_author_names(
    tags: tuple[tuple[str | None, str | None], ...], expected: list[tuple[str, str | None, bool]]
) -> None:
    found = attack_coverage(tuple(ir.Attack(technique, tactic) for tactic, technique in tags))
    assert [(row.tactic, row.technique_id, row.derived_tactic) for row in found] == expected
