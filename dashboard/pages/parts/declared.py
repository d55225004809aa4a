"""The declared facts of an entry, their sources, its terms and its family."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.selection import SECTIONS, word
from dashboard.views import facts, family, licence
from registry.entry import Entry


def choose_section(name: str, entry: Entry | None) -> str:
    """What to show of a dataset, beside the links to where it lives; written to the address."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section = st.segmented_control(
            "Show",
            list(SECTIONS),
            default=word(st.query_params.get("show", ""), SECTIONS, "facts" if entry else "figures"),
            format_func=SECTIONS.__getitem__,
            key=f"dataset.show.{name}",
            label_visibility="collapsed",
            required=True,
        )
        with st.container(horizontal=True, width="content"):
            for label, address in facts.links(entry) if entry else ():
                st.link_button(label, address, type="tertiary")
    st.query_params.from_dict({"id": name, "show": section})
    return section


def show_facts(entry: Entry) -> None:
    """Each fact with how well it is known; sources and open questions under it."""
    for place, line in enumerate(facts.conflicts(entry)):
        plain.notice("warn", f"Sources disagree. {line}", f"conflict-{place}")
    for fact in facts.facts(entry):
        with st.container(horizontal=True, wrap=False, key=f"fact-{fact.field}", gap="small"):
            st.text(fact.label, width=116)
            st.text(fact.value, width="stretch", help=fact.meaning)
            if fact.status:
                st.badge(fact.status, color=facts.STATUS_COLOUR[fact.status])
    unknown = facts.unknown_facts(entry)
    if unknown:
        plain.quiet(f"Not known: {', '.join(unknown).lower()}", "unknown")
    sources = facts.readings(entry)
    with st.expander(f"Where this was read ({len(sources)})"):
        for place, reading in enumerate(sources):
            with st.container(horizontal=True, wrap=False, key=f"source-{place}"):
                st.badge(reading.status, color=facts.STATUS_COLOUR[reading.status])
                st.text(reading.source, width="stretch")
            plain.quiet(f"speaks for {reading.fields}", f"source-{place}")


def show_terms(entry: Entry) -> None:
    """What the published terms say of a use, reason by reason."""
    use = st.segmented_control(
        "Use", list(licence.USES), default="commercial", key="dataset.use", required=True
    )
    verdict = data.registry().license(entry.id, use=use or "commercial")
    with st.container(horizontal=True, wrap=False):
        st.badge(str(verdict.verdict), color=licence.BADGE[verdict.verdict])
        st.text(licence.verdict_line(verdict), width="stretch")
    for place, reason in enumerate(licence.reasons(verdict, data.title_of)):
        plain.notice(licence.TONE[reason.verdict], reason.fact, f"reason-{place}")
        plain.quiet(f"{reason.path} · {reason.sources}", f"reason-{place}")
    with st.expander("The proof, step by step"):
        st.code("\n".join(licence.proof_lines(verdict)), language=None, wrap_lines=True)
    st.caption("A cautious reading of published facts, not legal advice.")


def show_family(entry: Entry) -> None:
    """Parents and children; a click on one opens it."""
    lineage = data.lineage(entry.id)
    if not family.has_family(lineage):
        st.caption("No parents or children among the entries are declared.")
        return
    chart, names, height = family.family_chart(lineage, data.catalogue().get)
    event = st.echarts_chart(chart, height=height, key=f"dataset.family.{entry.id}", on_select="rerun")
    for place, line in enumerate(family.measured_lines(lineage, data.title_of)):
        plain.quiet(line, f"step-{place}")
    chosen = family.clicked(names, event.selection.selected)
    if chosen and chosen != entry.id:
        st.switch_page("pages/dataset.py", query_params={"id": chosen})
