"""The rooms of the network lab: how it answers, what happens in its layers, what a budget of bytes buys."""

from __future__ import annotations

import streamlit as st

from quantlab.ui import cached, live, network_budget, network_costs, network_inside
from quantlab.ui.network_controls import Asked, row_of_layers
from quantlab.ui.network_result import Shown
from quantlab.ui.state import State

ROOMS = {"answers": "Answers", "layers": "Layers", "budget": "Budget"}


def answers(made: Shown, label: str, measure: str) -> None:
    """Accuracy against bits, images and what they are taken for, classes."""
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(cached.network_curve(made.frames, measure), key="accuracy")
    with right:
        live.answers(made.films.wall, key="wall")
    live.numbers(made.films.numbers, key="numbers")
    st.markdown(made.words(label))
    if made.films.classes and made.films.confusion:
        _classes(made.films.classes, made.films.confusion)
    st.subheader("Whose answer changes", anchor=False)
    live.answers(made.films.flipped, key="flipped")


def _classes(classes: bytes, confusion: bytes) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Which classes suffer", anchor=False)
        live.plot(classes, key="classes")
    with right:
        st.subheader("What is taken for what: in float, and now", anchor=False)
        live.image(confusion, key="confusion")
        st.caption("A row for each true class, a column for each answer, both in the order of the bars.")


def elsewhere() -> None:
    """Where the room asks for layers that are not offered."""
    st.info("This room looks into the layers of the small networks: choose one of them as the network, or go to Answers.")


def layers(state: State, asked: Asked, layer: str, picture: int, bits: int) -> None:
    """The error through the network, what each layer costs, one layer from inside."""
    made = network_inside.layers(asked, layer, picture, bits)
    films = {"errors": made.films.errors, "costs": network_costs.film(asked)}
    films |= {"weights": made.films.weights, "activations": made.films.activations}
    titles = ("How the error grows", "What one layer costs", f"Weights of {layer}", f"What flows into {layer}")
    for row in (0, 2):
        for column, (key, film), title in zip(st.columns(2, gap="medium"), [*films.items()][row:], titles[row:], strict=False):
            with column:
                st.subheader(title, anchor=False)
                live.plot(film, key=key)
        if not row:
            st.markdown(network_inside.words(asked, made, bits))
    st.subheader("Bits of each layer's weights", anchor=False)
    row_of_layers(state, asked)
    st.subheader(f"What {layer} makes of one picture: in float, quantized, and the error", anchor=False)
    live.image(made.films.maps, key="maps")


def budget(state: State, asked: Asked, bits: int) -> None:
    """The bytes of the slider's bits, spent layer by layer."""
    if asked.scrub == "activations" or len(network_budget.offered(asked)) < 3:
        st.info("A budget spends bits on weights: choose a scheme with several bit widths, and a slider that moves the weights.")
        return
    made = network_budget.budget(asked)
    st.markdown(made.words(bits))
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("What the bytes buy", anchor=False)
        live.plot(made.films.pareto, key="pareto")
    with right:
        st.subheader("Bits of each layer for the bytes of the slider's bits", anchor=False)
        live.plot(made.films.bits, key="plan")
    st.caption(
        "Weights only, activations in float. A layer's loss is the divergence of the answers when it alone has few bits, measured on "
        "calibration images, scales counted; that losses add up is assumed, and what the plans do on the test images is shown."
    )
    plan = {"layers": made.plan(bits), "room": "answers"}
    st.button("Give the layers these bits", on_click=state.go, args=(state.changed(plan),), icon=":material/arrow_forward:")
