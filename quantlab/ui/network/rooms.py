"""The rooms of the network lab: how it answers, what happens in its layers, what a budget of bytes buys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from quantlab.networks.catalogue import CATALOGUE
from quantlab.ui import cached, live
from quantlab.ui.network import budget as network_budget
from quantlab.ui.network import costs as network_costs
from quantlab.ui.network import inside as network_inside
from quantlab.ui.network import result as network_result
from quantlab.ui.network.controls import Asked, row_of_layers
from quantlab.ui.network.result import Shown
from quantlab.ui.page import titled
from quantlab.ui.state import State

ROOMS = {"answers": "Answers", "layers": "Layers", "budget": "Budget"}


_OVERLAP = "Neighbouring patches of a photograph overlap, so that all intervals, which count them as independent, are somewhat too narrow."
_LOSS = (
    "Weights only, activations in float. A layer's loss is how far the answers move when it alone has few bits: their mean divergence "
    "from the float network's, on calibration images. A plan's predicted loss is the sum over its layers; the line shows every plan that "
    "no other beats."
)


@dataclass(frozen=True)
class Room:
    """A room at one state: what draws it, the program and the table to take away ("" for none), and what is left to compute."""

    draw: Callable[[], Any]
    python: str = ""
    csv: str = ""
    complete: Callable[[], None] = lambda: None


def answers(state: State, asked: Asked, bits: int, measure: str) -> Room:
    """Accuracy against bits, images and what they are taken for, classes."""
    made, label = network_result.result(asked, bits), str(bits)
    return Room(lambda: _answers(made, label, measure), made.python(label), made.csv, lambda: network_result.complete(state, made, bits))


def _answers(made: Shown, label: str, measure: str) -> None:
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(cached.network_curve(made.frames, measure), key="accuracy")
    with right:
        live.answers(made.films.wall, key="wall")
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(made.words(label))
    if made.films.classes and made.films.confusion:
        _classes(made.films.classes, made.films.confusion, _OVERLAP if CATALOGUE[made.asked.source].overlapping else "")
    st.subheader("Whose answer changes", anchor=False)
    live.answers(made.films.flipped, key="flipped")


def _classes(classes: bytes, confusion: bytes, more: str) -> None:
    left, right = titled("Which classes suffer", "What is taken for what: in float, and now")
    with left:
        live.plot(classes, key="classes")
    with right:
        live.image(confusion, key="confusion")
        st.caption(f"A row for each true class, a column for each answer, both in the order of the bars. {more}")


def layers(state: State, asked: Asked, bits: int, layer: str, number: int) -> Room:
    """The error through the network, what each layer costs, one picture and one layer from inside."""
    known = CATALOGUE[asked.source].layers
    layer = layer if layer in known else known[0]  # where the network that was asked for could not be had
    made = network_inside.layers(asked, layer, number, bits)

    def draw() -> None:
        costs = network_costs.film(asked)
        _pair({"errors": ("How the error grows (SQNR)", made.films.errors), "costs": ("What one layer costs", costs)})
        st.markdown(network_inside.words(asked, made, bits))
        network_costs.offer(asked, bits)
        st.subheader(f"What {layer} makes of one picture: in float, quantized, and the error", anchor=False)
        left, right = st.columns([4, 9], gap="medium")
        with left:
            live.answers(made.films.picture, key="picture")
        with right:
            live.image(made.films.maps, key="maps")
        spreads = (f"Weights of {layer}", made.films.weights), (f"What flows into {layer}", made.films.activations)
        _pair(dict(zip(("weights", "activations"), spreads, strict=True)))
        st.subheader("Bits of each layer's weights", anchor=False)
        row_of_layers(state, asked, layer)

    python, csv = network_inside.python(asked, made, bits), network_inside.csv(asked, made)
    return Room(draw, python, csv, lambda: network_inside.complete(state, asked, layer, number, bits))


def budget(state: State, asked: Asked, bits: int) -> Room:
    """The bytes of the slider's bits, spent layer by layer."""
    if asked.scrub == "activations" or len(network_budget.offered(asked)) < 3:
        what = "A budget spends bits on weights: choose a scheme with several bit widths, and a slider that moves the weights."
        return Room(lambda: st.info(what))
    made = network_budget.budget(asked)

    def draw() -> None:
        st.markdown(made.words(bits))
        titles = "What the bytes buy", "Bits of each layer for the bytes of the slider's bits"
        _pair({"pareto": (titles[0], made.pareto), "plan": (titles[1], made.bits)})
        st.subheader("Does what is predicted come true?", anchor=False)
        left, right = st.columns(2, gap="medium")
        with left:
            live.plot(made.promise, key="promise")
        with right:
            st.markdown(made.kept(bits))
            st.caption(_LOSS)
            plan = {"layers": made.plan(bits), "room": "answers"}
            st.button("Give the layers these bits", on_click=state.go, args=(state.changed(plan),), icon=":material/arrow_forward:")

    return Room(draw, network_budget.python(asked, made, bits), made.csv)


def _pair(films: Mapping[str, tuple[str, bytes]]) -> None:
    """Two charts side by side, key -> (title, film)."""
    for column, (key, (_, film)) in zip(titled(*(title for title, _ in films.values())), films.items(), strict=True):
        with column:
            live.plot(film, key=key)
