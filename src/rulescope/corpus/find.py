"""Finds the files under folders of rules, and says which repository each belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rulescope.corpus.licenses import LICENSE_NAMES, read_license
from rulescope.corpus.model import FoundFile
from rulescope.errors import missing_path
from rulescope.text import Diagnostic

SKIPPED_FOLDERS = frozenset(
    ("__pycache__", "node_modules", "__MACOSX", "venv", ".git", ".github", ".gitlab", ".hg", ".svn", ".venv", ".tox")
    + (".circleci", ".vscode", ".idea", ".pytest_cache", ".mypy_cache", ".ruff_cache")
)
"""Folders of tools, which hold no rules; others whose name starts with a dot are left out as well, and said so."""

_HIDDEN = Diagnostic(
    "RUL026",
    "a hidden folder; it was not looked into",
    severity="info",
    hint="name the folder itself, if it holds rules",
)
_ROOT_MARKS = (".git", *LICENSE_NAMES)
_CHILD_MARKS = (
    *_ROOT_MARKS,
    "README.md",
    "detections",
    "saved_searches.jsonl.gz",
    "macros.jsonl.gz",
    "default",
    "local",
)


def find_rule_files(paths: Sequence[Path]) -> Iterator[FoundFile]:
    """Every regular file under the given files and folders, each once, in an order that depends on names alone.

    A folder's repository is the nearest folder at or above it with a licence file or `.git`. A folder without one,
    and without a README, whose children look like repositories (a licence, a README, a known layout), holds one
    repository a child. Else the folder given is the repository. Links are not followed: one that leads out of the
    tree comes as a file with a `problem`. Raises `NotFoundError` for a path that isn't there.
    """
    seen: set[Path] = set()
    names: dict[Path, str] = {}
    for given in paths:
        if not given.exists():
            raise missing_path(given)
        start = given.resolve()
        for root, below in _repositories(start):
            name = _unique_name(root, names)
            license_identifier = read_license(root)
            for entry in _entries(below, start):
                path, problem = (entry, None) if isinstance(entry, Path) else entry
                if path not in seen:
                    seen.add(path)
                    yield FoundFile(path, name, _text(path.relative_to(root).as_posix()), license_identifier, problem)


def _repositories(start: Path) -> list[tuple[Path, Path]]:
    """Pairs of a repository's root and the folder (or file) of it that is to be read."""
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _ROOT_MARKS):
            return [(candidate, start)]
    if not start.is_dir() or (start / "README.md").exists():
        return [(folder, start)]
    children = sorted(child for child in _children(start) if child.is_dir() and not child.is_symlink())
    if not any((child / mark).exists() for child in children for mark in _CHILD_MARKS):
        return [(start, start)]
    loose = [child for child in _children(start) if child.is_file() or child.is_symlink() or _is_hidden(child.name)]
    pairs = [(child, child) for child in children if not _is_skipped(child.name)]
    return sorted(pairs + [(start, child) for child in loose], key=lambda pair: os.fsencode(pair[1]))


def _entries(below: Path, tree: Path) -> Iterator[Path | tuple[Path, Diagnostic]]:
    if below.is_symlink():
        yield below, _link_problem(below, tree)
    elif below != tree and below.is_dir() and _is_hidden(below.name):
        yield below, _HIDDEN
    elif below.is_file():
        yield below
    else:
        yield from _walk(below, tree)


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _walk(folder: Path, tree: Path) -> Iterator[Path | tuple[Path, Diagnostic]]:
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield current, Diagnostic("RUL010", f"the folder could not be read: {error.strerror}")
            continue
        folders: list[Path] = []
        for entry in found:
            path = Path(entry.path)
            if entry.is_symlink():
                yield path, _link_problem(path, tree)
            elif entry.is_dir(follow_symlinks=False):
                if _is_hidden(entry.name):
                    yield path, _HIDDEN
                elif not _is_skipped(entry.name):
                    folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path
            else:
                yield path, Diagnostic("RUL016", "not a regular file; it was not opened", severity="warning")
        pending.extend(reversed(folders))


def _link_problem(path: Path, tree: Path) -> Diagnostic:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return Diagnostic("RUL005", "a symbolic link that leads nowhere", severity="warning")
    if target.is_relative_to(tree):
        return Diagnostic("RUL013", "a symbolic link within the tree; the file is read where it is", severity="info")
    return Diagnostic("RUL005", "a symbolic link out of the tree; it was not followed", severity="warning")


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in SKIPPED_FOLDERS


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS


def _unique_name(root: Path, names: dict[Path, str]) -> str:
    if root not in names:
        name = _text(root.name) or "rules"
        taken = sum(1 for other in names if (_text(other.name) or "rules") == name)
        names[root] = name if not taken else f"{name}~{taken + 1}"
    return names[root]


def _text(name: str) -> str:
    """A file name as text that can be stored: bytes that aren't UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")
