"""Fixtures that tests of all rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of corpora beside the project (or at RULESCOPE_SHARED); tests that need it skip where it is absent."""
    path = Path(os.environ.get("RULESCOPE_SHARED", PROJECT.parent / "shared"))
    if not (path / "rules").is_dir():
        pytest.skip(f"the corpora are not at {path}; set RULESCOPE_SHARED to run this test")
    return path


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return PROJECT
