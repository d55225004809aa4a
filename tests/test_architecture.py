"""The shape of the house: direction of imports, names, where Streamlit may stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ORDER = ("registry", "analyzers", "mixtures", "dashboard", "instructory")
SAYS_NOTHING = {"utils", "helpers", "common", "manager", "misc", "core"}
HEAVY = {"alembic", "datasets", "datasketch", "huggingface_hub", "pandas", "sklearn", "sqlmodel", "streamlit"}


def room_folder(room: str) -> Path:
    spec = find_spec(room)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def modules() -> Iterator[tuple[str, Path]]:
    for room in ORDER:
        for path in sorted(room_folder(room).rglob("*.py")):
            yield room, path


def imported_packages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import on line {node.lineno}"
            yield node.module or ""


@pytest.mark.parametrize("room", ORDER)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    above = set(ORDER[ORDER.index(room) + 1 :])

    wrong = [
        f"{path.name} imports {name}"
        for owner, path in modules()
        if owner == room
        for name in imported_packages(path)
        if name.split(".")[0] in above
    ]

    assert wrong == []


def test_streamlit_stands_only_where_pages_are_drawn_or_started() -> None:
    dashboard = room_folder("dashboard")
    may = {dashboard / "app.py", dashboard / "data.py", dashboard / "launch.py"}

    wrong = [
        str(path)
        for _, path in modules()
        if path not in may
        and dashboard / "pages" not in path.parents
        and any(name.split(".")[0] == "streamlit" for name in imported_packages(path))
    ]

    assert wrong == []


def test_every_module_name_says_what_lives_there() -> None:
    assert [str(path) for _, path in modules() if path.stem in SAYS_NOTHING] == []


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path): lines
        for _, path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_no_dashboard_module_hides_a_package_we_use() -> None:
    ours = {path.stem for path in room_folder("dashboard").glob("*.py")}

    assert ours & (HEAVY | {"numpy", "pyarrow", "rich", "typer", "yaml"}) == set()
