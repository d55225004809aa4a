"""TRL: a `datasets:` mixture of one entry for `trl sft --config`."""

from __future__ import annotations

import yaml

from mixtures.exporters.fidelity import RowsFile, Trainer, chat_row


def _configs(rows: RowsFile) -> dict[str, str]:
    columns = ["messages", "tools"] if rows.has_tools else ["messages"]
    config = {
        "datasets": [{"path": "json", "data_files": rows.file, "split": "train", "columns": columns}],
        "seed": rows.seed,
    }
    return {"trl.yaml": yaml.safe_dump(config, sort_keys=False)}


TRL = Trainer(
    name="trl",
    read_in="TRL 1.10.0.dev0 (f2cd57710)",
    row=chat_row,
    configs=_configs,
    notes=(
        "run `trl sft --config trl.yaml` in this folder: data_files is relative to the working folder",
        "rows over max_length are cut when training; test_split_size splits without a seed, so leave it out",
    ),
)
"""Rows are already in their final order, so nothing depends on how TRL takes prefixes."""
