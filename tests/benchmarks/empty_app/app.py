"""What Streamlit itself takes to stand: a page with one slider."""

import streamlit as st

st.slider("Bits", 1, 16, 4)
