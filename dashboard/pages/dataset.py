"""Dataset: what is declared, what was measured, and the rows themselves."""

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.pages.parts.actions import offer_measuring, offer_rows
from dashboard.pages.parts.declared import choose_section, show_facts, show_family, show_terms
from dashboard.pages.parts.figures import show_figures
from dashboard.pages.parts.rows import show_rows
from dashboard.views import facts
from dashboard.views.figures import for_entry

names = data.names()
asked = st.query_params.get("id", "")
left, right = st.columns([3, 2], vertical_alignment="bottom")
name = right.selectbox(
    "Dataset",
    list(names),
    index=list(names).index(asked) if asked in names else None,
    format_func=lambda key: names.get(key, key),
    placeholder="Choose or type a name",
    key=f"dataset.id.{asked}",
)
if name is None:
    left.title("Dataset")
    if asked:
        plain.notice("error", f"No dataset {asked!r}. Choose one from the list.", "unknown")
    st.info("Choose a dataset in the list, or select a row on the **Browse** page.")
    st.stop()
entry, held, snapshot = data.catalogue().get(name), for_entry(data.figures(), name), data.snapshot(name)
with left:
    plain.title(entry.name if entry else names[name])
    plain.quiet(facts.tagline(entry) if entry else "not in the catalogue", "tagline")
section = choose_section(name, entry)
if section == "facts" and entry is None:
    st.info("The catalogue knows nothing of these rows; see what was measured under **Figures**.")
elif section == "facts" and entry is not None:
    left, right = st.columns([6, 5], gap="large")
    with left:
        show_facts(entry)
    with right:
        show_family(entry)
        show_terms(entry)
elif section == "figures" and held:
    show_figures(entry, held)
elif snapshot is None:
    offer_rows(name, entry)
elif section == "figures":
    offer_measuring(snapshot)
else:
    show_rows(snapshot)
