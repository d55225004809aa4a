"""What datasets share: a matrix read by row, and the two sides of one pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from dashboard import charts, diagrams
from dashboard.views.figures import Figures, Origin
from dashboard.views.numbers import count, percent
from dashboard.views.plain import distinct, one_line
from dashboard.views.rows import MAX_CHARS, Segment, segments
from registry.measurements import Overlap

NOTABLE = 0.01
CELL = 26
LEAST_HEIGHT = 420
LEAST_RUN = 3
NARROW = 8
MOST_RANKED = 10
_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """An overlap with where it was measured; names are those of `Figures`."""

    overlap: Overlap
    origin: Origin

    @property
    def rule(self) -> str:
        """What counted as a match."""
        o = self.overlap
        return f"{o.view}, Jaccard ≥ {o.threshold:g} on word {o.shingle}-grams"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A heatmap, the pair behind each cell, its height in pixels, and whether phones are too narrow."""

    chart: dict[str, Any]
    pairs: tuple[tuple[str, str], ...]
    height: int
    is_wide: bool


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two rows that match, their shared text marked."""

    heading: str
    left: tuple[Segment, ...]
    right: tuple[Segment, ...]


def gathered(shipped: Iterable[Overlap], own: Iterable[Overlap]) -> list[Found]:
    """All overlaps; what was measured here comes last, so that it wins over shipped figures."""
    return [
        *(Found(overlap, Origin.SHIPPED) for overlap in shipped),
        *(Found(overlap, Origin.HERE) for overlap in own),
    ]


def rules(found: Sequence[Found]) -> list[str]:
    """The rules that were used, the most frequent first."""
    names = [item.rule for item in found]
    return sorted(set(names), key=lambda rule: (-names.count(rule), rule))


def by_pair(found: Iterable[Found], rule: str) -> dict[tuple[str, str], Found]:
    """The overlaps of one rule by their pair in both orders; each value is turned so that `a` comes first."""
    pairs: dict[tuple[str, str], Found] = {}
    for item in found:
        if item.rule == rule:
            pairs[item.overlap.a, item.overlap.b] = item
            pairs[item.overlap.b, item.overlap.a] = Found(turned(item.overlap), item.origin)
    return pairs


def turned(overlap: Overlap) -> Overlap:
    """The same overlap seen from the other side."""
    return replace(
        overlap,
        a=overlap.b,
        b=overlap.a,
        rows_a=overlap.rows_b,
        rows_b=overlap.rows_a,
        matched_a=overlap.matched_b,
        matched_b=overlap.matched_a,
        exact_a=overlap.exact_b,
        exact_b=overlap.exact_a,
        examples=tuple(
            replace(p, row_a=p.row_b, row_b=p.row_a, text_a=p.text_b, text_b=p.text_a)
            for p in overlap.examples
        ),
    )


def notable(pairs: Mapping[tuple[str, str], Found]) -> list[str]:
    """The sets that share at least 1 % of their rows with another, in alphabetical order."""
    return sorted({a for (a, b), item in pairs.items() if a != b and max(_shares(item.overlap)) >= NOTABLE})


def ranking(pairs: Mapping[tuple[str, str], Found], titles: Mapping[str, str]) -> dict[str, list[str]]:
    """The strongest overlaps of different sets as the columns of a table, at most `MOST_RANKED`."""
    ranked = sorted(
        (pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: _rank(pairs[pair].overlap)
    )
    held = [pairs[pair].overlap for pair in ranked if max(_shares(pairs[pair].overlap)) >= NOTABLE]
    shown = held[:MOST_RANKED]
    return {
        "Rows of": [one_line(titles.get(o.a, o.a), 40) for o in shown],
        "found in": [one_line(titles.get(o.b, o.b), 40) for o in shown],
        "Share": [percent(o.share_a) for o in shown],
        "Matched rows": [count(o.matched_a) for o in shown],
    }


def matrix(pairs: Mapping[tuple[str, str], Found], names: Sequence[str], titles: Mapping[str, str]) -> Matrix:
    """Shares of the rows of each set (lines) that are found in each other set (columns)."""
    order = sorted(names, key=lambda name: (titles.get(name, name).casefold(), name))
    cells, keys = [], []
    for y, a in enumerate(order):
        for x, b in enumerate(order):
            if a != b and (a, b) in pairs:
                cells.append((x, y, pairs[a, b].overlap.share_a or 0.0))
                keys.append((a, b))
    heading = charts.title(
        "Share of the rows of each line found in the column", f"in per cent · {count(len(order))} sets"
    )
    labels = [one_line(titles.get(name, name), 26) for name in order]
    return Matrix(
        diagrams.heatmap(heading, distinct(labels), cells),
        tuple(keys),
        max(LEAST_HEIGHT, 260 + CELL * len(order)),
        len(order) > NARROW,
    )


def clicked(drawn: Matrix, selected: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """The pair of the cell that was clicked; None where none was."""
    places = [place for group in selected for place in group["data_indices"]]
    return drawn.pairs[places[0]] if places and places[0] < len(drawn.pairs) else None


def sentences(found: Found, titles: Mapping[str, str]) -> list[str]:
    """The overlap in words, one sentence a direction."""
    return [_sentence(found.overlap, titles), _sentence(turned(found.overlap), titles)]


def pairs_shown(found: Found, titles: Mapping[str, str]) -> list[ShownPair]:
    """The explained pairs, side by side; none where only figures are known."""
    a, b = (titles.get(name, name) for name in (found.overlap.a, found.overlap.b))
    return [
        ShownPair(
            f"{a}, row {count(pair.row_a)}  ·  {b}, row {count(pair.row_b)}  ·  Jaccard {pair.jaccard:.2f}",
            *marked(pair.text_a, pair.text_b),
        )
        for pair in found.overlap.examples
    ]


def marked(text_a: str, text_b: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Both texts with every run of at least three words marked that stands in the other, in the same order.

    Words are compared without regard to case; in scripts without spaces every character is a word.
    """
    words_a, words_b = _words(text_a), _words(text_b)
    matcher = SequenceMatcher(None, [w for w, *_ in words_a], [w for w, *_ in words_b], autojunk=False)
    runs = [run for run in matcher.get_matching_blocks() if run.size >= LEAST_RUN]
    spans_a = [(words_a[run.a][1], words_a[run.a + run.size - 1][2], False) for run in runs]
    spans_b = [(words_b[run.b][1], words_b[run.b + run.size - 1][2], False) for run in runs]
    return segments(text_a, spans_a), segments(text_b, spans_b)


