"""Parquet files of earlier loads, found again by the content of the inputs."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rulescope.logs.collect import Tally
from rulescope.logs.discover import LogInput
from rulescope.logs.model import READER_VERSION, Limits, Part, Problem
from rulescope.logs.worker import part_from_json, part_to_json

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The Parquet files of a load, and the field names that went beyond the bound on columns."""

    parts: tuple[Part, ...]
    dropped: tuple[str, ...]


def find_cached(cache: Path, inputs: list[LogInput], limits: Limits) -> tuple[str, tuple[list[Tally], Manifest] | None]:
    """The key of these inputs, and what an earlier load left under it (None if there is nothing, or it is damaged)."""
    digest = blake2b(digest_size=20)
    digest.update(json.dumps([READER_VERSION, asdict(limits)]).encode())
    hashed: dict[Path, str] = {}
    for item in inputs:
        if item.path not in hashed:
            hashed[item.path] = _hash_file(item.path)
        described = [item.label, item.format.value, item.member, item.start, item.length, hashed[item.path]]
        digest.update(json.dumps(described).encode())
    key = digest.hexdigest()
    folder = cache / key
    try:
        values = json.loads((folder / _MANIFEST).read_text("utf-8"))
        parts = [part_from_json(part) for part in values["parts"]]
        manifest = Manifest(
            tuple(replace(part, file=str(folder / part.file)) for part in parts), tuple(values["dropped"])
        )
        tallies = [_tally(one) for one in values["tallies"]]
    except (OSError, ValueError, KeyError, TypeError):
        return key, None
    if len(tallies) != len(inputs) or not all(Path(part.file).is_file() for part in manifest.parts):
        return key, None
    return key, (tallies, manifest)


def keep(cache: Path, key: str, tallies: list[Tally], manifest: Manifest) -> Manifest:
    """Move the files of a load into the cache; gives the manifest with their new paths.

    The manifest is written last, under its final name in one step, so that a load that dies leaves no half entry.
    """
    folder = cache / key
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts: list[Part] = []
    for number, part in enumerate(manifest.parts):
        name = f"{number:05d}.parquet"
        shutil.move(part.file, folder / name)
        parts.append(replace(part, file=name))
    values = {
        "parts": [part_to_json(part) for part in parts],
        "dropped": list(manifest.dropped),
        "tallies": [asdict(tally) for tally in tallies],
    }
    draft = folder / (_MANIFEST + ".part")
    draft.write_text(json.dumps(values), "utf-8")
    draft.replace(folder / _MANIFEST)
    return Manifest(tuple(replace(part, file=str(folder / part.file)) for part in parts), manifest.dropped)


def _tally(values: dict[str, Any]) -> Tally:
    return Tally(**{**values, "problems": [Problem(**problem) for problem in values["problems"]]})


def _hash_file(path: Path) -> str:
    digest = blake2b(digest_size=20)
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()
