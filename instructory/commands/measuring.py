"""Commands that measure: analyze, diversity, overlap, conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from instructory.output import (
    CsvFlag,
    JsonFlag,
    cell,
    print_csv,
    print_json,
    print_table,
    reported_errors,
    shown_progress,
)
from instructory.verbs import DEFAULT_VIEW

Refs = Annotated[list[str], typer.Argument(metavar="ID-OR-PATH...")]
_PAIR_COLUMNS = ("a", "b", "rows_a", "rows_b", "matched_a", "matched_b", "share_a", "share_b", "pairs")
EmbeddingOption = Annotated[
    str, typer.Option(help="How texts become vectors: lsa, static (extra embed), or a model2vec folder.")
]
ViewOption = Annotated[str, typer.Option(help="Text that is compared: first_prompt, response, all, …")]

WorkersOption = Annotated[int, typer.Option(min=1, help="Processes, or workers of the cluster.")]
EngineOption = Annotated[str, typer.Option(help="local, or ray (extra scale).")]
AddressOption = Annotated[str | None, typer.Option(help="A running Ray cluster; without it, one here.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (analyze, diversity, overlap, conflicts):
        app.command()(command)


def analyze(
    refs: Refs,
    only: Annotated[str | None, typer.Option(help="Analyzers or metrics, separated by commas.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of every sample.")] = 0,
    workers: WorkersOption = 1,
    engine: EngineOption = "local",
    address: AddressOption = None,
    embedding: EmbeddingOption = "lsa",
    parser: Annotated[
        str, typer.Option(help="Structure of prompts by lexicon, or spacy (extra nlp).")
    ] = "lexicon",
    tokenizer: Annotated[
        str, typer.Option(help="Tokens of budget: o200k_base, estimate, or a tokenizer.json (extra tokens).")
    ] = "o200k_base",
    model: Annotated[
        str, typer.Option(help="Folder of a language model, for --only perplexity (extra lm).")
    ] = "",
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Measure the rows of datasets or files."""
    from instructory import verbs
    from registry.registry import Registry

    wanted = [name.strip() for name in only.split(",") if name.strip()] if only else None
    answer: list[dict[str, Any]] = []
    with reported_errors(as_json), Registry.open() as registry, shown_progress("analyze") as progress:
        for ref in refs:
            measured = verbs.analyze(
                registry,
                ref,
                only=wanted,
                limit=limit,
                seed=seed,
                workers=workers,
                engine=engine,
                address=address,
                embedding=embedding,
                parser=parser,
                tokenizer=tokenizer,
                model=model,
                progress=progress,
            )
            answer += [m.to_json() for m in measured]
    if as_json:
        print_json(answer)
    elif as_csv:
        print_csv(answer)
    else:
        _print_measurements(answer)


def _print_measurements(measured: list[dict[str, Any]]) -> None:
    columns = {
        "metric": "metric",
        "view": "view",
        "value": "value",
        "interval": "95 %",
        "rows": "rows",
    }
    for dataset in dict.fromkeys(m["dataset"] for m in measured):
        figures = [m for m in measured if m["dataset"] == dataset]
        rows = [_measurement_row(m) for m in figures if not _is_detail(m)]
        hidden = len(figures) - len(rows)
        note = (
            f" ({hidden} pairs of words and kinds that never occur are left out; --json has all)"
            if hidden
            else ""
        )
        print_table(f"{dataset}: {len(figures)} measurements{note}", columns, rows)


def _is_detail(m: dict[str, Any]) -> bool:
    """Whether this is one pair of a verb and a noun, or one kind of something that never occurs."""
    kinds = {"code", "family", "task", "domain"}
    return "noun" in m["params"] or (m["value"] == 0 and not kinds.isdisjoint(m["params"]))


def _measurement_row(m: dict[str, Any]) -> dict[str, Any]:
    everything = m["n_used"] == m["n_total"]
    return {
        **m,
        "metric": f"{m['metric']} {parameters(m)}",
        "value": cell(m["value"]) if m["value"] is not None else f"– ({m['reason']})",
        "interval": f"{m['ci_low']:.3g} … {m['ci_high']:.3g}" if m["ci_low"] is not None else "",
        "rows": f"{m['n_used']:,}" if everything else f"{m['n_used']:,} of {m['n_total']:,}",
    }


def parameters(figure: Mapping[str, Any]) -> str:
    """What a figure was made with, as `name=value, …`."""
    return ", ".join(f"{name}={value}" for name, value in figure["params"].items())


