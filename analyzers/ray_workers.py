"""Workers of a Ray cluster, here or elsewhere: the same jobs, the same answers in the same order."""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar

from registry.errors import EngineError

J = TypeVar("J")
R = TypeVar("R")

KNOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RayWorkers:
    """`count` jobs at a time on the Ray cluster at `address`; None starts one here and ends it afterwards.

    A cluster reads rows and features under the paths the jobs name, so all its machines need the registry's
    home at the same place.
    """

    count: int = 1
    address: str | None = None

    def run(self, function: Callable[[J], R], jobs: Iterable[J], *, in_flight: int) -> Iterator[R]:
        """`function(job)` for each job, in order, with at most `in_flight` under way.

        Raises:
            EngineError: Ray is not installed or not reached, or a worker died.
        """
        with self.session() as ray:
            remote = ray.remote(_task(function))
            waiting: deque[Any] = deque()
            for number, job in enumerate(jobs):
                waiting.append((number, remote.remote(job)))
                if len(waiting) >= in_flight:
                    yield _answer(ray, *waiting.popleft())
            while waiting:
                yield _answer(ray, *waiting.popleft())

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Ray, held for the steps of the block: one that starts here takes seconds and starts once.

        Raises:
            EngineError: Ray is not installed or not reached.
        """
        held = sys.modules.get("ray")
        if held is not None and held.is_initialized():
            yield held
            return
        ray = self._started()
        try:
            yield ray
        finally:
            ray.shutdown()

    def _started(self) -> Any:
        if find_spec("ray") is None:
            raise EngineError("the engine 'ray' needs an extra: pip install 'instructory[scale]'")
        if self.address is not None:
            _knock(self.address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if self.address is None:
            settings |= {"num_cpus": self.count, "include_dashboard": False}
        try:
            ray.init(address=self.address or "local", **settings)
        except (ConnectionError, RuntimeError, ValueError) as error:
            hint = "; one that asks for a token wants RAY_AUTH_MODE=token here" if self.address else ""
            raise EngineError(f"no Ray at {self.address or 'this machine'}: {error}{hint}") from error
        return ray


def _knock(address: str) -> None:
    """Ask whether anything listens at `host:port`: Ray itself would try for a minute before it says no."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return  # "auto" and the like, which Ray resolves
    if not port.isdecimal():
        raise EngineError(f"the address of a Ray cluster is host:port, not '{address}'")
    try:
        socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise EngineError(
            f"no Ray at {address}: {error}; `ray start --head` starts one and names its address"
        ) from error


def _task(function: Callable[[J], R]) -> Callable[[J], R]:
    """`function` as a plain function: Ray takes no partial objects."""

    def call(job: J) -> R:
        return function(job)

    return call


def _answer(ray: Any, number: int, reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise EngineError(f"the worker of job {number} died: {error}") from error
