"""Repositories of rules to build from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_rules import FILES, write_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The repository `shop` with the five sample rules."""
    return write_repository(tmp_path / "shop", FILES)
