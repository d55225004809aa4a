"""The bundled samples hold exactly what planted.json says: found here by slow, obvious computation."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import registry
from registry.catalog import load_catalog
from registry.vocabulary import Kind

FOLDER = Path(registry.__file__).parent / "samples"
SETS = ("sample-human", "sample-distilled", "sample-selfimproved")
BENCHMARK = "sample-benchmark"
FIELDS = {
    "sample-human": {"instruction", "context", "response", "category", "language"},
    "sample-distilled": {"messages", "topic", "language"},
    "sample-selfimproved": {"prompt", "completion", "label", "score", "topic", "language"},
    BENCHMARK: {"question", "answer", "subject"},
}
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")

Place = tuple[str, int]


class Said(NamedTuple):
    """The texts of a row: what the user wrote, what the answer is, and everything in it."""

    prompt: str
    response: str
    all: str


def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.jsonl").read_bytes().decode("utf-8").split("\n")[:-1]


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in lines(name))


def said(name: str, row: dict[str, Any]) -> Said:
    if "messages" in row:
        turns = [(turn["role"], turn["content"]) for turn in row["messages"]]
    elif "prompt" in row:
        turns = [("user", row["prompt"]), ("assistant", row["completion"])]
    else:
        parts = [row["instruction"], *([row["context"]] if row["context"] else [])]
        turns = [("user", "\n".join(parts)), ("assistant", row["response"])]
    prompt, response = (
        "\n".join(text for role, text in turns if role == who) for who in ("user", "assistant")
    )
    return Said(prompt, response, "\n".join(text for _, text in turns))


@cache
def texts() -> dict[Place, Said]:
    return {(name, at): said(name, row) for name in SETS for at, row in enumerate(rows(name))}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)?", unicodedata.normalize("NFKC", text).lower())


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)}


@cache
def shingles(place: Place) -> frozenset[tuple[str, ...]]:
    text = f"{texts()[place].prompt}\n{texts()[place].response}"
    return frozenset(grams(text, 5) or {tuple(words(text))})


def jaccard(a: Place, b: Place) -> float:
    return len(shingles(a) & shingles(b)) / len(shingles(a) | shingles(b))


def normal(said: Said) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(words(said.prompt)), tuple(words(said.response))


@cache
def planted() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "planted.json").read_text(encoding="utf-8"))
    return found


def place(where: dict[str, Any]) -> Place:
    return where["dataset"], where["row"]


def pairs(kind: str) -> dict[frozenset[Place], float]:
    return {frozenset((place(p["a"]), place(p["b"]))): p.get("jaccard", 1.0) for p in planted()[kind]}


def faulty(flag: str) -> list[Place]:
    return sorted(place(fault) for fault in planted()["hygiene"] if fault["flag"] == flag)


def where(claim: Any) -> list[Place]:
    return sorted(at for at, row in texts().items() if claim(row))


@pytest.mark.parametrize("name", [*SETS, BENCHMARK])
def test_a_file_is_plain_json_lines_with_one_set_of_fields(name: str) -> None:
    data = (FOLDER / f"{name}.jsonl").read_bytes()

    assert data.endswith(b"\n")
    assert b"\r" not in data
    assert not re.search(rb"\\u[dD][89a-fA-F]", data)
    assert all(line.strip() for line in lines(name))
    assert {frozenset(row) for row in rows(name)} == {frozenset(FIELDS[name])}


@pytest.mark.parametrize("name", SETS)
def test_a_sample_holds_as_many_rows_as_the_catalogue_declares(name: str) -> None:
    entries = {entry.id: entry for entry in load_catalog(FOLDER / "catalog.yaml", kind=Kind.SAMPLE).entries}

    assert set(entries) == set(SETS)
    assert entries[name].size_rows == len(rows(name))
    assert 160 <= len(rows(name)) <= 200
    assert set(entries[name].languages) == {row["language"] for row in rows(name)}


def test_the_benchmark_holds_as_many_items_as_the_catalogue_declares() -> None:
    (benchmark,) = load_catalog(FOLDER / "catalog.yaml", kind=Kind.SAMPLE).benchmarks

    assert benchmark.id == BENCHMARK
    assert benchmark.size_rows == len(rows(BENCHMARK))
    assert 24 <= len(rows(BENCHMARK)) <= 40


def test_each_construction_category_has_a_sample() -> None:
    entries = load_catalog(FOLDER / "catalog.yaml", kind=Kind.SAMPLE).entries

    assert sorted(entry.category for entry in entries) == [
        "distillation",
        "human-crafted",
        "self-improvement",
    ]


def test_conversations_alternate_and_end_with_the_assistant() -> None:
    for row in rows("sample-distilled"):
        roles = [turn["role"] for turn in row["messages"]]
        if roles[0] == "system":
            roles = roles[1:]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert roles


def test_the_distilled_sample_has_system_turns_dialogues_code_and_reasoning() -> None:
    found = rows("sample-distilled")
    replies = [texts()["sample-distilled", at].response for at in range(len(found))]

    assert sum(row["messages"][0]["role"] == "system" for row in found) >= 15
    assert sum(len([t for t in row["messages"] if t["role"] == "user"]) > 1 for row in found) >= 20
    assert sum("```" in reply for reply in replies) >= 20
    assert sum(reply.startswith("<think>") for reply in replies) >= 15


def test_reasoning_blocks_are_closed_and_followed_by_an_answer() -> None:
    for said in texts().values():
        assert said.response.count("<think>") == said.response.count("</think>")
        assert not said.response.endswith("</think>")


def test_the_self_improved_sample_keeps_wrong_answers_with_a_false_label() -> None:
    labels = Counter(row["label"] for row in rows("sample-selfimproved"))

    assert labels[False] >= 15
    assert all(type(row["label"]) is bool and 0 <= row["score"] <= 1 for row in rows("sample-selfimproved"))
    assert all((row["score"] >= 0.5) == row["label"] for row in rows("sample-selfimproved"))


def test_planted_exact_duplicates_are_all_there_are() -> None:
    by_text: dict[Any, list[Place]] = {}
    for at, row in texts().items():
        by_text.setdefault(normal(row), []).append(at)
    found = {frozenset(places) for places in by_text.values() if len(places) > 1}

    assert found == set(pairs("exact_duplicates"))
    assert all(len({name for name, _ in pair}) == 2 for pair in found)
    for pair in found:
        a, b = (texts()[at] for at in pair)
        assert (a.prompt, a.response) == (b.prompt, b.response)


def test_planted_near_duplicates_are_all_there_are() -> None:
    near = pairs("near_duplicates") | pairs("near_duplicates_within")
    found = {frozenset((a, b)): jaccard(a, b) for a, b in combinations(texts(), 2) if jaccard(a, b) >= 0.7}

    assert set(found) == set(near) | set(pairs("exact_duplicates"))
    for pair, expected in near.items():
        assert found[pair] == pytest.approx(expected, abs=5e-5)
        assert 0.80 <= found[pair] <= 0.97


def test_near_duplicates_stand_across_sets_and_within_each_set() -> None:
    across = [{name for name, _ in pair} for pair in pairs("near_duplicates")]
    within = [{name for name, _ in pair} for pair in pairs("near_duplicates_within")]

    assert len(across) >= 10
    assert all(len(names) == 2 for names in across)
    assert sorted(name for names in within for name in names) == sorted(SETS)
    assert all(len(names) == 1 for names in within)


def test_every_pair_of_sets_shares_exact_duplicates() -> None:
    shared = Counter(frozenset(name for name, _ in pair) for pair in pairs("exact_duplicates"))

    assert sum(shared.values()) >= 8
    assert all(shared[frozenset(two)] >= 2 for two in combinations(SETS, 2))


def test_one_benchmark_question_is_leaked_word_for_word() -> None:
    (leak,) = planted()["benchmark_leaks"]
    question = rows(BENCHMARK)[leak["benchmark"]["row"]]["question"]

    assert len(words(question)) >= 20
    assert leak["row"]["dataset"] == "sample-distilled"
    assert question in texts()[place(leak["row"])].prompt


def test_nothing_else_of_the_benchmark_stands_in_the_samples() -> None:
    (leak,) = planted()["benchmark_leaks"]
    items = [grams(f"{item['question']} {item['answer']}", 8) for item in rows(BENCHMARK)]
    found = [
        (at, row)
        for at, said in texts().items()
        for row, item in enumerate(items)
        if grams(said.all, 8) & item
    ]

    assert found == [(place(leak["row"]), leak["benchmark"]["row"])]


def test_benchmark_questions_are_all_different() -> None:
    assert len({tuple(words(item["question"])) for item in rows(BENCHMARK)}) == len(rows(BENCHMARK))


@pytest.mark.parametrize(
    ("flag", "count", "claim"),
    [
        ("empty_output", 2, lambda said: not said.response.strip()),
        ("refusal", 2, lambda said: said.response.startswith("I'm sorry, but I can't")),
        ("ai_boilerplate", 1, lambda said: "as an ai language model" in said.response.lower()),
        ("truncated", 1, lambda said: said.response.count("```") % 2 == 1),
        ("pii", 1, lambda said: bool(MAIL.search(said.all))),
        ("template_leak", 1, lambda said: "### " in said.all or "<|" in said.all or "[INST]" in said.all),
        ("hidden_text", 1, lambda said: bool(BIDI.search(said.all))),
    ],
)
def test_a_planted_fault_is_there_and_nowhere_else(flag: str, count: int, claim: Any) -> None:
    assert len(faulty(flag)) == count
    assert where(claim) == faulty(flag)


def test_one_long_answer_repeats_its_lines_and_no_other_does() -> None:
    def repeats(said: Said) -> bool:
        spoken = [line for line in said.response.split("\n") if len(words(line)) > 2]
        return len(words(said.response)) >= 50 and len(spoken) - len(set(spoken)) > 0.3 * len(spoken)

    assert len(faulty("repetition")) == 1
    assert where(repeats) == faulty("repetition")


def test_every_planted_fault_is_tested_here() -> None:
    assert set(Counter(fault["flag"] for fault in planted()["hygiene"])) == {
        "empty_output",
        "refusal",
        "ai_boilerplate",
        "truncated",
        "pii",
        "template_leak",
        "hidden_text",
        "repetition",
    }


def test_prompts_are_not_filled_templates() -> None:
    openings = Counter(tuple(words(said.prompt)[:4]) for said in texts().values())

    assert max(openings.values()) <= 12


def test_the_docs_count_what_is_planted() -> None:
    text = (Path(__file__).parents[2] / "docs" / "samples.md").read_text(encoding="utf-8")

    for name in (*SETS, BENCHMARK):
        assert re.search(rf"\| `{name}` \| {len(rows(name))} \|", text)
    for kind in ("exact_duplicates", "near_duplicates", "near_duplicates_within", "benchmark_leaks"):
        assert re.search(rf"\| `{kind}` \| {len(planted()[kind])} \|", text)
    for flag, count in Counter(fault["flag"] for fault in planted()["hygiene"]).items():
        assert re.search(rf"\| `{flag}` \| {count} \|", text)
