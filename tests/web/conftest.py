"""The two sites that tests of pages look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_samples import build_hostile_site, build_site


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """The site over the project's own samples."""
    return build_site(tmp_path_factory.mktemp("samples"), [project / "samples" / "rules"])


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site over rules that mean harm."""
    return build_hostile_site(tmp_path_factory.mktemp("hostile"))
