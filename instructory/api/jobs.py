"""Work that takes longer than a request: one piece after the other, in a thread of its own."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, Final, Literal

from instructory.api.problems import problem, problem_of
from registry.errors import BusyError, ExitCode, InstructoryError, UnknownNameError

MAX_WAITING: Final = 16
MAX_KEPT: Final = 100

Kind = Literal["fetch", "analyze", "overlap"]
State = Literal["queued", "running", "done", "failed"]
Progress = Callable[[int, int | None, str], None]
Work = Callable[[Progress], Any]


class UnknownJobError(UnknownNameError):
    """No job carries the requested id."""

    kind = "job"


@dataclass(slots=True)
class Job:
    """One piece of work: what was asked for, how far it is, what came of it."""

    id: str
    kind: Kind
    asked: Mapping[str, Any]
    state: State = "queued"
    done: int | None = None
    total: int | None = None
    result: Any = None
    problem: dict[str, Any] | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        names = ("id", "kind", "state", "done", "total", "result", "problem")
        return {**{name: getattr(self, name) for name in names}, "asked": dict(self.asked)}

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed")


class Jobs:
    """The work of one server; at most 16 pieces wait, the last 100 are remembered until it stops."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: deque[Job] = deque()
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, kind: Kind, asked: Mapping[str, Any], work: Work) -> Job:
        """Queue `work`, which gets a function to report progress to and returns plain JSON types.

        Raises:
            BusyError: too many pieces wait already.
        """
        with self._lock:
            if sum(not job.is_over for job in self._jobs) >= MAX_WAITING:
                raise BusyError(f"{MAX_WAITING} jobs wait already: ask again when some are done")
            job = Job(secrets.token_hex(8), kind, asked)
            self._jobs.append(job)
            while len(self._jobs) > MAX_KEPT and self._jobs[0].is_over:
                self._jobs.popleft()
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="instructory-job")
            self._pool.submit(self._run, job, work)
        return job

    def get(self, job_id: str) -> dict[str, Any]:
        """What is known of one job.

        Raises:
            UnknownJobError: there is none of that id, or it was forgotten.
        """
        for job in self.all():
            if job["id"] == job_id:
                return job
        raise UnknownJobError(job_id, [])

    def all(self) -> list[dict[str, Any]]:
        """Every job that is remembered, newest first."""
        with self._lock:
            return [job.to_json() for job in reversed(self._jobs)]

    def close(self) -> None:
        """Let the running job end and drop those that wait."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Work) -> None:
        def report(done: int, total: int | None, _: str = "") -> None:
            with self._lock:
                job.done, job.total = done, total

        with self._lock:
            job.state = "running"
        try:
            result, fault = work(report), None
        except InstructoryError as error:
            result, fault = None, problem_of(error)
        except Exception:  # whoever asked waits for an end; the log says what it was
            logging.getLogger(__name__).exception("job %s failed", job.id)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            detail = "an unexpected error; the server's log says more"
            result, fault = None, problem(status, "Unexpected", detail, ExitCode.FAILED)
        with self._lock:
            job.result, job.problem = result, fault
            job.state = "failed" if fault else "done"
