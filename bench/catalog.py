"""How long a catalogue of the corpora and its site take: cold, unchanged, after one file changed; and how much memory.

    python bench/catalog.py [FOLDER...] [--processes N] [--rounds N]

Without folders: the corpora of all languages beside the project. Prints a Markdown table. Wall time depends on what
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
CORPORA = ("armory", "security_content", "sigma", "elastic", "kusto_hunting")
SHARED = Path(os.environ.get("RULESCOPE_SHARED", PROJECT.parent / "shared"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    folders = options.folders or [SHARED / "rules" / name for name in CORPORA]
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
            ("site", best(options.rounds, lambda: site(catalog, work / "site", options.processes))),
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
    return run(script, catalog, *folders)


def site(catalog: Path, folder: Path, processes: int) -> tuple[float, float, float]:
    """The same of a site that is written afresh."""
    shutil.rmtree(folder, ignore_errors=True)
    script = (
        "import sys; from pathlib import Path; from rulescope.web import export_site\n"
        f"export_site(Path(sys.argv[1]), Path(sys.argv[2]), processes={processes})"
    )
    return run(script, catalog, folder)


def run(script: str, *arguments: Path) -> tuple[float, float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, *map(str, arguments)], check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, after.ru_maxrss / 1024


if __name__ == "__main__":
    main()
