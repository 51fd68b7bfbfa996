"""The frame around every page: the ordered table of pages. One page answers one question."""

from pathlib import Path

import streamlit as st

ICON = Path(__file__).parents[1] / "assets" / "icon.svg"

st.set_page_config(page_title="QuantLab", page_icon=str(ICON), layout="wide")

PAGES = [
    st.Page("home.py", title="QuantLab", icon=":material/stairs_2:", default=True),
    st.Page("tensor.py", title="Tensor", icon=":material/grid_on:", url_path="tensor"),
    st.Page("image.py", title="Image", icon=":material/image:", url_path="image"),
    st.Page("audio.py", title="Sound", icon=":material/graphic_eq:", url_path="audio"),
    st.Page("cnn.py", title="Network", icon=":material/neurology:", url_path="cnn"),
    st.Page("reference.py", title="Reference", icon=":material/menu_book:", url_path="reference"),
]

st.navigation(PAGES, position="top").run()
