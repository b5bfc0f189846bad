"""Fuzzes the SPL front end with damaged searches, and says what did not hold.

    python bench/fuzz_spl.py --cases 100000 [--seed 1] [--shared ../shared]

Seeds are the searches of the fuzz test and, where the corpora are there, every search of the Armory, of
security_content and of Splunk's apps. Ends with status 1 if anything was found; each finding is printed with the
damaged search, so that it can become a test.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests" / "languages" / "spl"))

from mutations import FRAGMENTS, KINDS, SEEDS, Edit, mutated, problems  # noqa: E402

from rulescope.corpus import read_corpus  # noqa: E402

LONGEST = 6_000
"""Longer searches of the corpora are left out: they only take time."""


def seeds(shared: Path) -> list[str]:
    found = list(SEEDS)
    folders = [shared / "rules" / name for name in ("armory", "security_content", "splunkbase")]
    present = [folder for folder in folders if folder.is_dir()]
    if present:
        found += [
            rule.source.text
            for rule in read_corpus(present).rules
            if rule.info.language == "spl" and len(rule.source.text) <= LONGEST
        ]
    return found


def damages(chance: random.Random) -> list[Edit]:
    return [
        Edit(chance.choice(KINDS), chance.random(), chance.choice(FRAGMENTS))
        for _ in range(chance.choice((1, 1, 2, 3, 5, 8)))
    ]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--shared", type=Path, default=PROJECT.parent / "shared")
    given = options.parse_args()
    chance = random.Random(given.seed)
    texts = seeds(given.shared)
    print(f"{len(texts)} seeds, {given.cases} cases", flush=True)
    found: Counter[str] = Counter()
    slowest = 0.0
    begun = time.perf_counter()
    for number in range(given.cases):
        text = mutated(chance.choice(texts), damages(chance))
        start = time.perf_counter()
        try:
            wrong = problems(text)
        except Exception:  # noqa: BLE001 - any exception at all is what is looked for
            wrong = [traceback.format_exc(limit=-3)]
        slowest = max(slowest, time.perf_counter() - start)
        for problem in wrong:
            kind = " ".join(word for word in problem.split() if not any(letter.isdigit() for letter in word))[:100]
            found[kind] += 1
            if found[kind] <= 3:
                print(f"--- case {number}: {problem}\n{text!r}\n", flush=True)
        if number % 10_000 == 9_999:
            print(
                f"{number + 1} cases, {time.perf_counter() - begun:.0f} s, {sum(found.values())} findings", flush=True
            )
    print(
        f"{given.cases} cases in {time.perf_counter() - begun:.0f} s; slowest {slowest:.2f} s; findings: {dict(found)}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
