"""An empty page with one select box and one component that says what was chosen: the least that a choice takes in Streamlit."""

import streamlit as st

SHOWS = """export default ({ data, parentElement }) => {
  const place = parentElement.firstElementChild ?? parentElement.appendChild(document.createElement("p"));
  place.dataset.film = "choice";
  place.dataset.level = place.textContent = data;
};"""

st.set_page_config(layout="wide")
chosen = st.selectbox("Scheme", ("Integer, symmetric", "μ-law", "Integer, asymmetric", "NF4", "Powers of two", "A-law", "Logarithmic"))
st.components.v2.component("choice", js=SHOWS, isolate_styles=False)(data=chosen, key="choice")
