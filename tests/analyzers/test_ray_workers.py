"""Jobs on a Ray started for the test, in a process of its own: what Ray leaves behind ends with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from analyzers.ray_workers import RayWorkers
from registry.errors import EngineError

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (extra scale)")

ROOT = Path(__file__).parents[2]
ROWS = [
    {"instruction": f"Name {n % 7} things that float on water.", "output": f"Ice, cork and boat number {n}."}
    for n in range(300)
]


def analyze(home: Path, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(home, "analyze", data, *options)


def run(home: Path, verb: str, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "instructory", verb, str(data), "--json", *options]
    env = os.environ | {"INSTRUCTORY_HOME": str(home)}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_ray_finds_what_one_process_finds(tmp_path: Path, data: Path) -> None:
    only = ("--only", "duplicates,hygiene,lexical")
    here = analyze(tmp_path / "here", data, *only)
    ray = analyze(tmp_path / "ray", data, *only, "--engine", "ray", "--workers", "2")
    assert (here.returncode, ray.returncode) == (0, 0), ray.stderr
    measurements: list[dict[str, Any]] = json.loads(here.stdout)
    assert len(measurements) > 20
    assert ray.stdout == here.stdout


def test_ray_finds_the_duplicates_that_one_process_finds(tmp_path: Path, data: Path) -> None:
    how = ("--shingle", "2", "--threshold", "0.6", "--explain", "3")
    here = run(tmp_path / "here", "overlap", data, *how)
    ray = run(tmp_path / "ray", "overlap", data, *how, "--engine", "ray", "--workers", "2")
    assert (here.returncode, ray.returncode) == (0, 0), ray.stderr
    assert json.loads(here.stdout)["duplicate_rows"] > 100
    assert ray.stdout == here.stdout
    files = [sorted((tmp_path / home / "signatures").rglob("*.npy")) for home in ("here", "ray")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


def test_an_address_where_nobody_listens_is_one_clear_error(tmp_path: Path, data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = analyze(tmp_path / "home", data, "--engine", "ray", "--address", f"127.0.0.1:{port}")
    assert found.returncode == 1
    assert json.loads(found.stdout)["error"].startswith(f"no Ray at 127.0.0.1:{port}")


def test_an_address_without_a_port_number_is_refused() -> None:
    with pytest.raises(EngineError, match="host:port"):
        list(RayWorkers(1, "head:here").run(str, [1], in_flight=1))
