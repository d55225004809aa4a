"""Tokenisers a user may name: the built-in one, an estimate that says it is one, or a tokenizer.json file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.tokens import TOKENS, count_tokens
from registry.errors import MissingExtraError, MissingModelError

ESTIMATE = "estimate"
BYTES_A_TOKEN = 4

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A name that stays with every number, and how to count the tokens of texts under it."""

    name: str
    count: Callable[[pa.LargeStringArray], Ints]


def load_tokenizer(name: str) -> Tokenizer:
    """The tokeniser of that name: `o200k_base`, `estimate`, or the path of a tokenizer.json (extra `tokens`).

    `estimate` counts a token for every four bytes, rounded up; its name says so with every number.

    Raises:
        MissingExtraError: a file is named and the package `tokenizers` is not installed.
        MissingModelError: there is no such file, or it is no tokeniser.
    """
    if name == TOKENS:
        return Tokenizer(TOKENS, lambda texts: count_tokens(texts).astype(np.int64))
    if name == ESTIMATE:
        return Tokenizer(f"estimate: bytes/{BYTES_A_TOKEN}", _estimated)
    if find_spec("tokenizers") is None:
        raise MissingExtraError(f"the tokeniser {name!r}", "tokens")
    return _from_file(Path(name).resolve())


def _estimated(texts: pa.LargeStringArray) -> Ints:
    sizes: Ints = pc.binary_length(texts).to_numpy().astype(np.int64)
    return -(-sizes // BYTES_A_TOKEN)


@cache
def _from_file(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer as FileTokenizer

    path = path / "tokenizer.json" if path.is_dir() else path
    if not path.is_file():
        raise MissingModelError(
            f"no tokeniser at {str(path)!r}: name {TOKENS!r}, {ESTIMATE!r} or a tokenizer.json"
        )
    try:
        model: Any = FileTokenizer.from_file(str(path))
    except Exception as error:  # the package raises bare Exception for every fault of a file
        raise MissingModelError(f"{str(path)!r} is no tokenizer.json: {error}") from error
    model.no_truncation()
    model.no_padding()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]

    def count(texts: pa.LargeStringArray) -> Ints:
        encoded = model.encode_batch(texts.to_pylist(), add_special_tokens=False)
        return np.array([len(tokens.ids) for tokens in encoded], np.int64)

    return Tokenizer(f"{path.parent.name}/{path.name} {digest}", count)
