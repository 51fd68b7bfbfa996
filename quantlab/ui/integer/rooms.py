"""The rooms of the integer lab: same codes, accumulators, requantization, one dot product, export and speed."""

from __future__ import annotations

import streamlit as st

from quantlab.labs.integer.result import IntegerResult
from quantlab.ui import live
from quantlab.ui.page import Page, titled

_SAME = (
    "Diamonds: both networks go their own way from the picture on, and what one layer hands on differently the next one adds to. Circles: "
    "both are fed the same codes at every layer. Squares: the fake-quantized network rounds its biases too."
)
_WORST = (
    "At worst: every code at the end of its range and every product of one sign, which no picture brings about. Seen: the widest sum of "
    "the test images. A sum that wraps is brought back once, one that saturates is held at every addition."
)
_FUSED = (
    "Left: onnxruntime fuses as much as it can. Right: up to the level basic the QDQ form is counted in float; from extended on, which is "
    "the default, it is fused into operators of integers, whose codes may differ from the unfused ones by one or two (onnxruntime #32132)."
)
_MODEL = (
    "A model, not a measurement: energies of Horowitz 2014 in 45 nm, every weight and activation moved once to and from DRAM, caches and "
    "instructions left out. What this machine took is the time above."
)


def equal(page: Page, result: IntegerResult, label: str) -> None:
    """Codes that differ, why they do, and the outputs for one picture."""
    _first(page, result, label, ("codes", "near"))
    st.caption(_SAME)
    st.header("The outputs for one picture", anchor=False)
    live.plot(result.films["logits"], key="logits")


def accumulator(page: Page, result: IntegerResult, label: str) -> None:
    """How wide sums are, and what few bits do to them."""
    _first(page, result, label, ("accuracy", "ranges"))
    st.caption(_WORST)


def rounding(page: Page, result: IntegerResult, label: str) -> None:
    """Where ways of rounding differ."""
    _first(page, result, label, ("differ", "where"))
    st.header("How each way multiplies and rounds", anchor=False)
    st.markdown(result.facts)


def dot(page: Page, result: IntegerResult, label: str) -> None:
    """One sum, step by step."""
    live.plot(result.films["sum"], key="sum")
    page.try_this(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    page.words(result, label)


def speed(page: Page, result: IntegerResult, label: str) -> None:
    """What the export computes, how long it takes, and a model of energy."""
    if "latency" not in result.films:
        page.try_this(result, label)
        page.words(result, label)
        return
    _first(page, result, label, ("latency", "levels"))
    st.caption(_FUSED)
    left, right = titled("A model of the energy of one answer", "What this machine has for products of bytes")
    with left:
        live.plot(result.films["energy"], key="energy")
        st.caption(_MODEL)
    with right:
        st.markdown(result.facts)


def _first(page: Page, result: IntegerResult, label: str, films: tuple[str, str]) -> None:
    """Two charts side by side, what to try, the numbers, the words."""
    for column, name in zip(st.columns([7, 6], gap="medium"), films, strict=True):
        with column:
            live.plot(result.films[name], key=name)
    page.try_this(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    page.words(result, label)


ROOMS = {"equal": equal, "accumulator": accumulator, "rounding": rounding, "dot": dot, "speed": speed}
