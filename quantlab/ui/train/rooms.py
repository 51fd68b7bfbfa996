"""The rooms of the training lab: a toy that learns in the browser, a network over its epochs, one weight, small gradients."""

from __future__ import annotations

import streamlit as st

from quantlab.labs.catalog import LABS
from quantlab.labs.train.result import TrainResult
from quantlab.ui import live, present
from quantlab.ui.page import Page, titled

_TOY = (
    "Here, and only here, JavaScript computes: the third picture learns in this browser, by one small module that the tests hold against "
    "numpy number by number. Only weights are rounded; biases and activations stay in float. A square and a circle are the two sides, "
    "a thick rim marks a point on the wrong one."
)
_ELSEWHERE = "What was trained is kept on disk, with the rounded weights that it answers with. Open it in"


def toy(page: Page, result: TrainResult, label: str) -> None:
    """The border in float, rounded, and learning."""
    live.film(result.films["toy"], key="toy")
    page.try_this(result, label)
    page.words(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    st.caption(_TOY)


def network(page: Page, result: TrainResult, label: str) -> None:
    """Curves and weights side by side, then numbers, loss, steps and flips."""
    left, right = st.columns(2, gap="medium")
    with left:
        live.plot(result.films["curves"], key="curves")
    with right:
        live.plot(result.films["weights"], key="weights")
    page.try_this(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    page.words(result, label)
    if result.network and not present.embedded():
        _elsewhere(result.network)
    for column, view in zip(titled("Loss", "How steps and ranges move", "Codes that flip"), ("loss", "steps", "flips"), strict=True):
        with column:
            live.plot(result.films[view], key=view)


def _elsewhere(network: str) -> None:
    """Links that open the trained network in the other labs of networks."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="trained"):
        st.caption(_ELSEWHERE, width="content")
        for lab in (LABS[slug] for slug in ("cnn", "repair", "integer", "compress")):
            st.page_link(f"{lab.slug}.py", label=lab.title, icon=lab.icon, query_params={"source": network})


def weight(page: Page, result: TrainResult, label: str) -> None:
    """The walk and the number line."""
    live.plot(result.films["walk"], key="walk")
    page.try_this(result, label)
    page.words(result, label)
    live.plot(result.films["line"], key="line")
    live.numbers(result.films["numbers"], key="numbers")


def gradients(page: Page, result: TrainResult, label: str) -> None:
    """Gradients and updates."""
    for column, view in zip(titled("Gradients in few bits", "Updates in bf16"), ("gradients", "bf16"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.try_this(result, label)
    page.words(result, label)
    live.numbers(result.films["numbers"], key="numbers")


ROOMS = {"toy": toy, "network": network, "weight": weight, "gradients": gradients}
