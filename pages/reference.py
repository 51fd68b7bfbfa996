"""Which levels does each scheme choose, and what do its bits say?"""

import streamlit as st

from quantlab.labs.reference.bits import flip
from quantlab.ui import live
from quantlab.ui.controls import draw
from quantlab.ui.page import Page
from quantlab.ui.tables import read_table

columns = []  # of the room of schemes


def beside_the_chart(controls, question, where):
    columns.extend(where.columns([3, 2], gap="medium"))
    return draw(question.form, controls, question, columns[1])


def schemes(result) -> None:
    left, right = columns
    with left:
        live.plot(result.films["scheme-lines"], key="scheme-lines")
    with right:
        st.latex(result.scheme.formula)
        page.words(result, address["bits"])
        st.caption(result.scheme.source)


def formats(result) -> None:
    live.plot(result.films["format-lines"], key="format-lines")


def bits_of(result) -> None:
    request, reading = result.request, result.reading
    if reading is None:
        return
    flipped = live.bits([vars(field) for field in reading.fields], reading.formula, f"{reading.value:.9g}", key="bits")
    st.markdown(result.words(""))
    if film := result.films.get("value-line"):
        live.plot(film, key="value-line")
    if flipped is not None:
        page.set("word", f"{flip(request.word, request.format.bits, flipped):x}")
        page.draw_again()


def ranges(result) -> None:
    live.plot(result.films["ranges"], key="ranges")
    st.caption(result.words(address["bits"]))


def roundings(result) -> None:
    live.plot(result.films["roundings"], key="roundings")


def vectors(result) -> None:
    st.markdown(result.words(""))


ROOMS = {"schemes": schemes, "formats": formats, "bits-of": bits_of, "ranges": ranges, "roundings": roundings, "vectors": vectors}

page = Page("reference")
address = page.address({"scheme": beside_the_chart}, rooms=st.container(), page=st.container(), side=None, more=None)
result = page.result(address)
ROOMS[address["room"]](result)
if result.table:
    read_table(result.table, "What there is")
