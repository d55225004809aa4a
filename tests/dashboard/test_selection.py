from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard.selection import BrowseSelection, browse_from, browse_query, whole_number, word, words

KNOWN = {
    "category": ("distillation", "human-crafted"),
    "license": ("MIT", "none stated"),
    "measured": ("yes", "no"),
}


def test_an_address_is_read_and_what_it_invents_is_dropped() -> None:
    selection = browse_from(
        {"category": "distillation,nonsense", "license": "none stated", "sort": "evil", "search": "math"},
        KNOWN,
    )

    assert selection == BrowseSelection(
        {"category": ("distillation",), "license": ("none stated",)}, "math", "rows"
    )


def test_an_empty_filter_has_an_empty_address() -> None:
    assert browse_query(BrowseSelection()) == {}
    assert BrowseSelection().is_empty


chosen = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)
        for name, values in KNOWN.items()
    },
)


@hypothesis_settings(max_examples=50, deadline=None)
@given(chosen, st.text(max_size=50), st.sampled_from(["rows", "name", "newest"]))
def test_an_address_leads_back_to_its_filter(
    values: dict[str, tuple[str, ...]], search: str, sort: str
) -> None:
    selection = BrowseSelection(values, search, sort)

    assert browse_from(browse_query(selection), KNOWN) == selection


def test_leaving_a_facet_open_keeps_the_others() -> None:
    selection = BrowseSelection({"category": ("distillation",), "license": ("MIT",)})

    assert selection.without("license").chosen == {"category": ("distillation",)}


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.text())
def test_no_text_of_an_address_does_harm(text: str) -> None:
    assert set(words(text, {"a"})) <= {"a"}
    assert word(text, {"a"}, "b") in {"a", "b"}
    assert 1 <= whole_number(text, least=1, most=9, otherwise=1) <= 9
