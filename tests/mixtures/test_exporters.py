"""Exports: the files trainers read, and the rows they will train on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mixtures.build import build
from mixtures.exporters import EXPORTERS, export
from mixtures.exporters.conversations import Conversation, Message
from mixtures.exporters.fidelity import Dropped
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import IntegrityError, UnknownNameError
from registry.registry import Registry

MakeRows = Callable[..., Path]

CALL = {"name": "find", "arguments": {"what": "rice"}}
CHATS = [
    ("plain", ["user", "assistant"]),
    ("system", ["system", "user", "assistant", "user", "assistant"]),
    ("two users", ["user", "user", "assistant"]),
    ("open end", ["user", "assistant", "user"]),
    ("greeting", ["assistant", "user", "assistant"]),
    ("late system", ["user", "assistant", "system", "assistant"]),
    ("nobody answers", ["user"]),
]

# Keys each trainer's configuration may hold, from its own argument classes (EXPORTERS[...].read_in).
KEYS = {
    "trl": {"datasets", "seed", "datasets.path", "datasets.data_files", "datasets.split", "datasets.columns"},
    "axolotl": {
        "datasets",
        "shuffle_merged_datasets",
        "seed",
        "dataset_prepared_path",
        "dataset_exact_deduplication",
        "datasets.path",
        "datasets.ds_type",
        "datasets.type",
        "datasets.field_messages",
        "datasets.field_tools",
        "datasets.split",
    },
    "llama-factory": {"stage", "dataset", "dataset_dir", "seed"},
    "open-instruct": {"dataset_mixer_list", "dataset_mixer_list_splits", "dataset_config_seed", "seed"},
    "torchtune": {
        "dataset",
        "seed",
        "shuffle",
        "dataset._component_",
        "dataset.source",
        "dataset.data_files",
        "dataset.split",
        "dataset.conversation_column",
        "dataset.conversation_style",
        "dataset.train_on_input",
    },
}


@pytest.fixture
def mixture(registry: Registry, rows_file: MakeRows, tmp_path: Path) -> Path:
    rows = [
        {"messages": [{"role": role, "content": f"{name} {n}: {role}"} for n, role in enumerate(roles)]}
        for name, roles in CHATS
    ]
    return made(registry, tmp_path / "mix", rows_file("chats", rows))


def made(registry: Registry, to: Path, *files: Path, **recipe: Any) -> Path:
    wish = {"parts": [Part(path=str(file), rows="all") for file in files], **recipe}
    return build(registry, plan(registry, MixtureRecipe(**wish)), to=to).folder


def exported(folder: Path) -> list[dict[str, Any]]:
    (path,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def names(rows: list[dict[str, Any]]) -> set[str]:
    return {row["messages"][0]["content"].split(" 0:")[0] for row in rows}


@pytest.mark.parametrize(
    ("trainer", "dropped"),
    [
        ("trl", {"no_assistant_turn": {"nobody answers"}}),
        ("axolotl", {"no_assistant_turn": {"nobody answers"}}),
        ("open-instruct", {"no_assistant_turn": {"nobody answers"}}),
        (
            "llama-factory",
            {
                "no_assistant_turn": {"nobody answers"},
                "role_order": {"two users", "greeting"},
                "last_turn_is_not_assistant": {"open end"},
                "system_turn_not_first": {"late system"},
            },
        ),
        (
            "torchtune",
            {
                "fewer_than_two_messages": {"nobody answers"},
                "two_user_turns_in_a_row": {"two users"},
                "assistant_before_user": {"greeting"},
                "system_turn_not_first": {"late system"},
            },
        ),
    ],
)
def test_exactly_the_rows_a_trainer_takes_are_written(
    mixture: Path, trainer: str, dropped: dict[str, set[str]]
) -> None:
    fidelity = export(mixture, to=trainer).fidelity

    assert fidelity.rows_planned == len(CHATS) == fidelity.rows_trained + sum(fidelity.dropped.values())
    assert fidelity.dropped == {reason: len(rows) for reason, rows in dropped.items()}
    assert names(exported(mixture / trainer)) == {n for n, _ in CHATS} - set().union(*dropped.values())


@pytest.mark.parametrize("trainer", sorted(EXPORTERS))
def test_configurations_hold_known_keys_only_and_name_the_file_that_is_there(
    mixture: Path, trainer: str
) -> None:
    made_files = export(mixture, to=trainer).files

    (config,) = (mixture / trainer).glob("*.yaml")
    plain = yaml.safe_load(config.read_text())
    nested = [(key, value[0] if isinstance(value, list) else value) for key, value in plain.items()]
    inner = {f"{key}.{name}" for key, value in nested if isinstance(value, dict) for name in value}
    assert set(plain) | inner <= KEYS[trainer]
    rows = next(file.path for file in made_files if file.path.endswith(".jsonl"))
    assert any(rows in path.read_text() for path in (mixture / trainer).glob("*.[yj][as][mo]*"))


@pytest.mark.parametrize("trainer", sorted(EXPORTERS))
def test_two_exports_of_one_lock_are_equal_byte_for_byte(mixture: Path, tmp_path: Path, trainer: str) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        export(mixture / "mixture.lock", to=trainer, folder=folder)

    one, two = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert one == two
    assert "export.json" in one


def test_rows_keep_the_order_of_the_mixture(mixture: Path) -> None:
    export(mixture, to="trl")

    written = [json.loads(line)["messages"] for line in (mixture / "train.jsonl").read_text().splitlines()]
    assert [row["messages"] for row in exported(mixture / "trl")] == [m for m in written if len(m) > 1]


@pytest.mark.parametrize("shape", ["messages", "sharegpt", "alpaca", "prompt-completion"])
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_every_shape_and_format_of_a_mixture_exports_to_the_same_rows(
    registry: Registry, rows_file: MakeRows, tmp_path: Path, shape: str, form: str
) -> None:
    rows = [
        {"instruction": "Add them.", "input": "1 and 2", "output": "3"},
        {"instruction": 'Say "no"\nand go.', "input": "", "output": "no\u2028 é 漢"},
    ]
    folder = made(registry, tmp_path / "mix", rows_file("a", rows), output={"shape": shape, "format": [form]})

    export(folder, to="llama-factory")

    texts = {tuple(turn["content"] for turn in row["messages"]) for row in exported(folder / "llama-factory")}
    assert texts == {("Add them.\n1 and 2", "3"), ('Say "no"\nand go.', "no\u2028 é 漢")}


@pytest.mark.parametrize("shape", ["messages", "sharegpt"])
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_tools_and_calls_reach_each_trainer_in_its_own_form(
    registry: Registry, rows_file: MakeRows, tmp_path: Path, shape: str, form: str
) -> None:
    tools = [{"name": "find", "parameters": {}}]
    chat = [
        {"from": "human", "value": "Find rice."},
        {"from": "function_call", "value": json.dumps(CALL)},
        {"from": "observation", "value": "Found."},
        {"from": "gpt", "value": "Here it is."},
    ]
    plain = [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."}]
    file = rows_file("a", [{"conversations": chat, "tools": json.dumps(tools)}, {"conversations": plain}])
    folder = made(registry, tmp_path / "mix", file, output={"shape": shape, "format": [form]})

    for trainer in ("trl", "llama-factory"):
        assert export(folder, to=trainer).fidelity.rows_trained == 2

    chats = {
        trainer: next(row for row in exported(folder / trainer) if "tools" in row)
        for trainer in ("trl", "llama-factory")
    }
    assert [json.loads(row["tools"]) for row in chats.values()] == [tools, tools]
    (call,) = chats["trl"]["messages"][1]["tool_calls"]
    assert call["function"]["name"] == "find"
    assert json.loads(call["function"]["arguments"]) == CALL["arguments"]
    assert chats["llama-factory"]["messages"][1]["role"] == "function_call"
    assert json.loads(chats["llama-factory"]["messages"][1]["content"]) == CALL
    info = json.loads((folder / "llama-factory" / "dataset_info.json").read_text())["mixture"]
    assert info["columns"] == {"messages": "messages", "tools": "tools"}
    assert info["tags"]["function_tag"] == "function_call"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message("assistant", "Let me look.", (CALL,)), "text_beside_tool_calls"),
        (Message("assistant", "", ("not a call",)), "unreadable_tool_call"),
        (
            Message("assistant", "", ({"function": {"name": "f", "arguments": "{broken"}},)),
            "unreadable_tool_call",
        ),
    ],
)
def test_calls_that_llama_factory_cannot_hold_are_counted(message: Message, reason: str) -> None:
    row = Conversation((Message("user", "Find rice."), message))

    assert EXPORTERS["llama-factory"].row(row) == Dropped(reason)


def test_the_exported_file_loads_with_the_trainers_own_loader(mixture: Path) -> None:
    import datasets

    export(mixture, to="trl")
    entry = yaml.safe_load((mixture / "trl" / "trl.yaml").read_text())["datasets"][0]

    loaded = datasets.load_dataset(
        entry["path"],
        data_files=str(mixture / "trl" / entry["data_files"]),
        split=entry["split"],
        cache_dir=str(mixture.parent / "cache"),
    ).select_columns(entry["columns"])

    assert loaded.to_list() == exported(mixture / "trl")


def test_a_mixture_that_is_not_what_its_lock_says_is_not_exported(mixture: Path) -> None:
    (mixture / "train.jsonl").write_text("{}\n")

    with pytest.raises(IntegrityError, match=r"train\.jsonl"):
        export(mixture, to="trl")
    assert not (mixture / "trl").exists()


def test_unknown_trainers_offer_the_nearest(mixture: Path) -> None:
    with pytest.raises(UnknownNameError, match="llama-factory"):
        export(mixture, to="llama_factory")


def test_a_forced_export_leaves_no_file_of_the_one_before(
    registry: Registry, mixture: Path, rows_file: MakeRows, tmp_path: Path
) -> None:
    export(mixture, to="trl", folder=tmp_path / "out")
    other = made(registry, tmp_path / "other", rows_file("b", 4))

    export(other, to="trl", folder=tmp_path / "out", force=True)

    assert len(exported(tmp_path / "out")) == 4
