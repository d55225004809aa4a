from __future__ import annotations

import pytest
from flag_rows import answers, codes_of, conversations


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Fine.<|im_end|>", "special_token"),
        ("<|start_header_id|>user<|end_header_id|>", "special_token"),
        ("[INST] Say hi [/INST]", "special_token"),
        ("<<SYS>>Be kind<</SYS>>", "special_token"),
        ("Hello<end_of_turn>", "special_token"),
        ("Hello</s>", "special_token"),
        ("<|Human|>: hi<eoh>", "special_token"),
        ("Hi.\n### Response:\nHello", "instruction_header"),
        ("Fine.\n\nHuman: and you?", "speaker_label"),
        ("Assistant: I am fine.", "speaker_label"),
    ],
)
def test_marks_of_templates(text: str, code: str) -> None:
    assert codes_of(answers(text), "template_leak") == [{code}]


@pytest.mark.parametrize(
    "text",
    [
        "<|begin_of_thought|>a<|end_of_thought|>b",
        "<s>old</s> new",
        "## Response time",
        "Customer: Hi\nAssistant: How can I help?",
        "```\nHuman: hi\n```",
        "a <| b |> c",
    ],
)
def test_texts_about_other_things(text: str) -> None:
    assert codes_of(answers(text), "template_leak") == [set()]


def test_users_may_quote_speakers_but_not_tokens() -> None:
    rows = conversations(
        [("user", "Continue:\nHuman: hi"), ("assistant", "Hello.")],
        [("user", "hi<|endoftext|>"), ("assistant", "Hello.")],
    )

    assert codes_of(rows, "template_leak") == [set(), {"special_token"}]


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("https://example.com/a?b=c", True),
        ("<https://example.com>\n", True),
        ("[Gruyères](https://example.com/x)", True),
        ("1. https://a.example\n2. https://b.example", True),
        ("See https://example.com", False),
        ("https://example.com is a good start", False),
    ],
)
def test_answers_that_are_links(text: str, flagged: bool) -> None:
    assert codes_of(answers(text), "url_only") == [{""} if flagged else set()]


@pytest.mark.parametrize(
    ("prompt", "flagged"),
    [
        ("Describe the image below.", True),
        ("Summarise the attached file.", True),
        ("What animal is it?\n[image of an ocelot]", True),
        ("Name it: <image>", True),
        ("描述下面的图片。", True),
        ("Write a caption for my holiday.", False),
        ("How do I attach a photo to an e-mail?", False),
        ("What makes an image sharp?", False),
    ],
)
def test_questions_that_lean_on_a_medium(prompt: str, flagged: bool) -> None:
    assert codes_of(answers("A cat.", prompt=prompt), "media_ref") == [{""} if flagged else set()]


def test_rows_that_hold_their_medium_are_fine() -> None:
    row = [("user", "Describe the image below."), ("assistant", "A cat.")]
    part = {
        "role": "user",
        "content": "Describe the image below.",
        "label": '{"parts": [{"type": "image_url"}]}',
    }
    rows = conversations([part, ("assistant", "A cat.")])

    assert codes_of(conversations(row, extra='{"images": ["cat.png"]}'), "media_ref") == [set()]
    assert codes_of(conversations(row, extra='{"images": []}'), "media_ref") == [{""}]
    assert codes_of(rows, "media_ref") == [set()]


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("As of 2021, 59 million people live there.", True),
        ("The latest model came out in March 2019.", True),
        ("The war ended in 1945.", False),
        ("Music of the 1980s is popular today.", False),
        ("She currently lives in Rome. He died in 1998.", False),
    ],
)
def test_dates_that_age(text: str, flagged: bool) -> None:
    assert codes_of(answers(text), "date_stale") == [{""} if flagged else set()]
