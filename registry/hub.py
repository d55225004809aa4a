"""The Hugging Face Hub: a repository pinned to one commit, its row files downloaded and checked."""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from registry.errors import InputRefusedError, IntegrityError, NetworkError, NetworkReason, ProblemCode
from registry.files import sha256_file
from registry.readers.raw import refusal
from registry.sources import RowSource, skip_reason

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

TRIES = 5
LONGEST_WAIT_S = 300.0
FIRST_WAIT_S = 1.0
NOT_ROWS = frozenset(
    ("dataset_infos.json", "dataset_info.json", "dataset_dict.json", "config.json", "state.json")
)
COMMIT = re.compile(r"[0-9a-f]{40}")
T = TypeVar("T")


def download_rows(
    dataset: str, repository: str, *, revision: str | None = None, offline: bool = False
) -> RowSource:
    """The row files of a dataset repository at one commit, downloaded into the Hub client's own cache.

    `revision` (a branch, tag or commit; default: the main branch) is resolved to a full commit first, and
    every file comes from it. The files are those that `datasets` finds for the default configuration, all
    splits; where it finds no layout, every file named like rows. Size and hash of each are checked against
    the repository's listing.

    Raises:
        NetworkError: offline, not reachable, refused, gated, or no such repository or revision.
        InputRefusedError: the repository holds no row files.
        IntegrityError: a download twice came with other bytes than the listing promises.
    """
    from huggingface_hub import HfApi

    refuse_offline(repository, offline)
    api = HfApi()
    with network_errors(repository, revision):
        commit = resolve_commit(api, repository, revision)
        listed = list_files(api, repository, commit)
        chosen, skipped = choose_files(listed, layout_files(repository, commit))
        if not chosen:
            raise refusal(repository, ProblemCode.NO_ROWS, "the repository holds no files of rows")
        files = tuple((file.path, _download(api, repository, commit, file)) for file in chosen)
    return RowSource(
        dataset=dataset,
        kind="hub",
        files=files,
        skipped=tuple(skipped),
        repository=repository,
        revision=commit,
    )


def refuse_offline(repository: str, offline: bool) -> None:
    """Raise the error of a Hub that must not be asked.

    Raises:
        NetworkError: `offline` is set.
    """
    if offline:
        message = (
            f"offline: {repository!r} is not fetched; unset INSTRUCTORY_OFFLINE or give files with --from"
        )
        raise NetworkError(message, reason="offline")


def resolve_commit(api: HfApi, repository: str, revision: str | None) -> str:
    """The full commit, 40 hex digits, that `revision` means now.

    Raises:
        NetworkError: the Hub answers without a commit.
    """
    commit = retried(lambda: api.dataset_info(repository, revision=revision).sha)
    if commit is None or not COMMIT.fullmatch(commit):
        raise NetworkError(f"the Hub names no commit for {repository!r}")
    return commit


def list_files(api: HfApi, repository: str, commit: str) -> dict[str, RepoFile]:
    """Every file of the repository at `commit` by its path; the client retries by itself."""
    from huggingface_hub.hf_api import RepoFile

    tree = api.list_repo_tree(repository, recursive=True, revision=commit, repo_type="dataset")
    return {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}


def layout_files(repository: str, commit: str) -> list[str] | None:
    """Paths that `datasets` would load: default configuration, split by split; None where it knows no layout.

    Repositories that need a script, or that want one of several configurations named, have no layout for us.
    """
    import datasets

    try:
        builder = retried(lambda: datasets.load_dataset_builder(repository, revision=commit))
    except (FileNotFoundError, RuntimeError, ValueError):
        return None
    marker = f"@{commit}/"
    data_files = builder.config.data_files or {}
    paths = [str(url).partition(marker)[2] for urls in data_files.values() for url in urls]
    return list(dict.fromkeys(path for path in paths if path)) or None


def choose_files(
    listed: dict[str, RepoFile], layout: list[str] | None
) -> tuple[list[RepoFile], list[tuple[str, str]]]:
    """The files to read in reading order, and the others with the reason why not."""
    if layout is not None and all(path in listed for path in layout):
        others = [(path, "not in the default configuration") for path in sorted(listed) if path not in layout]
        return [listed[path] for path in layout], others
    chosen, skipped = [], []
    for path in sorted(listed, key=str.encode):
        reason = "facts about the dataset" if Path(path).name in NOT_ROWS else skip_reason(path)
        if reason is None:
            chosen.append(listed[path])
        else:
            skipped.append((path, reason))
    return chosen, skipped


