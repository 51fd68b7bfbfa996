"""How few bits does a network need?"""

import streamlit as st

from quantlab.ui.network import controls as network_controls
from quantlab.ui.network import kept as network_kept
from quantlab.ui.network import rooms as network_rooms
from quantlab.ui.network import sources as network_sources
from quantlab.ui.page import copy_and_take, needs, opening, report, try_this
from quantlab.ui.state import State

TRIES = {
    "A scale for each channel, beside one": {"granularity": "channel-0", "kept": "source=plain"},
    "Clip for least error": {"calibrator": "mse", "observer": "mse"},
    "First and last layer at 8 bits": {"ends": "8"},
    "Activations alone": {"scrub": "activations"},
    "Depthwise, per tensor": {"source": "depthwise"},
    "Depthwise, per channel and dynamic": {"source": "depthwise", "granularity": "channel-0", "ranges": "dynamic"},
    "Bits where they count": {"room": "budget"},
    "3 bits": {"bits": "3"},
}

state = State("cnn")
opening("How few bits does a network need?", state)
needs("networks")
room = state.rooms("room", "Room", network_rooms.ROOMS, "answers")
coming, place, rest = st.container(), st.container(), st.container()
controls, more = st.sidebar.container(), st.sidebar.expander("More", key="cnn:more", on_change="rerun")
asked = network_controls.choose(state, controls, more if more.open else None)
measure = network_controls.choose_measure(state, asked, controls) if room == "answers" else ""
kept = network_kept.choose(state, asked, controls if room == "answers" else None)
layer, picture = network_controls.choose_layer(state, asked, controls) if room == "layers" else ("", 0)
with st.bottom:
    label = state.level("bits", "Bits", tuple(map(str, asked.widths)), network_controls.DEFAULT)
state.commit()
with coming:
    asked = network_kept.beside(network_sources.ready(state, asked), kept)
    report(state)
    if room == "answers":
        shown = network_rooms.answers(state, asked, int(label), measure)
    elif room == "layers":
        shown = network_rooms.layers(state, asked, int(label), layer, picture)
    else:
        shown = network_rooms.budget(state, asked, int(label))
with place:
    shown.draw()
with rest:
    try_this(state, TRIES)
    if shown.python:
        copy_and_take(shown.python, shown.csv, f"network-{room}.csv")
shown.complete()
