"""Numbers of rows and widths that are none: Splunk takes whole numbers of rows from zero on, and widths above zero."""

from __future__ import annotations

import pytest

from rulescope.languages.spl import parse_search


@pytest.mark.parametrize(
    "stage",
    [
        "head -1",
        "head 1.5",
        "head limit=-1",
        "tail -1",
        "top limit=-1 a",
        "streamstats window=-1 count",
        "bin span=-1h _time",
        "bin span=0 a",
        "timechart span=0s count",
        "timechart span=-1h count",
        "streamstats time_window=-5m count",
    ],
)
def test_what_is_no_number_of_rows_is_an_error(stage: str) -> None:
    parsed = parse_search(f"x=1 | {stage}")
    assert [(one.code, one.severity) for one in parsed.diagnostics] == [("SPL023", "error")]
    assert parsed.status == "partial"


@pytest.mark.parametrize(
    "stage",
    [
        "head 0",
        "head (a > 1)",
        "top limit=0 a",
        "foreach a* [bin span=<<FIELD>> b]",
        "transaction a maxspan=-1 maxevents=-1",
    ],
)
def test_zero_rows_and_lifted_bounds_are_read(stage: str) -> None:
    assert not parse_search(f"x=1 | {stage}").diagnostics


@pytest.mark.parametrize(("count", "codes"), [("0", ["SPL023"]), ("00", ["SPL023"]), ("1", []), ("05", [])])
def test_dedup_keeps_at_least_one(count: str, codes: list[str]) -> None:
    parsed = parse_search(f"a=1 | dedup {count} b")
    assert [one.code for one in parsed.diagnostics if one.severity == "error"] == codes
    assert parsed.status == ("partial" if codes else "full")
