"""The JSON labels that shapes write at judged turns, read where a compiled test says they may matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from analyzers.arrow import pc
from analyzers.flags.turns import Turns


def labels_with(turns: Turns, field: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(place among all turns of the batch, label) of each turn whose label has the field."""
    labels = turns.field("label")
    if labels is None:
        return
    said = pc.fill_null(pc.match_substring(labels, f'"{field}":'), False)
    for place in np.flatnonzero(said.to_numpy(zero_copy_only=False)).tolist():
        label = json.loads(labels[place].as_py())
        if isinstance(label, dict) and field in label:
            yield place, label
