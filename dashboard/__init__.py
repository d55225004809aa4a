"""Showing, nothing else: Streamlit pages over views that know no Streamlit."""
