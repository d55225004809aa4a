from __future__ import annotations

import pytest

from analyzers import heap


def test_giving_back_works_where_the_c_library_can_and_where_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heap.give_back()
    asked: list[int] = []
    monkeypatch.setattr(heap, "_trim", lambda: asked.append)
    heap.give_back()
    monkeypatch.setattr(heap, "_trim", lambda: None)
    heap.give_back()

    assert asked == [0]
