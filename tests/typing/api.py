"""The public API as a user writes it; never run, only checked by mypy."""

from __future__ import annotations

from pathlib import Path

import instructory as ins


def look(reg: ins.Registry) -> tuple[list[str], list[str]]:
    """Facts, figures, duplicates and rows of one dataset, as records with names."""
    entry: ins.Entry = reg["alpaca"]
    category: ins.Category = entry.category
    method: ins.Method = entry.method
    evidence: tuple[ins.Evidence, ...] = entry.evidence_for("license")
    benchmarks: list[ins.Benchmark] = list(reg.benchmarks.values())
    rows: ins.Snapshot = ins.open_snapshot(reg, "alpaca")
    histograms: list[ins.Distribution] = reg.distributions(rows.dataset)
    repeated: ins.Duplicates = ins.duplicates(reg, "alpaca", threshold=0.8)
    shared: list[ins.Overlap] = reg.overlaps("alpaca")
    side_by_side = ins.compare(reg, ["alpaca", "gsm8k"])
    found = ins.search_rows(reg, "tulip", limit=5)
    words = [str(category), str(method), *(item.source for item in evidence), *(b.tests for b in benchmarks)]
    words += [h.unit for h in histograms] + [pair.view for pair in shared] + [str(repeated.pairs)]
    return words, [*side_by_side.datasets, *(row.excerpt for row in found)]


def ship(a: str, b: str) -> bool:
    """What is done with locks, and what may go wrong."""
    try:
        exported = ins.export(a, to="trl", folder="trainer/")
        changed = ins.diff(a, b).changed
        return ins.verify(a).ok and not changed and bool(exported.files)
    except ins.InputRefusedError as refused:
        problems: tuple[ins.Problem, ...] = refused.problems
        return not problems
    except (ins.IntegrityError, ins.NetworkError, ins.NotMeasuredError, ins.UnknownDatasetError) as error:
        told: ins.InstructoryError = error
        return int(told.exit_code) == 0 and bool(ins.__version__)


def elsewhere(folder: str) -> ins.DataTests:
    """A registry of one's own, and expectations from a file."""
    settings = ins.Settings(home=Path(folder), offline=True)
    with ins.Registry.open(settings) as reg:
        assert len(reg)
    return ins.DataTests.load("data_tests.yaml")


def browse() -> list[str]:
    """Ids of large datasets made by distillation."""
    reg = ins.Registry.open()
    return [e.id for e in reg.find(category="distillation", commercial_use="yes", min_rows=10_000)]


def measure(reg: ins.Registry) -> float | None:
    """From a file to a share of rows."""
    snapshot: ins.Snapshot = ins.fetch(reg, "alpaca", source="alpaca_data.json.gz")
    measured: list[ins.Measurement] = ins.analyze(reg, snapshot.dataset, only=["lexical", "hygiene"])
    pairs: list[int] = [found.pairs for found in ins.overlaps(reg, ["alpaca", "alpagasus", "dolly"])]
    share: float | None = ins.overlap(reg, "alpaca", "alpagasus", threshold=0.8).share_b
    return share if measured and any(pairs) else None


def spread(reg: ins.Registry) -> list[float | None]:
    """From datasets to figures that lie side by side."""
    found = ins.diversity(reg, ["alpaca", "dolly"], embedding="static", rows=1_000)
    return [value for row in found.rows if row.metric == "novelsum" for value in row.values]


def descent(reg: ins.Registry) -> list[str]:
    """Parents that nobody declared."""
    found: ins.Lineage = ins.measure_lineage(reg, ["mine.jsonl", "alpaca", "gsm8k"])
    return [edge.parent for edge in found.edges if not edge.declared]


def certify(reg: ins.Registry) -> str:
    """From benchmarks to a document."""
    found: list[ins.Contamination] = ins.contamination(reg, "alpaca", against=["gsm8k-test"], rule="all")
    paper: ins.Certificate = ins.certificate(reg, ["alpaca"], against=["gsm8k-test", "humaneval"])
    return paper.to_markdown() if found and paper.is_clean else paper.to_text()


def account(reg: ins.Registry) -> tuple[int, float]:
    """What does not add up, and the share of rows by the first model."""
    differs = sum(len(found.disagreements) for found in ins.audit(reg))
    return differs, ins.teachers(reg, ["mine.jsonl"])[0].models[0].share


def disagreements(reg: ins.Registry) -> list[str]:
    """Questions with answers that disagree."""
    found = ins.conflicts(reg, ["alpaca", "mine.jsonl"], explain=20)
    return [example.question for example in found.examples if found.conflicts]


def mix(reg: ins.Registry) -> ins.Build:
    """From a recipe to files."""
    plan: ins.Plan = ins.plan(reg, ins.MixtureRecipe.load("recipe.yaml"))
    return ins.build(reg, plan, to="mixture/")


def check(reg: ins.Registry) -> bool:
    """From expectations to a verdict."""
    report: ins.DataTestReport = ins.test_data(reg, "data_tests.yaml", workers=2)
    inline = ins.expect(reg, "alpaca", {"dup_near": "<0.01", "refusal": {"value": "<0.005"}})
    undecided: int = inline.count("undecided")
    return report.is_passed and not undecided


def publish(reg: ins.Registry) -> list[str]:
    """One dataset in every format that others read."""
    found: list[ins.Description] = [
        ins.describe(reg, "alpaca", form=form) for form in ("croissant", "card", "bibtex", "spdx")
    ]
    return [one.text for one in found if not one.gaps]


def compare(reg: ins.Registry) -> list[float | None]:
    """Equal draws of two datasets beside random ones."""
    found: ins.FairComparison = ins.compare_fair(reg, ["alpaca", "dolly"], unit="tokens", draws=20)
    ins.report(reg, ["alpaca", "dolly"], to="report.html", against=["humaneval"]).unlink()
    return [figure.random.value for figure in found.figures if figure.place(0) == "above"]


def follow(reg: ins.Registry) -> list[str]:
    """What the Hub says now, what changed there, and what the catalogue lacks."""
    commits = [one.state.commit for one in ins.sync_facts(reg, ["alpaca"]) if one.state]
    changed = [one.baseline.dataset for one in ins.drift(reg, ins.baselines(reg)) if one.rows_changed]
    blocks = [one.facts.to_yaml() for one in ins.discover(reg, searches=["instruct"], limit=3).candidates]
    added = ins.add_entry(reg, "my_rows.jsonl", to="mine.yaml", chosen={"id": "mine"})
    likest: str = reg.like("alpaca", limit=1)[0].entry.id
    return [*commits, *changed, *blocks, added.dataset, likest]
