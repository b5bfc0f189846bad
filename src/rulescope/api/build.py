"""Builds a catalogue, and says what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rulescope.api.models import Overview
from rulescope.api.named_query import check_rules
from rulescope.api.pages import overview
from rulescope.api.view import open_view
from rulescope.catalog.build import BuildReport, Progress, build_catalog

__all__ = ["BuildResult", "Progress", "build"]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did, and what the catalogue holds now."""

    report: BuildReport
    overview: Overview


def build(
    paths: Sequence[Path], catalog: Path, progress: Progress | None = None, processes: int | None = None
) -> BuildResult:
    """Reads rule repositories into the catalogue at `catalog`, only what changed since it was last built.

    Raises `NotFoundError`, `CatalogError`, and `UsageError` where no rules are given.
    """
    check_rules(paths, "rulescope explain {}")
    report = build_catalog(paths, catalog, progress, processes)
    with open_view(catalog) as view:
        return BuildResult(report, overview(view))
