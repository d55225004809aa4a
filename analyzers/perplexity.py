"""How hard responses are for a language model: perplexity, and how much the prompt helps (IFD)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from analyzers.base import Batch, Finding
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.language_model import LanguageModel, check_model, load_model
from registry.measurements import Param

ROWS = 200
TEXT_BYTES = 8_192
BUDGET = Budget(texts=ROWS, text_bytes=TEXT_BYTES, total_bytes=ROWS * (TEXT_BYTES + 1))
NO_LOSS = "no drawn row whose response has a loss"


@dataclass(frozen=True, slots=True)
class DrawnPairs:
    """Prompts and responses of the rows drawn first; both hold the same rows, as keys decide alone."""

    prompts: DrawnTexts = field(default_factory=lambda: DrawnTexts(BUDGET))
    responses: DrawnTexts = field(default_factory=lambda: DrawnTexts(BUDGET))

    def __add__(self, other: DrawnPairs) -> DrawnPairs:
        return DrawnPairs(self.prompts + other.prompts, self.responses + other.responses)


class Perplexity:
    """Perplexity and instruction-following difficulty of 200 drawn rows under the model in a folder.

    Runs only when asked for, with `model`. Each text counts with its first 8 KiB, each pair with its first
    1,024 tokens.
    """

    name = "perplexity"
    version = 1
    metrics = ("ppl", "ifd", "ifd_dropped")
    columns = ("prompt", "response")

    def __init__(
        self, *, seed: int = 0, model: str = "", language_model: LanguageModel | None = None
    ) -> None:
        if language_model is None:
            check_model(model)
        self.seed = seed
        self._folder = model
        self._model = language_model

    def start(self) -> DrawnPairs:
        """No rows."""
        return DrawnPairs()

    def measure(self, batch: Batch) -> DrawnPairs:
        """The first rows of the batch by key."""
        sample = batch.sample()
        texts = (DrawnTexts.of(sample.view(view), sample.keys, BUDGET) for view in ("prompt", "response"))
        return DrawnPairs(*texts)

    def merge(self, a: DrawnPairs, b: DrawnPairs) -> DrawnPairs:
        """The first rows of both."""
        return a + b

    def finish(self, total: DrawnPairs) -> list[Finding]:
        """Median and mean perplexity, IFD of the rows below 1, and how many are not."""
        model = self._model or load_model(self._folder)
        pairs = zip(total.prompts.texts, total.responses.texts, strict=True)
        scores = [
            score for prompt, response in pairs if (score := row_score(model, _text(prompt), _text(response)))
        ]
        return list(self._findings(model.name, scores))

    def _findings(self, backend: str, scores: Sequence[tuple[float, float]]) -> Iterator[Finding]:
        perplexities = [ppl for ppl, _ in scores]
        kept = [ifd for _, ifd in scores if ifd < 1]
        for metric, values in (("ppl", perplexities), ("ifd", kept)):
            for stat, value in _stats(values).items():
                direction: Literal["+", "0"] = "+" if metric == "ifd" else "0"
                yield self._finding(
                    metric,
                    len(values),
                    value,
                    backend,
                    {"stat": stat},
                    direction,
                    "A" if metric == "ifd" else "-",
                )
        share = (len(scores) - len(kept)) / len(scores) if scores else None
        yield self._finding("ifd_dropped", len(scores), share, backend, {"from": 1}, "0", "A")

    def _finding(  # noqa: PLR0917  # all of them are told apart by type or name where it is called
        self,
        metric: str,
        used: int,
        value: float | None,
        backend: str,
        params: Mapping[str, Param],
        direction: Literal["+", "0"],
        evidence: str,
    ) -> Finding:
        return Finding(
            metric=metric,
            view="response",
            n_used=used,
            value=value,
            params=params,
            tokenizer=backend,
            backend=backend,
            reason=NO_LOSS if value is None else None,
            direction=direction,
            evidence=evidence,
            seed=self.seed,
        )


def row_score(model: LanguageModel, prompt: str, response: str) -> tuple[float, float] | None:
    """Perplexity of a response given its prompt, and its IFD; None where there is no loss to speak of.

    Perplexity is exp(mean loss given the prompt); IFD is that mean over the mean loss of the response alone
    (Li et al., arXiv 2308.12032).
    """
    given = model.token_losses(prompt, response)
    alone = model.token_losses("", response)
    if not given or not alone or not math.fsum(alone) > 0:
        return None
    mean_given, mean_alone = math.fsum(given) / len(given), math.fsum(alone) / len(alone)
    return math.exp(mean_given), mean_given / mean_alone


def _stats(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"mean": None, "median": None}
    return {
        "mean": math.fsum(values) / len(values),
        "median": float(np.quantile(values, 0.5, method="inverted_cdf")),
    }


def _text(drawn: Any) -> str:
    return bytes(drawn).decode(errors="ignore")