def retried(ask: Callable[[], T], *, sleep: Callable[[float], None] = time.sleep) -> T:
    """What `ask` answers, asked up to 5 times with growing jittered waits, 5 minutes in all.

    Retried are time-outs, cut connections, 429 (its wait is honoured where it fits) and 5xx; nothing else.
    """
    failures: tuple[type[Exception], ...] = (OSError, *_cut_connections())
    waited = 0.0
    for attempt in range(1, TRIES + 1):
        try:
            return ask()
        except failures as error:
            wait = wait_before_retry(error, attempt)
            if wait is None or attempt == TRIES or waited + wait > LONGEST_WAIT_S:
                raise
            waited += wait
            sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def wait_before_retry(error: Exception, attempt: int) -> float | None:
    """Seconds to wait before asking again, None where asking again is no use."""
    from huggingface_hub.errors import HfHubHTTPError

    jittered = FIRST_WAIT_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    if not isinstance(error, HfHubHTTPError):
        again: tuple[type[Exception], ...] = (ConnectionError, TimeoutError, *_cut_connections())
        return jittered if isinstance(error, again) and not isinstance(error, NetworkError) else None
    status = error.response.status_code
    if status == 429:
        told = error.response.headers.get("Retry-After", "")
        return float(told) + 1 if told.isdigit() else jittered
    return jittered if status >= 500 else None


def _cut_connections() -> tuple[type[Exception], ...]:
    """What the client's transport raises for connections that break; no OSError, unlike Python's own."""
    from httpx2 import TransportError

    return (TransportError,)


@contextmanager
def network_errors(repository: str, revision: str | None) -> Iterator[None]:
    """Turn what the client raises into a NetworkError that says what to do and shows no token or address."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HFValidationError

    try:
        yield
    except (InputRefusedError, NetworkError, IntegrityError):
        raise
    except HFValidationError as error:
        raise NetworkError(f"{repository!r} is no name of a Hub repository", reason="gone") from error
    except (HTTPError, OSError, ValueError) as error:
        # A ValueError is how the client says that a second download could not be made.
        message, reason = _explained(error, repository, revision)
        raise NetworkError(message, reason=reason) from None


def _explained(error: BaseException, repository: str, revision: str | None) -> tuple[str, NetworkReason]:
    from huggingface_hub import errors

    said: tuple[tuple[type[BaseException], str, NetworkReason], ...] = (
        (
            errors.GatedRepoError,
            "is gated: accept its terms on its page, then set HF_TOKEN to your token",
            "gated",
        ),
        (errors.DisabledRepoError, "was disabled by the Hub", "gone"),
        (
            errors.RepositoryNotFoundError,
            "does not exist, or is private: check the name, or set HF_TOKEN",
            "gone",
        ),
        (errors.RevisionNotFoundError, f"has no revision {revision!r}", "revision"),
        (errors.OfflineModeIsEnabled, "is not fetched while HF_HUB_OFFLINE is set", "offline"),
    )
    for kind, words, reason in said:
        if isinstance(error, kind):
            return f"Hub repository {repository!r} {words}", reason
    if isinstance(error, errors.HfHubHTTPError):
        meaning, reason = _meaning(error.response.status_code)
        return (
            f"Hub repository {repository!r}: the Hub answered {error.response.status_code} {meaning}",
            reason,
        )
    if error.__cause__ is not None:
        return _explained(error.__cause__, repository, revision)
    kind_name = type(error).__name__
    return (
        f"Hub repository {repository!r} cannot be reached ({kind_name}): check the connection and try again",
        "unreachable",
    )


def _meaning(status: int) -> tuple[str, NetworkReason]:
    if status in {401, 403}:
        return "(no access): set HF_TOKEN to a token that may read it", "refused"
    if status == 412:
        return "(the repository changed meanwhile): run the command again", "changed"
    if status == 429:
        return "(too many requests): wait some minutes and try again", "busy"
    return ("(its fault): try again later", "down") if status >= 500 else ("(not found there)", "gone")


def _download(api: HfApi, repository: str, commit: str, file: RepoFile) -> Path:
    for again in (False, True):
        path = Path(
            api.hf_hub_download(
                repository, file.path, repo_type="dataset", revision=commit, force_download=again
            )
        )
        if path.stat().st_size == file.size and _content_id(path, file) == _listed_id(file):
            return path
        path.unlink()  # the client would keep showing the first copy under this name
    raise IntegrityError(
        f"{file.path!r} of {repository!r} came twice with other bytes than commit {commit[:12]} lists"
    )


def _listed_id(file: RepoFile) -> str:
    return file.lfs.sha256 if file.lfs is not None else file.blob_id


def _content_id(path: Path, file: RepoFile) -> str:
    if file.lfs is not None:
        return sha256_file(path)
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
