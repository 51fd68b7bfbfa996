"""How few bits does a network need?"""

import streamlit as st

from quantlab.ui import live, network_controls, network_inside, network_result
from quantlab.ui.page import copy_and_take, opening, report, try_this
from quantlab.ui.state import State

ROOMS = {"answers": "Answers", "layers": "Layers"}
TRIES = {
    "A scale for each channel": {"granularity": "channel-0"},
    "Clip for least error": {"calibrator": "mse", "observer": "mse"},
    "First and last layer at 8 bits": {"ends": "8"},
    "Activations alone": {"scrub": "activations"},
    "Depthwise, per tensor": {"source": "depthwise"},
    "Depthwise, per channel and dynamic": {"source": "depthwise", "granularity": "channel-0", "ranges": "dynamic"},
    "3 bits": {"bits": "3"},
}


def answers(made: network_result.Shown, label: str) -> None:
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(made.films.accuracy, key="accuracy")
    with right:
        live.answers(made.films.wall, key="wall")
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(made.words(label))
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Which classes suffer", anchor=False)
        live.plot(made.films.classes, key="classes")
    with right:
        st.subheader("What is taken for what: in float, and now", anchor=False)
        live.image(made.films.confusion, key="confusion")
    st.subheader("Whose answer changes", anchor=False)
    live.answers(made.films.flipped, key="flipped")


def layers(asked: network_controls.Asked, layer: str, picture: int, bits: int) -> None:
    made = network_inside.layers(asked, layer, picture, bits)
    films = {"errors": made.films.errors, "costs": network_inside.costs(asked)}
    films |= {"weights": made.films.weights, "activations": made.films.activations}
    titles = ("How the error grows", "What one layer costs", f"Weights of {layer}", f"What flows into {layer}")
    for row in (0, 2):
        for column, (key, film), title in zip(st.columns(2, gap="medium"), [*films.items()][row:], titles[row:], strict=False):
            with column:
                st.subheader(title, anchor=False)
                live.plot(film, key=key)
        if not row:
            st.markdown(network_inside.words(asked, made, bits))
    st.subheader("Bits of each layer's weights", anchor=False)
    network_controls.row_of_layers(state, asked)
    st.subheader(f"What {layer} makes of one picture: in float, quantized, and the error", anchor=False)
    live.image(made.films.maps, key="maps")


state = State("cnn")
opening("How few bits does a network need?", state)
room = state.rooms("room", "Room", ROOMS, "answers")
place, rest = st.container(), st.container()
controls, more = st.sidebar.container(), st.sidebar.expander("More")
asked = network_controls.choose(state, controls, more)
layer, picture = network_controls.choose_layer(state, asked, controls) if room == "layers" else ("", 0)
with st.bottom:
    label = state.level("bits", "Bits", tuple(map(str, asked.widths)), network_controls.DEFAULT)
report(state)
state.commit()
with place:
    made = network_result.result(asked, int(label))
    if room == "answers":
        answers(made, label)
    else:
        layers(asked, layer, picture, int(label))
with rest:
    try_this(state, TRIES)
    copy_and_take(made.python(label), made.csv, "network.csv")
if room == "answers":
    network_result.complete(made, int(label))
else:
    network_inside.complete_layers(asked, layer, picture, int(label))
