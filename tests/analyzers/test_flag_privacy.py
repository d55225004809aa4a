from __future__ import annotations

import pytest
from flag_rows import answers, codes_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.flags.checksums import is_chinese_id, is_iban, passes_luhn
from analyzers.flags.credentials import entropy_bits
from analyzers.hygiene import explain

# Put together here, so that no scanner takes the source for a leak.
AWS_KEY = "AKIA" + "QZ7WLP3NVX5RTB2D"
TOKEN = "ghp_" + "q9Zt3LwX7vKc2RmB8yHs5PnD4jFgA6uE1oTi"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Write to anna.kowalska@kowalska-gardens.pl today.", "email"),
        ("Call (215) 204-3128 now.", "phone"),
        ("Call +49 30 901820 72 now.", "phone"),
        ("我的手机号码是13987620415。", "phone"),
        ("The server is 59.187.84.127.", "ip"),
        ("IBAN GB33 BUKB 2020 1555 5555 55", "iban"),
        ("Card 4539 1488 0343 6467", "card"),
        ("SSN 536-22-8726", "national_id"),
        ("身份证11010519491231002X", "national_id"),
        ("He moved to 14 Rosehill Lane, Bristol BS6 5QT.", "street"),
        ("Ship it to 2207 Whitcomb Ave, Apt 4B,\nDayton, OH 45402-1177", "street"),
        ("The office is at 88 Larch Crescent, Guelph, ON N1G 4T2", "street"),
        ("She lives at 61 W. Juniper St. with her sister.", "street"),
        ("Her address is 402 North Birchwood Drive", "street"),
        ("Er wohnt Ahornweg 12, 50827 Köln.", "street"),
        ("Écris au 17 bis rue des Tanneurs, 44000 Nantes", "street"),
        ("她住在南京市鼓楼区梧桐路27号。", "street"),
    ],
)
def test_personal_marks(text: str, code: str) -> None:
    assert codes_of(answers(text), "pii") == [{code}]


@pytest.mark.parametrize(
    "text",
    [
        "Write to jane@example.com, you@yourcompany.com or info@kowalska-gardens.pl.",
        "Call (415) 555-0134, 123-456-7890, 234-567-8901 or 1-800-273-8255.",
        "Use 192.168.0.1, 127.0.0.1, 203.0.113.7, 8.8.8.8 or 255.255.255.0.",
        "Version 2.31.40.1 and section 1.2.3.4",
        "IBAN GB34 BUKB 2020 1555 5555 55 and GB82 WEST 1234 5698 7654 32",
        "Card 4539 1488 0343 6468, 4242 4242 4242 4242 or 4111 1111 1111 1111",
        "SSN 123-45-6789 or 000-12-3456",
        "pi is 3.141592653589793 and 2024-11-23",
        "git clone git@github.com:a/b",
        "The bookshop is on 45 Larch Road, and 200 Public Square is an office tower.",
        "John Smith, 123 Main Street, Springfield, IL 62701",
        "I live at 1234 Larch Street, Anytown, CA 94111, not at 4 Privet Drive.",
        "Turn left at 14 Rosehill Lane, Anytown, NY 10001.",
        "In 2013 Drive In Way won 3 awards; in 1929 Wall Street fell, he lives in 1980 Mount St. Helens.",
        "梧桐路27号有一家面包店。",
    ],
)
def test_reserved_and_invented_marks_are_nobodys(text: str) -> None:
    assert codes_of(answers(text), "pii") == [set()]


def test_values_are_never_shown() -> None:
    text = f"Write to anna.kowalska@kowalska-gardens.pl, key {AWS_KEY}."

    shown = [each.excerpt for each in explain(answers(text))[0] if each.flag in ("pii", "secrets")]

    assert shown == ["xxxx.xxxxxxxx@xxxxxxxx-xxxxxxx.xx", "xxxxxx0xxx0xxx0xxx0x"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (AWS_KEY, "cloud_key"),
        (f"token={TOKEN}", "service_token"),
        ("-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7bq3Zk9xVw2LrTf8\n" * 4, "private_key"),
        (
            "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI5ODcxIn0.kQ7vW2zXr9LtB4nMfYc8HsJd5PgA3eUo6iTq1wRxZbE",
            "signed_token",
        ),
    ],
)
def test_credentials(text: str, code: str) -> None:
    assert codes_of(answers(text), "secrets") == [{code}]


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "sk-your-api-key-goes-here-please",
        "ghp_" + "x" * 36,
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "task-oriented-and-well-known-things",
    ],
)
def test_examples_open_nothing(text: str) -> None:
    assert codes_of(answers(text), "secrets") == [set()]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**14), st.integers(0, 9))
def test_just_one_check_digit_fits(number: int, wrong: int) -> None:
    fitting = [digit for digit in "0123456789" if passes_luhn(f"{number}{digit}")]

    assert len(fitting) == 1
    assert passes_luhn(f"{number}{wrong}") == (str(wrong) == fitting[0])


def test_check_characters_of_accounts_and_identities() -> None:
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE88370400440532013000")
    assert not is_iban("DE8937040044053201300")
    assert is_chinese_id("11010519491231002x")
    assert not is_chinese_id("110105194912310021")


def test_entropy_is_counted_in_bits_a_character() -> None:
    assert entropy_bits("abcdefgh") == 3.0
    assert entropy_bits("aaaa") == 0.0
