"""Texts as means of fixed token vectors: the table inside the package wordllama, or a model2vec folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from analyzers.embedding import Vectors


class StaticTable:
    """A table of token vectors; a text is the mean of its tokens' vectors, to unit length.

    Neither reads the order of words nor the other texts, so that numbers of all datasets share one space.
    """

    def __init__(self, embed: Any, *, fit: str, dimensions: int) -> None:
        self.backend = "static"
        self.fit = fit
        self.dimensions = dimensions
        self._embed = embed

    def vectors(self, texts: pa.LargeStringArray) -> Vectors:
        """Unit vectors of the texts with a known token, in their order."""
        if not len(texts):
            return np.empty((0, self.dimensions))
        found: Vectors = np.asarray(self._embed(texts.to_pylist()), np.float64)
        lengths = np.linalg.norm(found, axis=1)
        placed = lengths > 0
        unit: Vectors = found[placed] / lengths[placed, None]
        return unit


@cache
def static_table() -> StaticTable:
    """The 256-dimensional table that ships inside the package wordllama: no download.

    Its vectors were distilled from the token tables of Llama 2 and Phi 3, whose licences come with them.
    """
    import wordllama

    # Without the folder of the package it would look for its own tokenizer on the Hub.
    home = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=home, disable_download=True)
    return StaticTable(model.embed, fit="wordllama l2_supercat 256", dimensions=256)


@cache
def static_folder(folder: Path) -> StaticTable:
    """The table of a model2vec folder on this machine."""
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(folder, normalize=False, force_download=False)
    return StaticTable(model.encode, fit=f"model2vec {folder.name}", dimensions=int(model.dim))
