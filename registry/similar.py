"""Entries that sound like a text: TF-IDF over names, methods, teachers and notes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from registry.entry import Entry
from registry.search_text import search_words
from registry.sync import searched_texts


def similar_entries(text: str, entries: Sequence[Entry], *, limit: int = 10) -> list[tuple[Entry, float]]:
    """The entries nearest to `text`, best first, each with its cosine similarity in (0, 1].

    Words and pairs of words, weighted by TF-IDF with sublinear counts; entries that share none are left out.
    Ties stand in order of id. Cost: one pass over all entries.
    """
    query = search_words([text])
    if not query.strip() or not entries:
        return []
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
    matrix = vectorizer.fit_transform(search_words([*_described(entry)]) for entry in entries)
    scores = (matrix @ vectorizer.transform([query]).T).toarray().ravel()
    ranked = sorted(
        zip(entries, scores.tolist(), strict=True), key=lambda pair: (-round(pair[1], 12), pair[0].id)
    )
    return [(entry, min(score, 1.0)) for entry, score in ranked[:limit] if score > 0]


def _words_and_pairs(text: str) -> list[str]:
    words = text.split()
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _described(entry: Entry) -> list[str | None]:
    definitions = (entry.category.definition, entry.method.definition, entry.focus.definition)
    return [*searched_texts(entry), *definitions]
