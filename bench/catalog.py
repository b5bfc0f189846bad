"""How long a catalogue of the corpora takes: cold, unchanged, and after one file changed; and how much memory.

    python bench/catalog.py [FOLDER...] [--processes N] [--rounds N]

Without folders: the Armory and security_content beside the project. Prints a Markdown table. Wall time depends on what
else the machine does: the time of the processors is given beside it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("RULESCOPE_SHARED", PROJECT.parent / "shared"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    folders = options.folders or [SHARED / "rules/armory", SHARED / "rules/security_content"]
    missing = [folder for folder in folders if not folder.exists()]
    if missing:
        sys.exit(f"not there: {', '.join(map(str, missing))}; name folders of rules, or set RULESCOPE_SHARED")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        copies = [Path(shutil.copytree(folder, work / folder.name)) for folder in folders]
        catalog = work / "bench.catalog"
        rows = [
            ("cold build", best(options.rounds, lambda: build(copies, catalog, options.processes, cold=True))),
            ("unchanged", best(options.rounds, lambda: build(copies, catalog, options.processes))),
            ("one file changed", best(options.rounds, lambda: change(copies, catalog, options.processes))),
        ]
        size = catalog.stat().st_size / 1e6
    print("| what | wall s | processor s | memory MB (largest process) |")
    print("|---|--:|--:|--:|")
    for what, (wall, processor, memory) in rows:
        print(f"| {what} | {wall:.2f} | {processor:.2f} | {memory:.0f} |")
    print(f"\nCatalogue: {size:.1f} MB; {options.processes} processes; load {os.getloadavg()[0]:.1f} at the end")


def best(rounds: int, run: Callable[[], tuple[float, float, float]]) -> tuple[float, float, float]:
    """The round with the least wall time."""
    return min(run() for _ in range(rounds))


def change(folders: list[Path], catalog: Path, processes: int) -> tuple[float, float, float]:
    path = next(path for path in sorted(folders[0].rglob("*.yml")))
    path.write_bytes(path.read_bytes() + b"\n# changed\n")
    return build(folders, catalog, processes)


def build(folders: list[Path], catalog: Path, processes: int, *, cold: bool = False) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and megabytes of one build in a process of its own, start-up included."""
    if cold:
        catalog.unlink(missing_ok=True)
    script = (
        "import sys; from pathlib import Path; from rulescope.api.build import build\n"
        f"build([Path(one) for one in sys.argv[2:]], Path(sys.argv[1]), processes={processes})"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, str(catalog), *map(str, folders)], check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, after.ru_maxrss / 1024


if __name__ == "__main__":
    main()
