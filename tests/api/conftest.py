"""A catalogue of the sample rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.catalog.build import build_catalog
from sample_rules import FILES, MACRO, write_repository


@pytest.fixture(scope="session")
def sample_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of the repository `shop`: five rules, and the body of the macro that two of them call."""
    folder = tmp_path_factory.mktemp("catalogue")
    repository = write_repository(folder / "shop", {**FILES, "app/default/macros.conf": MACRO})
    build_catalog([repository], folder / "shop.catalog", processes=1)
    return folder / "shop.catalog"
