"""Parquet files of earlier loads, found again by the content of the inputs."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rulescope.logs.collect import Tally
from rulescope.logs.inputs import LogInput
from rulescope.logs.model import READER_VERSION, LoadLimits, Part
from rulescope.logs.names import Dropped
from rulescope.logs.readers.streams import explain_break
from rulescope.logs.worker import (
    dropped_from_json,
    dropped_to_json,
    part_from_json,
    part_to_json,
    tally_from_json,
    tally_to_json,
)
from rulescope.system.processes import is_running

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class LoadManifest:
    """What a load gave: a tally an input, the Parquet files, and the field names that went beyond what can be held."""

    tallies: tuple[Tally, ...]
    parts: tuple[Part, ...]
    dropped: Dropped


def cache_key(inputs: list[LogInput], limits: LoadLimits) -> str:
    """What the load of these inputs is kept under: their content, and how it is read. Raises OSError for a file that
    can't be read."""
    digest = blake2b(digest_size=20)
    digest.update(json.dumps([READER_VERSION, asdict(limits)]).encode())
    hashed: dict[Path, str] = {}
    for item in inputs:
        if item.path not in hashed:
            hashed[item.path] = _hash_file(item.path)
        start = item.member.start if item.member is not None else None
        described = [item.label, item.format.value, item.encoding, start, item.start, item.length, hashed[item.path]]
        digest.update(json.dumps(described).encode())
    return digest.hexdigest()


def find_cached(cache: Path, key: str) -> tuple[LoadManifest | None, str | None]:
    """What an earlier load left under that key, and why it can't be used where there is something damaged.

    Size and content of every file are held against what was kept of them.
    """
    folder = cache / key
    try:
        text = (folder / _MANIFEST).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except (OSError, UnicodeDecodeError) as error:
        return None, f"what is kept of these logs in {folder} can't be read ({explain_break(error)})"
    try:
        manifest, files = _manifest(json.loads(text), folder)
        whole = all(_describe_file(Path(part.file)) == kept for part, kept in zip(manifest.parts, files, strict=True))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        whole = False
    return (manifest, None) if whole else (None, f"what is kept of these logs in {folder} is damaged")


def keep(cache: Path, key: str, manifest: LoadManifest) -> LoadManifest:
    """Put the files of a load into the cache; gives the manifest with their new paths. The files stay where they were.

    All of it is written beside its place and moved there in one step, so that a load that dies leaves no half entry.
    Where another process has kept these inputs meanwhile, its files may be in use, and stay: they are used where they
    hold the same fields, and otherwise the load is not kept. Raises OSError where it can't be written; nothing is left
    of it then.
    """
    _remove_left_behind(cache, key)
    draft = cache / f"{key}.{os.getpid()}.part"
    folder = cache / key
    try:
        draft.mkdir(parents=True)
        _write(draft, manifest)
        kept, _ = find_cached(cache, key)
        if kept is not None:
            shutil.rmtree(draft, ignore_errors=True)
            return kept if kept.dropped.same_as(manifest.dropped) else manifest
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    parts = (replace(part, file=str(folder / _part_name(number))) for number, part in enumerate(manifest.parts))
    return replace(manifest, parts=tuple(parts))


def _write(draft: Path, manifest: LoadManifest) -> None:
    """The files of a load and what is to be known of them, in a folder."""
    parts = [replace(part, file=_part_name(number)) for number, part in enumerate(manifest.parts)]
    for part, copied in zip(manifest.parts, parts, strict=True):
        _copy(Path(part.file), draft / copied.file)
    values = {
        "parts": [part_to_json(part) for part in parts],
        "files": [_describe_file(draft / part.file) for part in parts],
        "dropped": dropped_to_json(manifest.dropped),
        "tallies": [tally_to_json(tally) for tally in manifest.tallies],
    }
    (draft / _MANIFEST).write_text(json.dumps({"digest": _hash_values(values), "load": values}), "utf-8")


def _part_name(number: int) -> str:
    return f"{number:05d}.parquet"


def _remove_left_behind(cache: Path, key: str) -> None:
    """Remove what processes that are gone had begun to write under this key."""
    for draft in cache.glob(f"{key}.*.part"):
        number = draft.name.split(".")[-2]
        if not number.isdecimal() or not is_running(int(number)):
            shutil.rmtree(draft, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(source, target)


def _manifest(document: dict[str, Any], folder: Path) -> tuple[LoadManifest, list[list[Any]]]:
    values = document["load"]
    if document["digest"] != _hash_values(values):
        raise ValueError("the manifest is not what was written")
    parts = tuple(part_from_json(part) for part in values["parts"])
    manifest = LoadManifest(
        tuple(tally_from_json(one) for one in values["tallies"]),
        tuple(replace(part, file=str(folder / part.file)) for part in parts),
        dropped_from_json(values["dropped"]),
    )
    return manifest, values["files"]


def _describe_file(path: Path) -> list[Any]:
    return [path.stat().st_size, _hash_file(path)]


def _hash_values(values: dict[str, Any]) -> str:
    return blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=20).hexdigest()


def _hash_file(path: Path) -> str:
    digest = blake2b(digest_size=20)
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()
