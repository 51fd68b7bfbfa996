"""How few bits does this tensor need?"""

import streamlit as st

from quantlab.glossary import link
from quantlab.ui import live
from quantlab.ui.page import Page, titled
from quantlab.ui.tables import table

TABLE = {"Bits per value": "%.2f", "SQNR, dB": "%.2f", "Largest error": "%.3g", "MSE": "%.3g"}


def histogram() -> None:
    live.plot(result.films["histogram"], key="histogram", on_pick=lambda x: page.set("value", f"{x:.6g}"))


def curve() -> None:
    live.plot(result.films["curve"], key="curve" if result.stage else "curve-alone")


page = Page("tensor")
first, below, second, third, zero, channels, schemes, rest = (st.container() for _ in range(8))
following, where = third.columns(2, gap="medium")
following.header("Follow one value", anchor=False)
schemes.header("All schemes on this tensor", anchor=False)
target, cheapest = schemes.columns([1, 4], gap="medium", vertical_alignment="bottom")
schemes_table = schemes.expander("The table of all schemes", key="tensor:table", on_change="rerun")
address = page.address(page=following, table=target)
label = address["bits"]

with first:
    result = page.result(address)
    kept = page.kept(address, result)
    page.pictures(histogram, curve, kept and (lambda: live.plot(kept.film("histogram"), key="kept-picture")), below)
    page.try_this(result, label)
    page.tiles(result, kept)
    page.words(result, label, kept)
with second:
    left, right = titled(
        f"What {link('quantize', 'happens')} to each value", f"Where the {link('granular and overload error', 'error')} comes from"
    )
    with left:
        live.plot(result.films["transfer"], key="transfer", on_pick=lambda x: page.set("value", f"{x:.6g}"))
    with right:
        live.plot(result.films["error"], key="error")
with following:
    live.numbers(result.films["following"], key="following")
if "error-map" in result.films:
    with where:
        st.header("Where in the tensor", anchor=False)
        live.image(result.films["error-map"], key="error-map")
with zero:
    st.header(f"Where {link('zero point', 'zero')} lies", anchor=False)
    live.plot(result.films["zero"], key="zero")
    live.numbers(result.films["zero-lines"], key="zero-lines")
if "channels" in result.films:
    with channels:
        st.header(f"Why a scale {link('per channel')}", anchor=False)
        live.plot(result.films["channels"], key="channels")
        live.numbers(result.films["channels-numbers"], key="channels-numbers")
cheapest.markdown(result.cheapest(address["target"]))
if schemes_table.open and result.table:
    with schemes_table:
        table(result.table, "schemes", TABLE)
with rest:
    page.take_away(result.program(label), result.csv, result.file_name)
page.complete(result)
