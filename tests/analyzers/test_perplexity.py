"""Perplexity and IFD: the arithmetic under a model of our own, the loader where torch is."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from analyzers import language_model
from analyzers.base import Batch
from analyzers.language_model import check_model
from analyzers.perplexity import ROWS, Perplexity, row_score
from analyzers.run import choose
from analyzers.table import ANALYZERS, ON_REQUEST, metric_owners
from registry.errors import MissingExtraError, MissingModelError

DOCS = Path(__file__).parents[2] / "docs/metrics.md"
needs_torch = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None, reason="extra lm is not installed"
)


class LetterModel:
    """Each letter is a token; one that occurred before it costs 1 nat, a new one 3."""

    name = "letters"

    def token_losses(self, before: str, text: str) -> list[float]:
        seen = set(before)
        losses = []
        for letter in text:
            losses.append(1.0 if letter in seen else 3.0)
            seen.add(letter)
        return losses


def test_difficulty_is_the_loss_given_the_prompt_over_the_loss_alone() -> None:
    assert row_score(LetterModel(), "ab", "abc") == (pytest.approx(math.exp(5 / 3)), pytest.approx(5 / 9))
    assert row_score(LetterModel(), "xy", "abc") == (pytest.approx(math.exp(3)), 1.0)
    assert row_score(LetterModel(), "ab", "") is None


def batch_of(rows: list[tuple[str, str]]) -> Batch:
    columns = {
        name: pa.array([row[place] for row in rows], pa.large_string())
        for place, name in enumerate(("prompt", "response"))
    }
    return Batch(pa.RecordBatch.from_pydict(columns))


def test_rows_at_one_or_above_are_dropped_and_counted() -> None:
    analyzer = Perplexity(language_model=LetterModel())
    rows = [("ab", "abc"), ("abc", "abc"), ("xy", "abc"), ("q", "")]

    found = {(f.metric, *f.params.values()): f for f in analyzer.finish(analyzer.measure(batch_of(rows)))}

    assert found["ifd", "mean"].value == pytest.approx((5 / 9 + 3 / 9) / 2)
    assert found["ifd", "median"].value == pytest.approx(3 / 9)
    assert found["ifd", "mean"].n_used == 2
    assert found["ifd_dropped", 1].value == 1 / 3
    assert found["ppl", "mean"].value == pytest.approx((math.exp(5 / 3) + math.e + math.exp(3)) / 3)
    assert found["ppl", "mean"].n_used == 3
    assert {f.backend for f in found.values()} == {"letters"}


def test_batches_cut_anywhere_draw_the_same_pairs() -> None:
    analyzer = Perplexity(language_model=LetterModel())
    rows = [(f"prompt {n}", f"answer {n * n}") for n in range(ROWS + 40)]
    whole = batch_of(rows)
    parts = [Batch(whole.rows.slice(at, 60), keys=whole.keys[at : at + 60]) for at in range(0, len(rows), 60)]

    total = analyzer.start()
    for part in parts:
        total = analyzer.merge(total, analyzer.measure(part))

    assert total == analyzer.measure(whole)
    assert [t.decode().split()[1] for t in total.prompts.texts[:3]] == ["0", "1", "2"]
    assert len(total.responses.texts) == ROWS


def test_no_rows_give_null_with_a_reason() -> None:
    analyzer = Perplexity(language_model=LetterModel())

    found = analyzer.finish(analyzer.start())

    assert {f.metric for f in found} == set(Perplexity.metrics)
    assert all(f.value is None and f.reason for f in found)


def test_it_runs_only_when_asked_for_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "perplexity" not in choose(None).names
    assert choose(["ifd"]).names == ("perplexity",)
    assert not ON_REQUEST.keys() & ANALYZERS.keys()
    with pytest.raises(MissingModelError, match="--model FOLDER"):
        Perplexity()
    with pytest.raises(MissingModelError, match="no model in"):
        check_model(str(tmp_path))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(language_model, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"instructory\[lm\]"):
        Perplexity(model=str(tmp_path))


def test_every_metric_on_request_has_its_paragraph() -> None:
    pages = DOCS.read_text(encoding="utf-8")

    assert [m for m, owner in metric_owners().items() if owner in ON_REQUEST and f"`{m}`" not in pages] == []


@needs_torch
def test_a_model_on_disk_gives_the_loss_of_each_token(tmp_path: Path) -> None:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1, "b": 2, "c": 3}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]")
    model = GPT2LMHeadModel(GPT2Config(vocab_size=4, n_positions=32, n_embd=8, n_layer=1, n_head=2))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)

    found = language_model.load_model(str(tmp_path))

    logits = model.eval()(torch.tensor([[1, 2, 3]])).logits[0]
    expected = [-torch.log_softmax(logits[at], -1)[token].item() for at, token in ((0, 2), (1, 3))]
    assert found.token_losses("a", "b c") == pytest.approx(expected, abs=1e-5)
    assert len(found.token_losses("", "a b c")) == 2
