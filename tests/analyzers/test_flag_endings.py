from __future__ import annotations

import pytest
from flag_rows import answers, codes_of

THIRTY = "The old bridge was built by people who had come down from the hills with their tools. " * 2


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("```python\nprint(1)\n```", set()),
        ("```python\nprint(1)", {"odd_fences"}),
        ("<think>Let me see</think>Four.", set()),
        ("<think>Let me see, two and", {"unclosed_think"}),
        ("<|begin_of_thought|>Let me see", {"unclosed_think"}),
        (THIRTY + "Nobody knew what it stood for until the", {"cut_off"}),
        (THIRTY + "They took stones from the river, sand from the shore,", {"cut_off"}),
        (THIRTY + "Nobody knew what it stood for until they asked.", set()),
        (THIRTY + "Nobody knew what they were looking for", set()),
        (THIRTY + "\nKind regards,", set()),
        (THIRTY + "\n- the stones that they took out of the", set()),
        ("Nobody knew what it stood for until the", set()),
    ],
)
def test_answers_that_stop_too_early(text: str, codes: set[str]) -> None:
    assert codes_of(answers(text), "truncated") == [codes]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("<think>Two and two.</think>\nFour.", set()),
        ("<think>Two and two.", {"unbalanced"}),
        ("Two and two.</think>Four.", {"unbalanced"}),
        ("<think>\n</think>Four.", {"empty_block"}),
        ("<think>Two and two.</think>\n", {"no_answer"}),
        ("<THINK>a</think>b", set()),
        ("<think>a</reasoning>b", {"unbalanced"}),
        ("<|begin_of_thought|>a<|end_of_thought|>b", set()),
        ("I think <b>so</b>.", set()),
    ],
)
def test_reasoning_blocks(text: str, codes: set[str]) -> None:
    assert codes_of(answers(text), "reasoning_tag") == [codes]
