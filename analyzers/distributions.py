"""Histograms of row features, on edges that are the same for all datasets, to be laid together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from analyzers.tally import Tally
from registry.measurements import Distribution
from registry.snapshot import Snapshot


def _half_octaves(last: int) -> tuple[float, ...]:
    """0, 1, 2, 3, 4, 6, 8, 12, 16, 24 ... `last`: two bins for each doubling."""
    edges = [0.0, 1.0, 2.0]
    while edges[-1] < last:
        edges += [edges[-1] * 1.5, edges[-1] * 2]
    return tuple(edges)


LENGTH_EDGES = _half_octaves(1 << 20)
TURN_EDGES = _half_octaves(1 << 10)
CONSTRAINT_EDGES = (*map(float, range(12)), *_half_octaves(1 << 7)[8:])


class _Drawn(NamedTuple):
    view: str
    unit: str
    edges: tuple[float, ...]


DRAWN: Mapping[str, _Drawn] = {
    "prompt_words": _Drawn("prompt", "words", LENGTH_EDGES),
    "response_words": _Drawn("response", "words", LENGTH_EDGES),
    "prompt_tokens": _Drawn("prompt", "tokens", LENGTH_EDGES),
    "response_tokens": _Drawn("response", "tokens", LENGTH_EDGES),
    "turns": _Drawn("all", "turns", TURN_EDGES),
    "constraints": _Drawn("prompt", "constraints", CONSTRAINT_EDGES),
}


def feature_histograms(snapshot: Snapshot, features: Path, rows: int) -> tuple[Distribution, ...]:
    """The histogram of each feature of `DRAWN` over the first `rows`; the last bin takes all beyond."""
    tallies = dict.fromkeys(DRAWN, Tally())
    left = rows
    with pq.ParquetFile(features) as file:
        for batch in file.iter_batches(columns=list(DRAWN)):
            part = batch.slice(0, left)
            left -= part.num_rows
            for name in DRAWN:
                tallies[name] += Tally.of(part.column(name).to_numpy())
    return tuple(
        Distribution(
            dataset=snapshot.dataset,
            metric=name,
            view=drawn.view,
            unit=drawn.unit,
            edges=drawn.edges,
            counts=tallies[name].histogram(drawn.edges),
            n_total=rows,
        )
        for name, drawn in DRAWN.items()
    )
