"""Diversity of several datasets in one space, on equally many rows each, against the union of those rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from analyzers import spread
from analyzers.base import Batch
from analyzers.compare import Comparison, comparison
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.embedding import Vectors, one_blas_thread
from analyzers.sampling import row_keys
from analyzers.semantic import NOVEL_SUM, TEXT_BYTES, Reference, Spread, inner_spread, spread_over
from analyzers.spaces import PooledLsa, Space, check_embedding, load_space
from analyzers.views import View
from registry.errors import NotMeasuredError
from registry.measurements import Measurement
from registry.snapshot import Snapshot

ROWS = 2_000
UNION_ROWS = 4_000
LEAST_ROWS = 20


def diversity(
    snapshots: Mapping[str, Snapshot],
    *,
    view: View | str = View.FIRST_PROMPT,
    embedding: str = "lsa",
    rows: int = ROWS,
    seed: int = 0,
) -> Comparison:
    """The figures of `semantic` for each dataset, comparable: one space, equal rows, one reference.

    Each dataset gives as many rows as the smallest can, at most `rows`, and at most 4,000 in all where `lsa`
    has to be fitted on them. The reference is the union of the rows drawn, as in the study of NovelSum.

    Raises:
        ValueError: fewer than one dataset.
        NotMeasuredError: a dataset has fewer than 20 rows with text in this view.
        UnknownEmbeddingError, MissingExtraError: as `check_embedding`.
    """
    if not snapshots:
        raise ValueError("name at least one dataset")
    check_embedding(embedding)
    most = rows if embedding != "lsa" else min(rows, UNION_ROWS // len(snapshots))
    drawn = {name: _drawn(snapshot, View(view), most, seed) for name, snapshot in snapshots.items()}
    count = min(len(texts) for texts in drawn.values())
    if count < LEAST_ROWS:
        small = min(drawn, key=lambda name: len(drawn[name]))
        raise NotMeasuredError(
            f"{small!r} has {count} rows with text in {str(view)!r}; laying datasets side by side takes "
            f"{LEAST_ROWS} of each"
        )
    cut = {name: texts[:count] for name, texts in drawn.items()}
    with one_blas_thread():
        space, parts = _laid_out(cut, embedding)
        figures = _figures(parts)
    return comparison(
        {
            name: [
                _measurement(found, snapshots[name], space, view=str(view), rows=count, seed=seed)
                for found in held
            ]
            for name, held in figures.items()
        }
    )


def _laid_out(texts: Mapping[str, Sequence[str]], embedding: str) -> tuple[Space, dict[str, Vectors]]:
    """The space, and the vectors of each dataset in it."""
    union = pa.array([text for held in texts.values() for text in held], pa.large_string())
    space = PooledLsa(union, union_id(texts)) if embedding == "lsa" else load_space(embedding)
    return space, {name: space.vectors(pa.array(held, pa.large_string())) for name, held in texts.items()}


def _figures(parts: Mapping[str, Vectors]) -> dict[str, list[Spread]]:
    """What the vectors of each dataset say of themselves and against the union."""
    union = np.concatenate(list(parts.values()))
    density = spread.densities(union, union, int(NOVEL_SUM["k"] or 0), is_same=True)
    reference = Reference.of("union", union)
    found, first = {}, 0
    for name, vectors in parts.items():
        own = None if density is None else density[first : first + len(vectors)]
        first += len(vectors)
        found[name] = [*inner_spread(vectors), *spread_over(vectors, reference, own)]
    return found


def union_id(texts: Mapping[str, Sequence[str]]) -> str:
    """A name of the rows laid side by side that changes with them: `union-` and eight hexadecimal digits."""
    digest = hashlib.sha256()
    for held in texts.values():
        for text in held:
            digest.update(hashlib.sha256(text.encode()).digest())
    return f"union-{digest.hexdigest()[:8]}"


def _drawn(snapshot: Snapshot, view: View, rows: int, seed: int) -> list[str]:
    """The first rows with a word by key."""
    budget = Budget(texts=rows, text_bytes=TEXT_BYTES, total_bytes=rows * (TEXT_BYTES + 1))
    total = DrawnTexts(budget)
    for batch in _batches(snapshot, view, seed):
        holds = np.flatnonzero(batch.words(view).counts)
        total += DrawnTexts.of(batch.view(view).take(holds), batch.keys[holds], budget)
    return [text.decode(errors="ignore") for text in total.texts]


def _batches(snapshot: Snapshot, view: View, seed: int) -> Iterator[Batch]:
    keys, first = row_keys(snapshot.row_hashes(), seed), 0
    for rows in snapshot.batches(view.columns):
        yield Batch(rows, keys=keys[first : first + rows.num_rows])
        first += rows.num_rows


def _measurement(
    found: Spread, snapshot: Snapshot, space: Space, *, view: str, rows: int, seed: int
) -> Measurement:
    return Measurement(
        dataset=snapshot.dataset,
        metric=found.metric,
        version=1,
        view=view,
        n_total=snapshot.rows_kept,
        n_used=rows,
        value=found.value,
        params={**found.params, "fit": space.fit, "dimensions": space.dimensions, "rows": rows},
        backend=space.backend,
        reason="too few rows" if found.value is None else None,
        direction=found.direction,
        evidence=found.evidence,
        seed=seed,
    )
