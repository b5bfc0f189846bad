"""Writes a site's files: only those that differ, only inside its folder, and never over or away what isn't ours.

`.rulescope-site.json` in the folder says which files are ours, and from what they were made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rulescope.errors import CatalogError, InputError

MANIFEST = ".rulescope-site.json"

_PART = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,200}")


class SiteManifest(msgspec.Struct, frozen=True):
    """What a site was made from, and its files with their sizes in bytes. `made_from` is empty while it is written."""

    made_from: str = ""
    files: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class SiteFolder:
    """The folder of a site."""

    path: Path

    def write(self, name: str, content: bytes) -> int:
        """Writes a file of the site unless it holds the same bytes; gives its size.

        A reader sees the old file or the new one, never half. Raises `CatalogError` for a name that isn't a plain path
        below the folder.
        """
        parts = name.split("/")
        if not all(_PART.fullmatch(part) for part in parts):
            raise CatalogError(f"{name!r} can't be the name of a page")
        target = self.path.joinpath(*parts)
        try:
            with target.open("rb") as stream:
                if os.fstat(stream.fileno()).st_size == len(content) and stream.read() == content:
                    return len(content)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
        return len(content)


def open_folder(path: Path) -> tuple[SiteFolder, SiteManifest]:
    """The folder to write a site into, made if need be, and what is known of the site in it.

    Raises `InputError` where there is something at `path` that is neither an empty folder nor a site of ours.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; a site needs a folder", code="RSC160", hint="name another folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
        previous = _read_manifest(path)
        if previous is None and any(path.iterdir()):
            raise InputError(
                f"{path} holds files that are not of a site of Rulescope, so nothing is written there",
                code="RSC161",
                hint="name an empty or a new folder",
            )
    except OSError as error:
        raise InputError(f"can't write a site to {path}: {error.strerror or error}", code="RSC162") from error
    return SiteFolder(path), previous or SiteManifest()


def is_whole(folder: SiteFolder, manifest: SiteManifest, made_from: str) -> bool:
    """Whether the site was made from the same and all its files are still there, by their sizes."""
    if not manifest.made_from or manifest.made_from != made_from:
        return False
    try:
        return all((folder.path / name).stat().st_size == size for name, size in manifest.files.items())
    except OSError:
        return False


def write_manifest(folder: SiteFolder, made_from: str, files: Mapping[str, int]) -> None:
    """Says which files are ours."""
    content = msgspec.json.encode(SiteManifest(made_from, dict(sorted(files.items()))))
    _replace(folder.path / MANIFEST, content)


def _replace(target: Path, content: bytes) -> None:
    """Puts a file in its place in one step."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    except OSError as error:
        raise InputError(
            f"the site can't be written: {target}: {error.strerror or error}",
            code="RSC162",
            hint="once there is room, the next build writes what is missing",
        ) from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def remove_files(folder: SiteFolder, names: Iterable[str]) -> None:
    """Removes files of ours, and folders that are empty without them."""
    emptied: set[Path] = set()
    for name in names:
        if all(_PART.fullmatch(part) for part in name.split("/")):
            target = folder.path / name
            target.unlink(missing_ok=True)
            if target.parent != folder.path:
                emptied.add(target.parent)
    for parent in emptied:
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def _read_manifest(path: Path) -> SiteManifest | None:
    try:
        return msgspec.json.decode((path / MANIFEST).read_bytes(), type=SiteManifest)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        return SiteManifest()
