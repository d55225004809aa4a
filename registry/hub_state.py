"""What the Hub says of a repository at one commit: the facts of its card and of its list of files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from registry.errors import InputRefusedError, NetworkError
from registry.hub import NOT_ROWS, list_files, network_errors, refuse_offline, retried
from registry.hub_history import CARD, HubState
from registry.sources import skip_reason

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import DatasetInfo, RepoFile

CARD_FACTS: Final = ("license", "license_name", "license_url", "size_rows", "size_text", "languages")
"""The fields of an entry that a card may state and that are kept with the commit."""


def read_state(
    repository: str, *, revision: str | None = None, offline: bool = False, now: datetime | None = None
) -> HubState:
    """What the Hub says of `repository` at `revision` (default: now).

    Raises:
        NetworkError: offline, not reachable, refused, no such repository or revision; `reason` tells which.
    """
    return read_state_and_card(repository, revision=revision, offline=offline, now=now)[0]


def read_state_and_card(
    repository: str, *, revision: str | None = None, offline: bool = False, now: datetime | None = None
) -> tuple[HubState, str]:
    """As `read_state`, with the text of the card; it is empty where there is none.

    Raises:
        NetworkError: as for `read_state`.
    """
    from huggingface_hub import HfApi

    refuse_offline(repository, offline)
    api = HfApi()
    with network_errors(repository, revision):
        info = retried(lambda: api.dataset_info(repository, revision=revision))
        if info.sha is None:
            raise NetworkError(f"the Hub names no commit for {repository!r}")
        files = list_files(api, repository, info.sha)
        text, notes = _card_text(api, repository, info, files)
    facts, problems = _card_facts(text, repository, info.sha)
    facts |= _hub_facts(info, files)
    read_at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    state = HubState(
        repository=repository, commit=info.sha, read_at=read_at, facts=facts, notes=(*notes, *problems)
    )
    return state, text


def _card_text(
    api: HfApi, repository: str, info: DatasetInfo, files: Mapping[str, RepoFile]
) -> tuple[str, list[str]]:
    """The card as it stands in the repository; where it is closed to us, the front matter the Hub shows."""
    from huggingface_hub.errors import GatedRepoError

    if CARD not in files:
        return "", ["the repository has no card"]
    try:
        path = api.hf_hub_download(repository, CARD, repo_type="dataset", revision=info.sha)
    except GatedRepoError:
        shown = info.card_data.to_yaml() if info.card_data else ""
        return f"---\n{shown}\n---\n", ["the card is closed to us: its front matter as the Hub shows it"]
    return Path(path).read_bytes().decode("utf-8-sig", "replace"), []


def _card_facts(text: str, repository: str, commit: str) -> tuple[dict[str, Any], list[str]]:
    from registry.card import card_facts

    if not text:
        return {}, []
    try:
        stated = card_facts(text, file=CARD, hf_id=repository, revision=commit).facts
    except InputRefusedError as error:
        return {}, [f"the card cannot be read: {error.problems[0]}"]
    return {name: stated[name] for name in CARD_FACTS if name in stated}, []


def _hub_facts(info: DatasetInfo, files: Mapping[str, RepoFile]) -> dict[str, Any]:
    rows = {path: file for path, file in files.items() if _holds_rows(path)}
    digest = hashlib.sha256()
    for path in sorted(rows):
        digest.update(f"{path}\0{content_id(rows[path])}\n".encode())
    modified = info.last_modified
    return {
        "gated": bool(info.gated),
        **({"last_modified": modified.astimezone(UTC).isoformat(timespec="seconds")} if modified else {}),
        "row_files": len(rows),
        "size_bytes": sum(file.size for file in files.values()),
        "rows_sha256": digest.hexdigest(),
    }


def _holds_rows(path: str) -> bool:
    return skip_reason(path) is None and PurePosixPath(path).name not in NOT_ROWS


def content_id(file: RepoFile) -> str:
    """The hash by which the Hub lists the bytes of a file."""
    return file.lfs.sha256 if file.lfs is not None else file.blob_id
