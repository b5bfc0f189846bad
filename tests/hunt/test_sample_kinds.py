"""The samples show every kind of stage that SPL has."""

from __future__ import annotations

from pathlib import Path

from rulescope.corpus import read_corpus
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.spl import parse_search

OTHER_LANGUAGES = {"rulescope.ir.stages.detecting"}
NOT_SHOWN = {stages.Opaque, stages.Stage, stages.TableRows}
"""What can't be read is no sample, `Stage` is what the others share, and `TableRows` is made when a rule is bound."""


def test_every_kind_of_stage_stands_in_a_sample(project: Path) -> None:
    wanted = {
        kind
        for kind in vars(stages).values()
        if isinstance(kind, type) and issubclass(kind, stages.Stage) and kind.__module__ not in OTHER_LANGUAGES
    } - NOT_SHOWN
    found: set[type] = set()
    for rule in read_corpus([project / "samples" / "rules"]).rules:
        parsed = parse_search(rule.source)
        assert parsed.status == "full", rule.info.path
        found |= {type(node) for node in walk(parsed.pipeline) if isinstance(node, stages.Stage)}
    assert sorted(kind.__name__ for kind in wanted - found) == []
