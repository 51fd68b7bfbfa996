"""At which bit depth do you stop hearing it?"""

from functools import partial

import streamlit as st

from quantlab.glossary import link
from quantlab.labs.text import file_name
from quantlab.ui import live
from quantlab.ui.audio.abx import blind_test
from quantlab.ui.audio.controls import bring_sound
from quantlab.ui.page import Page, titled


def spectrum() -> None:
    live.plot(result.films["spectrum"], key="spectrum")


def dependence() -> None:
    live.plot(result.films["dependence"], key="dependence")


page = Page("audio")
first, below, second, rest = (st.container() for _ in range(4))
side = st.sidebar.container()
address = page.address({"file": bring_sound}, side=side)
label = address["bits"]
for note in address.subject.notes:
    side.caption(note)

with first:
    result = page.result(address)
    live.sound(result.films["sound"], key="sound")
    kept = page.kept(address, result)
    page.pictures(spectrum, dependence, kept and (lambda: live.plot(kept.film("spectrum"), key="kept-picture")), below)
    page.try_this(result, label)
    page.tiles(result, kept)
    page.words(result, label, kept)
    if result.cut:
        st.caption(result.cut)
with second:
    pictures = {"Original": "before", "Quantized": "after", "Error": "error"}
    for column, (title, view) in zip(titled(*pictures), pictures.items(), strict=True):
        with column:
            live.image(result.films[view], key=f"picture-{title.lower()}")
    st.caption(result.scales)
    left, right = st.columns(2, gap="large")
    with left:
        st.header(f"What {link('6 dB rule', 'each bit')} buys", anchor=False)
        live.plot(result.films["curve"], key="curve")
    with right, page.of_rest("blind"):
        blind_test(result, label)
with rest:
    row = page.take_away(
        result.program(label), result.csv, file_name(*(str(address.get(name, "")) for name in ("source", "scheme", "dither", "shaping")))
    )
    if row:
        wav = partial(result.wav, label)
        with row, page.of_rest("wav", width="content"):
            st.download_button("This level as WAV", wav, "heard.wav", "audio/wav", icon=":material/download:", on_click="ignore")
