"""The table of pages: one line a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Route:
    """One page: its file in `pages/`, its address, and the question it answers."""

    name: str
    title: str
    question: str

    @property
    def file(self) -> Path:
        """Where the page's code lies."""
        return PAGES / f"{self.name}.py"


ROUTES: tuple[Route, ...] = (
    Route("browse", "Browse", "What exists?"),
    Route("dataset", "Dataset", "What is in it?"),
    Route("compare", "Compare", "How do they differ?"),
    Route("overlap", "Overlap", "What do they share?"),
    Route("contamination", "Leaks", "Does it leak my benchmarks?"),
    Route("audit", "Audit", "What does not add up?"),
    Route("mix", "Mix", "What do I train on?"),
)
