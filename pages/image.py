"""How few values can a picture do with, and why does dither help?"""

import streamlit as st

from quantlab.glossary import link
from quantlab.labs.text import file_name
from quantlab.ui import live
from quantlab.ui.image import films
from quantlab.ui.image.controls import DRAWERS
from quantlab.ui.page import Page, titled


def picture() -> None:
    live.wipe(films.wipe(result, address["view"]), key="wipe", on_view=lambda slug: page.set("view", slug))


def kept_picture() -> None:
    live.wipe(kept.follow(films.wipe(kept.result, kept.address["view"])), key="kept-picture", on_view=lambda slug: None)


def words_and_curves() -> None:
    page.words(result, label, kept)
    live.plot(result.films["curves"], key="curves")


page = Page("image")
first, waiting, tiles, below, second, third, rest = (st.container() for _ in range(7))
address = page.address(DRAWERS)
label = address["bits"]

with waiting:
    result = page.result(address)
with first:
    kept = page.kept(address, result)
    page.pictures(picture, words_and_curves, kept and kept_picture, below)
with tiles:
    page.try_this(result, label)
    page.tiles(result, kept)
with second:
    left, right = titled("The row under the pointer", "How fine the error is")
    with left:
        live.row(films.row(result), key="row")
    with right:
        live.plot(result.films["spectrum"], key="spectrum")
with third:
    left, right = titled(f"Which {link('levels', 'values')} occur", f"Which {link('palette', 'colours')} occur")
    with left:
        live.plot(result.films["histogram"], key="histogram")
    with right:
        live.swatches(result.films["swatches"], key="swatches")
with rest:
    row = page.take_away(
        result.program(label), result.csv, file_name(*(str(address.get(name, "")) for name in ("source", "what", "palette", "dither")))
    )
    if row:
        with row, page.of_rest("picture", width="content"):
            st.download_button(
                "This picture at its full size (PNG)",
                lambda: result.full_png(label),
                result.file_name(label),
                "image/png",
                on_click="ignore",
                icon=":material/download:",
            )
with waiting:
    page.complete(result)
