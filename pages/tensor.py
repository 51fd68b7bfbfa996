"""How few bits does this tensor need?"""

import streamlit as st

from quantlab.ui import live
from quantlab.ui.page import copy_and_take, opening, report, try_this
from quantlab.ui.state import State
from quantlab.ui.tensor_controls import choose_quantizer, choose_tensor
from quantlab.ui.tensor_result import complete, curve, followed_number, result, words

TRIES = {
    "Groups of 64": {"granularity": "group-64"},
    "Clip for least error": {"calibrator": "mse"},
    "NF4 in groups of 64": {"scheme": "nf4", "scrub": "group"},
    "2 bits": {"bits": "2"},
    "k-means": {"scheme": "kmeans", "method": "lloyd"},
    "One growing outlier": {"source": "normal", "scrub": "outlier"},
    "A full-scale sine": {"source": "sine"},
}

state = State("tensor")
opening("How few bits does this tensor need?", state)
side = st.sidebar
controls, more = side.container(), side.expander("More")
tensor = choose_tensor(state, controls, more)
spec, scrub = choose_quantizer(state, tensor.x.shape, controls, more)
labels = scrub.labels(spec, tensor.x.shape)
with st.bottom:
    label = state.level("bits", scrub.title(spec), labels, scrub.default_label(spec, tensor.x.shape))
made = result(tensor, spec, scrub, followed_number(state))

left, right = st.columns([3, 2], gap="medium")
with left:
    picked = live.plot(made.films.histogram, key="histogram")
with right:
    live.plot(curve(tensor, spec, made), key="curve")
live.numbers(made.films.numbers, key="numbers")
st.markdown(words(made, label))

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("What happens to each value", anchor=False)
    live.plot(made.films.transfer, key="transfer")
with right:
    st.subheader("Where the error comes from", anchor=False)
    live.plot(made.films.error, key="error")

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Follow one value", anchor=False)
    state.text("value", "A number; or click one in a chart", placeholder="0.013")
    live.numbers(made.films.following, key="following")
with right:
    if made.films.error_map is not None:
        st.subheader("Where in the tensor", anchor=False)
        live.image(made.films.error_map, key="error-map")

try_this("tensor.py", TRIES)
copy_and_take(made.programs[label], made.csv, "sweep.csv")
if picked is not None:
    state.set("value", f"{picked:.6g}")
    st.rerun()
report(state)
state.commit()
complete(tensor, spec, made)
