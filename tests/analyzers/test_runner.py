from __future__ import annotations

import os

import pytest

from analyzers.ray_workers import RayWorkers
from analyzers.runner import run_jobs, workers_of
from registry.errors import EngineError, UnknownEngineError


def square(number: int) -> int:
    return number * number


def process(_: int) -> int:
    return os.getpid()


def refuse(number: int) -> int:
    raise ValueError(f"not {number}")


def test_answers_come_in_the_order_of_the_jobs() -> None:
    assert list(run_jobs(square, iter(range(20)))) == [n * n for n in range(20)]


def test_processes_give_the_same_answers_in_the_same_order() -> None:
    assert list(run_jobs(square, range(9), workers=2)) == [n * n for n in range(9)]
    assert os.getpid() not in set(run_jobs(process, range(3), workers=2))


def test_a_fault_of_a_job_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="not 0"):
        list(run_jobs(refuse, range(3), workers=2))


def test_no_workers_are_refused() -> None:
    with pytest.raises(ValueError, match="got 0"):
        list(run_jobs(square, [1], workers=0))


def test_an_engine_gives_its_workers() -> None:
    assert workers_of("local", 3) == 3
    assert workers_of("ray", 3, address="head:6379") == RayWorkers(3, "head:6379")


def test_an_unknown_engine_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownEngineError, match="did you mean ray"):
        workers_of("rya", 1)


def test_an_address_without_ray_is_refused() -> None:
    with pytest.raises(EngineError, match="goes with the engine 'ray'"):
        workers_of("local", 1, address="head:6379")
