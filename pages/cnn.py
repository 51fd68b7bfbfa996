"""How few bits does a network need?"""

import streamlit as st

from quantlab.ui import live, network_controls, network_result
from quantlab.ui.page import copy_and_take, opening, report, try_this
from quantlab.ui.state import State

TRIES = {
    "A scale for each channel": {"granularity": "channel-0"},
    "Clip for least error": {"calibrator": "mse", "observer": "mse"},
    "First and last layer at 8 bits": {"ends": "8"},
    "Activations alone": {"scrub": "activations"},
    "Depthwise, per tensor": {"source": "depthwise"},
    "Depthwise, per channel and dynamic": {"source": "depthwise", "granularity": "channel-0", "ranges": "dynamic"},
    "3 bits": {"bits": "3"},
}

state = State("cnn")
opening("How few bits does a network need?", state)
first, second, third, rest = (st.container() for _ in range(4))

controls, more = st.sidebar.container(), st.sidebar.expander("More")
asked = network_controls.choose(state, controls, more)
with st.bottom:
    labels = tuple(map(str, asked.widths))
    label = state.level("bits", "Bits", labels, network_controls.DEFAULT)
report(state)
state.commit()

with first:
    made = network_result.result(asked, int(label))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(made.films.accuracy, key="accuracy")
    with right:
        live.answers(made.films.wall, key="wall")
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(made.words(label))
with second:
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Which classes suffer", anchor=False)
        live.plot(made.films.classes, key="classes")
    with right:
        st.subheader("What is taken for what: in float, and now", anchor=False)
        live.image(made.films.confusion, key="confusion")
with third:
    st.subheader("Whose answer changes", anchor=False)
    live.answers(made.films.flipped, key="flipped")
with rest:
    try_this(state, TRIES)
    copy_and_take(made.python(label), made.csv, "network.csv")
network_result.complete(made, int(label))
