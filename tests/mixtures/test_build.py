"""Builds: same bytes, closed accounts, nothing half done."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mixtures.build
from mixtures.build import Build, build
from mixtures.lock import verify
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import BusyError, InputRefusedError, IntegrityError
from registry.fetch import fetch, sample_path
from registry.registry import Registry
from registry.snapshot import open_snapshot

MakeRows = Callable[..., Path]

SAMPLES = [Part(dataset=f"sample-{kind}", rows="all") for kind in ("human", "distilled", "selfimproved")]
DEDUPLICATED = MixtureRecipe(
    parts=SAMPLES, deduplicate={"keep": ["sample-distilled"]}, output={"format": ["jsonl", "parquet"]}
)
EXAMPLE = Path(__file__).parents[2] / "examples" / "recipes" / "samples.yaml"


def built(registry: Registry, recipe: MixtureRecipe, to: Path, **options: object) -> Build:
    return build(registry, plan(registry, recipe), to=to, **options)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_equal_recipes_give_equal_bytes_whatever_the_block_size(registry: Registry, tmp_path: Path) -> None:
    recipe = MixtureRecipe.load(EXAMPLE)

    built(registry, recipe, tmp_path / "one")
    built(registry, recipe, tmp_path / "two", block_rows=17)

    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_process_hash_seed_time_zone_and_home_give_the_same_bytes(
    registry: Registry, tmp_path: Path
) -> None:
    built(registry, MixtureRecipe.load(EXAMPLE), tmp_path / "here")
    script = (
        "import sys\n"
        "from mixtures.build import build\nfrom mixtures.plan import plan\n"
        "from mixtures.recipe import MixtureRecipe\nfrom registry.registry import Registry\n"
        "with Registry.open() as registry:\n"
        "    found = plan(registry, MixtureRecipe.load(sys.argv[1]))\n"
        "    build(registry, found, to=sys.argv[2], block_rows=64)\n"
    )
    surroundings = {
        **os.environ,
        "PYTHONHASHSEED": "4242",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "INSTRUCTORY_HOME": str(tmp_path / "other-home"),
        "INSTRUCTORY_CATALOG": str(tmp_path / "catalog.yaml"),
        "PYTHONPATH": str(EXAMPLE.parents[2]),
    }

    subprocess.run(
        [sys.executable, "-c", script, str(EXAMPLE), str(tmp_path / "there")],
        env=surroundings,
        cwd=tmp_path,
        check=True,
    )

    assert digests(tmp_path / "here") == digests(tmp_path / "there")


def test_planted_duplicates_leave_with_the_row_that_stays(registry: Registry, tmp_path: Path) -> None:
    made = built(registry, DEDUPLICATED, tmp_path / "mix")
    planted = json.loads(sample_path("sample-human").with_name("planted.json").read_text())

    ledger = lines(tmp_path / "mix" / "ledger.jsonl")

    between = {"sample-human", "sample-distilled"}
    expected = {
        (pair["a"]["row"], pair["b"]["row"])
        for pair in planted["exact_duplicates"]
        if {pair["a"]["dataset"], pair["b"]["dataset"]} == between
    }
    found = {
        (entry["row"], entry["kept_row"])
        for entry in ledger
        if entry["reason"] == "duplicate_exact" and {entry["part"], entry["kept_part"]} == between
    }
    assert found == expected
    assert all(
        entry["part"] != "sample-distilled" for entry in ledger if entry["reason"] == "duplicate_exact"
    )
    assert made.removed == dict(Counter(entry["reason"] for entry in ledger))


def test_no_removed_row_is_written_and_every_kept_row_is(registry: Registry, tmp_path: Path) -> None:
    built(registry, DEDUPLICATED, tmp_path / "mix")

    written = {(row["source"], row["source_row"]) for row in lines(tmp_path / "mix" / "train.jsonl")}
    ledger = lines(tmp_path / "mix" / "ledger.jsonl")

    assert not written & {(entry["part"], entry["row"]) for entry in ledger}
    assert {(entry["kept_part"], entry["kept_row"]) for entry in ledger} <= written


def test_rows_that_hold_benchmark_questions_leave(registry: Registry, tmp_path: Path) -> None:
    from analyzers.contamination import contaminated_rows

    benchmark = sample_path("sample-benchmark")
    recipe = MixtureRecipe(parts=SAMPLES, decontaminate={"against": [str(benchmark)]})

    made = built(registry, recipe, tmp_path / "mix")

    ledger = lines(tmp_path / "mix" / "ledger.jsonl")
    rows = open_snapshot(registry, "sample-distilled")
    leaks = contaminated_rows(rows, open_snapshot(registry, str(benchmark)))
    assert {(e["part"], e["row"], e["benchmark_row"]) for e in ledger} == {("sample-distilled", 103, 0)}
    assert leaks.tolist() == [103]
    assert made.removed == {"contaminated:sample-benchmark.jsonl": 1}


def test_parquet_and_json_lines_hold_the_same_rows_in_the_same_order(
    registry: Registry, tmp_path: Path
) -> None:
    built(registry, DEDUPLICATED, tmp_path / "mix")

    table = pq.read_table(tmp_path / "mix" / "train.parquet")

    assert table.to_pylist() == lines(tmp_path / "mix" / "train.jsonl")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.sampled_from([f"say {n} times {n} and then {n} more words" for n in range(12)]), max_size=30
    ),
    cut=st.integers(0, 30),
    least=st.integers(0, 4),
    most=st.integers(1, 40),
    epochs=st.sampled_from([1.0, 1.5, 3.0]),
)
def test_rows_read_are_rows_written_removed_and_not_selected(
    registry: Registry, rows_file: MakeRows, tmp_path: Path, texts: list[str], cut: int, **numbers: float
) -> None:
    rows = [{"instruction": text, "output": " ".join(["word"] * (n % 5))} for n, text in enumerate(texts)]
    files = [rows_file("a", [*rows[:cut], {"instruction": "first of a", "output": "a b c d e"}])]
    files.append(rows_file("b", [*rows[cut:], {"instruction": "first of b", "output": "a b c d f"}]))
    where = {"min_words": int(numbers["least"])}
    cut_parts = {"rows": "all", "epochs": numbers["epochs"], "max_rows": int(numbers["most"]), "where": where}
    parts = [Part(path=str(file), **cut_parts) for file in files]
    recipe = MixtureRecipe(parts=parts, deduplicate={"view": "prompt"})

    made = built(registry, recipe, tmp_path / "mix", force=True)

    written = lines(tmp_path / "mix" / "train.jsonl")
    ledger = lines(tmp_path / "mix" / "ledger.jsonl")
    for part in made.parts:
        distinct = {row["source_row"] for row in written if row["source"] == part["part"]}
        gone = [entry for entry in ledger if entry["part"] == part["part"]]
        assert part["rows_in_source"] == len(distinct) + len(gone) + part["not_selected"]
        assert part["removed"] == dict(Counter(entry["reason"] for entry in gone))
    assert len(written) == made.rows == sum(part["rows"] for part in made.parts)


def test_quotas_are_filled_from_rows_that_survive(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    both = rows_file("a", 30)
    parts = [Part(path=str(both), rows=10), Part(path=str(rows_file("b", 40)), rows=25)]
    extra = json.loads(both.read_text().splitlines()[0])
    rows_file("b", [extra, *(json.loads(line) for line in Path(str(parts[1].path)).read_text().splitlines())])

    made = built(registry, MixtureRecipe(parts=parts, deduplicate={"threshold": 1}), tmp_path / "mix")

    assert [part["rows"] for part in made.parts] == [10, 25]
    assert made.removed == {"duplicate_exact": 1}


def test_a_shortfall_is_reported_not_hidden(registry: Registry, rows_file: MakeRows, tmp_path: Path) -> None:
    row = {"instruction": "The only question there is in this file, asked often.", "output": "One answer."}
    recipe = MixtureRecipe(parts=[Part(path=str(rows_file("a", [row] * 6)), rows=4)], deduplicate={})

    made = built(registry, recipe, tmp_path / "mix")

    assert made.rows == 1
    assert made.parts[0]["shortfall"] == 3
    assert any("3 rows fewer than planned" in warning for warning in made.warnings)


def test_repeated_rows_are_spread_and_counted(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    recipe = MixtureRecipe(parts=[Part(path=str(rows_file("a", 8)), rows="all", epochs=2.5)])

    built(registry, recipe, tmp_path / "mix")

    counts = Counter(row["source_row"] for row in lines(tmp_path / "mix" / "train.jsonl"))
    assert sorted(counts.values()) == [2] * 4 + [3] * 4


def test_another_seed_gives_another_choice_and_order(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    parts = [Part(path=str(rows_file("a", 50)), rows=20)]

    for seed in (1, 2):
        built(registry, MixtureRecipe(parts=parts, seed=seed), tmp_path / str(seed))

    one, two = (lines(tmp_path / str(seed) / "train.jsonl") for seed in (1, 2))
    assert {row["source_row"] for row in one} != {row["source_row"] for row in two}


def test_a_folder_with_files_is_refused_and_force_replaces_only_ours(
    registry: Registry, tmp_path: Path
) -> None:
    recipe = MixtureRecipe(parts=SAMPLES[:1])
    built(registry, recipe, tmp_path / "mix", format=["parquet"])
    (tmp_path / "mix" / "mine.txt").write_text("keep me")
    before = digests(tmp_path / "mix")

    with pytest.raises(InputRefusedError, match="force"):
        built(registry, recipe, tmp_path / "mix")
    assert digests(tmp_path / "mix") == before

    built(registry, recipe, tmp_path / "mix", force=True)
    names = {path.name for path in (tmp_path / "mix").iterdir()}
    assert {"mine.txt", "train.jsonl"} <= names
    assert "train.parquet" not in names
    assert verify(tmp_path / "mix").ok


def test_an_interrupted_build_leaves_no_final_name(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mixtures.build, "mixture_notices", interrupt)
    with pytest.raises(KeyboardInterrupt):
        built(registry, MixtureRecipe(parts=SAMPLES), tmp_path / "mix")

    assert not (tmp_path / "mix").exists()


def test_left_overs_of_a_killed_build_are_swept(registry: Registry, tmp_path: Path) -> None:
    scratch = tmp_path / "mix" / ".building"
    scratch.mkdir(parents=True)
    (scratch / "train.jsonl").write_text("half a r")

    built(registry, MixtureRecipe(parts=SAMPLES[:1]), tmp_path / "mix")

    assert not scratch.exists()
    assert verify(tmp_path / "mix").ok


def test_two_builds_in_one_folder_exclude_each_other(registry: Registry, tmp_path: Path) -> None:
    from mixtures.staging import staging

    with staging(tmp_path / "mix", force=False), pytest.raises(BusyError, match="another build"):
        built(registry, MixtureRecipe(parts=SAMPLES[:1]), tmp_path / "mix")


def test_a_forbidden_mixture_is_refused_and_nothing_is_written(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    fetch(registry, "closed-set", source=rows_file("a", 5))
    recipe = MixtureRecipe(parts=[Part(dataset="closed-set")], policy={"use": "commercial"})

    with pytest.raises(InputRefusedError, match=r"CC-BY-NC-4\.0"):
        built(registry, recipe, tmp_path / "mix")
    assert not (tmp_path / "mix").exists()


def test_rows_changed_on_disk_are_noticed(registry: Registry, rows_file: MakeRows, tmp_path: Path) -> None:
    found = plan(registry, MixtureRecipe(parts=[Part(path=str(rows_file("a", 5)))]))
    stored = found.parts[0].snapshot.rows_path
    data = bytearray(stored.read_bytes())
    data[20] ^= 1
    stored.chmod(0o644)
    stored.write_bytes(data)

    with pytest.raises(IntegrityError, match="SHA-256"):
        build(registry, found, to=tmp_path / "mix")


def test_unknown_formats_are_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match="no format 'csv'"):
        built(registry, MixtureRecipe(parts=SAMPLES[:1]), tmp_path / "mix", format=["csv"])


def test_card_and_notices_name_every_source_and_no_folder_of_this_machine(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    recipe = MixtureRecipe(parts=[SAMPLES[0], Part(path=str(rows_file("mine", 5)))])

    built(registry, recipe, tmp_path / "mix")

    card, notices = ((tmp_path / "mix" / name).read_text() for name in ("README.md", "NOTICES.md"))
    assert card.startswith("---\nlicense: other\n")
    assert "path: train.jsonl" in card
    assert "sample-human" in notices
    assert "CC0-1.0" in notices
    assert "mine.jsonl" in notices
    for path in (tmp_path / "mix").glob("*.*"):
        assert str(tmp_path) not in path.read_text(errors="ignore"), path.name


@pytest.mark.real
def test_every_alpagasus_row_leaves_beside_stanford_alpaca(
    registry: Registry, real_data: Path, tmp_path: Path
) -> None:
    parts = [Part(path=str(real_data / name), rows="all") for name in ("alpagasus", "stanford-alpaca")]
    recipe = MixtureRecipe(parts=parts, deduplicate={"threshold": 1, "keep": [parts[1].path]})

    made = built(registry, recipe, tmp_path / "mix")

    cuts, whole = made.parts
    assert (cuts["rows_in_source"], whole["rows_in_source"]) == (16_556, 52_002)
    assert cuts["rows"] == 0
    assert cuts["removed"] == {"duplicate_exact": 16_556}
    assert whole["removed"] == {}
    assert made.rows == whole["rows"] == 52_002
    assert verify(tmp_path / "mix").ok
