"""The widgets that compose a mixture."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analyzers.hygiene import FLAGS
from dashboard.views import licence, mix
from dashboard.views.mix import Wish

_KNOWN_FLAGS = [flag.id for flag in FLAGS]


def compose(titles: Mapping[str, str], asked: Mapping[str, float]) -> Wish | None:
    """The wish the widgets hold; None where no dataset is chosen."""
    names = st.multiselect(
        "Datasets", list(titles), default=list(asked), format_func=titles.__getitem__, key="mix.names"
    )
    if not names:
        return None
    weights = {name: _weight(name, titles[name], asked.get(name, 1.0)) for name in names}
    unit = st.segmented_control("Budget", mix.UNITS, default=mix.UNITS[0], key="mix.unit", required=True)
    amount = 10_000
    if unit != mix.UNITS[0]:
        amount = st.number_input(
            f"Number of {unit}", 1, 10**12, 100 if unit == "rows" else 20_000, key=f"mix.{unit}"
        )
    with st.expander("Rows to leave out"):
        flags = st.multiselect("Flagged as", _KNOWN_FLAGS, mix.usual_filters(), key="mix.flags")
        least = st.number_input("Fewest words in the response", 0, 10_000, 0, key="mix.min_words")
        deduplicates = st.toggle("Near duplicates across all parts", True, key="mix.deduplicates")
        threshold = st.slider(
            "From which Jaccard on", 0.5, 1.0, 0.8, 0.05, key="mix.threshold", disabled=not deduplicates
        )
        view = st.selectbox("Compared on", mix.VIEWS, key="mix.view", disabled=not deduplicates)
    with st.expander("Terms and output"):
        use = st.segmented_control(
            "Use", list(licence.USES), default="commercial", key="mix.use", required=True
        )
        unclear = st.segmented_control(
            "Unclear terms", mix.UNCLEAR, default="warn", key="mix.unclear", required=True
        )
        formats = st.pills("Files", mix.FORMATS, selection_mode="multi", default=["jsonl"], key="mix.formats")
        shape = st.selectbox("Shape of a row", mix.SHAPES, key="mix.shape")
        epochs = st.number_input("Most epochs a row is used", 0.5, 100.0, 1.0, 0.5, key="mix.epochs")
        seed = st.number_input("Seed", 0, 2**31, 0, key="mix.seed")
        name = st.text_input("Name", "my-mixture", key="mix.name", max_chars=96)
    return Wish(
        name=name,
        weights=weights,
        unit=unit,
        amount=amount,
        epochs=epochs,
        min_words=least,
        flags_none=flags,
        deduplicates=deduplicates,
        threshold=threshold,
        view=view,
        use=use,
        unclear=unclear,
        formats=formats,
        shape=shape,
        seed=seed,
    )


def _weight(name: str, title: str, asked: float) -> float:
    st.text(title)
    return st.slider(
        "Weight", 0.0, mix.MOST_WEIGHT, asked, mix.STEP,
        key=f"mix.weight.{name}", format="%.1f", label_visibility="collapsed",
    )  # fmt: skip
