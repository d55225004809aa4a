"""What one can do with datasets, by the same names as on the command line.

Each function takes the registry first; wherever a dataset is asked for, a catalogue id, the id of a bundled
sample or the path of a file or folder may stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from registry.figures import measured_sets
from registry.measurements import Measurement, Overlap

if TYPE_CHECKING:
    from analyzers.compare import Comparison
    from analyzers.duplicates import Duplicates
    from mixtures.build import Build
    from mixtures.exporters.fidelity import Export
    from mixtures.lock import LockDiff, Verification
    from mixtures.plan import Plan
    from mixtures.recipe import MixtureRecipe
    from registry.registry import Registry
    from registry.rows import FoundRow
    from registry.snapshot import Snapshot

Progress = Callable[[int, int | None, str], None]
DEFAULT_VIEW = "first_prompt+final_answer"


def fetch(
    registry: Registry,
    ref: str,
    *,
    source: str | Path | Sequence[str | Path] | None = None,
    limit: int | None = None,
    keep_good: bool = False,
    revision: str | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """The rows of `ref`, read from `source` (or from the Hub) and kept as a snapshot.

    Raises:
        InputRefusedError: the source holds bad rows (all of them are in `problems`) and `keep_good` is off,
            or it is no row file at all. Nothing is registered then.
        NetworkError: the Hub could not be reached.
    """
    from registry.fetch import fetch as fetch_rows

    return fetch_rows(
        registry, ref, source=source, limit=limit, keep_good=keep_good, revision=revision, progress=progress
    )


def open_snapshot(registry: Registry, ref: str) -> Snapshot:
    """The latest snapshot of `ref`; a sample or a path is read on the fly."""
    from registry.snapshot import open_snapshot as open_rows

    return open_rows(registry, ref)


def analyze(
    registry: Registry,
    ref: str,
    *,
    only: Iterable[str] | None = None,
    limit: int | None = None,
    seed: int = 0,
    workers: int = 1,
    engine: str = "local",
    address: str | None = None,
    embedding: str = "lsa",
    parser: str = "lexicon",
    tokenizer: str = "o200k_base",
    model: str = "",
    progress: Progress | None = None,
) -> list[Measurement]:
    """Every figure of the default analyzers (or of `only`) on the rows of `ref`, stored in the registry.

    `embedding` is `lsa`, `static` (extra `embed`) or the folder of a model2vec model; `parser` is `lexicon`
    or `spacy` (extra `nlp`); `tokenizer` is `o200k_base`, `estimate` or a tokenizer.json (extra `tokens`);
    `model` is the folder of a language model, for `only=["perplexity"]` (extra `lm`).

    `workers` processes share the work; with the engine `ray` they are those of the Ray cluster at `address`
    (None: one started here for the while). Neither changes a bit.

    Raises:
        EngineError: Ray is not installed or not reached, or a worker died; an address without Ray.
        UnknownEngineError: no such engine.
    """
    from analyzers.options import Options
    from analyzers.run import analyze_snapshot
    from analyzers.runner import workers_of

    sharing = workers_of(engine, workers, address=address)
    snapshot = open_snapshot(registry, ref)
    analysis = analyze_snapshot(
        registry,
        snapshot,
        only=None if only is None else list(only),
        limit=limit,
        seed=seed,
        options=Options(embedding=embedding, parser=parser, tokenizer=tokenizer, model=model),
        workers=sharing,
        progress=progress,
    )
    return list(analysis.measurements)


def compare(registry: Registry, refs: Sequence[str], *, progress: Progress | None = None) -> Comparison:
    """Figures of several datasets side by side.

    Stored figures are used where there are any, then shipped ones (by catalogue id or name of the measured
    set); what has neither is analysed now.
    """
    from analyzers.compare import comparison

    return comparison({ref: _figures(registry, ref, progress) for ref in refs})


def diversity(
    registry: Registry,
    refs: Sequence[str],
    *,
    view: str = "first_prompt",
    embedding: str = "lsa",
    rows: int = 2_000,
    seed: int = 0,
) -> Comparison:
    """How diverse several datasets are in meaning: one space, equally many rows, one reference.

    `embedding` is `lsa`, `static` (extra `embed`) or the folder of a model2vec model. Figures hold between
    the datasets named together only, and are not stored.

    Raises:
        NotMeasuredError: a dataset has too few rows with text in `view`.
        MissingExtraError: the embedding takes a package that is not installed.
    """
    from analyzers.common_space import diversity as lay_side_by_side

    snapshots = {ref: open_snapshot(registry, ref) for ref in refs}
    return lay_side_by_side(snapshots, view=view, embedding=embedding, rows=rows, seed=seed)


def _figures(registry: Registry, ref: str, progress: Progress | None) -> Sequence[Measurement]:
    return known_figures(registry, ref) or analyze(registry, ref, progress=progress)


def known_figures(registry: Registry, ref: str) -> Sequence[Measurement]:
    """Figures of `ref` that were measured here, else the shipped ones where nobody fetched its rows.

    Computes nothing; [] where there are neither.
    """
    stored = registry.measurements(ref)
    if stored or registry.latest_snapshot(ref) is not None:
        return stored
    for measured in measured_sets().values():
        if ref == measured.name or (ref == measured.entry and measured.part == "whole"):
            return measured.measurements
    return []


def overlap(
    registry: Registry,
    a: str,
    b: str,
    *,
    view: str = DEFAULT_VIEW,
    shingle: int = 5,
    threshold: float = 0.8,
    explain: int = 5,
) -> Overlap:
    """Rows of `a` and `b` that match, counted both ways, every pair decided on its real shingles."""
    from analyzers.overlap import overlap as overlap_rows

    first, second = open_snapshot(registry, a), open_snapshot(registry, b)
    found = overlap_rows(
        first,
        second,
        view=view,
        shingle=shingle,
        threshold=threshold,
        explain=explain,
        folder=registry.settings.signatures,
    )
    registry.add_overlap(first.id, second.id, found)
    return found


def overlaps(
    registry: Registry,
    refs: Sequence[str],
    *,
    view: str = DEFAULT_VIEW,
    shingle: int = 5,
    threshold: float = 0.8,
    explain: int = 0,
) -> list[Overlap]:
    """The overlap of every two of `refs`, found in one sweep over the rows of all of them."""
    from analyzers.overlaps import overlaps as overlaps_of_all

    snapshots = [open_snapshot(registry, ref) for ref in refs]
    found = overlaps_of_all(
        snapshots,
        view=view,
        shingle=shingle,
        threshold=threshold,
        explain=explain,
        folder=registry.settings.signatures,
    )
    for (a, b), result in zip(combinations(snapshots, 2), found, strict=True):
        registry.add_overlap(a.id, b.id, result)
    return found


def duplicates(
    registry: Registry,
    ref: str,
    *,
    view: str = DEFAULT_VIEW,
    shingle: int = 5,
    threshold: float = 0.8,
    slots: float = 0.0,
    explain: int = 5,
    workers: int = 1,
    engine: str = "local",
    address: str | None = None,
) -> Duplicates:
    """Rows of one dataset that repeat each other, as verified pairs and star clusters.

    With `slots` above 0, rows of one template are similar only where what they fill in has that Jaccard
    similarity as well. `workers`, `engine` and `address` share the search out as in `analyze`.
    """
    from analyzers.duplicates import near_duplicates
    from analyzers.runner import workers_of

    sharing = workers_of(engine, workers, address=address)
    return near_duplicates(
        open_snapshot(registry, ref),
        view=view,
        shingle=shingle,
        threshold=threshold,
        slot_threshold=slots,
        explain=explain,
        folder=registry.settings.signatures,
        workers=sharing,
    )


def plan(registry: Registry, recipe: MixtureRecipe) -> Plan:
    """The arithmetic of a recipe: exact rows and tokens a part, licence verdict, warnings. Writes nothing."""
    from mixtures.plan import plan as plan_mixture

    return plan_mixture(registry, recipe)


def build(
    registry: Registry,
    plan: Plan,
    *,
    to: str | Path,
    format: Sequence[Literal["jsonl", "parquet"]] | None = None,  # noqa: A002 - the recipe's own word
    force: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Write the mixture into the folder `to`: rows, ledger, manifest, lock, card and notices."""
    from mixtures.build import build as build_mixture

    return build_mixture(registry, plan, to=Path(to), format=format, force=force, progress=progress)


def verify(lock: str | Path) -> Verification:
    """Whether the files beside a lock are what it says."""
    from mixtures.lock import verify as verify_lock

    return verify_lock(Path(lock))


def diff(a: str | Path, b: str | Path) -> LockDiff:
    """What changed between two locks: sources, settings and outputs."""
    from mixtures.lock import diff as diff_locks

    return diff_locks(Path(a), Path(b))


def export(lock: str | Path, *, to: str, folder: str | Path | None = None, force: bool = False) -> Export:
    """Configuration for the trainer `to`, with the rows it will really train on."""
    from mixtures.exporters import export as export_mixture

    return export_mixture(Path(lock), to=to, folder=Path(folder) if folder else None, force=force)


def search_rows(registry: Registry, text: str, *, limit: int = 20) -> list[FoundRow]:
    """Rows of any snapshot whose prompt or response holds `text`, in dataset and row order."""
    from registry.rows import find_rows

    return find_rows(registry.snapshots(), text, limit=limit)
