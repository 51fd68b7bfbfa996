"""At which bit depth do you stop hearing it?"""

import streamlit as st

from quantlab.ui import live
from quantlab.ui.audio.abx import blind_test
from quantlab.ui.audio.controls import choose_recipe, choose_sound
from quantlab.ui.audio.result import result
from quantlab.ui.page import copy_and_take, opening, report, titled, try_this
from quantlab.ui.state import State

TRIES = {
    "Buzz into hiss: triangular dither": {"dither": "tpdf"},
    "A tone below the last bit": {"source": "faint", "bits": "9", "dither": "tpdf"},
    "Noise where the ear is deaf": {"dither": "tpdf", "shaping": "ear", "bits": "8"},
    "A plucked chord at 5 bits": {"source": "chord", "bits": "5"},
    "Telephone: μ-law": {"source": "voice", "scheme": "mu-law", "factor": "6", "bits": "8"},
    "Aliases of a sweep": {"source": "sweep", "factor": "4", "antialias": "no", "bits": "16"},
    "What MP3 does": {"source": "drums", "scheme": "mdct"},
}

state = State("audio")
opening("At which bit depth do you stop hearing it?", state)
first, tries, second, rest = (st.container() for _ in range(4))

controls, more = st.sidebar.container(), st.sidebar.expander("More")
picked = choose_sound(state, controls)
recipe = choose_recipe(state, picked.sound.rate, controls, more)
with st.bottom:
    label = state.level("bits", recipe.title, recipe.labels, recipe.default)
report(state)
state.commit()

with first:
    made = result(picked, recipe)
    live.sound(made.films.sound, key="sound")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        live.plot(made.films.spectrum, key="spectrum")
    with right:
        live.plot(made.films.dependence, key="dependence")
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(made.words(label))
    if cut := made.cut:
        st.caption(cut)
with tries:
    try_this(state, TRIES)
with second:
    pictures = made.pictures()
    for column, (title, film) in zip(titled(*pictures), pictures.items(), strict=True):
        with column:
            live.image(film, key=f"picture-{title.lower()}")
    st.caption(made.scales)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What each bit buys", anchor=False)
        live.plot(made.films.curve, key="curve")
    with right:
        blind_test(made, label)
with rest:
    copy_and_take(made.python(label), made.csv, "levels.csv")
    st.download_button("This level as WAV", made.wav(label), "heard.wav", "audio/wav", icon=":material/download:", on_click="ignore")
