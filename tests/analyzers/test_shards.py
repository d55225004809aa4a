from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from analyzers.shards import is_finished, read_shard, unfinished, write_shard
from analyzers.tally import Tally
from analyzers.views import View

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=9),
    st.sampled_from(View),
    arrays.arrays(st.sampled_from(["u8", "i4", "f8", "?"]), st.integers(0, 4)),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.tuples(st.text(max_size=3), st.integers()), inner, max_size=3),
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@settings(max_examples=60, deadline=None)
@given(tree=TREES)
def test_a_tree_comes_back_as_it_was(tree: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("shard") / "one"

    write_shard(path, tree)

    assert same(tree, read_shard(path))


def test_records_sets_and_large_arrays_come_back(tmp_path: Path) -> None:
    tally = Tally.of(np.arange(100_000) % 3_000)
    digests = np.frombuffer(bytes(range(64)), "V32")
    tree = {"tally": tally, "set": frozenset({3, 1}), "count": Counter("aab"), "one": np.uint64(1 << 63)}

    write_shard(tmp_path / "one", (tree, digests))
    found, again = read_shard(tmp_path / "one")

    assert found["tally"].values.tolist() == tally.values.tolist()
    assert type(found["tally"]) is Tally
    assert not found["tally"].values.flags.writeable, "a large array is a map"
    assert (found["set"], found["count"], found["one"]) == (tree["set"], tree["count"], tree["one"])
    assert again.tobytes() == digests.tobytes()


@pytest.mark.parametrize("tree", [object(), [Path()], np.array([object()]), {1: print}])
def test_what_is_no_plain_value_is_refused(tree: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="shard"):
        write_shard(tmp_path / "one", tree)

    assert not (tmp_path / "one").exists()


def test_a_file_cut_off_or_of_another_kind_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "one"
    write_shard(path, [np.arange(5_000)])
    whole = path.read_bytes()

    assert is_finished(path)
    for broken in (whole[:-1], whole[:9], b"", b"pickled" * 9):
        path.write_bytes(broken)
        assert not is_finished(path)
    assert not is_finished(tmp_path / "other")


@pytest.mark.parametrize("name", ["os:system", "analyzers.shards:write_shard", "analyzers.tally:np"])
def test_no_shard_names_anything_but_records(name: str, tmp_path: Path) -> None:
    path = tmp_path / "one"
    write_shard(path, Tally())
    module, attribute = name.split(":")
    spelt = path.read_bytes().replace(b'"analyzers.tally","Tally"', f'"{module}","{attribute}"'.encode())
    head = spelt.index(b"{")
    length = spelt.index(b"}") + 1 - head
    path.write_bytes(spelt[:8] + length.to_bytes(8, "little") + spelt[16 : head + length] + bytes(200))

    with pytest.raises(ValueError, match=r"cut off|no record"):
        read_shard(path)


def test_an_unfinished_job_keeps_its_folder_and_a_finished_one_does_not(tmp_path: Path) -> None:
    def broken_off() -> None:
        with unfinished(tmp_path, "job") as folder:
            write_shard(folder / "one", 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()

    with unfinished(tmp_path, "job") as folder:
        assert is_finished(folder / "one")
        with unfinished(tmp_path, "job") as other:
            assert other != folder, "another run at the same job has a folder of its own"
            assert not is_finished(other / "one")

    assert list(tmp_path.iterdir()) == []
