"""One reading process: jobs as JSON lines on stdin, results as JSON lines on stdout, events as Parquet in a folder.

Started as `python -m rulescope.logs.worker FOLDER` by `rulescope.logs.parallel`. A plain child process, because a
pool of `multiprocessing` would run the caller's main module again.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rulescope.logs.collect import Collector, Family, Tally, WriteFailed
from rulescope.logs.formats import LogFormat
from rulescope.logs.inputs import LogInput
from rulescope.logs.model import LoadLimits, LoadNote, Part, Problem
from rulescope.logs.names import Dropped, NameRanks
from rulescope.logs.read import read_input
from rulescope.logs.readers.streams import explain_break
from rulescope.logs.readers.zip_members import Member


def input_to_json(item: LogInput) -> dict[str, Any]:
    """An input as plain JSON values; paths that are no valid Unicode survive."""
    return {**asdict(item), "path": str(item.path), "format": item.format.value}


def input_from_json(values: dict[str, Any]) -> LogInput:
    """What `input_to_json` gave, as an input again."""
    member = Member(**values["member"]) if values["member"] is not None else None
    return LogInput(**{**values, "path": Path(values["path"]), "format": LogFormat(values["format"]), "member": member})


def part_to_json(part: Part) -> dict[str, Any]:
    """A part as plain JSON values."""
    return {
        "file": part.file,
        "names": dict(part.names),
        "multivalue": sorted(part.multivalue),
        "channels": list(part.channels),
        "event_ids": list(part.event_ids),
    }


def part_from_json(values: dict[str, Any]) -> Part:
    """What `part_to_json` gave, as a part again."""
    sets = (frozenset(values[name]) for name in ("multivalue", "channels", "event_ids"))
    return Part(values["file"], values["names"], *sets)


def tally_to_json(tally: Tally) -> dict[str, Any]:
    """A tally as plain JSON values."""
    return asdict(tally)


def tally_from_json(values: dict[str, Any]) -> Tally:
    """What `tally_to_json` gave, as a tally again."""
    problems = [Problem(**problem) for problem in values["problems"]]
    notes = [LoadNote(**note) for note in values["notes"]]
    return Tally(**{**values, "problems": problems, "notes": notes})


def dropped_to_json(dropped: Dropped) -> dict[str, Any]:
    """Names that were dropped as plain JSON values."""
    return {"names": sorted(dropped.names), "more": dropped.more}


def dropped_from_json(values: dict[str, Any]) -> Dropped:
    """What `dropped_to_json` gave, as names that were dropped again."""
    return Dropped(values["names"], values["more"])


class Writer:
    """Writes families to numbered Parquet files in a folder, and remembers the fields they had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.labels: dict[int, str] = {}
        self.parts: list[Part] = []

    def write(self, families: list[Family]) -> None:
        """Write families as the next file. Raises WriteFailed where there is no room for it."""
        import pyarrow as arrow

        from rulescope.logs.tables import write_families

        path = self._folder / f"{len(self.parts):05d}.parquet"
        try:
            names = write_families(families, path, self.labels)
        except (OSError, arrow.ArrowException) as error:
            raise WriteFailed(explain_break(error)) from error
        self.parts.append(
            Part(
                str(path),
                names,
                frozenset().union(*(family.multivalue for family in families)),
                frozenset().union(*(family.channels for family in families)),
                frozenset().union(*(family.event_ids for family in families)),
            )
        )


def main(arguments: list[str]) -> int:
    """Serve jobs until stdin ends; the first line holds the limits and the names of fields that are wanted."""
    writer = Writer(Path(arguments[0]))
    settings = json.loads(sys.stdin.readline())
    limits = LoadLimits(**settings["limits"])
    collector = Collector(limits, writer.write, NameRanks(lambda: settings["wanted"]))
    try:
        for line in sys.stdin:
            job = json.loads(line)
            if job is None:
                break
            item = input_from_json(job["input"])
            writer.labels[job["unit"]] = item.label
            tally = read_input(job["unit"], item, collector, limits)
            _answer({"unit": job["unit"], "tally": tally_to_json(tally)})
        collector.finish()
    except WriteFailed as error:
        _answer({"unwritten": str(error)})
        return 1
    _answer({"parts": [part_to_json(part) for part in writer.parts], "dropped": dropped_to_json(collector.dropped)})
    return 0


def _answer(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
