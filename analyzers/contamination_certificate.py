"""A certificate of what was looked for in which rows, with what result, and what was not looked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from analyzers.benchmark_sources import HASHED
from analyzers.contamination import contaminations
from analyzers.hashed_items import HASHED_RULES
from analyzers.leak_rules import ALL_RULES, ANSWER_WORDS, MAX_ITEMS, RULES, rules_named
from analyzers.planted_forms import NOT_PLANTED
from analyzers.text import TOKENIZER
from registry.contaminations import Contamination
from registry.hashed_benchmarks import HashedBenchmark

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

FORMAT = 1
SHOWN_HITS = 100


@dataclass(frozen=True, slots=True)
class Certificate:
    """What `certificate` found, as a document of plain JSON types.

    It names no time, user or machine: the same rows, benchmarks and rules give the same bytes. `sha256` is
    that of the document without it, in canonical JSON. Rows and items are named by number; no text of either
    is in it. `results` are what it rests on, with examples.
    """

    document: Mapping[str, Any]
    results: tuple[Contamination, ...] = ()

    @property
    def is_clean(self) -> bool | None:
        """True: all was checked and nothing found; None: nothing was found and not all could be checked."""
        if any(result["benchmark_hits"] or result["dataset_hits"] for result in self.document["results"]):
            return False
        return True if all(result["is_checked"] for result in self.document["results"]) else None

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return dict(self.document)

    def to_text(self) -> str:
        """The document as indented JSON."""
        return json.dumps(self.document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """The document for people."""
        from analyzers.certificate_page import certificate_page

        return certificate_page(self.document)


def certificate(
    datasets: Sequence[Snapshot],
    benchmarks: Sequence[Snapshot | HashedBenchmark],
    *,
    rule: str = ALL_RULES,
    catalogue: Sequence[str] = (),
) -> Certificate:
    """Look for every benchmark in every dataset under the rules, plant the known forms, and write all down.

    `catalogue` names the benchmarks one knows of, so that those not looked for can be listed.

    Raises:
        UnknownNameError: no such rule.
        NotMeasuredError: a rule asked for by name needs words and only hashes of a benchmark are at hand.
    """
    results = [
        result
        for dataset in datasets
        for result in contaminations(dataset, benchmarks, rule=rule, explain=SHOWN_HITS, ceiling=True)
    ]
    asked = rules_named(rule)
    document: dict[str, Any] = {
        "kind": "contamination certificate",
        "format": FORMAT,
        "program": {"name": "instructory", "version": _our_version()},
        "datasets": [snapshot_facts(dataset) for dataset in datasets],
        "benchmarks": [benchmark_facts(benchmark) for benchmark in benchmarks],
        "tokenizer": TOKENIZER,
        "rules": [asdict(each) for each in asked],
        "settings": {"max_items_of_a_gram": MAX_ITEMS, "least_words_of_an_answer": ANSWER_WORDS},
        "results": [_result(result) for result in results],
        "ceilings": _ceilings(results),
        "not_checked": _not_checked(results, datasets, benchmarks, [r.name for r in asked], catalogue),
    }
    return Certificate({**document, "sha256": document_sha256(document)}, tuple(results))


def document_sha256(document: Mapping[str, Any]) -> str:
    """SHA-256 of a certificate without its own `sha256`, in canonical JSON (sorted keys, UTF-8)."""
    plain = {name: value for name, value in document.items() if name != "sha256"}
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def snapshot_facts(snapshot: Snapshot) -> dict[str, Any]:
    """Enough to find the same rows again and to tell them from others."""
    source = snapshot.source
    return {
        "name": snapshot.dataset,
        "form": "rows",
        "snapshot": snapshot.id,
        "rows_sha256": snapshot.rows_sha256,
        "rows": snapshot.rows_kept,
        "rows_bad": snapshot.rows_bad,
        "limit": snapshot.limit,
        "repository": source.repository,
        "revision": source.revision,
        "files": [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in source.files],
    }


def benchmark_facts(benchmark: Snapshot | HashedBenchmark) -> dict[str, Any]:
    """`snapshot_facts`, or what the manifest says of shipped hashes."""
    if not isinstance(benchmark, HashedBenchmark):
        return snapshot_facts(benchmark)
    record = benchmark.record.to_json()
    del record["ceilings"]
    return {**record, "form": HASHED, "files": list(record["files"])}


def _result(result: Contamination) -> dict[str, Any]:
    plain = result.to_json()
    del plain["ceiling"]
    hits = [(leak["benchmark_row"], leak["dataset_row"], leak["share"]) for leak in plain.pop("examples")]
    names = ("benchmark_row", "dataset_row", "share")
    return {
        **plain,
        "ignored": list(plain["ignored"]),
        "hits": [dict(zip(names, hit, strict=True)) for hit in hits],
    }


def _ceilings(results: Sequence[Contamination]) -> list[dict[str, Any]]:
    """What each rule sees of the planted forms, once a benchmark and rule."""
    once = {(result.benchmark, result.rule): result for result in results}
    return [
        {"benchmark": benchmark, "rule": rule, "forms": [asdict(form) for form in result.ceiling]}
        for (benchmark, rule), result in once.items()
    ]


def _not_checked(
    results: Sequence[Contamination],
    datasets: Sequence[Snapshot],
    benchmarks: Sequence[Snapshot | HashedBenchmark],
    asked: Sequence[str],
    catalogue: Sequence[str],
) -> list[dict[str, str]]:
    """What a reader might take for checked, each with what it is about and why it was not."""
    found = [{"what": form, "why": reason} for form, reason in NOT_PLANTED.items()]
    found.append({"what": "rule semantic", "why": "needs a model of meaning; none was used"})
    found += [{"what": f"rule {name}", "why": "not asked for"} for name in RULES if name not in asked]
    for benchmark in benchmarks:
        if isinstance(benchmark, HashedBenchmark):
            left = [name for name in asked if name not in HASHED_RULES]
            why = f"{HASHED}; these rules need words"
            found += [{"what": f"{benchmark.dataset}: rule {name}", "why": why} for name in left]
        elif benchmark.rows_bad:
            found.append(_bad_rows(benchmark))
    once = {(result.benchmark, result.rule): result for result in results}
    for (name, rule), result in once.items():
        missing = result.benchmark_rows - result.coverable_items
        if missing:
            why = (
                f"of {result.benchmark_rows:,} items these have no text of their own that the rule could find"
            )
            found.append({"what": f"{name}: {missing:,} items under {rule}", "why": why})
    for dataset in datasets:
        if dataset.rows_bad:
            found.append(_bad_rows(dataset))
        if dataset.limit is not None:
            why = f"only the first {dataset.limit:,} rows were read"
            found.append({"what": f"{dataset.dataset}: later rows", "why": why})
    looked_for = {benchmark.dataset for benchmark in benchmarks}
    others = [name for name in catalogue if name not in looked_for]
    return found + [{"what": f"benchmark {name}", "why": "not looked for"} for name in others]


def _bad_rows(snapshot: Snapshot) -> dict[str, str]:
    why = "set aside as unreadable when the rows were fetched"
    return {"what": f"{snapshot.dataset}: {snapshot.rows_bad:,} rows", "why": why}


def _our_version() -> str:
    try:
        return version("instructory")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "source"
