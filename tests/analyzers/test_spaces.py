from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from analyzers import spaces
from analyzers.drawn_texts import DrawnTexts
from analyzers.reference_pool import FORMS, TOPICS, pool_id, reference_prompts
from analyzers.semantic import BUDGET, Semantic
from analyzers.spaces import check_embedding, load_space, pool_vectors
from registry.errors import MissingExtraError, UnknownEmbeddingError

TEXTS = [
    "Explain how plants make sugar from light.",
    "How do green leaves turn sunlight into sugar?",
    "Write a contract for renting out my flat.",
    "",
    "...",
]
needs_wordllama = pytest.mark.skipif(find_spec("wordllama") is None, reason="extra embed is not installed")
needs_model2vec = pytest.mark.skipif(find_spec("model2vec") is None, reason="model2vec is not installed")


def array(rows: list[str]) -> pa.LargeStringArray:
    return pa.array(rows, pa.large_string())


def test_the_pool_holds_every_form_over_every_topic_and_is_named_by_its_words() -> None:
    prompts = reference_prompts()

    assert len(set(prompts)) == len(prompts) == len(FORMS) * sum(map(len, TOPICS.values())) == 1_200
    assert pool_id() == "pool-d4288a7e"


def test_a_text_lies_at_the_same_place_whatever_stands_beside_it() -> None:
    space = load_space("lsa")

    together, alone = space.vectors(array(TEXTS)), space.vectors(array(TEXTS[1:2]))

    assert together.shape == (3, space.dimensions)
    assert together[1] == pytest.approx(alone[0], abs=1e-12)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(3))


def test_projected_prompts_of_the_pool_keep_their_similarities() -> None:
    space = spaces.PooledLsa(array(list(reference_prompts()[::20])), "some")
    weights = spaces.tf_idf(array(list(reference_prompts()[::20])))

    found = space.vectors(array(list(reference_prompts()[::20])))

    assert space.dimensions == 60
    assert found @ found.T == pytest.approx((weights @ weights.T).toarray(), abs=1e-9)


@needs_wordllama
def test_static_vectors_bring_alike_meanings_together_without_alike_spelling() -> None:
    vectors = load_space("static").vectors(array(TEXTS))
    pair = load_space("static").vectors(array(["A physician treats patients.", "Doctors heal the sick."]))
    other = load_space("static").vectors(array(["The train leaves at noon."]))

    assert vectors.shape[1] == 256
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)))
    assert pair[0] @ pair[1] > max(pair[0] @ other[0], pair[1] @ other[0]) + 0.1


@needs_wordllama
def test_the_figures_of_an_embedding_carry_its_name_and_space() -> None:
    drawn = DrawnTexts.of(array([f"{text} {n}" for n in range(4) for text in TEXTS]), np.arange(20), BUDGET)

    found = Semantic(embedding="static").finish(drawn)

    assert {(f.backend, f.params["fit"]) for f in found} == {("static", "wordllama l2_supercat 256")}
    assert {f.params["rows"] for f in found} == {20}
    assert {f.metric for f in found} == set(Semantic.metrics)


@needs_model2vec
def test_a_folder_with_a_table_of_token_vectors_is_an_embedding(tmp_path: Path) -> None:
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "cat": 1, "dog": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    table = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]], np.float32)
    StaticModel(table, tokenizer).save_pretrained(tmp_path / "tiny")

    space = load_space(str(tmp_path / "tiny"))

    assert (space.backend, space.fit, space.dimensions) == ("static", "model2vec tiny", 2)
    assert space.vectors(array(["cat", "dog", "cat dog"])).tolist() == [[1, 0], [0, 1], [0.6, 0.8]]


def test_an_embedding_nobody_knows_is_refused_before_any_work() -> None:
    with pytest.raises(UnknownEmbeddingError, match="no embedding 'statik'; did you mean static"):
        Semantic(embedding="statik")


def test_an_embedding_whose_extra_is_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'instructory\[embed\]'"):
        check_embedding("static")


def test_the_pool_has_a_vector_for_each_prompt() -> None:
    assert pool_vectors("lsa").shape == (1_200, load_space("lsa").dimensions)
