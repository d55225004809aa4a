"""Compare: figures of two to six measured datasets side by side."""

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.pages.parts.fair import show_fair
from dashboard.pages.parts.figures import show_distribution
from dashboard.selection import words
from dashboard.views import commands, compare

st.title("How do they differ?")
figures = data.figures()
if len(figures) < compare.LEAST:
    st.info("Fewer than two datasets were measured. Fetch the rows of one and measure them:")
    st.code(commands.analyze_command(["sample-human", "sample-distilled"]), language=None)
    st.stop()
asked = words(st.query_params.get("ids", ""), figures, limit=compare.MOST)
names = st.multiselect(
    "Datasets",
    list(figures),
    default=asked or compare.suggested(figures, data.category_of),
    format_func=lambda name: figures[name].label,
    max_selections=compare.MOST,
    key="compare.ids",
)
if len(names) < compare.LEAST:
    st.info(f"Choose {compare.LEAST} to {compare.MOST} datasets.")
    st.stop()
chosen = [figures[name] for name in names]
titles, found = compare.distinct_titles(chosen), compare.compared(chosen)
cautions = compare.cautions(chosen, found)
if cautions:
    plain.notice("warn", "\n".join(cautions), "cautions")

left, right = st.columns(2, gap="large")
with left:
    metric = show_distribution(chosen, titles)
with right:
    profile = compare.profile_chart(chosen, titles, figures.values())
    if profile is None:
        st.info("Fewer than two metrics are known of all these sets.")
    else:
        st.echarts_chart(profile[0], height=profile[1])
st.query_params.from_dict({"ids": ",".join(names), **({"metric": metric} if metric else {})})
st.dataframe(compare.headline_table(chosen, titles), hide_index=True, height="content")
with st.expander(f"All {len(found.rows)} metrics"):
    st.dataframe(compare.whole_table(found, titles), hide_index=True)
show_fair(names, dict(zip(names, titles, strict=True)))
st.download_button(
    "Report of these datasets",
    lambda: data.report(names),
    "report.html",
    "text/html",
    on_click="ignore",
    key="compare.report",
)
for figure in chosen:
    plain.quiet(f"{figure.title}: {figure.origin}, {figure.source}", f"source-{figure.name}")
