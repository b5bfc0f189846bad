"""Fixtures for tests of reading rule files."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus_samples import Write


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository of rules, under the MIT licence."""
    root = tmp_path / "own_rules"
    root.mkdir()
    text = (
        "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software"
    )
    (root / "LICENSE").write_text(text)
    return root


@pytest.fixture
def write(repository: Path) -> Write:
    """Writes a file into the repository: path in it, and text or bytes."""

    def _write(relative: str, content: str | bytes) -> Path:
        path = repository / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write
