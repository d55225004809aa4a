"""The public files we measure, cut into sets one would want to compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.errors import InputRefusedError
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Files of `folder` (those whose name starts with `prefix`) measured as one set.

    `entry` is the catalogue id they belong to, None where there is none; `part` tells whether they are all
    of it.
    """

    name: str
    title: str
    folder: str
    prefix: str = ""
    entry: str | None = None
    part: Literal["whole", "part"] = "part"


SETS = (
    PublicSet("alpaca", "Stanford Alpaca", "stanford-alpaca", entry="alpaca", part="whole"),
    PublicSet(
        "alpaca-seed-tasks",
        "Self-Instruct seed tasks",
        "stanford-alpaca-seed-tasks",
        entry="self-instruct-seeds",
        part="whole",
    ),
    PublicSet("alpagasus", "AlpaGasus, Claude cut", "alpagasus", "claude_t45", entry="alpagasus"),
    PublicSet("alpagasus-helpfulness", "AlpaGasus, helpfulness cut", "alpagasus", "helpfulness"),
    PublicSet("alpagasus-random", "AlpaGasus, random 9k", "alpagasus", "random"),
    PublicSet(
        "alpagasus-dolly",
        "AlpaGasus Dolly 3k",
        "dolly-alpagasus-3k",
        entry="alpagasus-dolly-3k",
        part="whole",
    ),
    PublicSet(
        "gpteacher-toolformer",
        "GPTeacher Toolformer",
        "gpteacher-toolformer",
        "toolformer-dedupe-only",
        entry="gpteacher",
    ),
    PublicSet(
        "gpteacher-toolformer-06",
        "GPTeacher Toolformer, 0.6",
        "gpteacher-toolformer",
        "toolformer-similarity-0.6",
    ),
    PublicSet(
        "gpteacher-toolformer-07",
        "GPTeacher Toolformer, 0.7",
        "gpteacher-toolformer",
        "toolformer-similarity-0.7",
    ),
    PublicSet(
        "gpteacher-toolformer-08",
        "GPTeacher Toolformer, 0.8",
        "gpteacher-toolformer",
        "toolformer-similarity-0.8",
    ),
    PublicSet(
        "gpteacher-toolformer-09",
        "GPTeacher Toolformer, 0.9",
        "gpteacher-toolformer",
        "toolformer-similarity-0.9",
    ),
    PublicSet("gpteacher-roleplay", "GPTeacher Roleplay", "gpteacher-roleplay", entry="gpteacher"),
    PublicSet("gpteacher-codegen", "GPTeacher Code", "gpteacher-codegen", entry="gpteacher"),
    PublicSet("codealpaca-new", "Code Alpaca, new file", "codealpaca-new"),
    PublicSet("gsm8k", "GSM8K train", "gsm8k", "train", entry="gsm8k", part="whole"),
    PublicSet("gsm8k-test", "GSM8K test (benchmark)", "gsm8k", "test"),
    PublicSet("gsm8k-socratic", "GSM8K Socratic, test", "gsm8k-socratic"),
    PublicSet("gsm8k-alpaca-format", "GSM8K as instructions", "gsm8k-alpaca-format"),
    PublicSet("flan-cot", "FLAN CoT, four tasks", "flan-cot", entry="flan-cot"),
    PublicSet("alpaca-cot", "Alpaca-CoT, three tasks", "alpaca-cot", entry="alpaca-cot"),
    PublicSet("glaive-toolcall-en", "Glaive tool calls, demo", "llama-factory-demo", "glaive_toolcall_en"),
    PublicSet(
        "glaive-toolcall-zh", "Glaive tool calls (zh), demo", "llama-factory-demo", "glaive_toolcall_zh"
    ),
    PublicSet("alpaca-zh-demo", "Alpaca (zh), demo", "llama-factory-demo", "alpaca_zh"),
    PublicSet("dpo-en-demo", "Preference pairs, demo", "llama-factory-demo", "dpo_en"),
    PublicSet("dpo-zh-demo", "Preference pairs (zh), demo", "llama-factory-demo", "dpo_zh"),
    PublicSet("kto-en-demo", "KTO labels, demo", "llama-factory-demo", "kto_en"),
    PublicSet("v1-sft-demo", "Typed messages, demo", "llama-factory-demo", "v1_sft"),
    PublicSet("v1-dpo-demo", "Typed preference pairs, demo", "llama-factory-demo", "v1_dpo"),
    PublicSet("hh-rlhf", "HH-RLHF, harmless test split", "hh-rlhf", entry="hh-rlhf"),
    PublicSet("oasst-trees", "OASST, 100 trees", "oasst-manual-eval", "en_100_tree"),
    PublicSet("oasst-messages", "OASST, 100 messages", "oasst-manual-eval", "en_100_message"),
    PublicSet("llms-from-scratch", "LLMs from Scratch", "llms-from-scratch", "instruction-data.json"),
    PublicSet(
        "llms-from-scratch-preference",
        "LLMs from Scratch, preferences",
        "llms-from-scratch",
        "instruction-data-with-preference",
    ),
    PublicSet("huatuo-liver-cancer", "HuaTuo, liver cancer", "huatuo-llama-med", "liver_cancer"),
    PublicSet("huatuo-llama-med", "HuaTuo, knowledge", "huatuo-llama-med", "llama_data"),
    PublicSet("belle-eval", "BELLE evaluation", "belle", "eval_set"),
    PublicSet("belle-seed-tasks", "BELLE seed tasks", "belle", "zh_seed_tasks"),
    PublicSet("instruction-wild", "InstructionWild prompts", "instruction-wild", entry="instructwild"),
    PublicSet("t0-train-sample", "T0 training sample", "t0-train-sample", entry="p3"),
    PublicSet(
        "natural-instructions",
        "Super-NaturalInstructions, 60 tasks",
        "natural-instructions",
        entry="super-natural-instructions",
    ),
    PublicSet("moss-plugin", "MOSS plugin conversations", "moss-conversations", entry="moss-003-plugin"),
    PublicSet(
        "turkish-dialogues", "Turkish daily dialogues, test", "turkish-daily-dialogues", "test.parquet"
    ),
    PublicSet(
        "turkish-dialogues-validation",
        "Turkish daily dialogues, validation",
        "turkish-daily-dialogues",
        "validation",
    ),
    PublicSet("big-bench-mistake", "BIG-Bench Mistake, two tasks", "big-bench-mistake"),
    PublicSet("humaneval", "HumanEval (benchmark)", "humaneval"),
    PublicSet("mt-bench", "MT-Bench questions (benchmark)", "mt-bench", "question"),
    PublicSet("vicuna-bench", "Vicuna questions (benchmark)", "vicuna-bench"),
    PublicSet("fastchat-dummy", "FastChat example conversations", "fastchat-dummy"),
    PublicSet("alpaca-eval", "AlpacaEval (benchmark)", "alpaca-eval"),
    PublicSet("ifeval", "IFEval (benchmark)", "ifeval"),
    PublicSet("bbh", "BIG-Bench Hard (benchmark)", "bbh"),
    PublicSet("truthfulqa", "TruthfulQA (benchmark)", "truthfulqa"),
    PublicSet("arena-hard", "Arena-Hard (benchmark)", "arena-hard"),
    PublicSet("koala-test", "Koala test set (benchmark)", "koala-test"),
    PublicSet(
        "self-instruct-user-oriented",
        "Self-Instruct, user-oriented (benchmark)",
        "self-instruct-user-oriented",
    ),
    PublicSet("math-500", "MATH-500 (benchmark)", "math-500"),
)

# The sets that are benchmarks of the catalogue, by their ids there.
EVALUATIONS = {
    "alpaca-eval": "alpacaeval",
    "arena-hard": "arena-hard",
    "bbh": "bbh",
    "gsm8k-test": "gsm8k-test",
    "humaneval": "humaneval",
    "ifeval": "ifeval",
    "math-500": "math-500",
    "mt-bench": "mt-bench",
    "truthfulqa": "truthfulqa",
}


def snapshots_of(data: Path, home: Path) -> list[Snapshot]:
    """Every set read from the folder `data` into `home`; one that is refused is left out, and said so."""
    found = []
    for chosen in SETS:
        files = sorted((data / chosen.folder).glob(f"{chosen.prefix}*"))
        try:
            found.append(read_source(path_source(chosen.name, files), home=home, limits=Limits()))
        except InputRefusedError as error:
            print(f"{chosen.name} is left out: {str(error).partition(';')[0]}.")
    return found
