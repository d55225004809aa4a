"""Writing a mixture for a trainer: the rows it takes, its configuration, and a report of what it drops."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixtures.exporters.axolotl import AXOLOTL
from mixtures.exporters.conversations import conversations
from mixtures.exporters.fidelity import Dropped, Export, Fidelity, RowsFile, Trainer
from mixtures.exporters.llama_factory import LLAMA_FACTORY
from mixtures.exporters.open_instruct import OPEN_INSTRUCT
from mixtures.exporters.torchtune import TORCHTUNE
from mixtures.exporters.trl import TRL
from mixtures.lock import canonical_json, is_output_name, read_lock, verify
from mixtures.staging import publish, staging
from mixtures.writers import HashedFile, WrittenFile, write_text
from registry.errors import IntegrityError, UnknownNameError

EXPORTERS: Mapping[str, Trainer] = {
    trainer.name: trainer for trainer in (TRL, AXOLOTL, LLAMA_FACTORY, OPEN_INSTRUCT, TORCHTUNE)
}
"""Trainers a mixture can be exported to."""

REPORT_FILE = "export.json"
_BLOCK_ROWS = 1_000


class UnknownTrainerError(UnknownNameError):
    """No exporter carries that name."""

    kind = "trainer"


def export(lock: str | Path, *, to: str, folder: str | Path | None = None, force: bool = False) -> Export:
    """Write the mixture of `lock` for the trainer `to`.

    Without a `folder` it goes beside the lock, into one named after the trainer. The files hold exactly the
    rows the trainer trains on, in the mixture's order; rows it would drop are left out and counted by reason.
    Two exports of one lock are equal byte for byte.

    Raises:
        UnknownTrainerError: no such trainer; offers the nearest.
        InputRefusedError: the lock cannot be used, or `folder` holds files and `force` is off.
        IntegrityError: the mixture's files are not what the lock says.
        BusyError, DiskError: another export is at work there, or it cannot be written.
    """
    if to not in EXPORTERS:
        raise UnknownTrainerError(to, EXPORTERS)
    trainer = EXPORTERS[to]
    facts, home = read_lock(lock)
    checked = verify(lock)
    if not checked.ok:
        raise IntegrityError(f"the mixture is not what its lock says: {checked.problems[0]}")
    target = Path(folder) if folder is not None else home / to
    with staging(target, force=force) as scratch:
        rows, written, dropped = _write_rows(scratch, home, facts, trainer)
        planned = written.rows + sum(dropped.values())
        fidelity = Fidelity(planned, written.rows, dict(dropped))
        texts = trainer.configs(written)
        files = [rows, *(write_text(scratch, name, text) for name, text in texts.items())]
        report = {
            "trainer": trainer.name,
            "rules_read_in": trainer.read_in,
            "recipe_sha256": facts["recipe_sha256"],
            "fidelity": fidelity.to_json(),
            "files": [file.to_json() for file in files],
            "notes": list(trainer.notes),
        }
        files.append(write_text(scratch, REPORT_FILE, canonical_json(report)))
        publish(scratch, [file.path for file in files], replaced=_older(target))
        return Export(trainer, target, tuple(files), fidelity)


def _older(folder: Path) -> list[str]:
    """Names that the export before listed; without its report there is none to replace."""
    try:
        listed = json.loads((folder / REPORT_FILE).read_bytes())["files"]
        names = [file["path"] for file in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if isinstance(name, str) and is_output_name(name)]


def _write_rows(
    scratch: Path, home: Path, lock: Mapping[str, Any], trainer: Trainer
) -> tuple[WrittenFile, RowsFile, Counter[str]]:
    """The file of rows, named by its hash, what configurations need of it, and what was dropped."""
    waiting = scratch / "rows.jsonl"
    dropped: Counter[str] = Counter()
    count, has_tools = 0, False
    file = HashedFile(waiting)
    try:
        block: list[bytes] = []
        for conversation in conversations(home, lock):
            row = trainer.row(conversation)
            if isinstance(row, Dropped):
                dropped[row.reason] += 1
                continue
            count += 1
            has_tools = has_tools or "tools" in row
            block.append(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            if len(block) >= _BLOCK_ROWS:
                file.write(b"".join(block))
                block.clear()
        file.write(b"".join(block))
        written = file.finish(count)
    finally:
        file.close()
    name = f"{lock['name']}-{written.sha256[:12]}.jsonl"
    waiting.rename(scratch / name)
    named = WrittenFile(name, written.rows, written.bytes, written.sha256)
    return named, RowsFile(lock["name"], name, lock["seed"], count, has_tools), dropped
