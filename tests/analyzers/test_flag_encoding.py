from __future__ import annotations

import pytest
from flag_rows import answers, codes_of, conversations
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers.flags.encoding_faults import find_fault


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("caf\ufffd", "replacement_char"),
        ("It costs Â£5 at the cafÃ©.", "mojibake"),
        ("Donâ€™t do that", "mojibake"),
        ("Привет".encode().decode("latin-1"), "mojibake"),
        ("你好".encode().decode("latin-1"), "mojibake"),
        ("one\x07two", "control"),
        ("one\x85two", "control"),
        ("\\frac is lost: \x0crac", "control"),
        ("First line.\\nSecond line.", "literal_newline"),
        ("Options:\\n(A) one\\n(B) two", "literal_newline"),
        ("Fish &amp; chips", "html_entity"),
        ("It&#x27;s", "html_entity"),
        ("zero\u200bwidth", "zero_width"),
        ("pass\u200dword", "zero_width"),
        ("mark \ue000 here", "private_use"),
    ],
)
def test_faults_of_encoding(text: str, code: str) -> None:
    assert code in codes_of(answers(text), "encoding")[0]


@pytest.mark.parametrize(
    "text",
    [
        "Tabs\tand\r\nlines are fine.",
        "Ça va à Zürich, São Paulo, Ångström, «CAFÉ» “É…” café”—",
        "5\u00a0×\u00a058 = 290",
        "family 👨‍👩‍👧 and می‌خواهم and क्‍ष",
        'print("one\\nTwo")',
        "Use `\\n` or:\n```\na\\nB &amp; c\n```",
        "\\nabla f and \\neq and C:\\new",
        "<p>Fish &amp; chips</p>",
        "AT&T and R&D;",
    ],
)
def test_living_texts_have_no_faults(text: str) -> None:
    assert codes_of(answers(text), "encoding") == [set()]


@settings(max_examples=50, deadline=None)
@example("Ġ榠")
@given(
    st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=2)
)
def test_text_read_as_latin_1_is_noticed(text: str) -> None:
    wrong = (text + text).encode().decode("latin-1")

    assert {span.code for span in find_fault(wrong)} & {"mojibake", "control"}


def test_system_texts_and_questions_are_read_too() -> None:
    rows = conversations([("user", "caf\ufffd?"), ("assistant", "Yes.")], system="Be kind\u202e")

    assert codes_of(rows, "encoding") == [{"replacement_char"}]
    assert codes_of(rows, "hidden_text") == [{"bidi"}]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("abc\u202edef", {"bidi"}),
        ("abc\u2067def\u2069", {"bidi"}),
        ("שלום \u2067abc\u2069", set()),
        ("שלום \u202eabc", {"bidi"}),
        ("hi\U000e0068\U000e0069", {"tag"}),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", set()),
        ("left-to-right mark\u200e", set()),
    ],
)
def test_hidden_text(text: str, codes: set[str]) -> None:
    assert codes_of(answers(text), "hidden_text") == [codes]
