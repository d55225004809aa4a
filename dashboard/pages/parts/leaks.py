"""One dataset and one benchmark: what was found, what a search cannot see, and a way to look now."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.pages.parts.actions import then_reload
from dashboard.pages.parts.pair import show_pairs
from dashboard.selection import word
from dashboard.views import commands, contamination, overlap
from dashboard.views.contamination import Found, Pair
from dashboard.views.overlap import Matrix


def hold_clicked(drawn: Matrix) -> None:
    """Take the pair of the clicked cell into the two lists."""
    pair = overlap.clicked(drawn, st.session_state["contamination.matrix"].selection.selected)
    if pair is not None:
        st.session_state["contamination.dataset"], st.session_state["contamination.benchmark"] = pair


def choose_leak(
    pairs: Mapping[Pair, Found], titles: Mapping[str, str], benchmarks: Mapping[str, str]
) -> Found | None:
    """Lists of datasets and benchmarks, the result in words, and a way to look where rows are here."""
    dataset, benchmark = contamination.strongest(pairs) or (next(iter(titles)), next(iter(benchmarks)))
    for key, names, otherwise in (("dataset", titles, dataset), ("benchmark", benchmarks, benchmark)):
        asked = word(st.query_params.get(key, ""), list(names), otherwise)
        st.session_state.setdefault(f"contamination.{key}", asked)
    dataset = st.selectbox(
        "Rows of", list(titles), format_func=titles.__getitem__, key="contamination.dataset"
    )
    benchmark = st.selectbox(
        "Benchmark", list(benchmarks), format_func=benchmarks.__getitem__, key="contamination.benchmark"
    )
    st.query_params.from_dict({"dataset": dataset, "benchmark": benchmark})
    found = pairs.get((dataset, benchmark))
    if found is None:
        st.info("This benchmark was not looked for in these rows by this rule.")
    else:
        kind = "warn" if found.result.benchmark_hits else "info"
        for place, sentence in enumerate(contamination.sentences(found, titles)):
            plain.notice(kind if place == 0 else "info", sentence, f"leak-{place}")
        plain.quiet(f"{str(found.origin).capitalize()} · {found.result.rule}", "rule")
    _offer(dataset, benchmark, found)
    return found


def show_leak(found: Found, titles: Mapping[str, str]) -> None:
    """What the rule finds of planted forms, then items beside the rows that hold them."""
    bars = contamination.ceiling(found.result)
    if bars is not None:
        st.echarts_chart(bars, height=320, key="contamination.ceiling")
    show_pairs(contamination.pairs_shown(found, titles))


def _offer(dataset: str, benchmark: str, found: Found | None) -> None:
    rows = data.local(dataset)
    if rows is not None and data.has_benchmark(benchmark):
        if (found is None or not found.result.ceiling) and st.button(
            "Look now", type="primary", key="contamination.look"
        ):
            then_reload(
                lambda: data.look_for(rows, benchmark), "Looking for every item in every row …", "look"
            )
        st.download_button(
            "Certificate, all rules",
            lambda: data.certificate(rows, [benchmark]),
            "certificate.md",
            "text/markdown",
            on_click="ignore",
            key="contamination.certificate",
        )
    elif found is None:
        st.caption(
            "To look for it, fetch the rows (and those of a benchmark we ship no hashes of), then run:"
        )
    st.code(commands.contamination_command(data.fetch_name(dataset), benchmark), language=None)
