from collections.abc import Callable

import pytest

from dashboard.views import overlap
from dashboard.views.figures import Figures, Origin
from registry.measurements import MatchedPair, Overlap


def _overlap(a: str = "cut", b: str = "whole", **more: object) -> Overlap:
    plain = {
        "view": "prompt",
        "shingle": 5,
        "threshold": 0.8,
        "rows_a": 10,
        "rows_b": 100,
        "matched_a": 10,
        "matched_b": 12,
        "exact_a": 9,
        "exact_b": 11,
        "pairs": 12,
    }
    return Overlap(a=a, b=b, **{**plain, **more})  # type: ignore[arg-type]


RULE = "prompt, Jaccard ≥ 0.8 on word 5-grams"
TITLES = {"cut": "The cut", "whole": "The whole"}


def test_both_directions_are_read_from_one_overlap() -> None:
    pairs = overlap.by_pair(overlap.gathered([_overlap()], []), RULE)

    assert pairs["cut", "whole"].overlap.share_a == 1.0
    assert pairs["whole", "cut"].overlap.share_a == 0.12
    assert overlap.strongest(pairs) == ("cut", "whole")


def test_what_was_measured_here_wins() -> None:
    found = overlap.gathered([_overlap()], [_overlap(matched_a=5)])

    pairs = overlap.by_pair(found, RULE)

    assert pairs["cut", "whole"].origin is Origin.HERE
    assert pairs["cut", "whole"].overlap.matched_a == 5


def test_rules_are_never_mixed() -> None:
    found = overlap.gathered([_overlap(), _overlap(threshold=0.5), _overlap(b="third")], [])

    assert overlap.rules(found) == [RULE, "prompt, Jaccard ≥ 0.5 on word 5-grams"]
    assert len(overlap.by_pair(found, RULE)) == 4


def test_the_matrix_is_read_by_line_and_a_click_names_its_pair() -> None:
    pairs = overlap.by_pair(overlap.gathered([_overlap()], []), RULE)

    drawn = overlap.matrix(pairs, ["cut", "whole"], TITLES)

    shares = {
        pair: cell["value"][2]
        for pair, cell in zip(drawn.pairs, drawn.chart["series"][0]["data"], strict=True)
    }
    assert shares == {("cut", "whole"): 100.0, ("whole", "cut"): 12.0}
    assert overlap.clicked(drawn, [{"data_indices": [1]}]) == ("whole", "cut")
    assert overlap.clicked(drawn, []) is None
    assert not drawn.is_wide


def test_sets_that_share_next_to_nothing_are_not_notable() -> None:
    pairs = overlap.by_pair(
        overlap.gathered([_overlap("x", "y", matched_a=0, matched_b=0), _overlap()], []), RULE
    )

    assert overlap.notable(pairs) == ["cut", "whole"]


def test_sentences_say_both_ways() -> None:
    found = overlap.gathered([_overlap()], [])[0]

    assert overlap.sentences(found, TITLES) == [
        "100 % of The cut is found in The whole: 10 of 10 rows, 9 of them word for word.",
        "12.0 % of The whole is found in The cut: 12 of 100 rows, 11 of them word for word.",
    ]


def test_shared_runs_are_marked_in_both_texts() -> None:
    left, right = overlap.marked("Tell me about THE red sea today", "Please tell me about the blue sea")

    assert [s.text for s in left if s.is_marked] == ["Tell me about THE"]
    assert [s.text for s in right if s.is_marked] == ["tell me about the"]
    assert "".join(s.text for s in left) == "Tell me about THE red sea today"


def test_scripts_without_spaces_are_compared_by_character() -> None:
    left, _ = overlap.marked("海水为什么是咸的", "海水为什么是蓝的")

    assert [s.text for s in left if s.is_marked] == ["海水为什么是"]


@pytest.mark.parametrize("text", ["", "word", "x" * 10_000])
def test_any_two_texts_can_be_compared(text: str) -> None:
    left, right = overlap.marked(text, "another text altogether")

    assert len("".join(s.text for s in left)) <= overlap.MAX_CHARS
    assert right


def test_pairs_are_turned_with_their_overlap() -> None:
    pair = MatchedPair(row_a=1, row_b=2, jaccard=0.9, text_a="left text", text_b="right text", shared="text")
    found = overlap.Found(overlap.turned(_overlap(examples=(pair,))), Origin.HERE)

    shown = overlap.pairs_shown(found, TITLES)[0]

    assert shown.heading == "The whole, row 2  ·  The cut, row 1  ·  Jaccard 0.90"
    assert "".join(s.text for s in shown.left) == "right text"


def test_ids_and_replaced_names_lead_to_the_figures_shown(make_figures: Callable[..., Figures]) -> None:
    shipped = [make_figures("stanford-alpaca", entry="alpaca"), make_figures("other", entry="gsm8k")]
    held = {"alpaca": make_figures("alpaca", origin=Origin.HERE), "other": shipped[1]}

    names = overlap.aliases(shipped, held)
    found = overlap.renamed(overlap.gathered([_overlap("stanford-alpaca", "gsm8k")], []), names)

    assert (found[0].overlap.a, found[0].overlap.b) == ("alpaca", "other")


def test_shipped_overlaps_of_other_rows_than_those_measured_here_are_left_out(
    make_figures: Callable[..., Figures],
) -> None:
    found = overlap.gathered([_overlap("cut", "whole"), _overlap("cut", "third")], [_overlap("cut", "whole")])
    held = {"cut": make_figures("cut", rows=10), "whole": make_figures("whole", rows=99, origin=Origin.HERE)}

    kept = overlap.fitting(found, held)

    assert [(item.overlap.b, item.origin) for item in kept] == [
        ("third", Origin.SHIPPED),
        ("whole", Origin.HERE),
    ]


def test_the_strongest_overlaps_come_first_and_read_both_ways() -> None:
    pairs = overlap.by_pair(
        overlap.gathered([_overlap(), _overlap("x", "y", matched_a=0, matched_b=0)], []), RULE
    )

    table = overlap.ranking(pairs, TITLES)

    assert table["Rows of"] == ["The cut", "The whole"]
    assert table["Share"] == ["100 %", "12.0 %"]
    assert table["Matched rows"] == ["10", "12"]
