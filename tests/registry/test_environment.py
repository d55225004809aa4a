from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from registry.limits import Limits
from registry.settings import Settings


def test_variables_set_fields_and_what_is_given_counts_before_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INSTRUCTORY_HOME", str(tmp_path / "told"))
    monkeypatch.setenv("INSTRUCTORY_OFFLINE", "1")
    monkeypatch.setenv("INSTRUCTORY_LIMIT_DEPTH", "7")
    monkeypatch.setenv("INSTRUCTORY_OF_NO_FIELD", "x")

    assert Settings().home == tmp_path / "told"
    assert Settings(home=tmp_path).home == tmp_path
    assert Settings().offline is True
    assert (Limits().depth, Limits(depth=3).depth) == (7, 3)


def test_without_variables_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OFFLINE", "CATALOG", "OVERLAY", "DATABASE"):
        monkeypatch.delenv(f"INSTRUCTORY_{name}", raising=False)

    found = Settings()

    assert (found.offline, found.catalog, found.overlay, found.database) == (False, None, (), None)


@pytest.mark.parametrize("value", ["many", "0", ""])
def test_a_variable_that_cannot_be_meant_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUCTORY_LIMIT_DEPTH", value)

    with pytest.raises(ValidationError, match="depth"):
        Limits()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().offline = True  # type: ignore[misc]
