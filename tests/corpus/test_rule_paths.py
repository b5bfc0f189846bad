"""Paths of rules in files whose names hold a mark themselves."""

from __future__ import annotations

import pytest

from rulescope.corpus.readers import SUFFIXES
from rulescope.corpus.rule_paths import split_rule_path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_mark_stands_behind_a_files_ending(suffix: str) -> None:
    assert split_rule_path(f"r/C#{suffix}") == (f"r/C#{suffix}", "")
    assert split_rule_path(f"r/C#{suffix}#2") == (f"r/C#{suffix}", "2")
    assert split_rule_path(f"r/a{suffix}#x #{suffix}") == (f"r/a{suffix}", f"x #{suffix}")
