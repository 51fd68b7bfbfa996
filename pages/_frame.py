"""The frame around every page: the home page and the labs in their order. One page answers one question."""

import streamlit as st

from quantlab.labs.catalog import LABS
from quantlab.paths import ASSETS

st.set_page_config(page_title="QuantLab", page_icon=str(ASSETS / "icon.svg"), layout="wide")

PAGES = [
    st.Page(f"{slug}.py", title=lab.title, icon=lab.icon, default=slug == "home", url_path=None if slug == "home" else slug)
    for slug, lab in LABS.items()
]

st.navigation(PAGES, position="top").run()
