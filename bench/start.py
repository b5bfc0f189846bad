"""How long the program takes to start, beside a Python that does nothing: `python bench/start.py`."""

from __future__ import annotations

import resource
import subprocess
import sys

RUNS = 10


def main() -> None:
    nothing = _seconds("-c", "pass")
    for verb in ("--version", "--help"):
        taken = _seconds("-m", "rulescope.cli", verb)
        print(f"rulescope {verb}: {taken:.3f} s of processor time, {taken / nothing:.1f} times that of nothing")


def _seconds(*arguments: str) -> float:
    """The processor time of a process with these arguments, of several the mean."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(RUNS):
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / RUNS


if __name__ == "__main__":
    main()
