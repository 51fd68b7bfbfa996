"""How few bits does this tensor need?"""

import streamlit as st

from quantlab.ui import live
from quantlab.ui.page import copy_and_take, opening, report, titled, try_this
from quantlab.ui.state import State
from quantlab.ui.tensor.controls import choose_quantizer, choose_tensor
from quantlab.ui.tensor.result import complete, draw_curve, followed_number, result, words

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
first, second, third, rest = (st.container() for _ in range(4))

controls, more = st.sidebar.container(), st.sidebar.expander("More")
tensor = choose_tensor(state, controls, more)
spec, scrub = choose_quantizer(state, tensor.x.shape, controls, more)
with st.bottom:
    label = state.level("bits", scrub.title(spec), scrub.labels(spec, tensor.x.shape), scrub.default_label(spec, tensor.x.shape))
following, where = third.columns(2, gap="medium")
following.subheader("Follow one value", anchor=False)
number = followed_number(state, following)
report(state)
state.commit()

with first:
    made = result(tensor, spec, scrub, number)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        live.plot(made.films.histogram, key="histogram", on_pick=lambda x: state.set("value", f"{x:.6g}"))
    draw_curve(slot := right.empty(), tensor, spec, made)
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(words(made, label))
with second:
    left, right = titled("What happens to each value", "Where the error comes from")
    with left:
        live.plot(made.films.transfer, key="transfer", on_pick=lambda x: state.set("value", f"{x:.6g}"))
    with right:
        live.plot(made.films.error, key="error")
with following:
    live.numbers(made.films.following, key="following")
if made.films.error_map is not None:
    with where:
        st.subheader("Where in the tensor", anchor=False)
        live.image(made.films.error_map, key="error-map")
with rest:
    try_this(state, TRIES)
    copy_and_take(made.programs[label], made.csv, "sweep.csv")
complete(slot, tensor, spec, made)
