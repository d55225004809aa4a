"""What programs outside may ask: by id only, as plain JSON, of what is known and stored already.

REST and MCP are thin clothes over this. No path of this machine is ever opened for a caller, and nothing here
computes on rows but `plan`, which needs the features of rows that were fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from registry.errors import (
    InputRefusedError,
    NotMeasuredError,
    ProblemCode,
    UnknownDatasetError,
)
from registry.figures import measured_overlaps, measured_sets
from registry.measurements import MatchedPair, Measurement, Overlap

if TYPE_CHECKING:
    from registry.registry import Registry

MAX_PAGE: Final = 200
MAX_COMPARED: Final = 50


class Doors:
    """The questions that REST and MCP pass on, answered from one registry.

    The registry is opened at the first question; threads may ask at the same time.
    """

    def __init__(self, open_registry: Callable[[], Registry]) -> None:
        self._open = open_registry
        self._lock = Lock()
        self._registry: Registry | None = None

    @property
    def registry(self) -> Registry:
        """The open registry."""
        with self._lock:
            if self._registry is None:
                self._registry = self._open()
            return self._registry

    def close(self) -> None:
        """Close the registry; the next question opens it again."""
        with self._lock:
            if self._registry is not None:
                self._registry.close()
                self._registry = None

    def entries(self, *, limit: int = 50, after: str | None = None, **filters: Any) -> dict[str, Any]:
        """A page of datasets that pass `filters` (those of `Registry.find`), in order of ids.

        `next` is what to give as `after` for the page behind it, None on the last.

        Raises:
            UnknownDatasetError: `after` is no dataset.
        """
        if after is not None and after not in self.registry:
            raise UnknownDatasetError(after, [])
        found = self.registry.find(**filters, after=after, limit=limit + 1)
        page = [entry.summary() for entry in found[:limit]]
        return {"entries": page, "next": page[-1]["id"] if len(found) > limit else None}

    def similar(self, text: str, *, limit: int = 10) -> list[dict[str, Any]]:
        """Datasets whose facts sound most like `text`, with their similarity, best first."""
        nearest = self.registry.similar(text, limit=limit)
        return [{**entry.summary(), "similarity": score} for entry, score in nearest]

    def entry(self, dataset: str) -> dict[str, Any]:
        """All facts of one dataset with evidence, its snapshots, measurements and lineage."""
        return self.registry.describe(dataset)

    def lineage(self, dataset: str) -> dict[str, Any]:
        """What a dataset was made from, and what was made from it."""
        return self.registry.lineage(dataset).to_json()

    def license(self, datasets: Sequence[str], *, use: str = "commercial") -> dict[str, Any]:
        """Whether a use is allowed for `datasets` together, with every reason."""
        return self.registry.license(list(datasets), use=use).to_json()

    def measurements(
        self, dataset: str, *, metric: str | None = None, limit: int = 50, after: str | None = None
    ) -> dict[str, Any]:
        """A page of the figures of one dataset, measured here or shipped, in the order of their keys."""
        keyed = sorted((figure_key(m), m) for m in self._figures(dataset) if metric in (None, m.metric))
        rest = [(key, m) for key, m in keyed if after is None or key > after]
        page = [{"key": key, **m.to_json()} for key, m in rest[:limit]]
        return {"measurements": page, "next": page[-1]["key"] if len(rest) > limit else None}

    def compare(self, datasets: Sequence[str]) -> dict[str, Any]:
        """Figures of several datasets side by side; only what was measured here or is shipped.

        Raises:
            NotMeasuredError: one of them has no figures.
        """
        from analyzers.compare import comparison

        figures = {dataset: self._figures(dataset) for dataset in dict.fromkeys(datasets)}
        for dataset, found in figures.items():
            if not found:
                raise NotMeasuredError(
                    f"{dataset!r} was not measured yet: run `instructory analyze {dataset}`"
                )
        return comparison(figures).to_json()

    def overlap(self, a: str, b: str, *, view: str) -> dict[str, Any]:
        """The stored overlap of two datasets under `view`, seen from `a`; else the shipped one.

        Raises:
            NotMeasuredError: nobody looked at these two under that view.
        """
        for dataset in (a, b):
            self._require(dataset)
        found = self._stored_overlap(a, b, view) or self._shipped_overlap(a, b, view)
        if found is None:
            raise NotMeasuredError(
                f"no overlap of {a!r} and {b!r} under {view!r} is stored: run `instructory overlap {a} {b}`"
            )
        return found.to_json()

    def plan(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """The arithmetic of a recipe over rows that were fetched.

        Raises:
            InputRefusedError: faults of the recipe, or a part that is a path and no id.
            UnknownDatasetError, NotMeasuredError: a dataset that is not known, or whose rows nobody fetched.
        """
        from mixtures.plan import plan
        from mixtures.recipe import MixtureRecipe

        wish = MixtureRecipe.from_text(json.dumps(recipe), file="recipe")
        problems = [
            wish.problem(ProblemCode.BAD_VALUE, "a path cannot be asked for here: name a dataset", "parts", n)
            for n, part in enumerate(wish.parts)
            if part.path is not None
        ]
        if problems:
            raise InputRefusedError(problems)
        named = [part.ref for part in wish.parts]
        for name in [*named, *(wish.decontaminate.against if wish.decontaminate else ())]:
            self.require_rows(name)
        return plan(self.registry, wish).to_json()

    def rows(self, dataset: str, *, start: int = 0, limit: int = 5) -> dict[str, Any]:
        """Rows of a fetched dataset from `start` on, as turns; `next` is where to go on, None at the end.

        Raises:
            UnknownDatasetError, NotMeasuredError: no such dataset, or nobody fetched its rows.
        """
        from registry.snapshot import open_snapshot

        self.require_rows(dataset)
        snapshot = open_snapshot(self.registry, dataset)
        wanted = range(start, min(start + limit, snapshot.rows_kept))
        found = snapshot.take(wanted, ["row", "system", "turns"]).to_pylist() if wanted else []
        return {
            "dataset": dataset,
            "snapshot": snapshot.id,
            "rows_kept": snapshot.rows_kept,
            "rows": [{**row, "turns": [_spoken(turn) for turn in row["turns"]]} for row in found],
            "next": wanted.stop if wanted and wanted.stop < snapshot.rows_kept else None,
        }

    def description(self, dataset: str, *, form: str) -> str:
        """One dataset in a format that others read: croissant, card, bibtex or spdx."""
        from instructory.describe import describe_entry

        return describe_entry(self.registry, dataset, form=form).text

    def require_rows(self, name: str) -> None:
        """Do nothing where the rows of a dataset, sample or benchmark are at hand.

        Raises:
            UnknownDatasetError: there is none of that name.
            NotMeasuredError: nobody fetched its rows.
        """
        from registry.fetch import is_bundled

        self.registry.declared(name)
        if self.registry.latest_snapshot(name) is None and not is_bundled(name):
            raise NotMeasuredError(f"rows of {name!r} were not fetched yet: run `instructory fetch {name}`")

    def _figures(self, dataset: str) -> Sequence[Measurement]:
        from instructory.verbs import known_figures

        self._require(dataset)
        return known_figures(self.registry, dataset)

    def _require(self, dataset: str) -> None:
        """Do nothing for a known name; a dataset, sample, benchmark or shipped measured set."""
        if dataset in measured_sets():
            return
        try:
            self.registry.declared(dataset)
        except UnknownDatasetError as error:
            known = [*self.registry, *self.registry.samples, *measured_sets()]
            raise UnknownDatasetError(dataset, known) from error

    def _stored_overlap(self, a: str, b: str, view: str) -> Overlap | None:
        return _of_pair(self.registry.overlaps(a), (a,), (b,), view)

    def _shipped_overlap(self, a: str, b: str, view: str) -> Overlap | None:
        return _of_pair(measured_overlaps(), _shipped_names(a), _shipped_names(b), view)


def figure_key(measurement: Measurement) -> str:
    """What tells a figure from the others of its dataset: metric, view and a hash of its settings."""
    m = measurement
    settings = json.dumps([m.tokenizer, m.backend, sorted(m.params.items())], ensure_ascii=True)
    return f"{m.metric}/{m.view or ''}/{hashlib.sha256(settings.encode()).hexdigest()[:12]}"


def _spoken(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn without what it does not have."""
    return {name: value for name, value in turn.items() if value is not None}


