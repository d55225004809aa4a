"""Lexical diversity: type-token ratios, n-grams, entropy, MTLD, HD-D, compression, self-repetition.

Formulas and readings: docs/metrics.md. Words are those of tokeniser `w1`, n-grams stay inside rows; MATTR
and MTLD read the words of all rows, in row order, as one text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean, stdev

import numpy as np

from analyzers import word_statistics as ws
from analyzers.base import Batch, Finding
from analyzers.compression import (
    BUDGET,
    DRAW_BYTES,
    LEVEL,
    LONG_BYTES,
    LONG_LEVEL,
    compression_ratios,
    long_compression_ratio,
)
from analyzers.drawn_texts import DrawnTexts
from analyzers.gram_counts import all_grams, distinct_grams, gram_counts
from analyzers.sampling import draw_keys
from analyzers.scratch import gathered
from analyzers.tally import entropy_bits
from analyzers.text import TOKENIZER, Grams, Hashes, Ints, ngrams
from registry.measurements import Param

VIEWS = ("first_prompt", "response")
EAD_VOCABULARY = 100_000
MATTR_WINDOW = 50
MTLD_MIN_WORDS = 100
DRAWS = 20
DRAW_WORDS = 10_000
ORDERS = (1, 2, 3, 4)
# Orders whose entropy is told: there it matters how often each n-gram occurs.
COUNTED = ORDERS[:2]

Params = tuple[tuple[str, Param], ...]
# Distinct n-grams of one order, and all of them.
Size = tuple[int, int]

# Two-sided 95 % quantile of Student's t for the mean of 2, 3 and 4 draws.
_STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182}


@dataclass(frozen=True, slots=True)
class ViewWords:
    """Word hashes, words of each row and keys of the sampled rows of a view, batch after batch."""

    hashes: tuple[Hashes, ...] = ()
    counts: tuple[Ints, ...] = ()
    keys: tuple[Hashes, ...] = ()
    texts: DrawnTexts = field(default_factory=lambda: DrawnTexts(BUDGET))

    def __add__(self, other: ViewWords) -> ViewWords:
        return ViewWords(
            self.hashes + other.hashes,
            self.counts + other.counts,
            self.keys + other.keys,
            self.texts + other.texts,
        )


class Lexical:
    """Lexical diversity of the sampled rows, for the views `first_prompt` and `response`.

    Plain figures rest on all sampled rows. Those with params `draws` and `words` are means over 20 seeded
    draws of 10,000 words, with the range that holds 95 % of the draws: only they compare datasets of
    different size. A partial holds 8 bytes for each sampled word (8 million at most).
    """

    name = "lexical"
    version = 1
    metrics = (
        "ttr",
        "distinct_n",
        "nds",
        "ead_n",
        "entropy_n",
        "mattr",
        "mtld",
        "hdd",
        "self_repetition",
        "compression_ratio",
        "compression_ratio_long",
    )
    columns = ("turns", "response")

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def start(self) -> dict[str, ViewWords]:
        """No rows."""
        return {view: ViewWords() for view in VIEWS}

    def measure(self, batch: Batch) -> dict[str, ViewWords]:
        """Words and first texts of the sampled rows of one batch."""
        sample = batch.sample()
        return {view: _view_words(sample, view) for view in VIEWS}

    def merge(self, a: dict[str, ViewWords], b: dict[str, ViewWords]) -> dict[str, ViewWords]:
        """The rows of `a`, then those of `b`."""
        return {view: a[view] + b[view] for view in VIEWS}

    def finish(self, total: dict[str, ViewWords]) -> list[Finding]:
        """Figures of each view; null with a reason where there are too few words."""
        return [finding for view in VIEWS for finding in self._of_view(view, total[view])]

    def _of_view(self, view: str, found: ViewWords) -> Iterator[Finding]:
        words = _grams(
            np.concatenate((*found.counts, np.empty(0, np.int64))),
            gathered(found.hashes, np.uint64),
        )
        keys = np.concatenate((*found.keys, np.empty(0, np.uint64)))
        for figure in (*corpus_figures(words), *drawn_figures(words, keys)):
            yield Finding(
                metric=figure.metric,
                view=view,
                n_used=len(keys),
                value=figure.value,
                params=figure.params,
                tokenizer=TOKENIZER,
                ci_low=figure.low,
                ci_high=figure.high,
                reason=figure.reason,
                direction="-" if figure.metric == "self_repetition" else "+",
                evidence="B",
                seed=self.seed,
            )
        yield from self._compression(view, found.texts)

    def _compression(self, view: str, found: DrawnTexts) -> Iterator[Finding]:
        ratios = compression_ratios(found.texts)
        mean = fmean(ratios) if ratios else None
        half = _STUDENT_T[len(ratios)] * stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else None
        params: dict[str, Param] = {"codec": "zlib", "level": LEVEL, "draw_bytes": DRAW_BYTES}
        yield self._ratio("compression_ratio", view, found, mean, params, half=half)
        far: dict[str, Param] = {"codec": "zstd", "level": LONG_LEVEL, "draw_bytes": LONG_BYTES}
        yield self._ratio("compression_ratio_long", view, found, long_compression_ratio(found.texts), far)

    def _ratio(
        self,
        metric: str,
        view: str,
        found: DrawnTexts,
        value: float | None,
        params: dict[str, Param],
        *,
        half: float | None = None,
    ) -> Finding:
        return Finding(
            metric=metric,
            view=view,
            n_used=len(found.texts),
            value=value,
            params=params,
            ci_low=None if value is None or half is None else value - half,
            ci_high=None if value is None or half is None else value + half,
            reason="no text" if value is None else None,
            direction="-",
            evidence="A" if metric == "compression_ratio" else "B",
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a text, before it is given its view and rows."""

    metric: str
    value: float | None
    params: dict[str, Param] = field(default_factory=dict)
    reason: str | None = None
    low: float | None = None
    high: float | None = None


