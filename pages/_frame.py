"""The frame around every page: the home page and the labs in their order. One page answers one question."""

import streamlit as st

from quantlab.labs.catalog import LABS
from quantlab.paths import ASSETS
from quantlab.ui import jobs, url
from quantlab.ui.controls import enter
from quantlab.ui.tab import last_title

url.begin_run()
jobs.begin_run()
st.set_page_config(page_title=last_title(), page_icon=str(ASSETS / "icon.svg"), layout="wide")

PAGES: dict[str, list[st.Page]] = {"": []}
for slug, lab in LABS.items():
    page = st.Page(f"{slug}.py", title=lab.title, icon=lab.icon, default=slug == "home", url_path=None if slug == "home" else slug)
    PAGES.setdefault(lab.section, []).append(page)

page = st.navigation(PAGES, position="top")
enter(page.url_path or "home")
page.run()
url.end_run()
