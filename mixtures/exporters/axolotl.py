"""Axolotl: one `datasets:` entry of type chat_template."""

from __future__ import annotations

import yaml

from mixtures.exporters.fidelity import RowsFile, Trainer, chat_row


def _configs(rows: RowsFile) -> dict[str, str]:
    entry = {
        "path": rows.file,
        "ds_type": "json",
        "type": "chat_template",
        "field_messages": "messages",
        **({"field_tools": "tools"} if rows.has_tools else {}),
        "split": "train",
    }
    config = {
        "datasets": [entry],
        "shuffle_merged_datasets": True,
        "seed": rows.seed,
        "dataset_prepared_path": f"prepared-{rows.file.removesuffix('.jsonl')}",
        "dataset_exact_deduplication": False,
    }
    return {"axolotl.yaml": yaml.safe_dump(config, sort_keys=False)}


AXOLOTL = Trainer(
    name="axolotl",
    read_in="axolotl 0.18.0 (067b021c8)",
    row=chat_row,
    configs=_configs,
    notes=(
        "add these keys to your training config and run it in this folder: path is relative",
        "dataset_exact_deduplication stays off: it would undo epochs of the recipe",
        "rows over sequence_len are dropped or cut when training; the count here knows no tokenizer",
    ),
)
"""The file name holds a hash of its bytes, because the cache key of axolotl does not."""
