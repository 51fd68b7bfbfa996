"""How few bits does this tensor need?"""

import streamlit as st

from quantlab.glossary import link
from quantlab.ui import live
from quantlab.ui.page import Page, titled

page = Page("tensor")
first, second, third, zero, channels, rest = (st.container() for _ in range(6))
following, where = third.columns(2, gap="medium")
following.header("Follow one value", anchor=False)
address = page.address(page=following)
label = address["bits"]

with first:
    result = page.result(address)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        live.plot(result.films["histogram"], key="histogram", on_pick=lambda x: page.set("value", f"{x:.6g}"))
    with right:
        live.plot(result.films["curve"], key="curve" if result.stage else "curve-alone")
    page.try_this(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    page.words(result, label)
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
with rest:
    page.take_away(result.program(label), result.csv, "sweep.csv")
page.complete(result)