def aliases(shipped: Iterable[Figures], figures: Mapping[str, Figures]) -> dict[str, str]:
    """Other names of the sets in `figures`: catalogue ids, and names of shipped figures of the same rows.

    Where rows were counted otherwise here, shipped overlaps keep the name they were measured under.
    """
    of_entry = {f.entry: f for f in figures.values() if f.entry and f.is_whole}
    replaced = {
        f.name: of_entry[f.entry].name
        for f in shipped
        if f.name not in figures and f.entry in of_entry and f.rows == of_entry[f.entry].rows
    }
    return {**replaced, **{entry: f.name for entry, f in of_entry.items() if entry not in figures}}


def renamed(found: Iterable[Found], other_names: Mapping[str, str]) -> list[Found]:
    """The overlaps under the names that figures have."""
    return [
        replace(
            item,
            overlap=replace(
                item.overlap,
                a=other_names.get(item.overlap.a, item.overlap.a),
                b=other_names.get(item.overlap.b, item.overlap.b),
            ),
        )
        for item in found
    ]


def fitting(found: Iterable[Found], figures: Mapping[str, Figures]) -> list[Found]:
    """The overlaps without shipped ones whose sets have other rows here: those are about something else."""

    def fits(name: str, rows: int) -> bool:
        return name not in figures or figures[name].rows == rows

    return [
        item
        for item in found
        if item.origin is Origin.HERE
        or (fits(item.overlap.a, item.overlap.rows_a) and fits(item.overlap.b, item.overlap.rows_b))
    ]


def strongest(pairs: Mapping[tuple[str, str], Found]) -> tuple[str, str] | None:
    """The pair with the greatest share of rows found in the other; None where nothing was measured."""
    ranked = sorted((pair for pair in pairs if pair[0] != pair[1]), key=lambda p: _rank(pairs[p].overlap))
    return ranked[0] if ranked else None


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text[:MAX_CHARS])]


def _rank(overlap: Overlap) -> tuple[float, int, str, str]:
    return -_shares(overlap)[0], -overlap.matched_a, overlap.a, overlap.b


def _shares(overlap: Overlap) -> tuple[float, float]:
    return overlap.share_a or 0.0, overlap.share_b or 0.0


def _sentence(overlap: Overlap, titles: Mapping[str, str]) -> str:
    a, b = (one_line(titles.get(name, name), 60) for name in (overlap.a, overlap.b))
    return (
        f"{percent(overlap.share_a)} of {a} is found in {b}: {count(overlap.matched_a)} of "
        f"{count(overlap.rows_a)} rows, {count(overlap.exact_a)} of them word for word."
    )
