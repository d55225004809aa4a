"""Losses of tokens under a causal language model the user has on disk; nothing is ever downloaded."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from registry.errors import MissingExtraError, MissingModelError

MAX_TOKENS = 1_024


class LanguageModel(Protocol):
    """What perplexity and instruction-following difficulty need of a model."""

    name: str

    def token_losses(self, before: str, text: str) -> list[float]:
        """The loss in nats of each token of `text` after `before`; after "" of those it can predict."""
        ...


def check_model(folder: str) -> None:
    """Say at once what would stop `load_model`, without loading anything.

    Raises:
        MissingModelError: no folder is named, or it holds no model.
        MissingExtraError: torch or transformers is not installed.
    """
    if not folder:
        raise MissingModelError(
            "perplexity and IFD take a language model on this machine: name its folder (--model FOLDER)"
        )
    if not (Path(folder) / "config.json").is_file():
        raise MissingModelError(
            f"no model in {folder!r}: a folder with config.json, weights and tokeniser is needed"
        )
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise MissingExtraError("running a language model", "lm")


@cache
def load_model(folder: str) -> LanguageModel:
    """The model of a folder, on the CPU.

    Raises:
        MissingModelError, MissingExtraError: as `check_model`; also where its files cannot be read.
    """
    check_model(folder)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise MissingModelError(f"the model in {folder!r} cannot be loaded: {error}") from error
    return _CausalModel(Path(folder).resolve().name, tokenizer, model.eval())


class _CausalModel:
    """A causal model of transformers; of long pairs the first 1,024 tokens count."""

    def __init__(self, name: str, tokenizer: Any, model: Any) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self._model = model

    def token_losses(self, before: str, text: str) -> list[float]:
        """As the protocol says. Without a token that begins texts, the first of a text alone has no loss."""
        import torch

        start = [] if self._tokenizer.bos_token_id is None else [self._tokenizer.bos_token_id]
        prefix = start + self._ids(before)
        ids = (prefix + self._ids(text))[:MAX_TOKENS]
        if len(ids) < 2:
            return []
        with torch.inference_mode():
            logits = self._model(torch.tensor([ids])).logits[0, :-1].float()
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")
        found: list[float] = losses[max(len(prefix) - 1, 0) :].tolist()
        return found

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"] if text else []
        return ids
