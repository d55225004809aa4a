"""What trainers do, in words: refusals by condition, cuts by length, zeros with their bound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analyzers.trainers import CONDITIONS, RowVerdict, condition_bits
from dashboard.views import trainers
from registry.measurements import Measurement

Make = Callable[..., Measurement]


def held(make: Make) -> list[Measurement]:
    skips = {"trainer": "llama-factory", "verdict": "skips"}
    rejects = {"trainer": "torchtune", "verdict": "rejects"}
    cuts = {"trainer": "llama-factory", "verdict": "truncates", "setting": "cutoff_len", "max_length": 2048}
    return [
        make("trainer_refuses", 0.25, params=skips, ci_low=0.2, ci_high=0.3),
        make("trainer_refuses", 0.25, params={**skips, "code": "not_alternating"}, ci_low=0.2, ci_high=0.3),
        make("trainer_refuses", 0.0, params=rejects, ci_low=0.0, ci_high=0.037),
        make("trainer_refuses", 0.0, params={**rejects, "code": "two_users"}, ci_low=0.0, ci_high=0.037),
        make("trainer_cuts", 0.1, params=cuts, ci_low=0.05, ci_high=0.2, tokenizer="o200k_base"),
        make("usable_rate", 1.0),
    ]


def test_each_trainer_says_what_it_does_with_which_rows(make_measurement: Make) -> None:
    lines = trainers.trainer_lines(held(make_measurement))

    assert [(line.trainer, line.does, line.rate) for line in lines] == [
        ("llama-factory", "skips the row", "25.00 %"),
        ("llama-factory", "truncates at cutoff_len, its default", "10.00 %"),
    ]
    assert "no pairs of user or tool" in lines[0].rows_where
    assert "more than 2,048 tokens (o200k_base)" in lines[1].rows_where
    assert lines[0].interval == "20.00 % to 30.00 %"
    assert trainers.trainer_table(lines)["Trainer"] == ["llama-factory", "llama-factory"]


def test_a_zero_comes_with_its_bound(make_measurement: Make) -> None:
    assert trainers.untroubled(held(make_measurement)) == (
        "Refused in no row (up to 3.70 % at 95 %): torchtune."
    )


def test_figures_of_older_rules_have_no_conditions(make_measurement: Make) -> None:
    old = make_measurement("trainer_refuses", 0.5, params={"trainer": "torchtune", "verdict": "rejects"})

    (line,) = trainers.trainer_lines([old])

    assert (line.does, line.rate) == ("stops at the row", "50.00 %")
    assert (trainers.trainer_lines([]), trainers.trainer_table([]), trainers.untroubled([])) == ([], {}, "")


def test_rows_are_chosen_by_the_trainers_that_refuse_them() -> None:
    names = ("not_alternating", "two_users", "last_not_assistant")
    bits = np.array([0, *(condition_bits(name) for name in names)], np.uint64)
    everything = np.arange(4)

    def refused(*chosen: str) -> list[int]:
        return trainers.refused_positions(everything, bits, chosen).tolist()

    assert trainers.refusal_counts(bits) == {
        "llama-factory": 1,
        "llm-foundry": 1,
        "nemo-rl": 1,
        "torchtune": 1,
    }
    assert (refused(), refused("torchtune"), refused("nemo-rl", "llama-factory")) == (
        [0, 1, 2, 3],
        [2],
        [1, 3],
    )
    assert trainers.refusal_counts(bits[:1]) == {}


def test_a_row_names_who_does_not_take_it_and_where() -> None:
    few, users = (next(c for c in CONDITIONS if c.id == name) for name in ("too_few_messages", "two_users"))

    lines = trainers.row_lines([RowVerdict(few, None), RowVerdict(users, 2)])

    assert lines == (
        "torchtune rejects the row, llm-foundry rejects the row: there are fewer than two messages",
        "torchtune rejects the row: two user turns follow each other (turn 3)",
    )
