"""The nearest tests notice small faults in comparisons, predicates, times, derivations and relations.

`RULESCOPE_MUTANTS` is how many mutants of each function are tried. See `trial.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import mutants
import pytest
import trial
from mutants import mutants_of, sample, target_of

LEAST = 0.9
"""The share of mutants that must be noticed."""


@pytest.mark.slow
def test_nearest_tests_notice_mutants() -> None:
    size = os.environ.get("RULESCOPE_MUTANTS", str(trial.SIZE))
    command = [sys.executable, str(trial.HERE / "trial.py"), "--json", "--sample", size]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trials = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [one for one in trials if not one["change"] and one["noticed"]], "tests fail without any fault"
    tried = [one for one in trials if one["change"]]
    lived = [f"{one['function']}: {one['change']}" for one in tried if not one["noticed"]]
    assert len(tried) >= len(trial.subjects())
    assert len(lived) <= (1 - LEAST) * len(tried), f"of {len(tried)} mutants these lived:\n" + "\n".join(lived)


def test_every_function_is_there_and_has_mutants() -> None:
    for subject in trial.subjects():
        assert len(mutants_of(subject.function)) >= trial.SIZE, subject.function
        files = [part for part in subject.tests if part.endswith(".py")]
        assert files and all((trial.PROJECT / file).is_file() for file in files), subject.tests


def test_what_is_listed_as_equivalent_is_still_a_mutant() -> None:
    for (function, change), why in trial.equivalents().items():
        assert why
        assert change in {one.change for one in mutants_of(function)}, f"{function}: {change}"


def changes(function: str) -> dict[str, mutants.Mutant]:
    return {one.change: one for one in mutants_of(f"rulescope.{function}")}


def test_comparisons_get_other_signs_and_bounds() -> None:
    found = changes("hunt.time_ranges:_beyond")
    assert {"times[1] < at → times[1] <= at", "times[1] < at → times[1] >= at"} <= found.keys()
    assert {"times[0] >= at → times[0] > at", "times is None → times is not None"} <= found.keys()
    whole = "times is None or (times[1] < at if name == 'earliest' else times[0] >= at)"
    assert {f"return {whole} → return None", f"{whole} → times is None"} <= found.keys()


def test_guards_constants_and_returns_are_changed() -> None:
    found = changes("logs.timestamps:_zone_seconds")
    assert {"3600 → 3601", "3600 → 3599", "return 0 → return None", "not zone → zone"} <= found.keys()
    assert {
        "if not zone or zone in ('Z', 'UTC') → never",
        "if not zone or zone in ('Z', 'UTC') → always",
    } <= found.keys()


def test_a_mutant_has_the_functions_code_with_the_one_fault() -> None:
    code = changes("logs.timestamps:_zone_seconds")["3600 → 3601"].code
    function = type(target_of)(code, target_of("rulescope.logs.timestamps:_zone_seconds").__globals__)
    assert function("+01:00") == 3601
    assert function("-00:30") == -1800


def test_the_choice_stays_where_others_are_added() -> None:
    found = mutants_of("rulescope.logs.timestamps:find_time")
    chosen = sample(found, 5, "seed")
    assert chosen == sample(list(reversed(found)), 5, "seed")
    without = [one for one in found if one != chosen[0]]
    assert sample(without, 4, "seed") == chosen[1:]
