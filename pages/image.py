"""What does quantization do to a picture, and why does dither help?"""

import streamlit as st

from quantlab.labs.image.films import views_of
from quantlab.ui import live
from quantlab.ui.image.controls import choose_compared, choose_picture, choose_recipe, slider_of
from quantlab.ui.image.result import complete, result
from quantlab.ui.page import copy_and_take, opening, report, titled, try_this
from quantlab.ui.state import State

TRIES = {
    "No dither: bands": {"dither": "none"},
    "One bit": {"bits": "1", "view": "original"},
    "Dither in linear light": {"what": "rgb-linear", "view": "original"},
    "A sky in 8 colours": {"source": "rocket", "what": "palette", "palette": "k-means", "bits": "8"},
    "JPEG at quality 5": {"what": "dct", "bits": "5", "source": "chelsea"},
    "Rough chroma, fine luma": {"what": "ycbcr", "luma": "6", "dither": "none", "source": "flower"},
    "Where it errs": {"view": "error", "bits": "3"},
}

state = State("image")
opening("How few values can a picture do with, and why does dither help?", state)
first, waiting, tiles, second, third, rest = (st.container() for _ in range(6))

controls, more = st.sidebar.container(), st.sidebar.expander("More")
picked = choose_picture(state, controls)
recipe = choose_recipe(state, controls, more)
dithers = choose_compared(state, recipe, more)
views = views_of(recipe.dither != "none")
view = state.hidden("view", "plain" if "plain" in views else "original", views.__contains__)
title, default = slider_of(recipe)
with st.bottom:
    label = state.level("bits", title, recipe.labels, default)
report(state)
state.commit()

with waiting:
    made = result(picked, recipe, dithers)
with first:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        live.wipe(made.wipe(view), key="wipe", on_view=lambda slug: state.set("view", slug))
    with right:
        st.markdown(made.words(label))
        live.plot(made.curves, key="curves")
with tiles:
    live.numbers(made.tiles, key="numbers")
with second:
    left, right = titled("The row under the pointer", "How fine the error is")
    with left:
        live.row(made.films.wipe, key="row")
    with right:
        live.plot(made.films.spectrum, key="spectrum")
with third:
    left, right = titled("Which values occur", "Which colours occur")
    with left:
        live.plot(made.films.histogram, key="histogram")
    with right:
        live.swatches(made.films.swatches, key="swatches")
with rest:
    try_this(state, TRIES)
    copy_and_take(made.python(label), made.csv, "picture.csv")
    st.download_button(
        "This picture at its full size (PNG)",
        lambda: made.full_png(label),
        made.file_name(label),
        "image/png",
        on_click="ignore",
        icon=":material/download:",
    )
with waiting:
    complete(state, made)
