"""What does quantization do? One picture, one slider, and the ways into the labs."""

import streamlit as st

from quantlab.ui import cached, live
from quantlab.ui.page import cards, opening, report
from quantlab.ui.state import State

LABS = [
    (
        "tensor.py",
        "Tensor",
        ":material/grid_on:",
        "How few bits does this tensor need? Weights, pictures' pixels or your own file, under every scheme.",
    ),
    (
        "image.py",
        "Image",
        ":material/image:",
        "How few values can a picture do with, and why does dither help? Photographs, your own file, or your camera.",
    ),
    (
        "audio.py",
        "Sound",
        ":material/graphic_eq:",
        "At which bit depth do you stop hearing it? Buzz, hiss, dither, noise shaping, and a blind test.",
    ),
    (
        "cnn.py",
        "Network",
        ":material/neurology:",
        "How few bits does a network need? Top-1 and Top-5 while weights and activations lose theirs.",
    ),
    ("reference.py", "Reference", ":material/menu_book:", "Which levels does each scheme choose, and what do the bits of a number say?"),
]

state = State("home")
opening("What does quantization do to a signal?", state)
films = cached.home()
with st.bottom:
    label = state.level("bits", "Bits", films.labels, "3")
live.plot(films.wave, key="wave")
live.numbers(films.numbers, key="numbers")
st.markdown(
    f"At **{label} bits** every value moves to the nearest of {2 ** int(label) - 1} levels. What is lost is the error: "
    "each bit more halves it, which is 6.02 dB. With few bits the rule is off, and the measurement says by how much."
)
cards(LABS)
report(state)
state.commit()
