from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from analyzers import signature_store as store
from analyzers.compiled import is_compiled
from analyzers.text import words

PRINT_SIGNATURES = """
import hashlib, sys
import pyarrow as pa
from analyzers.compiled import is_compiled
from analyzers.minhash import signatures
from analyzers.signature_store import row_keys
from analyzers.text import shingles, words

column = pa.array(["Write a poem of the sea.", "Ångström’s ﬁne 日本 rows", "", None, "!"], pa.large_string())
tokens = words(column)
grams = shingles(tokens, 2)
digest = hashlib.sha256()
for array in (tokens.codes, tokens.hashes, grams.hashes, grams.offsets, signatures(grams)):
    digest.update(array.tobytes())
digest.update(row_keys(tokens, column.fill_null("")).tobytes())
print(is_compiled(), "numba" in sys.modules, digest.hexdigest())
"""


def in_a_process(switch: str) -> list[str]:
    import os

    environment = {**os.environ, "INSTRUCTORY_COMPILED": switch}
    run = subprocess.run(
        [sys.executable, "-c", PRINT_SIGNATURES], capture_output=True, text=True, check=True, env=environment
    )
    return run.stdout.split()


def test_without_numba_the_same_bits_come_from_numpy() -> None:
    plain = in_a_process("0")

    assert plain[:2] == ["False", "False"]
    assert in_a_process("1")[2] == plain[2]


@pytest.mark.skipif(not is_compiled(), reason="numba is not installed or is switched off")
def test_compiled_row_keys_are_those_in_numpy() -> None:
    column = pa.array(["one two", "two one", "", "?", "日本"], pa.large_string())
    tokens = words(column)

    keys = store.row_keys(tokens, column)

    worded = tokens.counts > 0
    np.testing.assert_array_equal(keys[worded], store._plain_keys(tokens)[worded])