def diversity(
    refs: Refs,
    view: Annotated[
        str, typer.Option(help="Text that is compared: first_prompt, response, …")
    ] = "first_prompt",
    embedding: EmbeddingOption = "lsa",
    rows: Annotated[int, typer.Option(min=20, help="Most rows of each dataset.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """How diverse datasets are in meaning, beside each other: one space, equal rows, one reference."""
    from instructory import verbs
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        found = verbs.diversity(registry, refs, view=view, embedding=embedding, rows=rows, seed=seed)
    print_comparison(found.to_json(), as_json=as_json, as_csv=as_csv)


def print_comparison(answer: dict[str, Any], *, as_json: bool, as_csv: bool) -> None:
    """Figures of datasets side by side, one column a dataset."""
    rows = [
        {
            "metric": row["metric"],
            "params": parameters(row),
            "view": row["view"],
            **dict(zip(answer["datasets"], row["values"], strict=True)),
        }
        for row in answer["rows"]
    ]
    if as_json:
        print_json(answer)
    elif as_csv:
        print_csv(rows)
    else:
        columns = {name: name for name in ("metric", "params", "view", *answer["datasets"])}
        print_table(f"{len(rows)} figures", columns, rows)


def overlap(
    refs: Annotated[list[str], typer.Argument(metavar="A [B]...", help="Catalogue ids, samples or paths.")],
    view: ViewOption = DEFAULT_VIEW,
    shingle: Annotated[int, typer.Option(min=1, help="Words in a shingle.")] = 5,
    threshold: Annotated[float, typer.Option(min=0.05, max=1.0, help="Jaccard from which rows match.")] = 0.8,
    explain: Annotated[int, typer.Option(min=0, help="Pairs to show.")] = 5,
    slots: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="With one dataset: Jaccard asked of template slots too.")
    ] = 0.0,
    workers: WorkersOption = 1,
    engine: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Rows two datasets share, counted both ways; of one its duplicates, of more than two every pair.

    Workers and an engine share out the search within one dataset.
    """
    from instructory import verbs
    from registry.registry import Registry

    if len(refs) > 1 and (workers, engine, address) != (1, "local", None):
        raise typer.BadParameter("workers and an engine share out the search within one dataset")
    how: dict[str, Any] = {"view": view, "shingle": shingle, "threshold": threshold, "explain": explain}
    with reported_errors(as_json), Registry.open() as registry:
        if len(refs) == 1:
            shared: dict[str, Any] = {"workers": workers, "engine": engine, "address": address}
            answers = [verbs.duplicates(registry, refs[0], slots=slots, **shared, **how).to_json()]
        elif len(refs) == 2:
            answers = [verbs.overlap(registry, *refs, **how).to_json()]
        else:
            answers = [found.to_json() for found in verbs.overlaps(registry, refs, **how)]
    if as_json:
        print_json(answers if len(refs) > 2 else answers[0])
    elif len(refs) > 2:
        print_table("overlaps", {name: name.replace("_", " ") for name in _PAIR_COLUMNS}, answers)
    else:
        _print_overlap("overlap" if len(refs) == 2 else "duplicates", answers[0])


def _print_overlap(title: str, answer: Mapping[str, Any]) -> None:
    facts = [{"fact": k, "value": v} for k, v in answer.items() if k != "examples"]
    print_table(title, {"fact": "", "value": ""}, facts)
    columns = {"row_a": "row", "text_a": "text", "row_b": "row", "text_b": "text", "jaccard": "Jaccard"}
    if answer["examples"]:
        print_table("examples", columns, answer["examples"])


def conflicts(
    refs: Refs,
    explain: Annotated[int, typer.Option(min=0, help="Questions to show.")] = 5,
    as_json: JsonFlag = False,
) -> None:
    """Questions with final answers that disagree, within a dataset and across datasets."""
    from instructory.answer_conflicts import conflicts as conflicts_of
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        answer = conflicts_of(registry, refs, explain=explain).to_json()
    if as_json:
        print_json(answer)
        return
    facts = [{"fact": k, "value": v} for k, v in answer.items() if k not in {"pairs", "examples"}]
    print_table("conflicts", {"fact": "", "value": ""}, facts)
    if answer["pairs"]:
        columns = {"a": "a", "b": "b", "questions": "both answer", "conflicts": "disagree"}
        print_table("between two", columns, answer["pairs"])
    rows = [{"question": e["question"], **given} for e in answer["examples"] for given in e["answers"]]
    if rows:
        columns = {name: name for name in ("question", "dataset", "row", "answer")}
        print_table("examples", columns, rows)
