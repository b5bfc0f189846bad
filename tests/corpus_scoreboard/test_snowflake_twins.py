"""The Armory's detections in both Splunk's and Snowflake's language: what one looks for and the other does not.

`snowflake_twins.toml` holds, by cause, how many values there are, and names the detections with values that the other
language's rule has only in part or not at all: there the authors' logic differs.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from snowflake_twins import Twins, compare_twins

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

HELD: dict[str, Any] = tomllib.loads((Path(__file__).parent / "snowflake_twins.toml").read_text("utf-8"))
LANGUAGES = ("snowflake", "spl")


@pytest.fixture(scope="module")
def twins(shared: Path) -> list[Twins]:
    return compare_twins(shared / "rules" / "armory")


def test_every_detection_is_compared(twins: list[Twins]) -> None:
    assert len({one.name for one in twins}) == HELD["detections"]
    assert sorted(one.name for one in twins if one.status != "full") == HELD["unread"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_have_the_causes_that_are_held(twins: list[Twins], language: str) -> None:
    found = Counter(cause for one in twins for cause, _ in one.causes[language])
    held = HELD["values"][language]
    assert set(found) <= set(HELD["causes"]) | {"same"}
    assert found["same"] >= held["same"]
    for cause in HELD["causes"]:
        assert found[cause] <= held[cause], cause


@pytest.mark.parametrize("language", LANGUAGES)
def test_detections_that_differ_are_known(twins: list[Twins], language: str) -> None:
    found = {
        one.name: len({key for cause, key in one.causes[language] if cause in ("part", "absent")}) for one in twins
    }
    held = HELD["differs"][language]
    assert {name: count for name, count in found.items() if count > held.get(name, 0)} == {}
