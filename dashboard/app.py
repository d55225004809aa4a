"""The router of the dashboard: page config, theme, navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.routes import ROUTES
from registry.errors import InstructoryError

st.set_page_config(page_title="Instructory", layout="wide", initial_sidebar_state="auto")
st.html(Path(__file__).parent / "theme.css")
page = st.navigation(
    [
        st.Page(route.file, title=route.title, url_path=route.name, default=route is ROUTES[0])
        for route in ROUTES
    ],
    position="top",
)
try:
    data.registry()
except InstructoryError as error:
    plain.title("The catalogue cannot be opened")
    plain.notice("error", str(error), "registry")
    st.caption("Put it right, then reload this page. `instructory doctor` says more.")
    st.stop()
try:
    page.run()
except InstructoryError as error:
    plain.notice("error", str(error), "page")
