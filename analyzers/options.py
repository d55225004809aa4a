"""What a user may choose of how analyzers work; the defaults are those of every shipped figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings that reach the analyzers that name them in the table.

    `embedding`: `lsa`, `static` (extra `embed`), or the folder of a model2vec model. `parser`: `lexicon`, or
    `spacy` (extra `nlp`). `tokenizer`: `o200k_base`, `estimate`, or the path of a tokenizer.json (extra
    `tokens`). `model`: the folder of a language model, or none.
    """

    embedding: str = "lsa"
    parser: str = "lexicon"
    tokenizer: str = "o200k_base"
    model: str = ""


DEFAULTS = Options()
