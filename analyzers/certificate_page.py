"""A contamination certificate as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.hub_card import inert

Plain = Mapping[str, Any]


def certificate_page(document: Plain) -> str:
    """The whole document for people; names and n-grams that come from outside are made inert."""
    program = document["program"]
    made_by = (
        f"Made by {program['name']} {inert(program['version'])}, format {document['format']}. SHA-256 of the"
        f" document in canonical JSON: `{document['sha256']}`."
    )
    left_out = [f"- {inert(each['what'])}: {inert(each['why'])}" for each in document["not_checked"]]
    parts = [
        "# Contamination certificate",
        _verdict(document["results"]),
        *(_dataset(facts) for facts in document["datasets"]),
        "## Benchmarks\n\n" + "\n".join(_benchmark(facts) for facts in document["benchmarks"]),
        "## Rules\n\n" + _rules(document),
        "## Found\n\n" + _found(document["results"]),
        _hits(document["results"]),
        "## What the rules can see\n\n" + _ceilings(document["ceilings"]),
        "## Not checked\n\n" + "\n".join(left_out),
        _ignored(document["results"]),
        made_by,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _verdict(results: Sequence[Plain]) -> str:
    pairs: dict[tuple[str, str], list[Plain]] = {}
    for result in results:
        pairs.setdefault((result["dataset"], result["benchmark"]), []).append(result)
    return "\n".join(f"- {_sentence(*pair, found)}" for pair, found in pairs.items())


def _sentence(dataset: str, benchmark: str, results: Sequence[Plain]) -> str:
    names = f"**{inert(benchmark)}** in **{inert(dataset)}**"
    checked = [result for result in results if result["is_checked"]]
    if not checked:
        return f"{names}: not checked, as there are no rows or no item could be found."
    hits = [result for result in checked if result["benchmark_hits"]]
    answers = max(result["answer_only_hits"] for result in checked)
    tail = f" Answers alone were found of {answers:,} items at most." if answers else ""
    if hits:
        told = ", ".join(f"{r['benchmark_hits']:,} by {r['rule']}" for r in hits)
        rest = len(checked) - len(hits)
        none = f"; none by {rest} other rules" if rest else ""
        return f"{names}: items found: {told}{none}.{tail}"
    bound = max(result["upper_bound"] for result in checked)
    return (
        f"{names}: no item found by {len(checked)} rules. At 95 % up to {_percent(bound)} of the items may be"
        f" there all the same, and any number in other words.{tail}"
    )


def _dataset(facts: Plain) -> str:
    lines = [
        f"## Dataset {inert(facts['name'])}",
        "",
        f"- {facts['rows']:,} rows; snapshot `{facts['snapshot']}`",
        f"- rows SHA-256 `{facts['rows_sha256']}`",
    ]
    return "\n".join([*lines, *_files(facts)])


def _files(facts: Plain) -> Iterable[str]:
    if facts.get("repository"):
        yield f"- {inert(facts['repository'])} at `{inert(str(facts['revision']))}`"
    for file in facts["files"]:
        where = (
            f"{file['repository']} {file['path']} at {file['commit']}" if "commit" in file else file["name"]
        )
        yield f"- {inert(where)}, SHA-256 `{file['sha256']}`"


def _benchmark(facts: Plain) -> str:
    what = f"- **{inert(facts['name'])}**: {facts['rows']:,} items, {facts['form']}"
    if "snapshot" in facts:
        what += f"; snapshot `{facts['snapshot']}`"
    else:
        what += f" (version {facts['version']} of {facts['date']}, SHA-256 `{facts['sha256']}`)"
    return "\n".join([what, *(f"  {line}" for line in _files(facts))])


def _rules(document: Plain) -> str:
    rows = [(f"`{rule['name']}`", rule["version"], rule["text"]) for rule in document["rules"]]
    settings = document["settings"]
    return _table(("rule", "version", "an item is found when"), rows) + (
        f"\n\nWords are those of the tokeniser `{document['tokenizer']}`. All rows were read, as whole"
        f" texts. n-grams in more than {settings['max_items_of_a_gram']} items or inside phrases of"
        f" examinations were ignored. Answers of {settings['least_words_of_an_answer']} words or more were"
        " looked for."
    )


def _found(results: Sequence[Plain]) -> str:
    counts = ("could be found", "found", "95 %", "with answer", "answer only", "rows")
    heads = ("dataset", "benchmark", "rule", *counts)
    rows = [
        (
            inert(r["dataset"]),
            inert(r["benchmark"]),
            f"`{r['rule']}`",
            f"{r['coverable_items']:,} of {r['benchmark_rows']:,}",
            f"{r['benchmark_hits']:,}" if r["is_checked"] else "not checked",
            _interval(r),
            f"{r['question_answer_hits']:,}",
            f"{r['answer_only_hits']:,}",
            f"{r['dataset_hits']:,} of {r['dataset_rows']:,}",
        )
        for r in results
    ]
    return _table(heads, rows)


def _interval(result: Plain) -> str:
    if result["upper_bound"] is None:
        return "-"
    low = result["benchmark_ci_low"] if result["benchmark_hits"] else 0.0
    return f"{_percent(low)} to {_percent(result['upper_bound'])}"


def _hits(results: Sequence[Plain]) -> str:
    rows = [
        (
            inert(r["dataset"]),
            inert(r["benchmark"]),
            f"`{r['rule']}`",
            *(f"{hit[k]}" for k in _HIT),
            f"{hit['share']:.2f}",
        )
        for r in results
        for hit in r["hits"]
    ]
    if not rows:
        return ""
    heads = ("dataset", "benchmark", "rule", "item", "first row that holds it", "share of the item")
    return "Items and rows count from 0; up to 100 items a rule.\n\n" + _table(heads, rows)


_HIT = ("benchmark_row", "dataset_row")


def _ceilings(ceilings: Sequence[Plain]) -> str:
    tables = []
    for benchmark in dict.fromkeys(each["benchmark"] for each in ceilings):
        mine = [each for each in ceilings if each["benchmark"] == benchmark]
        forms = [form["form"] for form in mine[0]["forms"]]
        rows = []
        for nth, form in enumerate(forms):
            recalls = [each["forms"][nth] for each in mine]
            rows.append((form, recalls[0]["planted"], *(_recall(recall) for recall in recalls)))
        heads = ("form", "planted", *(f"`{each['rule']}`" for each in mine))
        tables.append(f"Planted items of {inert(benchmark)} that are found:\n\n{_table(heads, rows)}")
    return "\n\n".join(tables)


def _recall(form: Plain) -> str:
    if form["recall"] is None:
        return "-"
    return f"{form['recall']:.2f} ({form['ci_low']:.2f}-{form['ci_high']:.2f})"


def _ignored(results: Sequence[Plain]) -> str:
    once = {(r["benchmark"], r["rule"]): r for r in results if r["ignored"]}
    if not once:
        return ""
    lines = []
    for (benchmark, rule), result in once.items():
        shown = (f"{inert(g['text'])} ({g['items']:,} items, {g['reason']})" for g in result["ignored"][:5])
        lines.append(
            f"- {inert(benchmark)}, `{rule}`: {result['ignored_grams']:,}, among them {'; '.join(shown)}"
        )
    return "## Ignored n-grams\n\n" + "\n".join(lines)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
