"""The rooms of the network lab: how it answers, what happens in its layers, what a budget of bytes buys."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from quantlab.glossary import link
from quantlab.labs.address import Address
from quantlab.labs.network.answers.result import AnswersResult
from quantlab.labs.network.budget.result import BudgetResult
from quantlab.labs.network.layers.result import LayersResult
from quantlab.ui import live
from quantlab.ui.network.controls import layer_sliders, offer_costs
from quantlab.ui.page import Page, titled

_OVERLAP = "Neighbouring patches of a photograph overlap, so that all intervals, which count them as independent, are somewhat too narrow."
_LOSS = (
    "Weights only, activations in float. A layer's loss is how far the answers move when it alone has few bits: their mean divergence "
    "from the float network's, on calibration images. A plan's predicted loss is the sum over its layers; the line shows every plan that "
    "no other beats."
)


def answers(page: Page, result: AnswersResult, address: Address) -> None:
    """Accuracy against bits, images and what they are taken for, classes."""
    films, label = result.films, address["bits"]
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(films.get(f"accuracy-{address['measure']}", films["accuracy-top"]), key="accuracy")
    with right:
        live.answers(films["wall"], key="wall")
    page.try_this(result, label)
    live.numbers(films["numbers"], key="numbers")
    page.words(result, label)
    if "classes" in films:
        left, right = titled("Which classes suffer", "What is taken for what: in float, and now")
        with left:
            live.plot(films["classes"], key="classes")
        with right:
            live.image(films["confusion"], key="confusion")
            more = _OVERLAP if result.request.subject.entry.overlapping else ""
            st.caption(f"A row for each true class, a column for each answer, both in the order of the bars. {more}")
    st.header("Whose answer changes", anchor=False)
    live.answers(films["flipped"], key="flipped")


def layers(page: Page, result: LayersResult, label: str) -> None:
    """The error through the network, what each layer costs, one picture and one layer from inside."""
    films, layer = result.films, result.layer
    _pair({"errors": ("How the error grows (SQNR)", films["errors"]), "costs": ("What one layer costs", films["costs"])})
    page.try_this(result, label)
    page.words(result, label)
    offer_costs(result.request, int(label))
    st.header(f"What {layer} makes of one picture: in float, quantized, and the error", anchor=False)
    left, right = st.columns([4, 9], gap="medium")
    with left:
        live.answers(films["picture"], key="picture")
    with right:
        live.image(films["maps"], key="maps")
    spreads = {"weights": (f"Weights of {layer}", films["weights"]), "activations": (f"What flows into {layer}", films["activations"])}
    _pair(spreads)
    st.header(f"Bits of each layer's {link('layer cost', 'weights')}", anchor=False)
    layer_sliders(page, result.request, layer)


def budget(page: Page, result: BudgetResult, address: Address) -> None:
    """The bytes of the slider's bits, spent layer by layer."""
    films, label = result.films, address["bits"]
    if not films:
        st.info(result.words(label))
        page.try_this(result, label)
        return
    page.words(result, label)
    titles = "What the bytes buy", "Bits of each layer for the bytes of the slider's bits"
    _pair({"pareto": (titles[0], films["pareto"]), "plan": (titles[1], films["plan"])})
    page.try_this(result, label)
    st.header("Does what is predicted come true?", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        live.plot(films["predicted-loss"], key="promise")
    with right:
        page.sentence("predicted", result.predicted(label), films["predicted"], label)
        st.caption(_LOSS)
        query = address.changed({"layers": result.plan(label), "room": "answers"})
        page.of_rest("plan").button("Give the layers these bits", on_click=page.go, args=(query,), icon=":material/arrow_forward:")


def _pair(films: Mapping[str, tuple[str, bytes]]) -> None:
    """Two charts side by side, key -> (title, film)."""
    for column, (key, (_, film)) in zip(titled(*(title for title, _ in films.values())), films.items(), strict=True):
        with column:
            live.plot(film, key=key)
