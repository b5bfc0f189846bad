"""The reference engine gives the rows of every case of `conformance/` that it does not refuse."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from row_cases import LANGUAGES, RowCase, row_cases

from json_events import load_events
from rulescope.engines.reference import ReferenceEngine
from rulescope.errors import Refusal

SCOREBOARD = Path(__file__).with_name("reference_scoreboard.toml")


def run(case: RowCase) -> list[dict[str, object]] | None:
    """The rows by the reference; None where it refuses the case."""
    engine = ReferenceEngine(case.dialect, load_events(case.events), case.options)
    try:
        return list(engine.plan(case.pipeline).run().rows)
    except Refusal as refusal:
        assert refusal.message
        return None


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_gives_the_expected_rows(language: str) -> None:
    found = [(case, run(case)) for case in row_cases(language)]
    ran = [(case, rows) for case, rows in found if rows is not None]
    wrong = {case.name: case.form(rows) for case, rows in ran if case.form(rows) != case.expected}
    assert not wrong
    noted = tomllib.loads(SCOREBOARD.read_text("utf-8"))[language]
    assert len(ran) == noted, f"{len(ran)} of {len(found)} cases run; note it if there are more, mend it if fewer"