def corpus_figures(words: Grams) -> Iterator[Figure]:
    """Every lexical figure of the words of some rows, compression aside."""
    total = f"{len(words.hashes)} words in all"
    counts = {n: gram_counts(words, n) for n in COUNTED}
    sizes = _sizes(words, counts)
    for (metric, params), value in _distinct_shares(sizes).items():
        yield _figure(metric, value, total, **dict(params))
    for n in ORDERS:
        yield _figure("ead_n", _ead(sizes[n]), total, n=n, vocabulary=EAD_VOCABULARY)
    for n in COUNTED:
        bits = _bits(counts[n])
        yield _figure("entropy_n", bits, total, n=n, normalised=False)
        share = bits / math.log2(len(counts[n])) if bits is not None and len(counts[n]) > 1 else None
        yield _figure("entropy_n", share, total, n=n, normalised=True)
    yield _figure("mattr", ws.mattr(words.hashes, MATTR_WINDOW), total, window=MATTR_WINDOW)
    enough = len(words.hashes) >= MTLD_MIN_WORDS
    factor_length = ws.mtld(words.hashes) if enough else None
    reason = "no word occurs twice" if enough else f"{total}, fewer than {MTLD_MIN_WORDS}"
    yield _figure("mtld", factor_length, reason, threshold=ws.MTLD_THRESHOLD)
    yield _figure("hdd", ws.hdd(counts[1]), total, draw=ws.HDD_DRAW)
    yield _figure("self_repetition", ws.self_repetition(ngrams(words, 4)), "no rows", n=4)


