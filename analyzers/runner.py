"""Running a plain function over jobs: here, in other processes or on a Ray cluster; answers in order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from analyzers.ray_workers import RayWorkers
from registry.errors import EngineError, UnknownEngineError

J = TypeVar("J")
R = TypeVar("R")

JOBS_IN_FLIGHT = 2
ENGINES = ("local", "ray")

# Processes of this machine, or the workers of a Ray cluster.
Workers = int | RayWorkers


def workers_of(engine: str, count: int, *, address: str | None = None) -> Workers:
    """`count` workers of `engine`: "local" for processes, "ray" for those of the cluster at `address`.

    Raises:
        EngineError: an address that no engine asks for.
        UnknownEngineError: no such engine.
    """
    if engine not in ENGINES:
        raise UnknownEngineError(engine, ENGINES)
    if engine == "ray":
        return RayWorkers(count, address)
    if address is not None:
        raise EngineError(f"the address '{address}' is that of a Ray cluster: it goes with the engine 'ray'")
    return count


def held(workers: Workers) -> AbstractContextManager[object]:
    """A block whose runs share one session of the engine, where it has any."""
    return workers.session() if isinstance(workers, RayWorkers) else nullcontext()


def run_jobs(function: Callable[[J], R], jobs: Iterable[J], *, workers: Workers = 1) -> Iterator[R]:
    """`function(job)` for each job, in order; at most two jobs a worker are under way at a time.

    With more than one worker, `function`, jobs and answers travel by pickle to freshly started interpreters,
    so a script that asks for them guards its own start with `if __name__ == "__main__"`.

    Raises:
        ValueError: fewer than one worker.
    """
    count = workers if isinstance(workers, int) else workers.count
    if count < 1:
        raise ValueError(f"at least one worker is needed, got {count}")
    if isinstance(workers, RayWorkers):
        yield from workers.run(function, jobs, in_flight=JOBS_IN_FLIGHT * count)
        return
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
