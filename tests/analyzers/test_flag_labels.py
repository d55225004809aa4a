"""`rejected_answer`: only a label that says no, and only where the source gave one."""

from __future__ import annotations

from pathlib import Path

import pytest
from flag_rows import codes_of, conversations

from analyzers.row_features import row_features
from registry.registry import Registry
from registry.settings import Settings
from registry.snapshot import open_snapshot


@pytest.mark.parametrize(
    ("label", "flagged"),
    [
        ('{"label":false}', True),
        ('{"kto_tag":false,"from":"gpt"}', True),
        ('{"label":true}', False),
        ('{"from":"gpt"}', False),
        ('{"other_label":false}', False),
        (None, False),
    ],
)
def test_a_row_is_flagged_when_its_label_says_no(label: str | None, flagged: bool) -> None:
    rows = conversations([("user", "Ask."), {"role": "assistant", "content": "Answer.", "label": label}])

    assert codes_of(rows, "rejected_answer") == [{""} if flagged else set()]


def test_words_that_look_like_a_label_are_no_label() -> None:
    rows = conversations([("user", "Write JSON."), ("assistant", '{"label":false}')])

    assert codes_of(rows, "rejected_answer") == [set()]


def test_the_false_labels_of_the_samples_are_found(settings: Settings, tmp_path: Path) -> None:
    from analyzers.hygiene import FLAGS

    place = next(i for i, flag in enumerate(FLAGS) if flag.id == "rejected_answer")
    with Registry.open(settings) as registry:
        features = row_features(open_snapshot(registry, "sample-selfimproved"), tmp_path)

    bits = features["flags"].to_numpy()
    assert int(((bits >> place) & 1).sum()) == 17
