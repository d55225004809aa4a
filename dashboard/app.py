"""The router of the dashboard: page config, theme, navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.routes import ROUTES

st.set_page_config(page_title="Instructory", layout="wide", initial_sidebar_state="auto")
st.html(Path(__file__).parent / "theme.css")
st.navigation(
    [
        st.Page(route.file, title=route.title, url_path=route.name, default=route is ROUTES[0])
        for route in ROUTES
    ],
    position="top",
).run()
