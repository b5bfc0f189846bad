"""How lists are cut into groups that a reader can take in."""

from __future__ import annotations

from pathlib import PurePosixPath

from rulescope.api.models import RepositoryPage, RuleLink
from rulescope.corpus.rule_paths import file_of_rule

DEEPEST_FOLDER = 2
"""Folders of a path that make a group; repositories with a folder for each rule would else have groups of one."""

_HEAT_STEPS = (1, 3, 8, 20, 50)
"""From how many rules on a cell of the matrix is a step darker."""


def by_folder(page: RepositoryPage) -> tuple[tuple[str, tuple[RuleLink, ...]], ...]:
    """The rules under the first folders of their paths, in order of path."""
    groups: dict[str, list[RuleLink]] = {}
    for link in page.rules:
        path = file_of_rule(link.path).removeprefix(f"{page.repository.name}/")
        folders = PurePosixPath(path).parent.parts[:DEEPEST_FOLDER]
        groups.setdefault("/".join(folders) or "/", []).append(link)
    return tuple((name, tuple(rules)) for name, rules in sorted(groups.items()))


def heat(rules: int) -> int:
    """How dark a number of rules shows: 0 for none, up to 5."""
    return sum(rules >= step for step in _HEAT_STEPS)