def drawn_figures(words: Grams, keys: Hashes) -> Iterator[Figure]:
    """The figures that move with size, of draws of equally many words, rows in the order of their keys.

    The value is the mean over the draws; 95 % of them lie between the bounds. Draws of a corpus hardly
    larger than one draw share most of their rows, so their range is then too narrow.
    """
    enough = len(words.hashes) >= DRAW_WORDS
    draws = [_size_bound(_drawn(words, draw_keys(keys, draw))) for draw in range(DRAWS if enough else 0)]
    for name, params in _size_bound(Grams(np.zeros(1, np.int64), np.empty(0, np.uint64))):
        settings = {**dict(params), "draws": DRAWS, "words": DRAW_WORDS}
        values = [value for draw in draws if (value := draw[name, params]) is not None]
        if values and len(values) == len(draws):
            low, high = np.quantile(values, (0.025, 0.975)).tolist()
            yield Figure(metric=name, value=fmean(values), params=settings, low=low, high=high)
        else:
            yield _figure(
                name, None, f"fewer than {DRAW_WORDS:,} words, or none in a row long enough", **settings
            )


def _sizes(words: Grams, counts: Mapping[int, Ints]) -> dict[int, Size]:
    """How many n-grams of each order there are; `counts` of some orders are at hand."""
    counted = {n: (len(times), int(times.sum())) for n, times in counts.items()}
    return {n: counted.get(n) or (distinct_grams(words, n), all_grams(words, n)) for n in ORDERS}


def _distinct_shares(sizes: Mapping[int, Size]) -> dict[tuple[str, Params], float | None]:
    """`ttr`, `distinct_n` for each n, and their sum `nds`, from the n-grams of each order."""
    shares = {n: distinct / total if total else None for n, (distinct, total) in sizes.items()}
    known = [share for share in shares.values() if share is not None]
    return {
        ("ttr", ()): shares[1],
        **{("distinct_n", (("n", n),)): share for n, share in shares.items()},
        ("nds", (("max_n", ORDERS[-1]),)): math.fsum(known) if len(known) == len(shares) else None,
    }


def _size_bound(words: Grams) -> dict[tuple[str, Params], float | None]:
    """The figures of some words that are only comparable at equal numbers of words."""
    counts = {n: gram_counts(words, n) for n in COUNTED}
    sizes = _sizes(words, counts)
    fixed: Params = (("vocabulary", EAD_VOCABULARY),)
    return {
        **_distinct_shares(sizes),
        **{("ead_n", (("n", n), *fixed)): _ead(sizes[n]) for n in ORDERS},
        **{("entropy_n", (("n", n), ("normalised", False))): _bits(counts[n]) for n in COUNTED},
        ("mattr", (("window", MATTR_WINDOW),)): ws.mattr(words.hashes, MATTR_WINDOW),
    }


def _bits(counts: Ints) -> float | None:
    return entropy_bits(counts) if len(counts) else None


def _ead(size: Size) -> float | None:
    return ws.expectation_adjusted_distinct(*size, EAD_VOCABULARY) if size[1] else None


def _drawn(words: Grams, keys: Hashes) -> Grams:
    """The first `DRAW_WORDS` words of the rows in the order of their keys."""
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(words.counts[order])
    order = order[: int(np.searchsorted(ends, DRAW_WORDS)) + 1]
    parts = [words.hashes[words.offsets[row] : words.offsets[row + 1]] for row in order]
    counts = words.counts[order]
    counts[-1] -= int(counts.sum()) - DRAW_WORDS
    return _grams(counts, np.concatenate(parts)[:DRAW_WORDS])


def _grams(counts: Ints, hashes: Hashes) -> Grams:
    return Grams(np.concatenate(([0], np.cumsum(counts))), hashes)


def _figure(metric: str, value: float | None, reason: str, **params: Param) -> Figure:
    return Figure(metric=metric, value=value, params=params, reason=reason if value is None else None)


def _view_words(batch: Batch, view: str) -> ViewWords:
    words = batch.words(view)
    texts = DrawnTexts.of(batch.view(view), batch.keys, BUDGET)
    return ViewWords((words.hashes,), (words.counts,), (batch.keys,), texts)
