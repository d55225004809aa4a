"""A plan as people read it, and building it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.views import commands, licence, mix
from dashboard.views.problems import said
from mixtures.plan import Plan
from registry.errors import InstructoryError

_NUMBERS = {
    name: st.column_config.NumberColumn(format="localized")
    for name in ("Rows", "Tokens", "Rows that pass", "Of")
}


def show_plan(plan: Plan, titles: Mapping[str, str]) -> None:
    """Totals, shares, terms and warnings."""
    with st.container(horizontal=True, key="cards"):
        for card in mix.cards(plan):
            st.metric(card.label, card.value, help=card.meaning, border=True, width=150)
    st.echarts_chart(mix.share_chart(plan, titles), height=mix.chart_height(plan))
    with st.container(horizontal=True, wrap=False):
        st.badge(str(plan.license.verdict), color=licence.BADGE[plan.license.verdict])
        st.text(licence.verdict_line(plan.license), width="stretch")
    for place, line in enumerate(mix.refusals(plan)):
        plain.notice("error", line, f"refusal-{place}")
    if plan.refusals:
        st.caption("Leave that set out, or change the use under **Terms and output**.")
    cautions = mix.warnings(plan)
    if cautions:
        plain.notice("warn", "\n".join(cautions), "warnings")
    with st.expander(f"Facts behind the terms ({len(plan.license.reasons)})"):
        for place, reason in enumerate(licence.reasons(plan.license, data.title_of)):
            plain.notice(licence.TONE[reason.verdict], reason.fact, f"term-{place}")
            plain.quiet(f"{reason.path} · {reason.sources}", f"term-{place}")
    st.dataframe(mix.parts_table(plan, titles), hide_index=True, height="content", column_config=_NUMBERS)


def show_build(plan: Plan) -> None:
    """The recipe to copy, the command, and building it here."""
    recipe, build = st.columns(2, gap="large")
    with recipe:
        st.caption("The recipe; save it as recipe.yaml")
        st.code(plan.recipe.to_yaml(), language="yaml")
        st.code(commands.mix_command(), language=None)
    with build:
        st.caption("Or build it here")
        if st.button("Build the mixture", type="primary", key="mix.build", disabled=bool(plan.refusals)):
            bar = st.progress(0.0, "Building …")
            try:
                st.session_state["mix_built"] = data.build_mixture(plan, bar.progress)
            except InstructoryError as error:
                plain.notice("error", said(error), "build")
            bar.empty()
        built = st.session_state.get("mix_built")
        if built is not None and built.folder.name == mix.folder_name(plan.recipe):
            plain.notice("good", mix.built_line(built), "built")
            st.dataframe(mix.files_table(built), hide_index=True)
            archive = data.archive(built.folder)
            st.download_button(
                "Download all as zip", archive.read_bytes, archive.name, "application/zip", key="mix.zip"
            )
