import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard.views import mix
from dashboard.views.mix import Wish
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe
from registry.errors import InputRefusedError
from registry.registry import Registry
from registry.settings import Settings


def test_a_wish_becomes_the_recipe_it_says() -> None:
    recipe = mix.recipe_of(
        Wish(
            name="two",
            weights={"a": 2.0, "b": 1.0, "off": 0.0},
            unit="tokens",
            amount=5000,
            epochs=2.0,
            min_words=3,
            flags_none=("refusal",),
            threshold=0.7,
            view="response",
        )
    )

    assert [(part.dataset, part.weight, part.epochs) for part in recipe.parts] == [
        ("a", 2.0, 2.0),
        ("b", 1.0, 2.0),
    ]
    assert recipe.parts[0].where.flags_none == ("refusal",)
    assert recipe.budget is not None
    assert recipe.budget.tokens == 5000
    assert recipe.deduplicate is not None
    assert (recipe.deduplicate.threshold, recipe.deduplicate.view) == (0.7, "response")
    assert MixtureRecipe.from_text(recipe.to_yaml()) == recipe


def test_a_wish_without_budget_or_duplicates_leaves_them_out() -> None:
    recipe = mix.recipe_of(Wish(name="all", weights={"a": 1.0}, deduplicates=False))

    assert recipe.budget is None
    assert recipe.deduplicate is None


@pytest.mark.parametrize(
    "wish", [Wish(name="Bad Name", weights={"a": 1.0}), Wish(name="none", weights={"a": 0.0})]
)
def test_a_wish_that_is_no_recipe_is_refused_with_its_field(wish: Wish) -> None:
    with pytest.raises(InputRefusedError, match=r"name|parts"):
        mix.recipe_of(wish)


weights = st.dictionaries(
    st.sampled_from(["alpaca", "odd:name", "gsm8k"]), st.integers(0, 20).map(lambda n: n / 2), max_size=3
)


@hypothesis_settings(max_examples=50, deadline=None)
@given(weights)
def test_an_address_leads_back_to_its_weights(asked: dict[str, float]) -> None:
    assert mix.weights_from(mix.weights_text(asked), {"alpaca", "odd:name", "gsm8k"}) == asked


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.text())
def test_no_address_gives_a_weight_out_of_range(text: str) -> None:
    assert all(0 <= weight <= mix.MOST_WEIGHT for weight in mix.weights_from(f"a:{text}", {"a"}).values())


def test_a_plan_is_shown_with_totals_shares_and_parts(settings: Settings) -> None:
    wish = Wish(
        name="samples", weights={"sample-human": 1.0, "sample-distilled": 3.0}, unit="rows", amount=100
    )
    with Registry.open(settings) as registry:
        planned = plan(registry, mix.recipe_of(wish))

        table = mix.parts_table(planned, {"sample-human": "Human"})
        chart = mix.share_chart(planned, {})
        cards = {card.label: card.value for card in mix.cards(planned)}

    assert table["Part"] == ["Human", "sample-distilled"]
    assert table["Rows"] == [25, 75]
    assert cards["Rows"] == "100"
    assert chart["series"][1]["data"] == [25.0, 75.0]
    assert "100 rows" in chart["title"]["subtext"]
    assert mix.folder_name(planned.recipe).startswith("samples-")
