"""Category, method and focus proposed for a text, by a linear classifier trained on the catalogue.

The text of an entry is what a stranger could also know of a dataset: names, repositories, teachers,
languages, modality, form, size and licence; never its notes or its own terms.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from registry.entry import Entry
from registry.search_text import search_words
from registry.vocabulary import Category, Focus, Method, Term

TARGETS: Final = ("category", "method", "focus")
FEWEST: Final = 5
"""A term that fewer entries carry is never proposed: there is nothing to learn it from."""

_VOCABULARIES: Final[Mapping[str, type[Term]]] = {"category": Category, "method": Method, "focus": Focus}

FOLDS: Final = 5
SEED: Final = 0


@dataclass(frozen=True, slots=True)
class TermFigures:
    """How one term fared in cross-validation; shares in [0, 1], `entries` carry the term."""

    term: str
    entries: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Validation:
    """Cross-validated figures of one target over the terms that can be proposed.

    `macro_f1` is the plain mean of F1 over terms, `accuracy` the share proposed rightly, `majority`
    the accuracy of always saying the commonest term. `left_out` are the terms with under 5 entries.
    """

    target: str
    entries: int
    macro_f1: float
    accuracy: float
    majority: float
    terms: tuple[TermFigures, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The likeliest term of one target with its probability, and the two next."""

    term: str
    probability: float
    others: tuple[tuple[str, float], ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "term": self.term,
            "probability": self.probability,
            "others": [{"term": term, "probability": share} for term, share in self.others],
        }


class Proposer:
    """A trained classifier for each target; equal entries give equal answers."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        texts = [described(entry) for entry in entries]
        self._models = {
            target: _Model(texts, [str(getattr(entry, target)) for entry in entries], target)
            for target in TARGETS
        }

    def propose(self, text: str) -> dict[str, Proposal]:
        """For each target the likeliest terms for a dataset of which `text` is told."""
        words = search_words([text])
        found = {}
        for target, model in self._models.items():
            (term, share), *others = model.ranked(words)[:3]
            found[target] = Proposal(term, share, tuple(others))
        return found


def validate(entries: Sequence[Entry]) -> tuple[Validation, ...]:
    """Cross-validated figures of every target: each entry is proposed by classifiers that never saw it.

    Five folds, dealt method by method in an order that only ids and a fixed seed decide.
    """
    folds = _folds(entries)
    texts = [described(entry) for entry in entries]
    return tuple(
        _validated(target, texts, [str(getattr(entry, target)) for entry in entries], folds)
        for target in TARGETS
    )


def described(entry: Entry) -> str:
    """What a stranger could know of `entry`, as searchable words."""
    return search_words(
        [
            entry.id,
            entry.name,
            entry.hf_id,
            entry.github,
            *entry.teacher,
            *entry.languages,
            *entry.modality,
            entry.format,
            entry.size_text,
            entry.license,
        ]
    )


def _folds(entries: Sequence[Entry]) -> list[int]:
    """The fold of each entry: every method is spread over all folds."""
    order = sorted(
        range(len(entries)),
        key=lambda index: (
            str(entries[index].method),
            hashlib.sha256(f"{SEED} {entries[index].id}".encode()).digest(),
        ),
    )
    folds = [0] * len(entries)
    for rank, index in enumerate(order):
        folds[index] = rank % FOLDS
    return folds


class _Model:
    """TF-IDF over words, pairs of words and pieces of words, and logistic regression over the common terms.

    Rare terms weigh as much as common ones; the definition of each term is learnt with the entries.
    """

    def __init__(
        self, texts: Sequence[str], terms: Sequence[str], target: str, common: Sequence[str] | None = None
    ) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_union
        from threadpoolctl import threadpool_limits

        common = _common(terms) if common is None else common
        # A catalogue too small to tell terms apart leaves their definitions to learn from.
        kept = set(common) if len(common) > 1 else {str(term) for term in _VOCABULARIES[target]}
        told = [(text, term) for text, term in zip(texts, terms, strict=True) if term in kept]
        told += [
            (search_words([str(term), term.definition]), str(term))
            for term in _VOCABULARIES[target]
            if str(term) in kept
        ]
        words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"\S+")  # noqa: S106
        pieces = TfidfVectorizer(sublinear_tf=True, ngram_range=(2, 5), analyzer="char_wb", min_df=2)
        self._features = make_union(words, pieces)
        self._regression = LogisticRegression(C=10, class_weight="balanced", max_iter=2000)
        # One thread: sums in one order, whatever the machine. One text a term, definitions alone, is fine.
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            matrix = self._features.fit_transform([text for text, _ in told])
            self._regression.fit(matrix, [term for _, term in told])

    def ranked(self, words: str) -> list[tuple[str, float]]:
        """Every term with its probability, likeliest first."""
        shares = self._regression.predict_proba(self._features.transform([words]))[0]
        pairs = zip(self._regression.classes_, shares, strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        return [(str(term), round(float(share), 4)) for term, share in ranked]

    def first(self, texts: Sequence[str]) -> list[str]:
        """The likeliest term of each text."""
        return [str(term) for term in self._regression.predict(self._features.transform(texts))]


def _common(terms: Sequence[str]) -> list[str]:
    return sorted(term for term, count in Counter(terms).items() if count >= FEWEST)


def _validated(target: str, texts: Sequence[str], truths: Sequence[str], folds: Sequence[int]) -> Validation:
    common = _common(truths)
    guesses = [""] * len(texts)
    for fold in range(FOLDS):
        seen = [index for index, other in enumerate(folds) if other != fold]
        unseen = [index for index, other in enumerate(folds) if other == fold]
        model = _Model([texts[i] for i in seen], [truths[i] for i in seen], target, common)
        for index, guess in zip(unseen, model.first([texts[i] for i in unseen]), strict=True):
            guesses[index] = guess
    return _figures(target, truths, guesses)


def _figures(target: str, truths: Sequence[str], guesses: Sequence[str]) -> Validation:
    counts = Counter(truths)
    common = _common(truths)
    judged = [(truth, guess) for truth, guess in zip(truths, guesses, strict=True) if truth in common]
    right = Counter(truth for truth, guess in judged if truth == guess)
    proposed = Counter(guess for _, guess in judged)
    terms = []
    for term in common:
        precision = right[term] / proposed[term] if proposed[term] else 0.0
        recall = right[term] / counts[term]
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        terms.append(TermFigures(term, counts[term], precision, recall, f1))
    total = len(judged)
    return Validation(
        target,
        total,
        macro_f1=sum(figure.f1 for figure in terms) / len(terms) if terms else 0.0,
        accuracy=right.total() / total if total else 0.0,
        majority=max(counts[term] for term in common) / total if common else 0.0,
        terms=tuple(terms),
        left_out=tuple(sorted(set(counts) - set(common))),
    )
