"""One spelling for each licence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from registry.spdx import ALIASES, is_non_commercial, is_permissive, normalise_license, spelling


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("apache-2.0", "Apache-2.0"),
        (" mit ", "MIT"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("odc-by", "ODC-By-1.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("llama3.1", "LicenseRef-Llama-3.1-Community"),
        ("licenseref-My-Terms", "LicenseRef-My-Terms"),
        ("cc-by-4.0 and cc-by-nc-4.0", "CC-BY-4.0 AND CC-BY-NC-4.0"),
        ("(MIT OR Apache-2.0) AND CC0-1.0", "(MIT OR Apache-2.0) AND CC0-1.0"),
        ("gpl-2.0-only with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("other", "other"),
        ("unknown", None),
    ],
)
def test_known_licences_get_their_one_spelling(written: str, normal: str | None) -> None:
    assert normalise_license(written) == normal


@pytest.mark.parametrize(
    "written", ["", "free", "MIT AND", "(MIT", "MIT Apache-2.0", "MIT WITH MIT", "mixed, a", "()"]
)
def test_what_is_no_licence_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        normalise_license(written)

    assert caught.value.type == "bad_license"


def test_a_slip_gets_the_nearest_licence() -> None:
    with pytest.raises(PydanticCustomError, match=r"Apache-2\.0"):
        normalise_license("Apache-2")


@settings(max_examples=50, deadline=None)
@given(st.text("()ANDORWITH mitMIT-4.0,ccby ", max_size=40))
def test_any_text_is_spelled_or_not_and_a_spelling_is_stable(text: str) -> None:
    spelled = spelling(text)

    assert spelled is None or spelling(spelled) == spelled


def test_every_alias_leads_to_a_known_spelling() -> None:
    assert all(spelling(normal) == normal for normal in ALIASES.values())


def test_non_commercial_terms_are_seen_wherever_they_stand() -> None:
    assert is_non_commercial("CC-BY-NC-4.0")
    assert is_non_commercial("CC-BY-4.0 AND CC-BY-NC-4.0")
    assert is_non_commercial("LicenseRef-academic-research-only")
    assert not is_non_commercial("MIT OR CC-BY-NC-4.0")
    assert not is_non_commercial("NCSA")


def test_unknown_terms_are_not_permissive() -> None:
    assert is_permissive("MIT OR Apache-2.0")
    assert is_permissive("GPL-3.0-only")
    assert not is_permissive("LicenseRef-Qwen")
    assert not is_permissive("other")
    assert not is_permissive("CC-BY-NC-4.0")
