"""Running a plain function over jobs, here or in other processes; answers come in the order of the jobs."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")

JOBS_IN_FLIGHT = 2


def run_jobs(function: Callable[[J], R], jobs: Iterable[J], *, workers: int = 1) -> Iterator[R]:
    """`function(job)` for each job, in order; at most two jobs a worker are under way at a time.

    With more than one worker, `function`, jobs and answers travel by pickle to freshly started interpreters,
    so a script that asks for them guards its own start with `if __name__ == "__main__"`.

    Raises:
        ValueError: fewer than one worker.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, got {workers}")
    if workers == 1:
        yield from map(function, jobs)
        return
    # Forked children inherit the locks of Arrow's threads in whatever state they are; spawned ones do not.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(function, job))
                if len(waiting) >= JOBS_IN_FLIGHT * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
