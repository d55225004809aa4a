from __future__ import annotations

from pathlib import Path

import pytest

from instructory import doctor
from instructory.doctor import examine
from registry.settings import Settings


def test_what_an_unfinished_run_left_is_named_with_its_size(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    partials = settings.features / ".partials-1"
    shards = settings.signatures / "snapshot" / ".prompt-k5"
    for folder in (partials, shards, settings.signatures / "snapshot" / "prompt-k5"):
        folder.mkdir(parents=True)
        (folder / "00000000").write_bytes(bytes(1_500))

    found = {finding.what: finding for finding in examine(settings) if " bytes of " in finding.what}

    assert list(found) == [f"1,500 bytes of an unfinished run in {folder}" for folder in (partials, shards)]
    assert {finding.state for finding in found.values()} == {"notable"}


@pytest.mark.parametrize(("kind", "state"), [("tmpfs", "notable"), ("ext4", "good")])
def test_scratch_in_memory_is_notable(
    kind: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nnone {tmp_path} {kind} rw 0 0\n")

    assert doctor._file_system(tmp_path / "below", mounts) == kind
    assert doctor._file_system(Path("/elsewhere"), mounts) == "ext4"
    assert doctor._file_system(tmp_path, tmp_path / "none") == ""
    monkeypatch.setattr(doctor, "_file_system", lambda _: kind)
    (scratch,) = (
        finding for finding in examine(Settings(home=tmp_path)) if finding.what.startswith("scratch")
    )
    assert scratch.state == state