def _shipped_names(dataset: str) -> tuple[str, ...]:
    """The shipped measured sets that `dataset` may mean: itself, or those that are all of the entry."""
    named = [m.name for m in measured_sets().values() if m.entry == dataset and m.part == "whole"]
    return (dataset, *named)


def _of_pair(
    overlaps: Sequence[Overlap], a: tuple[str, ...], b: tuple[str, ...], view: str
) -> Overlap | None:
    for found in overlaps:
        if found.view == view and found.a in a and found.b in b:
            return found
        if found.view == view and found.a in b and found.b in a:
            return _turned(found)
    return None


def _turned(found: Overlap) -> Overlap:
    """The same overlap seen from the other side."""
    examples = [
        MatchedPair(
            row_a=pair.row_b,
            row_b=pair.row_a,
            jaccard=pair.jaccard,
            text_a=pair.text_b,
            text_b=pair.text_a,
            shared=pair.shared,
        )
        for pair in found.examples
    ]
    return Overlap(
        a=found.b,
        b=found.a,
        view=found.view,
        shingle=found.shingle,
        threshold=found.threshold,
        rows_a=found.rows_b,
        rows_b=found.rows_a,
        matched_a=found.matched_b,
        matched_b=found.matched_a,
        exact_a=found.exact_b,
        exact_b=found.exact_a,
        pairs=found.pairs,
        examples=tuple(examples),
    )
