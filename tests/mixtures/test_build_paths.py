"""What a build leaves out where it is not needed changes nothing of what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixtures.build import build
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe
from registry import recall
from registry.registry import Registry

MakeRows = Callable[..., Path]
HEAVY = ("pandas", "numba", "scipy", "datasketch", "sqlalchemy", "datasets", "toktok", "analyzers.text")


def written(registry: Registry, to: Path, *parts: dict[str, Any], **more: Any) -> bytes:
    recipe = MixtureRecipe.model_validate({"name": "a", "parts": list(parts), **more})
    build(registry, plan(registry, recipe), to=to, block_rows=3)
    return (to / "train.jsonl").read_bytes()


def lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("epochs", [1, 2])
def test_rows_that_are_all_used_lie_where_choosing_all_of_them_puts_them(
    registry: Registry, rows_file: MakeRows, tmp_path: Path, epochs: int
) -> None:
    rows = [{"instruction": f"Name {n % 3}.", "output": "Yes."} for n in range(10)]  # most are equal
    path = str(rows_file("equal", rows))

    every = written(registry, tmp_path / "all", {"path": path, "rows": "all", "epochs": epochs})
    chosen = written(registry, tmp_path / "n", {"path": path, "rows": 10 * epochs, "epochs": epochs})

    assert every == chosen
    assert len(lines(every)) == 10 * epochs


def test_system_texts_calls_and_tools_of_some_sources_come_out_whole(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    call = [{"type": "function", "function": {"name": "sum", "arguments": '{"of":"1 \\"and\\" 2"}'}}]
    tools = [{"type": "function", "function": {"name": "sum", "parameters": {}}}]
    plain = [{"messages": [say("user", f"Go {n}?"), say("assistant", "No.")]} for n in range(5)]
    talking = [
        {
            "messages": [
                *([say("system", 'Be "kind".\n')] if n % 2 else []),
                say("user", f"Add {n}."),
                {"role": "assistant", "content": "", "tool_calls": call},
                say("tool", "\t3\\"),
                say("assistant", "3 \u2028 \x1f"),
            ],
            **({"tools": tools} if n % 3 else {}),
        }
        for n in range(7)
    ]
    paths = [str(rows_file("plain", plain)), str(rows_file("talking", talking))]

    found = lines(written(registry, tmp_path / "out", *({"path": p, "rows": "all"} for p in paths)))

    assert len(found) == 12
    for line in found:
        source = talking if line["source"] == "talking.jsonl" else plain
        assert line["messages"] == source[line["source_row"]]["messages"]
        offered = source[line["source_row"]].get("tools")
        assert (json.loads(line["tools"]) if line["tools"] else None) == offered


def test_no_column_is_written_that_no_row_fills(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    path = str(rows_file("plain", [{"messages": [say("user", "Go?"), say("assistant", "No.")]}]))

    (line,) = lines(written(registry, tmp_path / "out", {"path": path, "rows": "all"}))

    assert list(line) == ["messages", "source", "source_row"]
    assert list(line["messages"][0]) == ["role", "content"]


def test_what_was_mixed_before_needs_no_text_and_none_of_the_large_libraries(
    registry: Registry, rows_file: MakeRows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "SETTLED_NS", 0)
    part = {"path": str(rows_file("rows", 20)), "rows": "all"}
    wish = {"deduplicate": {"threshold": 1.0}, "output": {"format": ["parquet", "jsonl"]}}
    first = written(registry, tmp_path / "one", part, **wish)
    script = (
        "import json, sys\nimport instructory as ins\n"
        "recipe = ins.MixtureRecipe.model_validate(json.loads(sys.argv[1]))\n"
        "with ins.Registry.open() as registry:\n"
        "    ins.build(registry, ins.plan(registry, recipe), to=sys.argv[2])\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    recipe = json.dumps({"name": "a", "parts": [part], **wish})
    settings = registry.settings
    here = {"INSTRUCTORY_HOME": str(settings.home), "INSTRUCTORY_CATALOG": str(settings.catalog)}

    run = subprocess.run(
        [sys.executable, "-c", script, recipe, str(tmp_path / "two")],
        env={**os.environ, **here, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.strip() == "[]"
    assert (tmp_path / "two" / "train.jsonl").read_bytes() == first


def say(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
