"""Mix: compose a mixture, see what it comes to, build it."""

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.pages.parts.plan import show_build, show_plan
from dashboard.pages.parts.wish import compose
from dashboard.views import commands, mix
from dashboard.views.problems import said
from registry.errors import InstructoryError

st.title("What do I train on?")
titles = data.local_titles()
if not titles:
    st.info("A mixture needs rows, and there are none on this machine yet. Fetch some:")
    st.code(commands.fetch_command("alpaca", on_hub=True), language=None)
    st.stop()
asked = mix.weights_from(st.query_params.get("parts", ""), titles) or dict.fromkeys(data.samples(), 1.0)
left, right = st.columns([4, 7], gap="large")
with left:
    wish = compose(titles, asked)
if wish is None:
    right.info("Choose at least one dataset.")
    st.stop()
st.query_params.from_dict({"parts": mix.weights_text(wish.weights)})
plan = None
with right:
    try:
        with st.spinner("Counting …", show_time=True):
            plan = data.plan(mix.recipe_of(wish))
    except InstructoryError as error:
        plain.notice("error", said(error), "plan")
    else:
        show_plan(plan, titles)
if plan is not None:
    show_build(plan)
