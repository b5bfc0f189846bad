"""Processes that read rules, and what becomes of the work when they die."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from rulescope.catalog.workers import FEW, _spread
from rulescope.errors import CatalogError

MANY = FEW * 4


def double(number: int) -> int:
    return 2 * number


def die_once(task: tuple[int, Path]) -> int:
    """Twice the number; whoever comes first at the mark takes it away, and dies."""
    number, mark = task
    if number == MANY // 2 and mark.exists():
        mark.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die(number: int) -> int:
    if number == MANY // 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def fail(number: int) -> int:
    if number == MANY // 2:
        raise ValueError(str(number))
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_answers_come_in_order_and_are_counted(processes: int) -> None:
    told: list[int] = []
    assert list(_spread(double, range(MANY), processes, told.append, None)) == [2 * n for n in range(MANY)]
    assert told == list(range(1, MANY + 1))


def test_a_process_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    told: list[int] = []
    answers = list(_spread(die_once, [(n, mark) for n in range(MANY)], 2, told.append, None))
    assert answers == [2 * n for n in range(MANY)]
    assert told == list(range(1, MANY + 1))
    assert not mark.exists()


def test_processes_that_die_again_are_an_error() -> None:
    with pytest.raises(CatalogError) as error:
        list(_spread(die, range(MANY), 2, lambda done: None, None))
    assert error.value.code == "RSC205"
    assert multiprocessing.active_children() == []


def test_no_process_outlives_what_ends_the_work() -> None:
    with pytest.raises(ValueError, match=str(MANY // 2)):
        list(_spread(fail, range(MANY), 2, lambda done: None, None))
    assert multiprocessing.active_children() == []
    answers = _spread(double, range(MANY), 2, lambda done: None, None)
    assert next(answers) == 0
    answers.close()
    assert multiprocessing.active_children() == []
