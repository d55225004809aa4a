"""Figures, entries and overlaps made by hand, and the app in a home that all page tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.views.figures import Figures, Origin
from registry.entry import Entry, Evidence
from registry.measurements import Distribution, Measurement


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """An entry with the facts that are given, the rest as plain as they come."""

    def make(entry_id: str = "one", **facts: Any) -> Entry:
        plain: dict[str, Any] = {
            "id": entry_id,
            "name": entry_id.title(),
            "category": "distillation",
            "method": "seed-expansion",
            "focus": "general",
            "languages": ["en"],
            "format": "single-turn",
            "commercial_use": "unclear",
            "evidence": [Evidence(source="owner/repo README.md@abc", status="verified")],
        }
        return Entry.model_validate({**plain, **facts})

    return make


@pytest.fixture
def make_measurement() -> Callable[..., Measurement]:
    """A measurement of 100 rows."""

    def make(metric: str, value: float | None, **more: Any) -> Measurement:
        plain: dict[str, Any] = {
            "dataset": "one",
            "version": 1,
            "view": "response",
            "n_total": 100,
            "n_used": 100,
        }
        return Measurement(metric=metric, value=value, **{**plain, **more})

    return make


@pytest.fixture
def make_figures() -> Callable[..., Figures]:
    """Figures of 100 rows with a histogram of three bins."""

    def make(name: str = "one", measurements: tuple[Measurement, ...] = (), **more: Any) -> Figures:
        distribution = Distribution(
            dataset=name,
            metric="response_words",
            view="response",
            unit="words",
            edges=(0.0, 1.0, 2.0, 4.0),
            counts=(0, 25, 75),
            n_total=100,
        )
        plain: dict[str, Any] = {
            "title": name.title(),
            "entry": name,
            "origin": Origin.SHIPPED,
            "source": "owner/repo@abc",
            "rows": 100,
            "rows_bad": 0,
            "is_whole": True,
            "licence": None,
            "shape": "alpaca",
            "distributions": (distribution,),
        }
        return Figures(name=name, measurements=measurements, **{**plain, **more})

    return make


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which two samples were measured and compared; made once."""
    from analyzers.overlap import overlap
    from analyzers.run import analyze_snapshot
    from registry.registry import Registry
    from registry.settings import Settings
    from registry.snapshot import open_snapshot

    home = tmp_path_factory.mktemp("dashboard") / "home"
    with Registry.open(Settings(home=home)) as registry:
        a, b = (open_snapshot(registry, name) for name in ("sample-human", "sample-distilled"))
        for snapshot in (a, b):
            analyze_snapshot(
                registry, snapshot, only=["structure", "hygiene", "duplicates", "syntax", "topics"]
            )
        registry.add_overlap(a.id, b.id, overlap(a, b, folder=registry.settings.signatures))
    return home
