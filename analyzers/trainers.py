"""What trainers do with rows they do not take: facts read in their sources, and the rows they hold for.

`CONDITIONS` is append-only: bit i of the row feature `refusals` is `CONDITIONS[i]`. A row is judged as the
messages it is exported as: the system text first where there is one, then its turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import one_batch
from analyzers.flags.turns import Turns

VERSION = 1
"""Rises whenever the same rows would meet other conditions."""

Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class TrainerVerdict:
    """What one trainer does with a row: `skips` drops it with a log line, `rejects` stops with an error."""

    trainer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Something of a row that some trainers do not take, in words, and what each of them does."""

    id: str
    text: str
    verdicts: tuple[TrainerVerdict, ...]


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """What a trainer does with rows beyond `setting` tokens; `default` is the one it documents, if any."""

    trainer: str
    verdict: str
    setting: str
    default: int | None


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """A condition that a row meets, and the first turn that shows it (None: the row as a whole)."""

    condition: Condition
    turn: int | None


LLAMA_FACTORY = TrainerVerdict("llama-factory", "skips")
TORCHTUNE = TrainerVerdict("torchtune", "rejects")
LLM_FOUNDRY = TrainerVerdict("llm-foundry", "rejects")
NEMO_RL = TrainerVerdict("nemo-rl", "rejects")
AXOLOTL_ARGUMENTS = TrainerVerdict("axolotl", "fails or fills nulls")

# Read in the sources of LLaMA-Factory ff6d4d12e (ShareGPT converter), torchtune bd2a0fc7c (validation of
# messages), llm-foundry 8c8dd48f7 (fine-tuning rows) and NeMo RL 7ea279abf.
CONDITIONS: tuple[Condition, ...] = (
    Condition("system_not_first", "a system turn is not the first", (TORCHTUNE,)),
    Condition("two_users", "two user turns follow each other", (TORCHTUNE,)),
    Condition("assistant_first", "the assistant speaks before any user", (TORCHTUNE,)),
    Condition("tool_without_call", "a tool turn follows no call", (TORCHTUNE,)),
    Condition("last_not_assistant", "the last turn is not the assistant's", (LLM_FOUNDRY, NEMO_RL)),
    Condition("unknown_role", "a role is none of system, user, assistant, tool", (LLM_FOUNDRY,)),
    Condition("not_alternating", "turns are no pairs of user or tool, then assistant", (LLAMA_FACTORY,)),
    Condition("too_few_messages", "there are fewer than two messages", (TORCHTUNE, LLM_FOUNDRY)),
    Condition("tool_call_keys", "a message has tool calls beside role and content", (LLM_FOUNDRY,)),
)

VARYING_ARGUMENTS = Condition(
    "varying_arguments",
    "tool arguments are objects in which a name has values of several types over the dataset",
    (AXOLOTL_ARGUMENTS,),
)
"""Decided over all rows of a dataset, so that it is no bit of a row."""

# Read in axolotl 067b021c8 (its handling is a setting), LLaMA-Factory ff6d4d12e and open-instruct e6c3044aa.
LENGTH_LIMITS: tuple[LengthLimit, ...] = (
    LengthLimit("llama-factory", "truncates", "cutoff_len", 2_048),
    LengthLimit("open-instruct", "truncates", "max_seq_length", None),
    LengthLimit("axolotl", "drops or truncates", "sequence_len", None),
)


def refusing_trainers() -> dict[TrainerVerdict, tuple[str, ...]]:
    """Each trainer that skips or rejects rows, by name, with the conditions it does so under."""
    found = {verdict for condition in CONDITIONS for verdict in condition.verdicts}
    return {
        each: tuple(condition.id for condition in CONDITIONS if each in condition.verdicts)
        for each in sorted(found, key=lambda verdict: verdict.trainer)
    }


def condition_bits(*ids: str) -> np.uint64:
    """The bits of these conditions."""
    return np.uint64(sum(1 << place for place, condition in enumerate(CONDITIONS) if condition.id in ids))


def refusals(rows: pa.RecordBatch) -> Bits:
    """For each row the conditions it meets, uint64: bit i is `CONDITIONS[i]`."""
    turns = Turns(rows)
    bits = np.zeros(rows.num_rows, np.uint64)
    for condition, (whole, places) in zip(CONDITIONS, _met(rows, turns).values(), strict=True):
        met = whole.copy()
        met[turns.rows[places]] = True
        bits |= met.astype(np.uint64) * condition_bits(condition.id)
    return bits


def row_verdicts(rows: pa.Table | pa.RecordBatch) -> list[list[RowVerdict]]:
    """For each row the conditions it meets, in the order of `CONDITIONS`; an empty list where all take it."""
    batch = one_batch(rows)
    turns = Turns(batch)
    found: list[list[RowVerdict]] = [[] for _ in range(batch.num_rows)]
    for condition, (whole, places) in zip(CONDITIONS, _met(batch, turns).values(), strict=True):
        shown: dict[int, int | None] = {}
        for place in np.flatnonzero(places).tolist():
            shown.setdefault(int(turns.rows[place]), int(turns.numbers[place]))
        for row in np.flatnonzero(whole).tolist():
            shown.setdefault(row, None)
        for row, turn in shown.items():
            found[row].append(RowVerdict(condition, turn))
    return found


def _met(rows: pa.RecordBatch, turns: Turns) -> Mapping[str, tuple[Mask, Mask]]:
    """For each condition the rows that meet it as a whole, and the turns that show it."""
    has_system = np.zeros(rows.num_rows, bool)
    if "system" in rows.schema.names:
        has_system = rows.column("system").is_valid().to_numpy(zero_copy_only=False)
    roles, numbers, counts = turns.roles, turns.numbers, turns.ends - turns.begins
    is_first = numbers == 0
    before = np.append("", roles[:-1])[: len(roles)]
    before[is_first] = np.where(has_system[turns.rows[is_first]], "system", "")
    called = np.append(False, turns.has("tool_calls")[:-1])[: len(roles)] & ~is_first
    is_last = np.append(numbers[1:] == 0, True)[: len(roles)]
    opens_with_system = np.zeros(rows.num_rows, bool)
    opens_with_system[turns.rows[is_first & (roles == "system")]] = True
    opens_with_system &= ~has_system
    place = numbers - opens_with_system[turns.rows]
    is_wrong = np.where(place % 2 == 0, (roles != "user") & (roles != "tool"), roles != "assistant")
    spoken = counts - opens_with_system
    nowhere, none = np.zeros(len(roles), bool), np.zeros(rows.num_rows, bool)
    return {
        "system_not_first": (none, (roles == "system") & (numbers + has_system[turns.rows] > 0)),
        "two_users": (none, (roles == "user") & (before == "user")),
        "assistant_first": (none, (roles == "assistant") & ((before == "") | (before == "system"))),
        "tool_without_call": (none, (roles == "tool") & ~called & (before != "tool")),
        "last_not_assistant": (counts == 0, is_last & (roles != "assistant")),
        "unknown_role": (none, ~np.isin(roles.astype(str), ("system", "user", "assistant", "tool"))),
        "not_alternating": ((spoken % 2 == 1) | (spoken == 0), is_wrong & (place >= 0)),
        "too_few_messages": (counts + has_system < 2, nowhere),
        "tool_call_keys": (none, turns.has("tool_calls")),
    }
