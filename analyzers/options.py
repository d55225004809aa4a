"""What a user may choose of how analyzers work; the defaults are those of every shipped figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings that reach the analyzers that name them in the table.

    `embedding`: `lsa`, `static` (extra `embed`), or the folder of a model2vec model. `parser`: `lexicon`, or
    `spacy` (extra `nlp`).
    """

    embedding: str = "lsa"
    parser: str = "lexicon"


DEFAULTS = Options()
