"""open-instruct: the arguments of `finetune.py` for one local file."""

from __future__ import annotations

import yaml

from mixtures.exporters.fidelity import RowsFile, Trainer, chat_row


def _configs(rows: RowsFile) -> dict[str, str]:
    config = {
        "dataset_mixer_list": [rows.file, "1.0"],
        "dataset_mixer_list_splits": ["train"],
        "dataset_config_seed": rows.seed,
        "seed": rows.seed,
    }
    return {"open_instruct.yaml": yaml.safe_dump(config, sort_keys=False)}


OPEN_INSTRUCT = Trainer(
    name="open-instruct",
    read_in="open-instruct e6c3044aa",
    row=chat_row,
    configs=_configs,
    notes=(
        "run in this folder: file names are relative; an amount with a decimal point is a share of the file",
        "rows over max_seq_length are cut when training",
    ),
)
