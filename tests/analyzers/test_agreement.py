from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from analyzers import agreement
from analyzers.agreement import DOUBT, least_agreement, plain_agreeing


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_few_pairs_of_the_threshold_agree_less_than_asked(threshold: float) -> None:
    least = least_agreement(threshold, 128)

    assert binom.cdf(least - 1, 128, threshold) <= DOUBT
    assert least == 128 or binom.cdf(least, 128, threshold) > DOUBT


def test_signatures_that_agree_in_enough_places_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "_BLOCK_PAIRS", 7)
    values = np.random.default_rng(3).integers(0, 3, (40, 16), dtype=np.uint32)
    a, b = (side.ravel() for side in np.indices((40, 40)))

    expected = [int((values[i] == values[j]).sum()) >= 7 for i, j in zip(a, b, strict=True)]
    assert plain_agreeing(values, a, b, 7).tolist() == expected
